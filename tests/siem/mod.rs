//! Dashboards: what is generated, when it is not, and that OpenSearch would take it.

mod asked;
mod broken;
mod check;
mod folder;
mod gates;
mod redirected;
mod samples;
mod server;

use pci_engine::Snapshot;
use pci_fixtures::{component, read};
use pci_render::siem::{self, Files};
use pci_stack::Level;
use serde_json::Value;

/// The components of a stack that events come from.
const SOURCES: [&str; 5] = ["gateway", "runtime", "admission", "audit", "scanner"];

/// A stack called `name` with all five sources; `otel` lets those that can go through the collector.
pub fn stack(name: &str, otel: bool) -> String {
    stack_of(name, otel, &SOURCES)
}

/// The same with `sources` alone.
fn stack_of(name: &str, otel: bool, sources: &[&str]) -> String {
    let links = |links: &'static [&'static str]| -> Vec<&'static str> {
        links.iter().copied().filter(|link| otel || *link != "telemetry").collect()
    };
    let all = [
        component("gateway", "apisix", "", &[&["shop", "logs"][..], &links(&["telemetry"])].concat()),
        component("shop", "fastapi", "port: \"8000\"", &[]),
        component("runtime", "falco", "", &["logs"]),
        component("admission", "opa", "", &["logs", "telemetry"]),
        component("audit", "audit", "", &[&["logs"][..], &links(&["telemetry"])].concat()),
        component("scanner", "trivy", "", &["logs"]),
        component("telemetry", "otel", "", &["logs"]),
        component("logs", "opensearch", "siem: \"true\"", &[]),
    ];
    let is_in =
        |text: &String| SOURCES.iter().all(|one| sources.contains(one) || !text.starts_with(&format!("  {one}:")));
    let components: String = all.into_iter().filter(is_in).collect();
    format!("components:\n{components}configuration:\n  system_name: {}\n", serde_json::json!(name))
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

/// The files of `stacks`, of which OpenSearch would refuse and lose none.
pub fn files(stacks: &[&Snapshot]) -> Files {
    let files = siem::files(stacks);
    assert_eq!(check::faults(&files), []);
    files
}
