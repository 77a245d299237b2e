//! The flags of all commands. A question's own flags come from its request; here stand those that all share.

use std::path::PathBuf;

use clap::{Arg, ArgAction, Command, value_parser};
use pci_ask::tools::{self, Changes, Outlet, Tool};

use super::input;
use crate::shipped;

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
    let command = if tool.spans_stacks { input::with_stacks_and_input(command) } else { input::with_input(command) };
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
