//! The one table of fields, twice: as index templates, and as the fields of index patterns. So the names that panels ask
//! for can't drift from those that are indexed, and panels work before the first document is there.

use std::collections::BTreeMap;

use pci_assess::events::{FieldType, Placed, Siem, Source};
use serde_json::{Map, Value, json};

use super::{
    object::{Object, index_pattern},
    query::{STACK, TIME},
};

/// Dates as all sources may write them. With epoch milliseconds alone, the server refuses a query for a range of days.
pub(super) const DATE_FORMAT: &str = "epoch_millis||strict_date_optional_time";

/// The id of the index pattern over all sources.
pub(super) const EVERYTHING: &str = "pci-events";

/// The id of the index pattern of `source`.
pub(super) fn pattern_id(source: &Source) -> String {
    format!("pci-{}", source.source)
}

/// The index pattern of `source`: the fields of all its shapes, whichever stacks are loaded.
pub(super) fn pattern(source: &Source) -> Object {
    index_pattern(&pattern_id(source), &source.index.pattern, &fields(&[source]))
}

/// The index pattern over all sources, by the fields that all have: time and stack.
pub(super) fn everything(siem: &Siem) -> Object {
    let all: Vec<&Source> = siem.sources.iter().collect();
    index_pattern(EVERYTHING, &title_of_everything(siem), &fields(&all))
}

/// The indices of all sources.
pub(super) fn title_of_everything(siem: &Siem) -> String {
    siem.sources.iter().map(|source| source.index.pattern.as_str()).collect::<Vec<_>>().join(",")
}

fn fields(sources: &[&Source]) -> Value {
    let mut known: BTreeMap<String, FieldType> =
        [(TIME.to_owned(), FieldType::Date), (STACK.to_owned(), FieldType::Keyword)].into();
    for source in sources {
        for placed in source.shapes.keys().flat_map(|shape| source.placed(shape)) {
            known.entry(placed.path).or_insert(placed.kind);
        }
    }
    let meta = ["_id", "_index"].map(|name| {
        json!({
            "name": name, "type": "string", "esTypes": [name], "count": 0, "scripted": false, "searchable": true,
            "aggregatable": true, "readFromDocValues": false,
        })
    });
    let source = json!({
        "name": "_source", "type": "_source", "esTypes": ["_source"], "count": 0, "scripted": false, "searchable": false,
        "aggregatable": false, "readFromDocValues": false,
    });
    let own = known.into_iter().filter(|(_, kind)| *kind != FieldType::Unmapped).map(|(name, kind)| field(&name, kind));
    meta.into_iter().chain([source]).chain(own).collect()
}

fn field(name: &str, kind: FieldType) -> Value {
    let (shown, stored) = match kind {
        FieldType::Keyword | FieldType::Unindexed | FieldType::Unmapped => ("string", "keyword"),
        FieldType::Text => ("string", "text"),
        FieldType::Integer => ("number", "integer"),
        FieldType::Long => ("number", "long"),
        FieldType::Float => ("number", "float"),
        FieldType::Date => ("date", "date"),
        FieldType::FlatObject => ("unknown", "flat_object"),
    };
    let searchable = kind != FieldType::Unindexed;
    let aggregatable = searchable && !matches!(kind, FieldType::Text | FieldType::FlatObject);
    json!({
        "name": name, "type": shown, "esTypes": [stored], "count": 0, "scripted": false, "searchable": searchable,
        "aggregatable": aggregatable, "readFromDocValues": aggregatable,
    })
}

/// The index templates of `source` for stacks whose events come in `shapes`, by file name without the extension.
///
/// Shapes that agree on where time and stack stand share one. Where stacks disagree, those that don't write straight
/// need indices of their own, `{stem}-{shape}-*`: a field can't be an alias for some documents and real for others.
pub(super) fn templates(source: &Source, shapes: &[&str]) -> BTreeMap<String, Value> {
    let mut groups: BTreeMap<(String, String), Vec<&str>> = BTreeMap::new();
    for shape in source.shapes.keys() {
        groups.entry((source.time_path(shape), source.stack_path(shape))).or_default().push(shape);
    }
    let asked =
        groups.into_values().filter(|group| shapes.is_empty() || group.iter().any(|shape| shapes.contains(shape)));
    let mut asked: Vec<Vec<&str>> = asked.collect();
    asked.sort_by_key(|group| !group.contains(&"direct"));
    if shapes.is_empty() {
        asked.truncate(1);
    }
    let of = |(number, group): (usize, Vec<&str>)| {
        let stem = source.index.daily.as_deref().unwrap_or(&source.source);
        if let (1.., Some(shape)) = (number, group.first()) {
            let template = template(source, &group, &[format!("{stem}-{shape}-*")], 210);
            return (format!("index-template-{}-{shape}", source.source), template);
        }
        let patterns = match &source.index.rollover {
            Some(alias) => vec![alias.clone(), format!("{alias}-*")],
            None => vec![format!("{stem}-*")],
        };
        (format!("index-template-{}", source.source), template(source, &group, &patterns, 200))
    };
    asked.into_iter().enumerate().map(of).collect()
}

fn template(source: &Source, shapes: &[&str], patterns: &[String], priority: u32) -> Value {
    let mut properties = Map::new();
    for placed in shapes.iter().flat_map(|shape| source.placed(shape)) {
        insert(&mut properties, &placed.path, mapping(&placed));
    }
    for shape in shapes {
        for (alias, path) in [(TIME, source.time_path(shape)), (STACK, source.stack_path(shape))] {
            if path != alias {
                insert(&mut properties, alias, json!({"type": "alias", "path": path}));
            }
        }
    }
    let mut mappings = json!({"dynamic": false, "properties": properties});
    if !source.never_stored.is_empty() {
        mappings["_source"] = json!({"excludes": source.never_stored});
    }
    let mut settings = json!({"index": {"number_of_shards": 1}});
    if let Some(alias) = &source.index.rollover {
        settings["index"]["plugins"] = json!({"index_state_management": {"rollover_alias": alias}});
    }
    json!({
        "index_patterns": patterns,
        "priority": priority,
        "template": {"settings": settings, "mappings": mappings},
        "_meta": {"description": format!("Events of {} for PCI dashboards", source.name), "managed_by": pci_stack::MANAGED_BY},
    })
}

/// Puts `mapping` at `path`, with the objects above it.
fn insert(properties: &mut Map<String, Value>, path: &str, mapping: Value) {
    match path.split_once('.') {
        None => drop(properties.entry(path).or_insert(mapping)),
        Some((first, rest)) => {
            let object = properties.entry(first).or_insert_with(|| json!({"properties": {}}));
            if let Some(inner) = object.get_mut("properties").and_then(Value::as_object_mut) {
                insert(inner, rest, mapping);
            }
        }
    }
}

fn mapping(placed: &Placed) -> Value {
    match placed.kind {
        // A value longer than this is kept and found by other fields; the server can't index words beyond 32 KiB.
        FieldType::Keyword => json!({"type": "keyword", "ignore_above": 2048}),
        FieldType::Text => json!({"type": "text"}),
        FieldType::Integer => json!({"type": "integer"}),
        FieldType::Long => json!({"type": "long"}),
        FieldType::Float => json!({"type": "float"}),
        FieldType::Date => json!({"type": "date", "format": DATE_FORMAT}),
        FieldType::FlatObject => json!({"type": "flat_object"}),
        FieldType::Unindexed => json!({"type": "keyword", "index": false, "doc_values": false}),
        FieldType::Unmapped => json!({"type": "object", "enabled": false}),
    }
}
