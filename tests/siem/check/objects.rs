//! Saved objects: each once, known to the strict mapping, no newer than a server takes, and complete.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use pci_render::siem::Files;
use serde_json::Value;

use super::Fault;

/// What a type's strict mapping knows, and the newest migration that every release knows of.
struct Kind {
    name: &'static str,
    newest: [u32; 3],
    attributes: &'static [&'static str],
}

static KINDS: &[Kind] = &[
    Kind {
        name: "dashboard",
        newest: [7, 9, 3],
        attributes: &[
            "title",
            "description",
            "hits",
            "kibanaSavedObjectMeta",
            "optionsJSON",
            "panelsJSON",
            "refreshInterval",
            "timeFrom",
            "timeTo",
            "timeRestore",
            "version",
        ],
    },
    Kind {
        name: "visualization",
        newest: [7, 10, 0],
        attributes: &[
            "title",
            "description",
            "kibanaSavedObjectMeta",
            "savedSearchRefName",
            "uiStateJSON",
            "version",
            "visState",
        ],
    },
    Kind {
        name: "search",
        newest: [7, 9, 3],
        attributes: &[
            "title",
            "description",
            "columns",
            "hits",
            "kibanaSavedObjectMeta",
            "sort",
            "columnWidths",
            "version",
        ],
    },
    Kind {
        name: "index-pattern",
        newest: [7, 6, 0],
        attributes: &["title", "timeFieldName", "fields", "fieldFormatMap"],
    },
];

type Key = (String, String);

/// What is wrong with saved objects.
pub(super) fn faults(files: &Files) -> Vec<Fault> {
    let mut faults = Vec::new();
    // An object that stands in two files is the same in both: an import of one must not undo the other's.
    let mut everywhere: HashMap<Key, (&str, Value)> = HashMap::new();
    for (file, bytes) in files.iter().filter(|(file, _)| file.ends_with(".ndjson")) {
        let mut fault = |what: String| faults.push(Fault { file: file.clone(), what });
        let objects = parsed(bytes, &mut fault);
        for (key, object) in &objects {
            match everywhere.get(key) {
                Some((other, known)) if known != object => {
                    fault(format!("{} `{}` is another in `{other}`", key.0, key.1));
                }
                _ => drop(everywhere.insert(key.clone(), (file, object.clone()))),
            }
            let who = format!("{} `{}`", key.0, key.1);
            one(&objects, object, &mut |what| fault(format!("{who}: {what}")));
        }
    }
    faults
}

fn parsed(bytes: &[u8], fault: &mut impl FnMut(String)) -> BTreeMap<Key, Value> {
    let mut objects = BTreeMap::new();
    for (number, line) in String::from_utf8_lossy(bytes).lines().enumerate() {
        let Ok(object) = serde_json::from_str::<Value>(line) else {
            fault(format!("line {} is no JSON", number + 1));
            continue;
        };
        let key = (text(&object["type"]), text(&object["id"]));
        if objects.contains_key(&key) {
            fault(format!("{} `{}` stands twice, and the import refuses the whole file", key.0, key.1));
        }
        objects.insert(key, object);
    }
    objects
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn one(objects: &BTreeMap<Key, Value>, object: &Value, fault: &mut impl FnMut(String)) {
    let name = text(&object["type"]);
    let Some(kind) = KINDS.iter().find(|kind| kind.name == name) else {
        return fault("is of no known type".to_owned());
    };
    for (attribute, _) in object["attributes"].as_object().into_iter().flatten() {
        if !kind.attributes.contains(&attribute.as_str()) {
            fault(format!("the strict mapping refuses the attribute `{attribute}`"));
        }
    }
    let version = text(&object["migrationVersion"][kind.name]);
    let parts: Vec<u32> = version.split('.').filter_map(|part| part.parse().ok()).collect();
    if parts.len() != 3 || parts.as_slice() > kind.newest.as_slice() {
        let [major, minor, patch] = kind.newest;
        fault(format!("migrationVersion `{version}` is not one up to {major}.{minor}.{patch}"));
    }
    let references = references(objects, object, fault);
    let inner = inner(object, fault);
    let mut used = BTreeSet::new();
    for value in inner.values() {
        names_of_references(value, &mut used);
    }
    used.iter()
        .filter(|name| !references.contains_key(*name))
        .for_each(|name| fault(format!("nothing is referred to as `{name}`")));
    if let Some(panels) = inner.get("panelsJSON") {
        grid(panels, fault);
    }
    if let Some(state) = inner.get("visState") {
        fields(objects, &references, state, fault);
    }
}

/// What `object` refers to, by name.
fn references(objects: &BTreeMap<Key, Value>, object: &Value, fault: &mut impl FnMut(String)) -> BTreeMap<String, Key> {
    let mut references = BTreeMap::new();
    for reference in object["references"].as_array().into_iter().flatten() {
        let key = (text(&reference["type"]), text(&reference["id"]));
        if !objects.contains_key(&key) {
            fault(format!("refers to {} `{}`, which the file lacks", key.0, key.1));
        }
        if references.insert(text(&reference["name"]), key).is_some() {
            fault(format!("two references are called `{}`", text(&reference["name"])));
        }
    }
    references
}

/// The attributes that are JSON in text, parsed.
fn inner(object: &Value, fault: &mut impl FnMut(String)) -> BTreeMap<&'static str, Value> {
    let attributes = &object["attributes"];
    let texts =
        ["panelsJSON", "optionsJSON", "visState", "uiStateJSON", "fields"].map(|name| (name, &attributes[name]));
    let source = ("searchSourceJSON", &attributes["kibanaSavedObjectMeta"]["searchSourceJSON"]);
    let mut inner = BTreeMap::new();
    for (name, value) in texts.into_iter().chain([source]) {
        let Some(text) = value.as_str() else { continue };
        match serde_json::from_str(text) {
            Ok(value) => drop(inner.insert(name, value)),
            Err(_) => fault(format!("`{name}` is no JSON")),
        }
    }
    inner
}

