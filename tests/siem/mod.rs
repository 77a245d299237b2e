//! Dashboards: what is generated, when it is not, and that OpenSearch would take it.

mod asked;
mod broken;
mod folder;
mod gates;
mod samples;
mod server;

use pci_compliance::{
    engine::Snapshot,
    render::siem::{self, Files},
    terms::Level,
};
use serde_json::Value;

use crate::support::{component, read};

/// A stack called `name` with all five sources; `otel` lets those that can go through the collector.
pub fn stack(name: &str, otel: bool) -> String {
    let sources = |links: &'static [&'static str]| -> Vec<&'static str> {
        links.iter().copied().filter(|link| otel || *link != "telemetry").collect()
    };
    let components = [
        component("gateway", "apisix", "", &[&["shop", "logs"][..], &sources(&["telemetry"])].concat()),
        component("shop", "fastapi", "port: \"8000\"", &[]),
        component("runtime", "falco", "", &["logs"]),
        component("admission", "opa", "", &["logs", "telemetry"]),
        component("audit", "audit", "", &[&["logs"][..], &sources(&["telemetry"])].concat()),
        component("scanner", "trivy", "", &["logs"]),
        component("telemetry", "otel", "", &["logs"]),
        component("logs", "opensearch", "siem: \"true\"", &[]),
    ];
    format!("components:\n{}configuration:\n  system_name: {}\n", components.concat(), serde_json::json!(name))
}

/// Its snapshot in strict mode; `profile` as a user writes it.
pub fn snapshot(name: &str, otel: bool, profile: Option<&str>) -> Snapshot {
    read(&stack(name, otel), profile, Some(Level::PciDssStrict)).unwrap()
}

/// The saved objects of a file.
pub fn objects(files: &Files, name: &str) -> Vec<Value> {
    let bytes = files.get(&format!("siem/{name}")).unwrap_or_else(|| panic!("no {name} among {:?}", files.keys()));
    std::str::from_utf8(bytes).unwrap().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// All saved objects of `files`, each once.
pub fn all_objects(files: &Files) -> Vec<Value> {
    let names: Vec<&str> =
        files.keys().filter(|name| name.ends_with(".ndjson")).map(|name| name.trim_start_matches("siem/")).collect();
    let mut all: Vec<Value> = Vec::new();
    for object in names.into_iter().flat_map(|name| objects(files, name)) {
        if all.iter().all(|known| known["id"] != object["id"] || known["type"] != object["type"]) {
            all.push(object);
        }
    }
    all
}

/// The files of `stacks`.
pub fn files(stacks: &[&Snapshot]) -> Files {
    siem::files(stacks)
}
