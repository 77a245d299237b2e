//! The modules of a crate as its files lay them out, and what a path in one of them names: a path is followed through
//! `use` lines, re-exports included, to the file that defines its last segment.

use std::collections::{BTreeMap, BTreeSet};

use super::mentions::read;

/// The module at the root of a crate.
const ROOT: usize = 0;

/// One crate: the folder that holds `lib.rs`, or `main.rs` where there is no library.
pub struct Crate {
    pub files: Vec<String>,
    pub modules: Vec<Module>,
}

/// A module: a file, or a block `mod name { … }` within one.
#[derive(Default)]
pub struct Module {
    pub file: usize,
    pub parent: Option<usize>,
    pub children: BTreeMap<String, usize>,
    pub items: BTreeSet<String>,
    pub uses: Vec<Use>,
    pub mentions: BTreeSet<Vec<String>>,
}

/// One name, or all names of a module, that a `use` line brings into scope.
pub struct Use {
    pub path: Vec<String>,
    /// The name in this scope; `None` for a glob.
    pub name: Option<String>,
}

/// What a path or a part of it names.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
enum Named {
    Module(usize),
    Item { file: usize, name: String },
}

/// The `use` lines that led to where the search is, so that a circle of them ends.
type Followed = BTreeSet<(usize, usize)>;

impl Crate {
    /// Reads the modules of a crate from the texts of its files, by path from its folder.
    pub fn new(texts: &[(String, String)]) -> Self {
        let has_library = texts.iter().any(|(path, _)| path == "lib.rs");
        let mut this = Self { files: Vec::new(), modules: vec![Module::default()] };
        for (path, text) in texts.iter().filter(|(path, _)| !(has_library && path == "main.rs")) {
            let stem = path.trim_end_matches(".rs");
            let mut module = ROOT;
            for segment in stem.split('/').filter(|segment| !["lib", "main", "mod"].contains(segment)) {
                module = this.child(module, segment);
            }
            let file = this.files.len();
            this.files.push(path.clone());
            this.modules[module].file = file;
            read(&mut this, module, &syn::parse_file(text).unwrap());
        }
        this
    }

    /// The module `name` within `parent`, which is made if it is new and is of the same file until that is read.
    pub fn child(&mut self, parent: usize, name: &str) -> usize {
        if let Some(child) = self.modules[parent].children.get(name) {
            return *child;
        }
        let child = self.modules.len();
        let file = self.modules[parent].file;
        self.modules.push(Module { file, parent: Some(parent), ..Module::default() });
        self.modules[parent].children.insert(name.to_owned(), child);
        child
    }

    /// The files of this crate that define what `path` names in `module`, each with the name that it defines.
    pub fn definitions(&self, module: usize, path: &[String]) -> Vec<(usize, String)> {
        let named = self.resolve(module, path, &mut Followed::new());
        let items = named.into_iter().filter_map(|named| match named {
            Named::Item { file, name } => Some((file, name)),
            Named::Module(_) => None,
        });
        items.collect()
    }

    fn resolve(&self, module: usize, path: &[String], followed: &mut Followed) -> BTreeSet<Named> {
        let mut here = BTreeSet::from([Named::Module(module)]);
        for (index, segment) in path.iter().enumerate() {
            here = match segment.as_str() {
                "crate" => BTreeSet::from([Named::Module(ROOT)]),
                "self" => here,
                "super" => here.iter().filter_map(|named| self.parent(named)).collect(),
                name => {
                    let next: Vec<_> = here.iter().map(|named| self.step(named, name, followed)).collect();
                    next.into_iter().flatten().collect()
                }
            };
            // A function may share its name with a module, and only the module has something within.
            if index + 1 < path.len() && here.iter().any(|named| matches!(named, Named::Module(_))) {
                here.retain(|named| matches!(named, Named::Module(_)));
            }
        }
        here
    }

    fn parent(&self, named: &Named) -> Option<Named> {
        match named {
            Named::Module(module) => self.modules[*module].parent.map(Named::Module),
            Named::Item { .. } => None,
        }
    }

    /// What `name` is within `named`: what an item holds (a variant, an associated function) counts as the item.
    fn step(&self, named: &Named, name: &str, followed: &mut Followed) -> BTreeSet<Named> {
        let Named::Module(id) = named else { return BTreeSet::from([named.clone()]) };
        let module = &self.modules[*id];
        let mut found = BTreeSet::new();
        found.extend(module.children.get(name).map(|child| Named::Module(*child)));
        if module.items.contains(name) {
            found.insert(Named::Item { file: module.file, name: name.to_owned() });
        }
        let uses = || module.uses.iter().enumerate();
        for (index, line) in uses().filter(|(_, line)| line.name.as_deref() == Some(name)) {
            // The same line may stand on the way to itself only where its path starts with the name that it brings.
            if followed.insert((*id, index)) {
                found.extend(self.resolve(*id, &line.path, followed));
                followed.remove(&(*id, index));
            }
        }
        if found.is_empty() {
            for (index, line) in uses().filter(|(_, line)| line.name.is_none()) {
                if followed.insert((*id, index)) {
                    for from in self.resolve(*id, &line.path, followed) {
                        if matches!(from, Named::Module(_)) {
                            found.extend(self.step(&from, name, followed));
                        }
                    }
                    followed.remove(&(*id, index));
                }
            }
        }
        found
    }
}
