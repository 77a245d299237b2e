//! The assessment as documents: one for each control and stack, so that OpenSearch shows a fleet's state over time.

use std::fmt::Write as _;

use pci_assess::{Disposition, Technical};
use pci_engine::Snapshot;
use pci_stack::{Date, MANAGED_BY};
use serde_json::{Map, Value, json};

use super::{
    fields::DATE_FORMAT,
    query::{STACK, TIME},
};

/// The index that documents go to.
pub const INDEX: &str = "pci-assessment";
/// The pattern by which it is found.
pub(super) const PATTERN: &str = "pci-assessment*";

/// Each field and its type.
const FIELDS: [(&str, &str); 19] = [
    (TIME, "date"),
    (STACK, "keyword"),
    ("stack", "keyword"),
    ("level", "keyword"),
    ("control", "keyword"),
    ("requirement", "integer"),
    ("milestone", "integer"),
    ("title", "keyword"),
    ("class", "keyword"),
    ("status", "keyword"),
    ("technical", "keyword"),
    ("disposition", "keyword"),
    ("points", "float"),
    ("is_shown", "boolean"),
    ("applies", "boolean"),
    ("missing", "integer"),
    ("digest", "keyword"),
    ("profile_digest", "keyword"),
    ("catalog_digest", "keyword"),
];

/// The documents of `snapshot` as the bulk interface takes them, as of `day`: written again, they replace themselves.
pub fn bulk(snapshot: &Snapshot, day: Date) -> String {
    let mut text = String::new();
    for document in documents(snapshot, day) {
        let id = format!("{}:{}:{day}", snapshot.stack.id, document["control"].as_str().unwrap_or_default());
        let action = json!({"index": {"_index": INDEX, "_id": id}});
        let _ = writeln!(text, "{action}\n{document}");
    }
    text
}

fn documents(snapshot: &Snapshot, day: Date) -> Vec<Value> {
    let inputs = &snapshot.inputs;
    let of = |(control, result): (&pci_assess::controls::Control, &pci_assess::ControlResult)| {
        let is_shown = result.technical != Technical::Manual && !result.is_left_out;
        let mut document = json!({
            (TIME): format!("{day}T00:00:00Z"),
            (STACK): snapshot.stack.name,
            "stack": snapshot.stack.id,
            "level": snapshot.level(),
            "control": control.id.to_string(),
            "requirement": control.id.requirement(),
            "milestone": control.milestone,
            "title": control.title,
            "class": control.class,
            "status": result.status(),
            "technical": result.technical,
            "disposition": result.disposition,
            "points": f64::from(result.technical.half_points()) / 2.0,
            "is_shown": is_shown,
            "applies": result.applies() && result.disposition != Disposition::Superseded,
            "missing": result.missing.len(),
            "digest": inputs.stack,
            "catalog_digest": inputs.catalog,
        });
        if let Some(profile) = inputs.profile {
            document["profile_digest"] = json!(profile);
        }
        document
    };
    snapshot.assessment().iter().map(of).collect()
}

/// The index template.
pub(super) fn template() -> Value {
    let property = |(name, kind): &(&str, &str)| {
        let mapping =
            if *kind == "date" { json!({"type": kind, "format": DATE_FORMAT}) } else { json!({"type": kind}) };
        ((*name).to_owned(), mapping)
    };
    let properties: Map<String, Value> = FIELDS.iter().map(property).collect();
    json!({
        "index_patterns": [PATTERN],
        "priority": 200,
        "template": {
            "settings": {"index": {"number_of_shards": 1}},
            "mappings": {"dynamic": false, "properties": properties},
        },
        "_meta": {"description": "Assessments for PCI dashboards", "managed_by": MANAGED_BY},
    })
}

/// The fields of the index pattern.
pub(super) fn fields() -> Value {
    let field = |(name, kind): &(&str, &str)| {
        let shown = match *kind {
            "keyword" => "string",
            "integer" | "float" => "number",
            kind => kind,
        };
        json!({
            "name": name, "type": shown, "esTypes": [kind], "count": 0, "scripted": false, "searchable": true,
            "aggregatable": true, "readFromDocValues": true,
        })
    };
    FIELDS.iter().map(field).collect()
}
