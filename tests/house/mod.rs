//! The house rules: which crate may depend on which, and that no files of a crate import each other in a circle. Arrows
//! point down.

mod files;
mod mentions;
mod modules;

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Each crate, and the crates below that it may depend on. Cargo forbids circles; this says which way is up.
const MAY_DEPEND: &[(&str, &[&str])] = &[
    ("netpol-reach", &[]),
    ("pci-stack", &["netpol-reach"]),
    ("pci-policy", &["netpol-reach", "pci-stack"]),
    ("pci-assess", &["netpol-reach", "pci-stack", "pci-policy"]),
    ("pci-engine", &["netpol-reach", "pci-stack", "pci-policy", "pci-assess"]),
    ("pci-render", &["netpol-reach", "pci-stack", "pci-policy", "pci-assess", "pci-engine"]),
    ("pci-ask", &["netpol-reach", "pci-stack", "pci-policy", "pci-assess", "pci-engine", "pci-render"]),
    ("pci-allocator", &[]),
    ("pci-fixtures", &["netpol-reach", "pci-stack", "pci-engine"]),
    // The program computes nothing: of what is judged and drawn it sees answers alone.
    ("pci-compliance-mcp", &["netpol-reach", "pci-stack", "pci-engine", "pci-ask", "pci-allocator"]),
];

/// Libraries that only the program uses: below it nothing serves, parses flags of its own, or waits.
const PROGRAM_ALONE: &[&str] = &["anyhow", "axum", "hyper", "rmcp", "tokio", "tower", "tower-http", "tracing"];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The names under `[dependencies]` of the crate `name`.
fn dependencies(name: &str) -> BTreeSet<String> {
    let folder = if name == "pci-compliance-mcp" { root().to_owned() } else { root().join("crates").join(name) };
    let text = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
    let lines = text.lines().skip_while(|line| *line != "[dependencies]").skip(1);
    let lines = lines.take_while(|line| !line.starts_with('['));
    lines.filter_map(|line| line.split(['.', ' ']).next().map(str::to_owned)).filter(|name| !name.is_empty()).collect()
}

#[test]
fn no_crate_depends_on_one_that_is_not_below_it() {
    let folders = fs::read_dir(root().join("crates")).unwrap();
    let mut crates: BTreeSet<String> =
        folders.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    crates.insert("pci-compliance-mcp".to_owned());
    for name in &crates {
        let (_, below) =
            MAY_DEPEND.iter().find(|(known, _)| known == name).unwrap_or_else(|| panic!("`{name}` is new"));
        let on = dependencies(name);
        let wrong: Vec<&String> =
            on.iter().filter(|on| crates.contains(*on) && !below.contains(&on.as_str())).collect();
        assert!(wrong.is_empty(), "{name} depends on {wrong:?}");
        let wrong: Vec<&&str> = PROGRAM_ALONE.iter().filter(|library| on.contains(**library)).collect();
        assert!(wrong.is_empty() || name == "pci-compliance-mcp", "{name} depends on {wrong:?}");
    }
    assert_eq!(crates.len(), MAY_DEPEND.len(), "a crate of the table is gone");
}

/// Each source file of each crate, by its path from the project's folder, with its text.
fn sources() -> impl Iterator<Item = (String, String)> {
    source_folders().into_iter().flat_map(|folder| rust_files(&folder)).map(|file| {
        let inside = file.strip_prefix(root()).unwrap().to_string_lossy().into_owned();
        (inside, fs::read_to_string(&file).unwrap())
    })
}

#[test]
fn files_are_read_and_written_in_one_place_each() {
    for (file, text) in sources() {
        let touches_files = text.contains("std::fs") || text.contains("rustix::fs") || text.contains("File::open");
        let is_allowed = file == "crates/pci-engine/src/files.rs"
            || file.starts_with("crates/pci-engine/src/output/")
            || file.starts_with("crates/pci-fixtures/");
        assert!(is_allowed || !touches_files, "{file} touches files");
    }
}

#[test]
fn there_is_no_clock_and_no_random_in_the_library() {
    for (file, text) in sources() {
        // Waiting for a lock needs a clock, and so does measuring how long a call took; neither shows in any answer.
        if file.ends_with("output/site.rs") || file.ends_with("mcp/calls.rs") {
            continue;
        }
        for word in ["SystemTime", "Instant::now", "rand::", "HashMap::iter"] {
            assert!(!text.contains(word), "{file} uses {word}");
        }
    }
}

#[test]
fn a_crate_embeds_only_files_of_its_own_folder() {
    for (file, text) in sources() {
        let depth = file.trim_start_matches("crates/").split('/').count();
        let up = "../".repeat(depth);
        let leaves = text.lines().any(|line| line.contains("include_") && line.contains(&up));
        assert!(!leaves || !file.starts_with("crates/"), "{file} embeds a file of another crate");
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
