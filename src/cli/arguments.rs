//! The flags of all commands. A question's own flags come from its request; here stand those that all share.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, builder::EnumValueParser, value_parser};

use crate::{
    shipped,
    terms::{Date, Level},
    tools::{self, Changes, Outlet, Tool},
};

const ABOUT: &str = "From a declared Kubernetes stack: NetworkPolicies that allow exactly what it declares, with the \
    proof; diagrams; answers in chat over MCP";

/// The whole command line.
pub(super) fn command() -> Command {
    let program = Command::new(shipped::PROGRAM.name)
        .version(shipped::PROGRAM.version)
        .about(ABOUT)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .after_help("Exit codes: 0 done; 1 the answer is no (the proof does not hold, the level is not set); 2 wrong use or unusable input.");
    let program = tools::ALL.iter().fold(program, |program, tool| program.subcommand(question(tool)));
    program.subcommand(super::connectivity::command()).subcommand(super::serve::command()).subcommand(schema())
}

fn schema() -> Command {
    let names = tools::DOCUMENTS.iter().map(|(name, _)| *name).chain(tools::ALL.iter().map(|tool| tool.name));
    let names: Vec<&str> = names.collect();
    Command::new("schema")
        .about("Print the JSON Schema of an input or of an answer")
        .arg(Arg::new("name").value_name("NAME").required(true).help(format!("One of {}", names.join(", "))))
}

fn question(tool: &Tool) -> Command {
    // A request's own doc comes with its flags, and speaks to readers of the code.
    let command = tool.flags(Command::new(tool.command)).about(tool.title);
    let command = if tool.spans_stacks { with_stacks_and_input(command) } else { with_input(command) };
    let command =
        command.arg(Arg::new("json").long("json").action(ArgAction::SetTrue).help("Print the answer's fields as JSON"));
    let command = if tool.takes_manifests {
        command.arg(
            Arg::new("against").long("against").value_name("DIR|FILE|-").value_parser(value_parser!(PathBuf)).help(
                "Manifests, or a dump of a cluster's policies, to hold against the stack: a folder, a file, or standard input",
            ),
        )
    } else {
        command
    };
    let changes = Arg::new("what-if").value_parser(value_parser!(PathBuf));
    let command = match tool.changes {
        Changes::None => command,
        Changes::Optional => {
            command.arg(changes.long("what-if").value_name("FILE").help("Ask as if the changes in FILE were made"))
        }
        Changes::Subject => {
            command.arg(changes.value_name("CHANGES").required(true).help("The changes: a YAML or JSON list"))
        }
    };
    let out = Arg::new("out").long("out").value_parser(value_parser!(PathBuf));
    match tool.outlet {
        Outlet::Text => command,
        Outlet::Document => command.arg(out.value_name("FILE").help("Write to FILE instead of standard output")),
        Outlet::Folder => {
            command
                .arg(out.value_name("DIR").required_unless_present("dry-run").help(
                    "The folder that is to hold the files: replaced as a whole, files of your own in it are kept",
                ))
                .arg(Arg::new("dry-run").long("dry-run").action(ArgAction::SetTrue).help("Write nothing, only answer"))
        }
    }
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

/// `command` with the flags that say which stack, or which stacks.
pub(super) fn with_stacks_and_input(command: Command) -> Command {
    with_stacks(with_input(command))
}

/// The flags that say which stack.
fn with_input(command: Command) -> Command {
    let file = |name: &'static str, value: &'static str| {
        Arg::new(name).long(name).value_name(value).value_parser(value_parser!(PathBuf))
    };
    command
        .arg(file("stack", "FILE").conflicts_with("demo").help("The stack: a stack-metadata.yaml"))
        .arg(Arg::new("demo").long("demo").action(ArgAction::SetTrue).help("The embedded demo, a payments shop"))
        .arg(file("exceptions", "FILE").help("Your exceptions [default: pci-exceptions.yaml beside the stack]"))
        .arg(file("profile", "FILE").help("Facts of the cluster [default: pci-profile.yaml beside the stack]"))
        .arg(file("catalog", "DIR").help("Tables in place of the shipped ones: a folder as `catalog/`"))
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
