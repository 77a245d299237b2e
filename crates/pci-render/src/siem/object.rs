//! Saved objects of OpenSearch Dashboards, as its import takes them: each attribute that its strict mapping knows and no
//! other, references by name, versions that no release since 1.0 finds too new.

use serde_json::{Value, json};

/// A saved object.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Object {
    /// Its type.
    pub(super) kind: &'static str,
    /// Its id, unique among its type.
    pub(super) id: String,
    /// What is written.
    pub(super) value: Value,
}

/// Of what a panel asks the server.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Asked {
    /// The index pattern's id; none for what asks by itself.
    pub(super) pattern: Option<String>,
    /// A Lucene query.
    pub(super) query: String,
    /// Queries as JSON that must hold besides: the field that each is about, and the query.
    pub(super) filters: Vec<(String, Value)>,
}

/// Where the index pattern of a search is named.
const INDEX: &str = "kibanaSavedObjectMeta.searchSourceJSON.index";

impl Asked {
    /// The search source, as text, and its references.
    fn source(&self) -> (String, Vec<Value>) {
        let mut references = Vec::new();
        let mut source = json!({"query": {"query": self.query, "language": "lucene"}, "filter": []});
        if let Some(pattern) = &self.pattern {
            references.push(json!({"name": INDEX, "type": "index-pattern", "id": pattern}));
            source["indexRefName"] = INDEX.into();
            source["highlightAll"] = true.into();
            source["version"] = true.into();
            let filters = self.filters.iter().enumerate().map(|(number, (key, query))| {
                let name = format!("kibanaSavedObjectMeta.searchSourceJSON.filter[{number}].meta.index");
                references.push(json!({"name": name, "type": "index-pattern", "id": pattern}));
                let meta = json!({
                    "alias": null, "disabled": false, "negate": false, "type": "custom", "key": key,
                    "value": query.to_string(), "indexRefName": name,
                });
                json!({"meta": meta, "query": query, "$state": {"store": "appState"}})
            });
            source["filter"] = filters.collect();
        }
        (source.to_string(), references)
    }
}

/// What stands above and below an object's name.
pub(super) struct Named<'a> {
    /// Its id.
    pub(super) id: &'a str,
    /// Its title.
    pub(super) title: &'a str,
    /// Its description.
    pub(super) description: &'a str,
}

fn object(kind: &'static str, version: &str, id: &str, attributes: &Value, references: &[Value]) -> Object {
    let value = json!({
        "type": kind, "id": id, "attributes": attributes, "references": references, "migrationVersion": {(kind): version},
    });
    Object { kind, id: id.to_owned(), value }
}

/// A visualization of type `kind`, with what it asks; `more` are references of its own.
pub(super) fn visualization(
    named: &Named,
    (kind, aggs, params): (&str, Value, Value),
    asked: &Asked,
    more: Vec<Value>,
) -> Object {
    let (source, mut references) = asked.source();
    references.extend(more);
    let state = json!({"title": named.title, "type": kind, "aggs": aggs, "params": params});
    let attributes = json!({
        "title": named.title,
        "description": named.description,
        "visState": state.to_string(),
        "uiStateJSON": "{}",
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": source},
    });
    object("visualization", "7.10.0", named.id, &attributes, &references)
}

/// A search that shows `columns`, newest first.
pub(super) fn search(named: &Named, columns: &[String], asked: &Asked) -> Object {
    let (source, references) = asked.source();
    let attributes = json!({
        "title": named.title,
        "description": named.description,
        "columns": columns,
        "hits": 0,
        "sort": [[super::query::TIME, "desc"]],
        "version": 1,
        "kibanaSavedObjectMeta": {"searchSourceJSON": source},
    });
    object("search", "7.9.3", named.id, &attributes, &references)
}

/// A dashboard of `panels`, each with its place, that opens on the time since `from`.
pub(super) fn dashboard(named: &Named, panels: &[(Value, &Object)], from: &str) -> Object {
    let mut references = Vec::new();
    let panels = panels.iter().enumerate().map(|(number, (grid, panel))| {
        let name = format!("panel_{number}");
        references.push(json!({"name": name, "type": panel.kind, "id": panel.id}));
        json!({
            "version": "7.9.3", "gridData": grid, "panelIndex": grid["i"], "embeddableConfig": {}, "panelRefName": name,
        })
    });
    let panels: Value = panels.collect();
    let attributes = json!({
        "title": named.title,
        "description": named.description,
        "hits": 0,
        "panelsJSON": panels.to_string(),
        "optionsJSON": json!({"hidePanelTitles": false, "useMargins": true}).to_string(),
        "timeRestore": true,
        "timeFrom": from,
        "timeTo": "now",
        "refreshInterval": {"pause": true, "value": 0},
        "version": 1,
        "kibanaSavedObjectMeta": {
            "searchSourceJSON": json!({"query": {"query": "", "language": "lucene"}, "filter": []}).to_string()
        },
    });
    object("dashboard", "7.9.3", named.id, &attributes, &references)
}

/// An index pattern with its fields.
pub(super) fn index_pattern(id: &str, title: &str, fields: &Value) -> Object {
    let attributes = json!({"title": title, "timeFieldName": super::query::TIME, "fields": fields.to_string()});
    object("index-pattern", "7.6.0", id, &attributes, &[])
}

/// `objects` as a file that the import takes: one a line.
pub(super) fn lines<'o>(objects: impl IntoIterator<Item = &'o Object>) -> Vec<u8> {
    let mut text = String::new();
    for object in objects {
        text.push_str(&object.value.to_string());
        text.push('\n');
    }
    text.into_bytes()
}
