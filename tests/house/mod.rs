//! The house rules: which room may import which, and that no files import each other in a circle. Arrows point down.

mod files;
mod mentions;
mod modules;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use syn::{UseTree, visit::Visit};

/// Room → the rooms below that it may import. Every room may import itself.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("terms", &[]),
    ("yaml", &["terms"]),
    ("catalog", &["terms", "yaml"]),
    ("controls", &["terms", "yaml", "catalog"]),
    ("events", &["terms", "yaml", "catalog", "controls"]),
    ("stack", &["terms", "yaml"]),
    ("reach", &["terms", "yaml"]),
    ("policy", &["terms", "catalog", "stack"]),
    ("dialect", &["terms", "policy"]),
    ("proof", &["terms", "policy", "reach"]),
    ("assess", &["terms", "catalog", "controls", "events", "stack", "reach", "policy", "proof"]),
    ("engine", &["terms", "catalog", "controls", "events", "stack", "reach", "policy", "dialect", "proof", "assess"]),
    ("change", &["terms", "yaml", "catalog", "controls", "stack", "policy", "proof", "assess", "engine"]),
    ("render", &["terms", "catalog", "controls", "events", "stack", "policy", "reach", "proof", "assess", "engine"]),
    ("fleet", &["terms", "engine"]),
    ("files", &["terms", "yaml"]),
    ("output", &["terms", "files"]),
    ("shipped", &["engine", "load"]),
    (
        "tools",
        &[
            "terms", "catalog", "controls", "stack", "reach", "policy", "proof", "assess", "engine", "change", "fleet",
            "output", "render",
        ],
    ),
    (
        "resources",
        &["terms", "catalog", "controls", "stack", "policy", "proof", "assess", "engine", "fleet", "render", "tools"],
    ),
    (
        "prompts",
        &[
            "terms",
            "catalog",
            "controls",
            "stack",
            "policy",
            "proof",
            "assess",
            "engine",
            "change",
            "fleet",
            "render",
            "tools",
            "resources",
        ],
    ),
    ("load", &["terms", "engine", "files", "fleet"]),
    ("mcp", &["terms", "files", "fleet", "load", "shipped", "tools", "resources", "prompts"]),
    ("cli", &["terms", "reach", "change", "files", "fleet", "load", "mcp", "output", "shipped", "tools"]),
    ("lib", &[]),
    ("main", &[]),
];

#[test]
fn no_room_imports_one_that_is_not_below_it() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut wrong = Vec::new();
    for file in rust_files(&source) {
        let inside = file.strip_prefix(&source).unwrap();
        let first = inside.components().next().unwrap().as_os_str().to_string_lossy().into_owned();
        let room = first.trim_end_matches(".rs");
        let (_, below) =
            MAY_IMPORT.iter().find(|(name, _)| *name == room).unwrap_or_else(|| panic!("`{room}` is no room"));
        let mut seen = Imports { rooms: BTreeSet::new() };
        seen.visit_file(&syn::parse_file(&fs::read_to_string(&file).unwrap()).unwrap());
        for imported in seen.rooms {
            if imported != room && !below.contains(&imported.as_str()) {
                wrong.push(format!("{}: {room} imports {imported}", inside.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn files_are_read_and_written_in_one_place_each() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in rust_files(&root) {
        let inside = file.strip_prefix(&root).unwrap().to_string_lossy().into_owned();
        let text = fs::read_to_string(&file).unwrap();
        let touches_files = text.contains("std::fs") || text.contains("rustix::fs") || text.contains("File::open");
        let is_allowed = inside == "files.rs" || inside.starts_with("output/");
        assert!(is_allowed || !touches_files, "{inside} touches files");
    }
}

#[test]
fn there_is_no_clock_and_no_random_in_the_library() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    for file in rust_files(&root) {
        let text = fs::read_to_string(&file).unwrap();
        // Waiting for a lock needs a clock, and so does measuring how long a call took; neither shows in any answer.
        if file.ends_with("output/site.rs") || file.ends_with("mcp/calls.rs") {
            continue;
        }
        for word in ["SystemTime", "Instant::now", "rand::", "HashMap::iter"] {
            assert!(!text.contains(word), "{} uses {word}", file.display());
        }
    }
}

/// The source folders, one for each crate.
fn source_folders() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let crates = fs::read_dir(root.join("crates")).into_iter().flatten().map(|entry| entry.unwrap().path());
    let mut folders: Vec<PathBuf> = crates.chain([root.to_owned()]).map(|folder| folder.join("src")).collect();
    folders.retain(|folder| folder.is_dir());
    folders.sort();
    folders
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
    files.sort();
    files
}

/// The rooms that a file names after `crate::`, in `use` trees and in paths.
struct Imports {
    rooms: BTreeSet<String>,
}

impl Imports {
    fn take(&mut self, tree: &UseTree) {
        match tree {
            UseTree::Path(path) => drop(self.rooms.insert(path.ident.to_string())),
            UseTree::Name(name) => drop(self.rooms.insert(name.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|tree| self.take(tree)),
            UseTree::Rename(rename) => drop(self.rooms.insert(rename.ident.to_string())),
            UseTree::Glob(_) => {}
        }
    }
}

impl<'ast> Visit<'ast> for Imports {
    fn visit_item_use(&mut self, item: &'ast syn::ItemUse) {
        if let UseTree::Path(path) = &item.tree
            && path.ident == "crate"
        {
            self.take(&path.tree);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let mut segments = path.segments.iter();
        if segments.next().is_some_and(|first| first.ident == "crate")
            && let Some(second) = segments.next()
        {
            self.rooms.insert(second.ident.to_string());
        }
        syn::visit::visit_path(self, path);
    }
}
