//! Flags → the stacks they name.

use std::path::PathBuf;

use clap::ArgMatches;

use crate::{
    change, files,
    fleet::Fleet,
    load::{Origin, Stacks},
    shipped,
    terms::{Change, Date, InputError, Level},
    tools::{Changes, Tool},
};

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
