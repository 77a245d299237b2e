//! All stacks that are loaded: where each stands, what to read of it, and which can't be read.

use netpol_reach::Place;
use pci_assess::Numbers;
use pci_engine::{
    Snapshot,
    fleet::{Fleet, Member},
};
use pci_render::{Header, report};
use pci_stack::{Date, Level, LevelSource};
use serde::Serialize;

use super::{
    template::{JSON, Resource, json},
    uri,
};

/// The list as lists name it.
pub(super) fn resource() -> Resource {
    Resource {
        uri: uri::stacks(),
        name: uri::STACKS.to_owned(),
        title: "Loaded stacks".to_owned(),
        description: "The stacks that are loaded: id, name, level, the three numbers, where report, manifest, diagram \
            and map are read; and those that can't be read, with the place of the error."
            .to_owned(),
        mime_type: JSON,
        meta: serde_json::Map::new(),
    }
}

#[derive(Serialize)]
struct Stacks {
    stacks: Vec<Entry>,
    unreadable: Vec<Unreadable>,
}

#[derive(Serialize)]
struct Entry {
    #[serde(flatten)]
    header: Header,
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Date>,
    #[serde(flatten)]
    numbers: Numbers,
    resources: Uris,
}

/// What a stack has as a whole at its level.
#[derive(Serialize)]
struct Uris {
    #[serde(skip_serializing_if = "Option::is_none")]
    report: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    manifest: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    diagram: Option<String>,
    map: String,
}

#[derive(Serialize)]
struct Unreadable {
    /// Its folder; absent if it is the only one.
    #[serde(skip_serializing_if = "String::is_empty")]
    folder: String,
    error: String,
    r#where: Place,
}

/// What the list says.
pub(super) fn text(fleet: &Fleet) -> String {
    let rows = fleet.each(|folder, member| match member.snapshot() {
        Ok(snapshot) => Ok(entry(snapshot, member)),
        Err(error) => {
            Err(Unreadable { folder: folder.to_owned(), error: error.to_string(), r#where: error.place.clone() })
        }
    });
    let (mut stacks, mut unreadable) = (Vec::new(), Vec::new());
    for row in rows {
        match row {
            Ok(stack) => stacks.push(stack),
            Err(one) => unreadable.push(one),
        }
    }
    json(&Stacks { stacks, unreadable }).unwrap_or_default()
}

fn entry(snapshot: &Snapshot, member: &Member) -> Entry {
    let id = snapshot.stack.id.as_str();
    let is_set = snapshot.level_source() != LevelSource::NotSet;
    Entry {
        header: Header { stale: member.stale().map(ToString::to_string), ..Header::of(snapshot) },
        as_of: snapshot.day(),
        numbers: snapshot.assessment().numbers.clone(),
        resources: Uris {
            report: report::is_made_at(snapshot.level()).then(|| uri::report(id)),
            manifest: is_set.then(|| uri::manifest(id)),
            diagram: (snapshot.level() != Level::None).then(|| uri::diagram(id)),
            map: uri::map(id),
        },
    }
}