fn names_of_references(value: &Value, names: &mut BTreeSet<String>) {
    match value {
        Value::Object(fields) => {
            for (key, value) in fields {
                match value.as_str() {
                    Some(name) if key.ends_with("RefName") => drop(names.insert(name.to_owned())),
                    _ => names_of_references(value, names),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| names_of_references(value, names)),
        _ => {}
    }
}

/// Panels that leave the grid, lie over each other, or bear the same number.
fn grid(panels: &Value, fault: &mut impl FnMut(String)) {
    let mut boxes: Vec<[u64; 4]> = Vec::new();
    let mut seen = BTreeSet::new();
    for panel in panels.as_array().into_iter().flatten() {
        let [x, y, w, h] =
            ["x", "y", "w", "h"].map(|side| panel["gridData"][side].as_u64().unwrap_or(u64::from(u32::MAX)));
        if !seen.insert(text(&panel["panelIndex"])) || panel["gridData"]["i"] != panel["panelIndex"] {
            fault("a panel's number stands twice, or not where it lies".to_owned());
        }
        if panel["panelRefName"].as_str().is_none() {
            fault("a panel refers to nothing".to_owned());
        }
        let overlaps = |other: &[u64; 4]| {
            x < other[0] + other[2] && other[0] < x + w && y < other[1] + other[3] && other[1] < y + h
        };
        if x + w > 48 || boxes.iter().any(overlaps) {
            fault("a panel leaves the grid or lies over another".to_owned());
        }
        boxes.push([x, y, w, h]);
    }
}

/// Aggregations over fields that the index pattern lacks, or that can't be grouped.
fn fields(
    objects: &BTreeMap<Key, Value>,
    references: &BTreeMap<String, Key>,
    state: &Value,
    fault: &mut impl FnMut(String),
) {
    let pattern = references.iter().find(|(name, _)| name.contains("searchSource")).map(|(_, key)| key);
    let Some(pattern) = pattern.and_then(|key| objects.get(key)) else { return };
    let known: Value = serde_json::from_str(&text(&pattern["attributes"]["fields"])).unwrap_or_default();
    for agg in state["aggs"].as_array().into_iter().flatten() {
        let Some(field) = agg["params"]["field"].as_str() else { continue };
        match known.as_array().into_iter().flatten().find(|one| one["name"] == field) {
            None => fault(format!("the index pattern has no field `{field}`")),
            Some(known) if known["aggregatable"] != true => {
                fault(format!("the field `{field}` can't be grouped"));
            }
            Some(_) => {}
        }
    }
}
