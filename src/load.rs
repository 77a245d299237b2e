//! Where stacks come from, and how they are read from there: once by the shell, again and again by a server.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use rayon::prelude::*;

use crate::{
    demo,
    engine::{Snapshot, Source, Sources},
    files::{self, Document, Look},
    fleet::{Fleet, Member},
    terms::{Date, Digest, InputError, Level},
};

/// What a stack's file is called in its folder.
pub const STACK: &str = "stack-metadata.yaml";
/// What a user's exceptions are called beside it.
pub const EXCEPTIONS: &str = "pci-exceptions.yaml";
/// What the profile is called beside it.
pub const PROFILE: &str = "pci-profile.yaml";

/// Where stacks come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stacks {
    /// The embedded demo.
    Demo,
    /// This file.
    File(PathBuf),
    /// Each `stack-metadata.yaml` in a folder of this folder.
    Folders(PathBuf),
}

/// All that is read to answer from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// The stacks.
    pub stacks: Stacks,
    /// A user's exceptions, if not those beside the stack.
    pub exceptions: Option<PathBuf>,
    /// The profile, if not the one beside the stack.
    pub profile: Option<PathBuf>,
    /// A folder of tables in place of the shipped ones.
    pub catalog: Option<PathBuf>,
    /// The level, over the files'.
    pub level: Option<Level>,
    /// The day that statements are held against.
    pub as_of: Option<Date>,
}

impl Origin {
    /// Reads everything. The error is one of the whole; what is wrong with one stack stands in the fleet.
    pub fn load(&self) -> Result<Fleet, InputError> {
        let members = self.load_over(&Fleet::default())?;
        Ok(if matches!(self.stacks, Stacks::Folders(_)) { Fleet::several(members) } else { Fleet::of(members) })
    }

    /// Reads everything anew. Of stacks whose files have not changed, `known` snapshots stay, with all that was computed
    /// of them.
    pub fn load_over(&self, known: &Fleet) -> Result<Vec<Member>, InputError> {
        let known = known.by_home();
        let member = |home: &Path, file: Option<&Path>| {
            let before = known.get(home).and_then(|member| member.snapshot().ok());
            Member::of(home, self.read(file, before))
        };
        match &self.stacks {
            Stacks::Demo => Ok(vec![member(Path::new(""), None)]),
            Stacks::File(file) => Ok(vec![member(Path::new(""), Some(file))]),
            Stacks::Folders(folder) => {
                let files = files::in_each_folder(folder, STACK)?;
                let home = |file: &Path| file.parent().unwrap_or(file).to_owned();
                Ok(files.par_iter().map(|file| member(&home(file), Some(file))).collect())
            }
        }
    }

    /// How the files look that are read for the stacks, from outside: whatever changes them changes this.
    pub fn look(&self) -> Vec<(PathBuf, Look)> {
        let stacks = match &self.stacks {
            Stacks::Demo => Vec::new(),
            Stacks::File(file) => vec![file.clone()],
            Stacks::Folders(folder) => files::in_each_folder(folder, STACK).unwrap_or_default(),
        };
        let beside = stacks.iter().flat_map(|stack| [EXCEPTIONS, PROFILE].map(|name| stack.with_file_name(name)));
        let named = self.exceptions.iter().chain(&self.profile).cloned();
        let all = beside.chain(named).chain(stacks.iter().cloned());
        all.map(|path| (path.clone(), files::look(&path))).collect()
    }

    /// Reads the stack of `file`, or the demo, unless the files are those of `before`.
    fn read(&self, file: Option<&Path>, before: Option<&Arc<Snapshot>>) -> Result<Arc<Snapshot>, InputError> {
        let given = |named: &Option<PathBuf>, beside: &str| match named {
            Some(path) => files::read(path).map(Some),
            None => file.map_or(Ok(None), |file| files::read_if_there(&file.with_file_name(beside))),
        };
        let exceptions = given(&self.exceptions, EXCEPTIONS)?;
        let profile = given(&self.profile, PROFILE)?;
        let stack = file.map(files::read).transpose()?;
        let embedded = file.is_none().then_some(demo::SOURCES);
        let digest = |document: &Option<Document>, instead: Option<Source>| {
            let read = document.as_ref().map(|document| document.digest);
            read.or_else(|| instead.map(|source| Digest::of(source.text.as_bytes())))
        };
        let is_same = |before: &Snapshot| {
            let inputs = &before.inputs;
            before.day() == self.as_of
                && digest(&stack, embedded.map(|demo| demo.stack)) == Some(inputs.stack)
                && digest(&exceptions, embedded.and_then(|demo| demo.exceptions)) == inputs.exceptions
                && digest(&profile, embedded.and_then(|demo| demo.profile)) == inputs.profile
        };
        if let Some(before) = before.filter(|before| is_same(before)) {
            return Ok(Arc::clone(before));
        }
        let catalog = self.catalog.as_ref().map(|folder| {
            let read = |name| files::read(&folder.join(name));
            Ok::<_, InputError>([read("component-types.yaml")?, read("pci-exceptions.yaml")?])
        });
        let catalog = catalog.transpose()?;
        let catalog = catalog.as_ref().map(|documents| documents.each_ref().map(source));
        let (exceptions, profile) = (exceptions.as_ref().map(source), profile.as_ref().map(source));
        let (level, as_of) = (self.level, self.as_of);
        let sources = if let Some(stack) = &stack {
            Sources { stack: source(stack), exceptions, profile, catalog, level, as_of, is_demo: false }
        } else {
            let demo = demo::SOURCES;
            let (exceptions, profile) = (exceptions.or(demo.exceptions), profile.or(demo.profile));
            Sources { exceptions, profile, catalog, level, as_of, ..demo }
        };
        Snapshot::read(sources).map(Arc::new)
    }
}

fn source(document: &Document) -> Source<'_> {
    Source { name: &document.name, text: &document.text }
}
