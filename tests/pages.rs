//! Pages of `docs/`: what the program knows is written there by it, what they show is what it says, and no link leads
//! nowhere. `UPDATE_DOCS=1 cargo test --workspace --locked` writes anew what is made; a person reads the difference.

mod controls;
mod dependencies;
mod links;
mod readme;
mod replayed;

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// With this set, pages are written anew.
const UPDATE: &str = "UPDATE_DOCS";

/// A file of the project.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(name)
}

/// The page `name` is `expected`.
pub fn held(name: &str, expected: &str) {
    if std::env::var_os(UPDATE).is_some() {
        fs::write(path(name), expected).unwrap();
    }
    let there = fs::read_to_string(path(name)).unwrap_or_default();
    assert!(there == expected, "{name} is out of date: run the tests once with {UPDATE}=1");
}

/// The folder `name` holds these pages and nothing else.
pub fn folder_held(name: &str, expected: &BTreeMap<String, String>) {
    let there = || -> BTreeSet<String> {
        let entries = fs::read_dir(path(name)).into_iter().flatten();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    if std::env::var_os(UPDATE).is_some() {
        fs::create_dir_all(path(name)).unwrap();
        for left in there().iter().filter(|page| !expected.contains_key(*page)) {
            fs::remove_file(path(name).join(left)).unwrap();
        }
    }
    for (page, text) in expected {
        held(&format!("{name}/{page}"), text);
    }
    assert!(there().iter().eq(expected.keys()), "{name} holds other pages: run the tests once with {UPDATE}=1");
}
