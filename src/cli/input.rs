//! The flags that say which stacks, and the stacks that they name.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, Command, builder::EnumValueParser, value_parser};
use netpol_reach::InputError;
use pci_ask::tools::{Changes, Tool};
use pci_engine::{
    change, files,
    fleet::Fleet,
    load::{Origin, Stacks},
};
use pci_stack::{Change, Date, Level};

use crate::shipped;

/// Where `flags` say that stacks come from. The error is wrong use.
pub(super) fn origin(flags: &ArgMatches) -> Result<Origin, String> {
    let path = |name: &str| flags.try_get_one::<PathBuf>(name).ok().flatten().cloned();
    let stacks = match (path("stack"), path("stacks"), flags.get_flag("demo")) {
        (Some(file), ..) => Stacks::File(file),
        (_, Some(folder), _) => Stacks::Folders(folder),
        (.., true) => Stacks::Demo(shipped::DEMO),
        _ => return Err("no stack: say `--stack FILE`, or `--demo` for the embedded one".to_owned()),
    };
    Ok(Origin {
        shipped: shipped::SHIPPED,
        stacks,
        exceptions: path("exceptions"),
        profile: path("profile"),
        catalog: path("catalog"),
        level: flags.get_one::<Level>("level").copied(),
        as_of: flags.get_one::<Date>("as-of").copied(),
    })
}

/// The stacks that `flags` name. The error is wrong use, or a folder of stacks that can't be read.
pub(super) fn fleet(flags: &ArgMatches) -> Result<Fleet, String> {
    origin(flags)?.load().map_err(|error| error.to_string())
}

/// The changes that `flags` bring.
pub(super) fn changes(tool: &Tool, flags: &ArgMatches) -> Result<Vec<Change>, InputError> {
    let path = if tool.changes == Changes::None { None } else { flags.get_one::<PathBuf>("what-if") };
    let Some(path) = path else { return Ok(Vec::new()) };
    let document = files::read(path)?;
    change::read_document(&document.name, &document.text)
}

/// `command` with the flags that say which stack, or which stacks.
pub(super) fn with_stacks_and_input(command: Command) -> Command {
    with_stacks(with_input(command))
}

/// `command` with the flag that says several stacks.
fn with_stacks(command: Command) -> Command {
    let stacks = Arg::new("stacks").long("stacks").value_name("DIR").value_parser(value_parser!(PathBuf));
    command.arg(
        stacks
            .conflicts_with_all(["stack", "demo", "exceptions", "profile"])
            .help("Several stacks: every DIR/*/stack-metadata.yaml, each with what stands beside it"),
    )
}

/// The flags that say which stack.
pub(super) fn with_input(command: Command) -> Command {
    let file = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf))
    };
    command
        .arg(file("stack", "FILE").conflicts_with("demo").help("The stack: a stack-metadata.yaml"))
        .arg(Arg::new("demo").long("demo").action(ArgAction::SetTrue).help("The embedded demo, a payments shop"))
        .arg(file("exceptions", "FILE").help("Your exceptions [default: pci-exceptions.yaml beside the stack]"))
        .arg(file("profile", "FILE").help("Facts of the cluster [default: pci-profile.yaml beside the stack]"))
        .arg(
            file("catalog", "DIR").help(
                "A folder of tables in place of the shipped `catalog/`; `pci-dss-v4/` and `siem/` may be left out",
            ),
        )
        .arg(
            Arg::new("level")
                .long("level")
                .value_name("LEVEL")
                .value_parser(EnumValueParser::<Level>::new())
                .help("The micro-segmentation level, over the stack file's"),
        )
        .arg(
            Arg::new("as-of")
                .long("as-of")
                .value_name("DATE")
                .value_parser(value_parser!(Date))
                .help("The day that statements are held against, such as 2026-01-15; without it no attestation counts"),
        )
}
