//! The shell: flags → a question → what it prints. Nothing is computed here.

mod arguments;
mod bulk;
mod connectivity;
mod input;
mod print;
mod serve;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::ArgMatches;
use netpol_reach::{InputError, Manifests};
use pci_ask::tools::{self, Context, Detail, Outlet, Reply, Tool, Wanted, WriteTo};
use pci_engine::{files, fleet::Fleet};
use pci_stack::Watch;

/// Runs the program with the process's arguments.
pub fn run() -> ExitCode {
    let matches = match arguments::command().try_get_matches() {
        Ok(matches) => matches,
        Err(error) if error.use_stderr() => error.exit(),
        // Help and the version are answers too: what can't be said of them is a failure.
        Err(answer) => return print::said(answer.print()),
    };
    match matches.subcommand() {
        Some(("serve", flags)) => serve::run(flags),
        Some(("schema", flags)) => schema(flags),
        Some(("connectivity", flags)) => connectivity::run(flags),
        Some(("overview", flags)) if flags.get_flag("bulk") => bulk::run(flags),
        Some((name, flags)) => {
            tools::ALL.iter().find(|tool| tool.command == name).map_or(ExitCode::from(2), |tool| ask(tool, flags))
        }
        None => ExitCode::from(2),
    }
}

fn schema(flags: &ArgMatches) -> ExitCode {
    match tools::document(flags.get_one::<String>("name").map_or("", String::as_str)) {
        Ok(schema) => match print::line(&format!("{:#}", schema.as_value())) {
            Ok(()) => ExitCode::SUCCESS,
            Err(error) => print::failure(&format!("{error:#}"), 2),
        },
        Err(error) => print::refuse(&error),
    }
}

fn ask(tool: &Tool, flags: &ArgMatches) -> ExitCode {
    // Never let go, piece by piece: the process ends with the answer, and its memory at once.
    let fleet: &Fleet = match input::fleet(flags) {
        Ok(fleet) => Box::leak(Box::new(fleet)),
        Err(error) => return print::failure(&error, 2),
    };
    let out = if tool.outlet == Outlet::Text { None } else { flags.get_one::<PathBuf>("out") };
    let is_rehearsal = tool.outlet == Outlet::Folder && flags.get_flag("dry-run");
    let write_to = match (tool.outlet, out) {
        (Outlet::Folder, Some(folder)) if !is_rehearsal => WriteTo::Folder(folder.clone()),
        _ => WriteTo::Nowhere,
    };
    let wanted = Wanted { files: write_to != WriteTo::Nowhere, fields: flags.get_flag("json") };
    let given = match against(tool, flags) {
        Ok(given) => given,
        Err(error) => return print::failure(&error.to_string(), 2),
    };
    let changes = match input::changes(tool, flags) {
        Ok(changes) => changes,
        Err(error) => return print::failure(&error.to_string(), 2),
    };
    let (given, what_if, watch) = (given.as_ref(), &*changes, &Watch::patient());
    let context = Context { fleet, write_to, detail: Detail::Full, given, what_if, watch };
    let reply = match tool.ask_from_shell(&context, flags, wanted) {
        Ok(reply) => reply,
        Err(error) => return print::refuse(&error),
    };
    match put(tool, flags, out, &reply) {
        Ok(()) => ExitCode::from(u8::from(!reply.holds)),
        Err(error) => print::failure(&format!("{error:#}"), 2),
    }
}

/// Puts `reply` where it is to go: the file `out`, or standard output.
fn put(tool: &Tool, flags: &ArgMatches, out: Option<&PathBuf>, reply: &Reply) -> Result<()> {
    let attached = reply.attachments.first();
    let document = attached.map(|attached| attached.bytes.as_slice()).or(reply.document.as_ref().map(String::as_bytes));
    match (tool.outlet, out, document) {
        (Outlet::Document, Some(file), Some(document)) => Ok(pci_engine::output::write_file(file, document)?),
        _ if flags.get_flag("json") => print::line(&format!("{:#}", reply.fields)),
        (Outlet::Document, None, Some(document)) => match attached {
            Some(attached) if attached.mime == "image/png" => print::bytes(document),
            _ => print::line(&String::from_utf8_lossy(document)),
        },
        _ => print::line(&reply.text),
    }
}

/// The manifests that `--against` names.
fn against(tool: &Tool, flags: &ArgMatches) -> Result<Option<Manifests>, InputError> {
    let path = if tool.takes_manifests { flags.get_one::<PathBuf>("against") } else { None };
    let Some(path) = path else { return Ok(None) };
    let documents = files::manifests(path)?;
    let named = documents.iter().map(|document| (document.name.as_str(), document.text.as_str()));
    Ok(Some(netpol_reach::read(named)))
}
