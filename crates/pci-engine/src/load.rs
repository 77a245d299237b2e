//! Where stacks come from, and how they are read from there: once by the shell, again and again by a server.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use netpol_reach::{InputError, clean};
use pci_stack::{Date, Digest, Level};
use rayon::prelude::*;

use crate::{
    Program, Snapshot, Source, Sources, TableFiles, Tables,
    files::{self, Document, Look},
    fleet::{Fleet, Member},
};

/// What a stack's file is called in its folder.
pub const STACK: &str = "stack-metadata.yaml";
/// What a user's exceptions are called beside it.
pub const EXCEPTIONS: &str = "pci-exceptions.yaml";
/// What the profile is called beside it.
pub const PROFILE: &str = "pci-profile.yaml";

/// What the program that reads carries with it.
#[derive(Debug, Clone, Copy)]
pub struct Shipped {
    /// The files of the tables.
    pub files: &'static TableFiles<'static>,
    /// The same, read; only the first call takes time.
    pub tables: fn() -> Result<Tables, InputError>,
    /// Who reads.
    pub program: Program,
}

/// A stack that the program carries with it, so that everything can be tried with nothing to configure.
#[derive(Debug, Clone, Copy)]
pub struct Demo {
    /// The stack.
    pub stack: Source<'static>,
    /// Its exceptions.
    pub exceptions: Source<'static>,
    /// What its topology can't say.
    pub profile: Source<'static>,
}

/// Where stacks come from.
#[derive(Debug, Clone)]
pub enum Stacks {
    /// The embedded demo.
    Demo(Demo),
    /// This file.
    File(PathBuf),
    /// Each `stack-metadata.yaml` in a folder of this folder.
    Folders(PathBuf),
}

/// One stack to read.
#[derive(Clone, Copy)]
enum Stack<'a> {
    Demo(&'a Demo),
    File(&'a Path),
}

/// All that is read to answer from.
#[derive(Debug, Clone)]
pub struct Origin {
    /// What stands in for what is not given.
    pub shipped: Shipped,
    /// The stacks.
    pub stacks: Stacks,
    /// A user's exceptions, if not those beside the stack.
    pub exceptions: Option<PathBuf>,
    /// The profile, if not the one beside the stack.
    pub profile: Option<PathBuf>,
    /// A folder of tables in place of shipped ones.
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
        let tables = self.tables()?;
        let member = |home: &Path, stack: Stack| {
            let before = known.get(home).and_then(|member| member.snapshot().ok());
            Member::of(home, self.read(&tables, stack, before))
        };
        match &self.stacks {
            Stacks::Demo(demo) => Ok(vec![member(Path::new(""), Stack::Demo(demo))]),
            Stacks::File(file) => Ok(vec![member(Path::new(""), Stack::File(file))]),
            Stacks::Folders(folder) => {
                let files = files::in_each_folder(folder, STACK)?;
                let home = |file: &Path| file.parent().unwrap_or(file).to_owned();
                Ok(files.par_iter().map(|file| member(&home(file), Stack::File(file))).collect())
            }
        }
    }

    /// How the files look that are read for the stacks, from outside: whatever changes them changes this.
    pub fn look(&self) -> Vec<(PathBuf, Look)> {
        let stacks = match &self.stacks {
            Stacks::Demo(_) => Vec::new(),
            Stacks::File(file) => vec![file.clone()],
            Stacks::Folders(folder) => files::in_each_folder(folder, STACK).unwrap_or_default(),
        };
        let beside = stacks.iter().flat_map(|stack| [EXCEPTIONS, PROFILE].map(|name| stack.with_file_name(name)));
        let named = self.exceptions.iter().chain(&self.profile).cloned();
        let tables = self.catalog.iter().flat_map(|folder| files::table_paths(folder).unwrap_or_default());
        let all = beside.chain(named).chain(stacks.iter().cloned()).chain(tables);
        all.map(|path| (path.clone(), files::look(&path))).collect()
    }

    fn tables(&self) -> Result<Tables, InputError> {
        let Some(folder) = &self.catalog else { return (self.shipped.tables)() };
        let documents = files::tables(folder)?;
        let files: Vec<(&str, Source)> =
            documents.iter().map(|(path, document)| (path.as_str(), source(document))).collect();
        Tables::read_over(self.shipped.files, &clean(&folder.display().to_string()), &files)
    }

    /// Reads `stack` by `tables`, unless the files are those of `before`.
    fn read(&self, tables: &Tables, stack: Stack, before: Option<&Arc<Snapshot>>) -> Result<Arc<Snapshot>, InputError> {
        let file = match stack {
            Stack::Demo(_) => None,
            Stack::File(file) => Some(file),
        };
        let given = |named: &Option<PathBuf>, beside: &str| match named {
            Some(path) => files::read(path).map(Some),
            None => file.map_or(Ok(None), |file| files::read_if_there(&file.with_file_name(beside))),
        };
        let exceptions = given(&self.exceptions, EXCEPTIONS)?;
        let profile = given(&self.profile, PROFILE)?;
        let document;
        let (stack, demo) = match stack {
            Stack::Demo(demo) => (demo.stack, Some(demo)),
            Stack::File(file) => {
                document = files::read(file)?;
                (source(&document), None)
            }
        };
        let exceptions = exceptions.as_ref().map(source).or(demo.map(|demo| demo.exceptions));
        let profile = profile.as_ref().map(source).or(demo.map(|demo| demo.profile));
        let digest = |source: Source| Digest::of(source.text.as_bytes());
        let is_same = |before: &Snapshot| {
            let inputs = &before.inputs;
            before.day() == self.as_of
                && inputs.catalog == tables.catalog.digest
                && inputs.stack == digest(stack)
                && inputs.exceptions == exceptions.map(digest)
                && inputs.profile == profile.map(digest)
        };
        if let Some(before) = before.filter(|before| is_same(before)) {
            return Ok(Arc::clone(before));
        }
        Snapshot::read(Sources {
            stack,
            exceptions,
            profile,
            tables,
            level: self.level,
            as_of: self.as_of,
            is_demo: demo.is_some(),
            program: self.shipped.program,
        })
        .map(Arc::new)
    }
}

fn source(document: &Document) -> Source<'_> {
    Source { name: &document.name, text: &document.text }
}
