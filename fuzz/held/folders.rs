//! A folder of output: names that every file system takes, JSON that is JSON, pages and charts as they are to be, and a
//! manifest that lists all of it.

use std::collections::BTreeSet;

use pci_engine::Snapshot;
use pci_render::{folder, manifest, siem};
use pci_stack::MANIFEST;
use serde_json::Value;

use crate::{check, pages, secrets};

/// Holds the folder of `snapshot` against that; if `is_secret`, the canary must be in none of it.
pub fn hold(snapshot: &Snapshot, is_secret: bool) {
    let manifest = manifest::manifest(snapshot);
    let files = folder::files(snapshot, &manifest);
    for (name, bytes) in &files {
        let is_plain = |part: &str| !part.is_empty() && part != "." && part != ".." && part.len() <= 255;
        let is_printable = name.chars().all(|c| c.is_ascii_graphic());
        assert!(name.split('/').all(is_plain) && is_printable, "no name of a file: {name:?}");
        let text = std::str::from_utf8(bytes).expect("a file is text");
        if is_secret {
            secrets::hold(text);
        }
        match name.rsplit('.').next() {
            Some("json") => assert!(is_json(text), "{name} is no JSON"),
            Some("ndjson") => assert!(text.lines().all(is_json), "{name} is no lines of JSON"),
            Some("md") => pages::hold(text),
            _ => assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "a control character in {name}"),
        }
    }
    let listed: Value = serde_json::from_slice(&files[MANIFEST]).expect("the manifest is JSON");
    let listed = listed["files"].as_array().expect("it lists files").iter();
    let listed: BTreeSet<&str> = listed.map(|file| file["file"].as_str().expect("by name")).collect();
    let there: BTreeSet<&str> = files.keys().map(String::as_str).filter(|name| *name != MANIFEST).collect();
    assert_eq!(listed, there, "the manifest lists what is there");
    assert_eq!(check::faults(&siem::files(&[snapshot])), [], "the dashboards import");
}

fn is_json(text: &str) -> bool {
    serde_json::from_str::<Value>(text).is_ok()
}
