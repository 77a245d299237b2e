//! `connectivity`: manifests in, what they allow out.

use std::{
    io::{self, BufWriter, Write as _},
    path::PathBuf,
    process::ExitCode,
};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use pci_ask::tools::{self, ConnectivityError, Plugin, Shape};
use pci_engine::files;

use super::print;

pub(super) fn command() -> Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    Command::new("connectivity")
        .about("List what any Kubernetes manifests allow: every connection of their workloads")
        .arg(
            Arg::new("manifests")
                .value_name("DIR|FILE|-")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .help("Manifests: a folder with all below it, a file, or standard input"),
        )
        .arg(flag("json", "Print each pair as JSON").conflicts_with("diagram"))
        .arg(flag("diagram", "Print a Mermaid flowchart"))
        .arg(flag("ip-blocks-match-pods", "Let an ipBlock match pods by their addresses, as some network plugins do"))
        .arg(flag(
            "host-network-unselectable",
            "Take pods on the host network to be selected by no policy, as with most network plugins",
        ))
}

pub(super) fn run(flags: &ArgMatches) -> ExitCode {
    let path = flags.get_one::<PathBuf>("manifests").cloned().unwrap_or_default();
    let documents = match files::manifests(&path) {
        Ok(documents) => documents,
        Err(error) => return print::failure(&error.to_string(), 2),
    };
    let shape = match (flags.get_flag("json"), flags.get_flag("diagram")) {
        (true, _) => Shape::Json,
        (_, true) => Shape::Diagram,
        _ => Shape::Text,
    };
    let plugin = Plugin {
        ip_blocks_match_pods: flags.get_flag("ip-blocks-match-pods"),
        host_network_is_unselectable: flags.get_flag("host-network-unselectable"),
    };
    let named = documents.iter().map(|document| (document.name.as_str(), document.text.as_str()));
    let mut out = BufWriter::with_capacity(1 << 20, io::stdout().lock());
    let answered = tools::connectivity(named, plugin, shape, &mut out).and_then(|()| Ok(out.flush()?));
    match answered {
        Ok(()) => ExitCode::SUCCESS,
        Err(ConnectivityError::Write(error)) if error.kind() == io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(ConnectivityError::Ask(error)) => print::refuse(&error),
        Err(error) => print::failure(&error.to_string(), 2),
    }
}
