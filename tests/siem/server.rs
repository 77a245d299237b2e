//! What OpenSearch answers: every panel asked of `osmem-server`, a package of Python's index, an in-memory server that speaks its API. It is
//! found on PATH, or where `OSMEM_SERVER` says; without it these tests say so and do nothing.
//!
//! It is a reimplementation, without index state management and alerting: strong evidence, no proof.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Write as _},
    path::PathBuf,
    process::{Child, Command, Stdio},
};

use jiff::ToSpan as _;
use pci_engine::Snapshot;
use pci_render::siem::{Files, documents};
use pci_stack::Date;
use serde_json::{Map, Value, json};

use super::{all_objects, asked, files, samples, snapshot};

/// How far back the tests look: further than any dashboard opens.
const SINCE: &str = "now-40d";

fn binary() -> Option<PathBuf> {
    let name = "osmem-server";
    if let Some(named) = env::var_os("OSMEM_SERVER") {
        return Some(named.into());
    }
    let on_path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&on_path).find_map(|folder| Some(folder.join(name)).filter(|path| path.is_file()))
}

/// A server of its own, gone when dropped.
struct Server {
    process: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Server {
    /// A server with the templates of `files`; none if there is none on this machine.
    fn with(files: &Files) -> Option<Self> {
        let Some(binary) = binary() else {
            let _ =
                writeln!(std::io::stderr(), "skipped: no `osmem-server` on this machine (pip install osmem-server)");
            return None;
        };
        let mut process = Command::new(binary)
            .args(["--parent-pid", &std::process::id().to_string(), "--no-ja"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let said: Value = serde_json::from_str(&line).unwrap();
        let server = Self { process, url: said["url"].as_str().unwrap().to_owned() };
        for (name, bytes) in files {
            if let Some(name) = name.strip_prefix("siem/index-template-") {
                let path = format!("/_index_template/{}", name.trim_end_matches(".json"));
                server.call("PUT", &path, std::str::from_utf8(bytes).unwrap()).unwrap();
            }
        }
        let first = std::str::from_utf8(&files["siem/index-opa-000001.json"]).unwrap();
        server.call("PUT", "/opa-000001", first).unwrap();
        Some(server)
    }

    fn call(&self, method: &str, path: &str, body: &str) -> Result<Value, String> {
        let kind = if path.contains("_bulk") { "application/x-ndjson" } else { "application/json" };
        let agent: ureq::Agent = ureq::Agent::config_builder().http_status_as_error(false).build().into();
        let request = ureq::http::Request::builder().method(method).uri(format!("{}{path}", self.url));
        let request = request.header("Content-Type", kind).body(body.to_owned()).unwrap();
        let mut answer = agent.run(request).unwrap();
        let status = answer.status();
        let text = answer.body_mut().read_to_string().unwrap();
        if status.is_success() { Ok(serde_json::from_str(&text).unwrap()) } else { Err(format!("{path}: {text}")) }
    }

    fn fill(&self, bulk: &str) {
        let answer = self.call("POST", "/_bulk?refresh=true", bulk).unwrap();
        assert_eq!(answer["errors"], false, "{answer}");
    }

    fn ask(&self, search: &asked::Search) -> Value {
        let path = format!("/{}/_search?ignore_unavailable=true", search.index);
        let mut answer = self.call("POST", &path, &search.body.to_string()).unwrap_or_else(|error| {
            panic!("{error}\n{:#}", search.body);
        });
        let fields = answer.as_object_mut().unwrap();
        for name in ["took", "_shards", "timed_out", "terminated_early"] {
            fields.remove(name);
        }
        answer
    }
}

/// The documents' files, whether there is a collector, the profile.
type Variant = (&'static [(&'static str, &'static str)], bool, Option<&'static str>);

/// Both variants of the shapes: the documents' files, and the profile that says so of Falco.
fn variants() -> [Variant; 2] {
    [(&samples::DIRECT, false, None), (&samples::OTHER, true, Some("siem: {shapes: {falco: flattened}}\n"))]
}

/// The panels that belong to `prefix`, each with its search.
fn panels(files: &Files, prefix: &str) -> Vec<(String, asked::Search)> {
    let objects = all_objects(files);
    let patterns: Map<String, Value> = objects
        .iter()
        .filter(|object| object["type"] == "index-pattern")
        .map(|object| (object["id"].as_str().unwrap().to_owned(), object["attributes"]["title"].clone()))
        .collect();
    let ours = objects.iter().filter(|object| {
        object["type"] != "index-pattern"
            && object["type"] != "dashboard"
            && object["id"].as_str().unwrap().starts_with(prefix)
    });
    ours.filter_map(|object| {
        Some((object["id"].as_str().unwrap().to_owned(), asked::search(object, &patterns, SINCE)?))
    })
    .collect()
}

/// The day so many weeks ago.
fn day(weeks: i64) -> Date {
    (jiff::Timestamp::now() - (weeks * 7 * 24).hours()).to_string()[..10].parse().unwrap()
}

/// Whether an answer has nothing in it: no document, and in groups of numbers no group with any.
fn is_empty(answer: &Value) -> bool {
    match answer.pointer("/aggregations/groups") {
        Some(groups) => groups.as_object().unwrap().values().all(|group| !group.is_object() || group["doc_count"] == 0),
        None => {
            answer["hits"]["total"]["value"] == 0
                || !has_bucket(&answer["aggregations"]) && answer["hits"]["hits"] == json!([])
        }
    }
}

/// Whether any bucket within has a document.
fn has_bucket(value: &Value) -> bool {
    match value {
        Value::Object(fields) => {
            fields.get("key").is_some() && fields.get("doc_count").is_some_and(|count| *count != 0)
                || fields.iter().any(|(name, value)| {
                    name == "buckets"
                        && value.as_object().is_some_and(|named| named.values().any(|one| one["doc_count"] != 0))
                        || has_bucket(value)
                })
        }
        Value::Array(list) => list.iter().any(has_bucket),
        _ => false,
    }
}

fn assert_full(id: &str, answer: &Value) {
    assert!(!is_empty(answer), "{id} shows nothing: {answer:#}");
    // Of numbers, each group is asked of another source: none of them may be silent.
    for (name, group) in answer.pointer("/aggregations/groups").and_then(Value::as_object).into_iter().flatten() {
        assert!(!group.is_object() || group["doc_count"] != 0, "{id}: group {name} is silent");
    }
}

#[test]
fn every_panel_shows_something_of_documents_in_each_shape() {
    for (documents_of, otel, profile) in variants() {
        let shop = snapshot("Llama Sample", otel, profile);
        let files = files(&[&shop]);
        let Some(server) = Server::with(&files) else { return };
        server.fill(&samples::bulk(documents_of, "Llama Sample"));
        // Another stack and earlier days: no number of the first may need them, and the pictures show them.
        server.fill(&samples::bulk(documents_of, "payments"));
        let payments = snapshot("payments", otel, None);
        for weeks in 0..4 {
            server.fill(&documents::bulk(&shop, day(weeks)));
            server.fill(&documents::bulk(&payments, day(weeks)));
        }
        let panels = panels(&files, "");
        assert!(panels.len() > 50);
        for (id, search) in &panels {
            assert_full(id, &server.ask(search));
        }
        // For the pictures in the README, which are drawn of these answers.
        if let (Some(out), false) = (env::var_os("SIEM_ANSWERS"), otel) {
            let answers: Map<String, Value> =
                panels.iter().map(|(id, search)| (id.clone(), server.ask(search))).collect();
            fs::write(out, json!({"objects": all_objects(&files), "answers": answers}).to_string()).unwrap();
        }
    }
}

#[test]
fn every_filter_by_stack_keeps_two_stacks_apart() {
    for (documents_of, otel, profile) in variants() {
        let (one, other) = (snapshot("Llama Sample", otel, profile), snapshot("llama-sample", otel, profile));
        let files = files(&[&one, &other]);
        let Some(both) = Server::with(&files) else { return };
        let alone = Server::with(&files).unwrap();
        let others = Server::with(&files).unwrap();
        // What the other stack has thrice would show in every number.
        let of_other = samples::bulk(documents_of, "llama-sample").repeat(3);
        let of_one = samples::bulk(documents_of, "Llama Sample");
        both.fill(&of_one);
        both.fill(&of_other);
        alone.fill(&of_one);
        others.fill(&of_other);
        let panels = panels(&files, &format!("{}-pci-", one.stack.id));
        assert!(panels.len() > 40);
        for (id, search) in &panels {
            assert_full(id, &alone.ask(search));
            assert_eq!(shown(alone.ask(search)), shown(both.ask(search)), "{id}");
            assert!(is_empty(&others.ask(search)), "{id} shows what is another stack's");
        }
    }
}

/// What of an answer is shown: documents without the server's own ids; of numbers, what stands within the stack's filter.
fn shown(mut answer: Value) -> Value {
    for hit in answer["hits"]["hits"].as_array_mut().unwrap() {
        hit.as_object_mut().unwrap().remove("_id");
    }
    if let Some(groups) = answer.pointer_mut("/aggregations/groups").and_then(Value::as_object_mut) {
        groups.remove("doc_count");
        return groups.clone().into();
    }
    answer
}

/// All numbers that a panel about things would show: distinct values, and combinations told apart.
fn things(value: &Value, found: &mut Vec<Value>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                match name.as_str() {
                    "things" => found.push(inner["buckets"].as_array().unwrap().len().into()),
                    "1" => found.push(inner["value"].clone()),
                    _ => things(inner, found),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| things(value, found)),
        _ => {}
    }
}

#[test]
fn a_violation_and_a_finding_that_are_written_again_count_once() {
    let shop = snapshot("shop", false, None);
    let files = files(&[&shop]);
    let Some(once) = Server::with(&files) else { return };
    let again = Server::with(&files).unwrap();
    let repeated: [(&str, &str); 2] = [("opa", "opa"), ("trivy", "trivy-2026.01.15")];
    let bulk = samples::bulk(&repeated, "shop");
    once.fill(&bulk);
    again.fill(&bulk.repeat(4));
    let mut compared = 0;
    for (id, search) in panels(&files, "") {
        let is_about = ["-pci-policy-", "-pci-scan-", "overview-requirements", "overview-criticals"];
        if !is_about.iter().any(|part| id.contains(part)) || id.contains("denied") {
            continue;
        }
        let numbers = |server: &Server| {
            let mut found = Vec::new();
            things(&server.ask(&search), &mut found);
            found
        };
        let (first, second) = (numbers(&once), numbers(&again));
        assert_eq!(first, second, "{id}");
        compared += first.len();
    }
    assert!(compared > 40, "{compared}");
}

#[test]
fn the_360_overview_counts_what_two_stacks_have_alike_for_each_of_them() {
    let files = files(&[&snapshot("one", false, None)]);
    let Some(server) = Server::with(&files) else { return };
    let numbers = |server: &Server| -> Vec<u64> {
        let panels = panels(&files, "pci-360-overview-criticals");
        let mut found = Vec::new();
        things(&server.ask(&panels[0].1), &mut found);
        found.iter().map(|number| number.as_u64().unwrap()).collect()
    };
    server.fill(&samples::bulk(&samples::DIRECT, "one"));
    let of_one = numbers(&server);
    server.fill(&samples::bulk(&samples::DIRECT, "other"));
    assert_eq!(numbers(&server), of_one.iter().map(|number| number * 2).collect::<Vec<_>>());
    assert!(of_one.iter().all(|number| *number > 0));
}

#[test]
fn an_empty_index_is_silence_and_reads_no_data() {
    let shop = snapshot("shop", false, None);
    let files = files(&[&shop]);
    let Some(server) = Server::with(&files) else { return };
    let mut answers = Map::new();
    for (id, search) in panels(&files, "") {
        let answer = server.ask(&search);
        assert!(is_empty(&answer), "{id}");
        answers.insert(id, answer);
    }
    if let Some(out) = env::var_os("SIEM_ANSWERS_EMPTY") {
        fs::write(out, json!({"objects": all_objects(&files), "answers": answers}).to_string()).unwrap();
    }
    let numbers: Vec<Value> = all_objects(&files)
        .into_iter()
        .filter(|object| asked::parsed(object, "/attributes/visState")["type"] == "vega")
        .collect();
    assert!(numbers.len() > 15);
    for object in numbers {
        let spec = object["attributes"]["visState"].as_str().unwrap();
        assert!(spec.contains("datum.all.doc_count == 0") && spec.contains("'no data'"), "{}", object["id"]);
    }
}

#[test]
fn the_strict_mapping_takes_every_saved_object() {
    let files = files(&[&snapshot("Llama Sample", true, None)]);
    let Some(server) = Server::with(&files) else { return };
    let kept = json!({"type": "text"});
    let object = json!({"type": "object", "enabled": false});
    let attributes = |names: &[&str]| -> Value {
        let named = names.iter().map(|name| {
            (
                (*name).to_owned(),
                if name.ends_with("Meta") || *name == "refreshInterval" { object.clone() } else { kept.clone() },
            )
        });
        json!({"dynamic": "strict", "properties": named.collect::<Map<String, Value>>()})
    };
    let mapping = json!({"mappings": {"dynamic": "strict", "properties": {
        "dashboard": attributes(&["title", "description", "hits", "kibanaSavedObjectMeta", "optionsJSON", "panelsJSON", "refreshInterval", "timeFrom", "timeTo", "timeRestore", "version"]),
        "visualization": attributes(&["title", "description", "kibanaSavedObjectMeta", "savedSearchRefName", "uiStateJSON", "version", "visState"]),
        "search": attributes(&["title", "description", "columns", "hits", "kibanaSavedObjectMeta", "sort", "columnWidths", "version"]),
        "index-pattern": {"dynamic": false, "properties": {"title": kept}},
    }}});
    server.call("PUT", "/.kibana_1", &mapping.to_string()).unwrap();
    let mut lines = String::new();
    for one in all_objects(&files) {
        let document = json!({(one["type"].as_str().unwrap()): one["attributes"]});
        lines += &[r#"{"index":{"_index":".kibana_1"}}"#, &document.to_string(), ""].join("\n");
    }
    server.fill(&lines);
}

#[test]
fn no_panel_groups_by_text_and_every_field_is_in_its_template() {
    let shop: Snapshot = snapshot("shop", true, None);
    let files = files(&[&shop]);
    for object in all_objects(&files).iter().filter(|object| object["type"] == "index-pattern") {
        let fields = asked::parsed(object, "/attributes/fields");
        for field in fields.as_array().unwrap().iter().filter(|field| field["esTypes"] == json!(["text"])) {
            assert_eq!(field["aggregatable"], false, "{field}");
        }
    }
}
