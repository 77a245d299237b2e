//! The folder `siem/`: PCI dashboards for OpenSearch, and all that they need there. Index templates and retention before
//! the first document, dashboards as saved objects that really import, monitors, and what brings them in.
//!
//! Ids and titles depend on a stack's name alone, never on which other stacks are loaded.

mod board;
pub mod documents;
mod fields;
mod fleet_board;
mod import;
mod monitor;
mod numbers;
mod object;
mod overview;
mod panels;
mod query;
mod retention;
mod source_board;

use std::collections::{BTreeMap, BTreeSet};

use object::{Object, lines};
use pci_assess::events::Source;
use pci_engine::Snapshot;
use serde_json::Value;

/// The folder.
pub const FOLDER: &str = "siem";

/// Files by their paths, `siem/…`.
pub type Files = BTreeMap<String, Vec<u8>>;

/// The files of `stacks`; none if no stack has an OpenSearch whose `siem` is on.
pub fn files(stacks: &[&Snapshot]) -> Files {
    let mut files = Files::new();
    let made: Vec<&Snapshot> = stacks.iter().copied().filter(|one| one.siem().store.is_some()).collect();
    let Some(first) = made.first() else { return files };
    let siem = &*first.tables().siem;
    let mut add = |name: String, bytes: Vec<u8>| drop(files.insert(format!("{FOLDER}/{name}"), bytes));
    let mut made_sources: Vec<&Source> = Vec::new();
    for source in &siem.sources {
        let planned = made
            .iter()
            .flat_map(|one| one.siem().made().filter(|made| made.name == source.source).map(|made| (*one, made)));
        let mut shapes: BTreeSet<&str> = BTreeSet::new();
        for (snapshot, planned) in planned {
            shapes.insert(&planned.shape);
            let name = format!("dashboards-{}-{}.ndjson", source.source, snapshot.stack.id);
            add(name, source_board::file(snapshot, source, planned));
        }
        if !shapes.is_empty() {
            let shapes: Vec<&str> = shapes.into_iter().collect();
            made_sources.push(source);
            of_source(source, &shapes, &mut add);
        }
    }
    add("index-template-assessment.json".to_owned(), json(&documents::template()));
    for (name, policy) in retention::policies(siem, &made_sources) {
        add(name, json(&policy));
    }
    add("dashboards-pci-overview.ndjson".to_owned(), overviews(&made));
    let fleet = fleet_board::board(siem);
    let mut patterns = overview::patterns(siem);
    patterns.push(fleet_board::pattern());
    add("dashboards-pci-360.ndjson".to_owned(), lines(patterns.iter().chain(fleet.objects())));
    for (name, bytes) in import::files(&made) {
        add(name, bytes);
    }
    files
}

/// What a source needs in OpenSearch, whichever stacks it comes from.
fn of_source(source: &Source, shapes: &[&str], add: &mut impl FnMut(String, Vec<u8>)) {
    for (name, template) in fields::templates(source, shapes) {
        add(format!("{name}.json"), json(&template));
    }
    add(format!("alerting-{}.json", source.source), json(&monitor::monitor(source)));
    if let Some((name, index)) = retention::first_index(source) {
        add(name, json(&index));
    }
}

/// The overview of each of `stacks`, in one file.
fn overviews(stacks: &[&Snapshot]) -> Vec<u8> {
    let patterns: Vec<Object> = stacks.first().map(|one| overview::patterns(&one.tables().siem)).unwrap_or_default();
    let mut bytes = lines(&patterns);
    for snapshot in stacks {
        bytes.extend(lines(overview::board(snapshot).objects()));
    }
    bytes
}

fn json(value: &Value) -> Vec<u8> {
    format!("{value:#}\n").into_bytes()
}
