//! Names made of anything, in a stack that can be read: everything that is drawn and written of it holds together.
//!
//! Each line is a component: a character for its type, one for the components that it links to, and its name.
#![no_main]

use held::{folders, pages, secrets, stacks};
use libfuzzer_sys::fuzz_target;
use pci_engine::Snapshot;
use pci_render::{
    diagram::{self, Scope, VIEWER},
    folder, manifest,
};
use pci_stack::Level;
use serde_json::{Map, Value, json};

const TYPES: [&str; 16] = [
    "apisix",
    "cnpg",
    "keycloak",
    "opensearch",
    "falco",
    "opa",
    "trivy",
    "minio",
    "fastapi",
    "external_secrets",
    "cert_manager",
    "velero",
    "argo_cd",
    "prometheus",
    "redis",
    "never_seen",
];

fuzz_target!(|text: &str| {
    let is_secret = !text.contains(secrets::CANARY);
    let stack = stack(text).to_string();
    let Ok(snapshot) = Snapshot::read(stacks::sources(&stack, Some(Level::PciDssStrict))) else { return };
    stacks::hold(&snapshot);
    folders::hold(&snapshot, is_secret);
    for chart in diagram::charts(&snapshot, &Scope::Overview, VIEWER) {
        held::charts::hold(&chart);
    }
    if text.len() % 8 == 0 {
        let standard = snapshot.at_level(Level::Standard);
        folders::hold(&standard, is_secret);
        pages::hold(&diagram::page(&standard));
        // The same input gives the same bytes.
        let again = Snapshot::read(stacks::sources(&stack, Some(Level::PciDssStrict))).expect("it was read before");
        let (one, other) = (manifest::manifest(&snapshot), manifest::manifest(&again));
        assert!(folder::files(&snapshot, &one) == folder::files(&again, &other), "other bytes of the same input");
    }
});

/// The stack whose components are the lines of `text`, as JSON, which is YAML.
fn stack(text: &str) -> Value {
    let lines: Vec<&str> = text.split('\n').take(12).collect();
    let name = |index: usize| lines[index].chars().skip(2).collect::<String>();
    let mut components = Map::new();
    for (index, line) in lines.iter().enumerate() {
        let mut marks = line.chars().map(|c| c as usize);
        let kind = TYPES[marks.next().unwrap_or_default() % TYPES.len()];
        let links = marks.next().unwrap_or_default();
        let links: Map<String, Value> = (0..lines.len().min(6))
            .filter(|other| links >> other & 1 == 1 && *other != index)
            .map(|other| (name(other), json!({"attributes": {"password": secrets::CANARY, "cors": name(index)}})))
            .collect();
        let attributes = json!({
            "namespace": format!("ns-{}", index % 5), "port": "8000", "siem": true, "dashboard": "true",
            "version": name(index), "replicas": "2", "password": secrets::CANARY,
        });
        components.insert(
            name(index),
            json!({"type": kind, "name": name(index), "attributes": attributes, "links_to": links, "sub_components": {}}),
        );
    }
    json!({"components": components, "configuration": {"system_name": name(0)}})
}
