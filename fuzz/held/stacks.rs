//! Stacks to begin with, and what is true of each: the proof holds, and objects are what Kubernetes takes.

use std::sync::{Arc, LazyLock};

use netpol_reach::InputError;
use pci_engine::{Snapshot, Source, Sources, fleet::Fleet};
use pci_fixtures::{PROGRAM, demo_sources, tables};
use pci_stack::{Date, Level};
use serde_json::Value;

/// The embedded demo.
pub static DEMO: LazyLock<Arc<Snapshot>> = LazyLock::new(|| made(Snapshot::read(demo_sources())));

/// The demo, and a small stack with secrets in it.
pub static FLEET: LazyLock<Fleet> = LazyLock::new(|| {
    let small = Snapshot::read(sources(SMALL, Some(Level::PciDssStrict)));
    let fleet = Fleet::of_many([("shop".to_owned(), Snapshot::read(demo_sources())), ("small".to_owned(), small)]);
    assert_eq!(fleet.snapshots().count(), 2, "both can be read");
    fleet
});

/// One component of each of a few types, linked, with canaries for secrets.
pub const SMALL: &str = include_str!("../seeds/stacks/small.yaml");

/// The stack `text` alone, at `level`.
pub fn sources(text: &str, level: Option<Level>) -> Sources<'_> {
    let stack = Source { name: "stack.yaml", text };
    let as_of: Option<Date> = "2026-06-15".parse().ok();
    Sources { stack, exceptions: None, profile: None, tables: tables(), level, as_of, is_demo: false, program: PROGRAM }
}

fn made(read: Result<Snapshot, InputError>) -> Arc<Snapshot> {
    match read {
        Ok(snapshot) => Arc::new(snapshot),
        Err(error) => panic!("the demo can't be read: {error}"),
    }
}

/// Holds that the proof of `snapshot` holds, that its policies are what Kubernetes takes, and that each has a name of
/// its own.
pub fn hold(snapshot: &Snapshot) {
    let proof = &snapshot.evidence().proof;
    assert_eq!(proof.holds, proof.missing.is_empty() && proof.excess.is_empty(), "it holds, or says why");
    assert!(proof.holds, "missing: {:#?}, in excess: {:#?}", proof.missing, proof.excess);
    let mut names: Vec<&str> = snapshot.rules().rules.iter().map(|rule| rule.name.file.as_str()).collect();
    assert_eq!(names.len(), snapshot.files().len());
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), snapshot.files().len(), "two policies in one file");
    for file in snapshot.files() {
        let object: Value = serde_json::from_slice(&file.bytes).expect("a policy is JSON");
        is_name(&object["metadata"]["name"], 253);
        is_name(&object["metadata"]["namespace"], 63);
        for (key, value) in object["metadata"]["labels"].as_object().into_iter().flatten() {
            is_label(value.as_str().unwrap_or_else(|| panic!("the label {key} is no text")));
        }
    }
}

/// A DNS subdomain (RFC 1123), as names of objects are.
fn is_name(name: &Value, longest: usize) {
    let name = name.as_str().expect("a name is text");
    let is_plain = |part: &str| {
        let inner = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        !part.is_empty() && part.chars().all(inner) && !part.starts_with('-') && !part.ends_with('-')
    };
    assert!(name.len() <= longest && name.split('.').all(is_plain), "no name of an object: {name:?}");
}

fn is_label(value: &str) {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    let is_end = |c: Option<char>| c.is_none_or(|c| c.is_ascii_alphanumeric());
    let ends = is_end(value.chars().next()) && is_end(value.chars().next_back());
    assert!(value.len() <= 63 && value.chars().all(inner) && ends, "no value of a label: {value:?}");
}
