//! Flags → the stack they name.

use std::path::PathBuf;

use clap::ArgMatches;

use crate::{
    change, demo,
    engine::{Snapshot, Source, Sources},
    files::{self, Document},
    terms::{Change, Date, InputError, Level},
    tools::{Changes, Tool},
};

/// The stack that `flags` name, or why its files can't be used. The outer error is wrong use.
pub(super) fn snapshot(flags: &ArgMatches) -> Result<Result<Snapshot, InputError>, String> {
    let level = flags.get_one::<Level>("level").copied();
    let as_of = flags.get_one::<Date>("as-of").copied();
    let stack = flags.get_one::<PathBuf>("stack");
    let beside = |name: &str| stack.map(|stack| stack.with_file_name(name));
    let given = |flag: &str, name: &str| match flags.get_one::<PathBuf>(flag) {
        Some(path) => files::read(path).map(Some),
        None => beside(name).map_or(Ok(None), |path: PathBuf| files::read_if_there(&path)),
    };
    if stack.is_none() && !flags.get_flag("demo") {
        return Err("no stack: say `--stack FILE`, or `--demo` for the embedded one".to_owned());
    }
    let read = || -> Result<Snapshot, InputError> {
        let exceptions = given("exceptions", "pci-exceptions.yaml")?;
        let profile = given("profile", "pci-profile.yaml")?;
        let (exceptions, profile) = (exceptions.as_ref().map(source), profile.as_ref().map(source));
        let catalog = flags.get_one::<PathBuf>("catalog").map(|folder| {
            let read = |name| files::read(&folder.join(name));
            Ok::<_, InputError>([read("component-types.yaml")?, read("pci-exceptions.yaml")?])
        });
        let catalog = catalog.transpose()?;
        let catalog = catalog.as_ref().map(|documents| documents.each_ref().map(source));
        let Some(path) = stack else {
            let demo = demo::SOURCES;
            let (exceptions, profile) = (exceptions.or(demo.exceptions), profile.or(demo.profile));
            return Snapshot::read(Sources { exceptions, profile, catalog, level, as_of, ..demo });
        };
        let stack = files::read(path)?;
        Snapshot::read(Sources { stack: source(&stack), exceptions, profile, catalog, level, as_of, is_demo: false })
    };
    Ok(read())
}

/// The changes that `flags` bring.
pub(super) fn changes(tool: &Tool, flags: &ArgMatches) -> Result<Vec<Change>, InputError> {
    let path = if tool.changes == Changes::None { None } else { flags.get_one::<PathBuf>("what-if") };
    let Some(path) = path else { return Ok(Vec::new()) };
    let document = files::read(path)?;
    change::read_document(&document.name, &document.text)
}

fn source(document: &Document) -> Source<'_> {
    Source { name: &document.name, text: &document.text }
}
