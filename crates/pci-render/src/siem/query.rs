//! Conditions of the catalogue → queries: as Lucene text where people may go on from it, as a query's own JSON where only
//! the server reads it. A stack's name only ever stands in JSON, so that nothing in it is taken for syntax.

use pci_assess::events::{Condition, FieldType, Placed, Source, Test};
use serde_json::{Value, json};

/// The time field of every index: an alias where a source calls it otherwise.
pub(super) const TIME: &str = "@timestamp";
/// The stack's field of every index: an alias where a source calls it otherwise.
pub(super) const STACK: &str = "stacktic_system";

/// The Lucene query for events of `source` that meet `condition`, in any of `shapes`; empty if all do.
pub(super) fn lucene(source: &Source, shapes: &[&str], condition: &Condition) -> String {
    let one = |shape: &str| {
        let tests = condition.iter().filter_map(|test| Some(lucene_test(test, &source.field(&test.field, shape)?)));
        tests.collect::<Vec<_>>().join(" AND ")
    };
    let mut each: Vec<String> = shapes.iter().map(|shape| one(shape)).collect();
    each.dedup();
    match each.as_slice() {
        [only] => only.clone(),
        several => several.iter().map(|text| format!("({text})")).collect::<Vec<_>>().join(" OR "),
    }
}

fn lucene_test(test: &Test, field: &Placed) -> String {
    let path = &field.path;
    if test.is_there {
        return format!("_exists_:{path}");
    }
    let bound = |bound: Option<i64>| bound.map_or_else(|| "*".to_owned(), |bound| bound.to_string());
    if test.from.is_some() || test.to.is_some() {
        return format!("{path}:[{} TO {}]", bound(test.from), bound(test.to));
    }
    let starts = test.starts.iter().map(|text| format!("{}*", escaped(text)));
    let values = test.is.iter().map(|text| if is_number(field) { text.clone() } else { quoted(text) });
    let all: Vec<String> = values.chain(starts).collect();
    format!("{path}:({})", all.join(" OR "))
}

fn is_number(field: &Placed) -> bool {
    matches!(field.kind, FieldType::Integer | FieldType::Long | FieldType::Float)
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

/// `text` as a word of a Lucene query: all that is not a letter or a digit is escaped.
fn escaped(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if !c.is_alphanumeric() {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// The query for events of `source` that meet `condition`, in any of `shapes`.
pub(super) fn json(source: &Source, shapes: &[&str], condition: &Condition) -> Value {
    let one = |shape: &str| {
        all(condition.iter().filter_map(|test| Some(json_test(test, &source.field(&test.field, shape)?))).collect())
    };
    let mut each: Vec<Value> = shapes.iter().map(|shape| one(shape)).collect();
    each.dedup();
    any(each)
}

fn json_test(test: &Test, field: &Placed) -> Value {
    let path = &field.path;
    if test.is_there {
        return json!({"exists": {"field": path}});
    }
    if test.from.is_some() || test.to.is_some() {
        let bounds = [("gte", test.from), ("lte", test.to)];
        let bounds: serde_json::Map<String, Value> =
            bounds.into_iter().filter_map(|(key, bound)| Some((key.to_owned(), bound?.into()))).collect();
        return json!({"range": {(path): bounds}});
    }
    if !test.starts.is_empty() {
        return any(test.starts.iter().map(|text| json!({"prefix": {(path): text}})).collect());
    }
    match field.kind {
        FieldType::Text => any(test.is.iter().map(|text| json!({"match_phrase": {(path): text}})).collect()),
        _ => json!({"terms": {(path): test.is}}),
    }
}

/// What meets all of `queries`.
pub(super) fn all(mut queries: Vec<Value>) -> Value {
    match queries.len() {
        0 => json!({"match_all": {}}),
        1 => queries.remove(0),
        _ => json!({"bool": {"filter": queries}}),
    }
}

/// What meets any of `queries`.
pub(super) fn any(mut queries: Vec<Value>) -> Value {
    match queries.len() {
        1 => queries.remove(0),
        _ => json!({"bool": {"should": queries, "minimum_should_match": 1}}),
    }
}

/// What lies in an index of `source`.
pub(super) fn in_index(source: &Source) -> Value {
    json!({"wildcard": {"_index": source.index.pattern}})
}

/// What is not older than the hours that documents of `source` count for, if it says any.
pub(super) fn in_window(source: &Source) -> Option<Value> {
    source.window_hours.map(|hours| json!({"range": {(TIME): {"gte": format!("now-{hours}h")}}}))
}
