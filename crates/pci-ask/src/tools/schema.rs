//! JSON Schemas that every client takes: one plain object, nothing referred to, no alternatives, no `null`, no format
//! that JSON Schema doesn't know. Some clients drop a tool that has any of these, or refuse the session.

use schemars::{JsonSchema, Schema, generate::SchemaSettings, transform::transform_subschemas};
use serde_json::{Map, Value, json};

/// The schema of `T` as an argument is written.
pub(super) fn of<T: JsonSchema>() -> Map<String, Value> {
    made::<T>(SchemaSettings::draft2020_12())
}

/// The schema of `T` as an answer has it: what is left out when there is nothing to say is not required.
pub(super) fn of_answer<T: JsonSchema>() -> Map<String, Value> {
    let mut schema = Schema::from(made::<T>(SchemaSettings::draft2020_12().for_serialize()));
    with_totals(&mut schema);
    schema.as_object().cloned().unwrap_or_default()
}

/// Adds to each list the length that stands beside it where a chat's answer is cut.
fn with_totals(schema: &mut Schema) {
    transform_subschemas(&mut with_totals, schema);
    let Some(Value::Object(properties)) = schema.as_object_mut().and_then(|object| object.get_mut("properties")) else {
        return;
    };
    let is_list = |field: &Value| field.get("type") == Some(&"array".into());
    let lists = properties.iter().filter(|(_, field)| is_list(field)).map(|(name, _)| total(name));
    for name in lists.collect::<Vec<_>>() {
        let about = "How many there are, where the list is cut.";
        properties.entry(name).or_insert_with(|| json!({"description": about, "type": "integer", "minimum": 0}));
    }
}

/// The field with the length of the list `name`.
pub(super) fn total(name: &str) -> String {
    format!("{name}_total")
}

/// `schema` of an answer as a catalogue of tools takes it: the fields and their types, without what stands in them. A
/// catalogue is read with every conversation; `schema NAME` in the shell prints the whole.
pub(super) fn brief(schema: &Map<String, Value>) -> Map<String, Value> {
    let kind = |field: &Value| field.get("type").cloned().unwrap_or_else(|| "object".into());
    let shallow = |field: &Value| {
        let mut brief = Map::from_iter([("type".to_owned(), kind(field))]);
        if let Some(items) = field.get("items").and_then(|items| items.get("type")) {
            brief.insert("items".to_owned(), Map::from_iter([("type".to_owned(), items.clone())]).into());
        }
        Value::Object(brief)
    };
    let properties = schema.get("properties").and_then(Value::as_object).into_iter().flatten();
    let lengths: Vec<String> = schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, _)| total(name))
        .collect();
    let properties = properties.filter(|(name, _)| !lengths.contains(name));
    let properties: Map<String, Value> = properties.map(|(name, field)| (name.clone(), shallow(field))).collect();
    let mut brief =
        Map::from_iter([("type".to_owned(), "object".into()), ("properties".to_owned(), properties.into())]);
    brief.extend(schema.get("required").map(|required| ("required".to_owned(), required.clone())));
    brief
}

fn made<T: JsonSchema>(settings: SchemaSettings) -> Map<String, Value> {
    let settings = settings.with(|settings| {
        settings.inline_subschemas = true;
        settings.meta_schema = None;
    });
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    plain(&mut schema);
    schema.remove("title");
    schema.as_object().cloned().unwrap_or_default()
}

fn plain(schema: &mut Schema) {
    transform_subschemas(&mut plain, schema);
    let Some(object) = schema.as_object_mut() else { return };
    object.remove("format");
    if let Some(Value::Array(types)) = object.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            object.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(values)) = object.get_mut("enum") {
        values.retain(|value| !value.is_null());
    }
    if let Some(Value::Array(parts)) = object.get("anyOf") {
        let parts: Vec<Value> = parts.iter().filter(|part| part.get("type") != Some(&"null".into())).cloned().collect();
        if let [Value::Object(only)] = parts.as_slice() {
            let only = only.clone();
            object.remove("anyOf");
            only.into_iter().for_each(|(key, value)| {
                object.entry(key).or_insert(value);
            });
        }
    }
    let names = object.get("oneOf").and_then(Value::as_array).map(|parts| names(parts));
    if let Some(Some(names)) = names {
        object.remove("oneOf");
        object.insert("type".to_owned(), "string".into());
        object.insert("enum".to_owned(), names);
    }
}

/// The values of alternatives that are each one value, or a list of them.
fn names(parts: &[Value]) -> Option<Value> {
    let mut names = Vec::new();
    for part in parts {
        match (part.get("const"), part.get("enum")) {
            (Some(value), _) => names.push(value.clone()),
            (None, Some(Value::Array(values))) => names.extend(values.iter().cloned()),
            _ => return None,
        }
    }
    Some(Value::Array(names))
}
