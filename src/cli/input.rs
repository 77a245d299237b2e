//! Flags → the stack they name.

use std::path::{Path, PathBuf};

use clap::ArgMatches;

use crate::{
    demo,
    engine::{Snapshot, Source, Sources},
    files::{self, Document},
    terms::{InputError, Level},
};

/// The stack that `flags` name, or why its files can't be used. The outer error is wrong use.
pub(super) fn snapshot(flags: &ArgMatches) -> Result<Result<Snapshot, InputError>, String> {
    let level = flags.get_one::<Level>("level").copied();
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
        let stack = stack.map(|path: &PathBuf| files::read(Path::new(path))).transpose()?;
        Snapshot::read(Sources {
            stack: stack.as_ref().map_or(demo::STACK, source),
            exceptions: exceptions.as_ref().map(source),
            profile: profile.as_ref().map(source).or_else(|| stack.is_none().then_some(demo::PROFILE)),
            level,
            is_demo: stack.is_none(),
        })
    };
    Ok(read())
}

fn source(document: &Document) -> Source<'_> {
    Source { name: &document.name, text: &document.text }
}
