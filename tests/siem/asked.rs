//! What OpenSearch Dashboards would ask the server for a panel: the conversion from a saved object to a search.

use serde_json::{Map, Value, json};

/// A panel's search.
pub struct Search {
    /// The index pattern that is asked.
    pub index: String,
    /// The body.
    pub body: Value,
}

/// A text attribute, parsed.
pub fn parsed(object: &Value, path: &str) -> Value {
    serde_json::from_str(object.pointer(path).and_then(Value::as_str).unwrap_or("null")).unwrap()
}

/// The search of the visualization or search `object`; none for what only says something. `patterns` are the titles of
/// index patterns by their ids, `since` the start of the dashboard's time.
pub fn search(object: &Value, patterns: &Map<String, Value>, since: &str) -> Option<Search> {
    let time = json!({"range": {"@timestamp": {"gte": since, "lte": "now", "format": "strict_date_optional_time"}}});
    let state = parsed(object, "/attributes/visState");
    if state["type"] == "markdown" {
        return None;
    }
    if state["type"] == "vega" {
        let spec: Value = serde_json::from_str(state["params"]["spec"].as_str().unwrap()).unwrap();
        let url = &spec["data"][0]["url"];
        assert_eq!((&url["%context%"], &url["%timefield%"]), (&json!(true), &json!("@timestamp")));
        let mut body = url["body"].clone();
        assert!(body.get("query").is_none(), "a body with a query of its own gets no time and no filters");
        body["query"] = json!({"bool": {"filter": [time]}});
        return Some(Search { index: url["index"].as_str().unwrap().to_owned(), body });
    }
    let title = |id: &Value| patterns[id.as_str().unwrap()].as_str().unwrap().to_owned();
    if state["type"] == "input_control_vis" {
        let field = state["params"]["controls"][0]["fieldName"].clone();
        let body =
            json!({"size": 0, "query": {"bool": {"filter": [time]}}, "aggs": {"terms": {"terms": {"field": field}}}});
        return Some(Search { index: title(&object["references"][0]["id"]), body });
    }
    let source = parsed(object, "/attributes/kibanaSavedObjectMeta/searchSourceJSON");
    let reference = object["references"].as_array().unwrap().iter().find(|one| one["name"] == source["indexRefName"]);
    let mut filter = vec![time];
    filter.extend(source["filter"].as_array().unwrap().iter().map(|one| one["query"].clone()));
    let query = json!({"bool": {"must": [lucene(&source["query"]["query"])], "filter": filter}});
    let body = if object["type"] == "search" {
        json!({"size": 500, "query": query, "sort": [{"@timestamp": {"order": "desc"}}]})
    } else {
        let aggs: Vec<&Value> = state["aggs"].as_array().unwrap().iter().collect();
        json!({"size": 0, "query": query, "aggs": nested(&aggs)})
    };
    Some(Search { index: title(&reference.unwrap()["id"]), body })
}

/// A query of the language `lucene`: text, or JSON as it is.
fn lucene(query: &Value) -> Value {
    match query.as_str() {
        Some("") => json!({"match_all": {}}),
        Some(text) => json!({"query_string": {"query": text, "analyze_wildcard": true}}),
        None => query.clone(),
    }
}

/// Buckets inside one another, the metrics in each.
fn nested(aggs: &[&Value]) -> Value {
    let (metrics, buckets): (Vec<&Value>, Vec<&Value>) = aggs.iter().partition(|agg| agg["schema"] == "metric");
    let mut inner = Map::new();
    for metric in &metrics {
        let kind = metric["type"].as_str().unwrap();
        if kind != "count" {
            inner.insert(text(&metric["id"]), json!({(kind): {"field": metric["params"]["field"]}}));
        }
    }
    let is_count = |id: &Value| metrics.iter().any(|metric| metric["id"] == *id && metric["type"] == "count");
    for bucket in buckets.iter().rev() {
        let mut body = json!({(bucket["type"].as_str().unwrap()): of_bucket(bucket, &is_count)});
        let mut within = inner.clone();
        // The metrics stand in every bucket, by which it may be ordered.
        for metric in metrics.iter().filter(|metric| metric["type"] != "count") {
            let kind = metric["type"].as_str().unwrap();
            within.insert(text(&metric["id"]), json!({(kind): {"field": metric["params"]["field"]}}));
        }
        if !within.is_empty() {
            body["aggs"] = within.into();
        }
        inner = Map::from_iter([(text(&bucket["id"]), body)]);
    }
    inner.into()
}

fn of_bucket(bucket: &Value, is_count: &dyn Fn(&Value) -> bool) -> Value {
    let params = &bucket["params"];
    match bucket["type"].as_str().unwrap() {
        "filters" => {
            let filters = params["filters"].as_array().unwrap().iter();
            let named = filters.map(|one| (text(&one["label"]), lucene(&one["input"]["query"])));
            json!({"filters": named.collect::<Map<String, Value>>()})
        }
        "date_histogram" if params["interval"] == "d" => {
            json!({"field": params["field"], "calendar_interval": "1d", "min_doc_count": 1})
        }
        "date_histogram" => json!({"field": params["field"], "fixed_interval": "3h", "min_doc_count": 1}),
        "terms" => {
            let by = if is_count(&params["orderBy"]) { "_count".to_owned() } else { text(&params["orderBy"]) };
            let mut terms = json!({"field": params["field"], "size": params["size"], "order": {(by): params["order"]}});
            if params["missingBucket"] == true {
                terms["missing"] = "__missing__".into();
            }
            json!(terms)
        }
        kind => panic!("no bucket `{kind}`"),
    }
}

fn text(value: &Value) -> String {
    value.as_str().unwrap().to_owned()
}
