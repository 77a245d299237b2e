//! Where stacks come from, and how they are read from there: once by the shell, again and again by a server.

use std::path::{Path, PathBuf};

use rayon::prelude::*;

use crate::{
    demo,
    engine::{Snapshot, Source, Sources},
    files::{self, Document},
    fleet::Fleet,
    terms::{Date, InputError, Level, clean},
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
        let folder = match &self.stacks {
            Stacks::Demo => return Ok(Fleet::of_one(self.read(None))),
            Stacks::File(file) => return Ok(Fleet::of_one(self.read(Some(file)))),
            Stacks::Folders(folder) => folder,
        };
        let files = files::in_each_folder(folder, STACK)?;
        let loaded: Vec<_> = files.par_iter().map(|file| (folder_of(file), self.read(Some(file)))).collect();
        Ok(Fleet::of_many(loaded))
    }

    /// Reads the stack of `file`, or the demo.
    fn read(&self, file: Option<&Path>) -> Result<Snapshot, InputError> {
        let given = |named: &Option<PathBuf>, beside: &str| match named {
            Some(path) => files::read(path).map(Some),
            None => file.map_or(Ok(None), |file| files::read_if_there(&file.with_file_name(beside))),
        };
        let exceptions = given(&self.exceptions, EXCEPTIONS)?;
        let profile = given(&self.profile, PROFILE)?;
        let (exceptions, profile) = (exceptions.as_ref().map(source), profile.as_ref().map(source));
        let catalog = self.catalog.as_ref().map(|folder| {
            let read = |name| files::read(&folder.join(name));
            Ok::<_, InputError>([read("component-types.yaml")?, read("pci-exceptions.yaml")?])
        });
        let catalog = catalog.transpose()?;
        let catalog = catalog.as_ref().map(|documents| documents.each_ref().map(source));
        let (level, as_of) = (self.level, self.as_of);
        let Some(file) = file else {
            let demo = demo::SOURCES;
            let (exceptions, profile) = (exceptions.or(demo.exceptions), profile.or(demo.profile));
            return Snapshot::read(Sources { exceptions, profile, catalog, level, as_of, ..demo });
        };
        let stack = files::read(file)?;
        Snapshot::read(Sources { stack: source(&stack), exceptions, profile, catalog, level, as_of, is_demo: false })
    }
}

fn folder_of(file: &Path) -> String {
    let folder = file.parent().and_then(Path::file_name).unwrap_or_default();
    clean(&folder.to_string_lossy())
}

fn source(document: &Document) -> Source<'_> {
    Source { name: &document.name, text: &document.text }
}
