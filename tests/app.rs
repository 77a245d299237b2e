//! The page that hosts open, and the map that it draws: one file that loads nothing, and nothing on the map that the
//! other answers do not say.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    io::Write as _,
    path::Path,
    process::{Command, Stdio},
    sync::LazyLock,
};

use pci_ask::resources::{self, app, uri};
use pci_assess::Zone;
use pci_compliance::shipped::PAGE;
use pci_engine::{Snapshot, fleet::Fleet};
use pci_fixtures::{component, demo_sources, read, stack, strict};
use pci_policy::proof::EndName;
use pci_stack::{Level, Watch};
use serde_json::{Value, json};

use crate::program::program;

static DEMO: LazyLock<Fleet> = LazyLock::new(|| Fleet::of_one(Snapshot::read(demo_sources())));

const SHOP: &str = "payments-shop";

fn map(fleet: &Fleet, id: &str) -> Value {
    let content = resources::read(fleet, PAGE, &uri::map(id), &Watch::patient()).unwrap();
    serde_json::from_str(&content.text).unwrap()
}

fn list<'v>(value: &'v Value, name: &str) -> &'v [Value] {
    value[name].as_array().unwrap_or_else(|| panic!("no list `{name}`"))
}

fn texts(value: &Value, name: &str) -> Vec<String> {
    list(value, name).iter().map(|one| one.as_str().unwrap().to_owned()).collect()
}

/// The page as it is built.
fn page() -> String {
    fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("app/dist/map.html")).unwrap()
}

#[test]
fn the_page_is_read_as_it_is_built_for_a_host_that_gives_it_no_network() {
    let content = resources::read(&DEMO, PAGE, app::URI, &Watch::patient()).unwrap();
    assert_eq!(content.mime_type, "text/html;profile=mcp-app");
    assert!(content.text == page());
    let csp = &content.meta["ui"]["csp"];
    for domains in ["connectDomains", "resourceDomains", "frameDomains", "baseUriDomains"] {
        assert_eq!(csp[domains], json!([]), "{domains}");
    }
    let listed = resources::list(&DEMO).into_iter().find(|one| one.uri == app::URI).unwrap();
    assert_eq!((listed.mime_type, listed.meta), (content.mime_type, content.meta));
}

#[test]
fn the_page_is_one_small_file_that_loads_nothing_and_makes_no_code_from_text() {
    let page = page();
    assert!(page.len() <= 900_000, "{} bytes", page.len());
    let mut gzip = Command::new("gzip").arg("-9").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let mut input = gzip.stdin.take().unwrap();
    let text = page.clone();
    let writer = std::thread::spawn(move || input.write_all(text.as_bytes()));
    let packed = gzip.wait_with_output().unwrap().stdout.len();
    writer.join().unwrap().unwrap();
    assert!((10_000..=250_000).contains(&packed), "{packed} bytes when packed");
    let policy = page.split("Content-Security-Policy\" content=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(policy.starts_with("default-src 'none'; script-src 'sha256-"), "{policy}");
    assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
    for loads in ["<link", "<img", "<iframe", " src=", "@import", "fetch(", "XMLHttpRequest", "new WebSocket"] {
        assert!(!page.contains(loads), "the page has {loads}");
    }
    let style = page.split("<style>").nth(1).unwrap().split("</style>").next().unwrap();
    assert!(!style.contains("url("), "the style loads something");
    for unsafe_way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", " onclick="] {
        assert!(!page.contains(unsafe_way), "the page has {unsafe_way}");
    }
}

#[test]
fn the_map_has_every_allowed_pair_with_its_ports_and_no_other() {
    let snapshot = DEMO.snapshot(None).unwrap();
    let evidence = snapshot.evidence();
    let drawn = map(&DEMO, SHOP);
    let edge = |edge: &Value| {
        let text = |name: &str| edge[name].as_str().unwrap().to_owned();
        (text("from"), text("to"), text("ports"))
    };
    let drawn: BTreeSet<_> = list(&drawn, "edges").iter().map(edge).collect();
    let allowed =
        evidence.allowed().iter().map(|((from, to), ports)| (from.to_string(), to.to_string(), ports.to_string()));
    assert_eq!(drawn, allowed.collect());
    assert!(drawn.len() > 100);
}

#[test]
fn behind_each_pair_stand_the_declared_flows_as_the_proof_has_them() {
    let manifest = resources::read(&DEMO, PAGE, &uri::manifest(SHOP), &Watch::patient()).unwrap().text;
    let manifest: Value = serde_json::from_str(&manifest).unwrap();
    let key = |from: &Value, to: &Value, flow: &Value| {
        (from.to_string(), to.to_string(), texts(flow, "ports"), texts(flow, "sources"), texts(flow, "allowed_by"))
    };
    let proven: BTreeSet<_> =
        list(&manifest, "flows").iter().map(|flow| key(&flow["from"], &flow["to"], flow)).collect();
    let drawn = map(&DEMO, SHOP);
    let behind = |edge: &Value| {
        let flows = list(edge, "flows").iter().map(|flow| key(&edge["from"], &edge["to"], flow));
        flows.collect::<Vec<_>>()
    };
    assert_eq!(list(&drawn, "edges").iter().flat_map(behind).collect::<BTreeSet<_>>(), proven);
}

#[test]
fn the_map_and_the_diagram_draw_the_same_ends() {
    let snapshot = DEMO.snapshot(None).unwrap();
    let drawn = map(&DEMO, SHOP);
    let diagram = resources::read(&DEMO, PAGE, &uri::diagram(SHOP), &Watch::patient()).unwrap().text;
    for node in list(&drawn, "nodes") {
        let id = node["id"].as_str().unwrap();
        let is_managed = snapshot.basis().namespaces().iter().any(|one| format!("ns:{one}") == id);
        assert_eq!(node["policies"], is_managed, "{id}");
        assert_eq!(diagram.contains(&format!("\n## {}\n", id.trim_start_matches("ns:"))), is_managed, "{id}");
        let zone = snapshot.scope().namespaces.keys().find(|one| format!("ns:{one}") == id);
        let zone = zone.and_then(|one| snapshot.scope().zone(one)).map(Zone::as_str);
        assert_eq!(node["zone"].as_str(), zone, "{id}");
    }
    let ids: BTreeSet<&str> = list(&drawn, "nodes").iter().map(|node| node["id"].as_str().unwrap()).collect();
    let ends = |(from, to): &(EndName, EndName)| [from.to_string(), to.to_string()];
    assert!(snapshot.evidence().allowed().keys().flat_map(ends).all(|end| ids.contains(end.as_str())));
}

#[test]
fn components_and_links_of_the_map_are_those_of_describe_stack() {
    let output = program().args(["stack", "--demo", "--json"]).output().unwrap();
    let described: Value = serde_json::from_slice(&output.stdout).unwrap();
    let mut drawn = map(&DEMO, SHOP);
    assert_eq!(drawn["links"], described["links"]);
    for component in drawn["components"].as_array_mut().unwrap() {
        let place = component.as_object_mut().unwrap().remove("where").unwrap();
        assert!(place.as_str().unwrap().starts_with("demo/stack-metadata.yaml:"), "{place}");
    }
    assert_eq!(drawn["components"], described["components"]);
    assert!(list(&drawn, "nodes").iter().any(|node| texts(node, "data_stores") == ["ledger"]));
}

#[test]
fn the_controls_of_the_map_stand_as_in_the_overview() {
    let output = program().args(["overview", "--demo", "--json"]).output().unwrap();
    let overview: Value = serde_json::from_slice(&output.stdout).unwrap();
    let drawn = map(&DEMO, SHOP);
    assert_eq!(drawn["numbers"]["by_status"], overview["by_status"]);
    assert_eq!(drawn["numbers"]["technical_evidence_percent"], overview["technical_evidence_percent"]);
    for (row, expected) in list(&drawn, "requirements").iter().zip(list(&overview, "requirements")) {
        let mut counted: BTreeMap<&str, u64> = BTreeMap::new();
        for control in list(row, "controls") {
            *counted.entry(control["status"].as_str().unwrap()).or_default() += 1;
        }
        assert_eq!(json!(counted), json!(sorted(&expected["by_status"])), "requirement {}", row["requirement"]);
    }
}

fn sorted(counts: &Value) -> BTreeMap<&str, u64> {
    counts.as_object().unwrap().iter().map(|(status, count)| (status.as_str(), count.as_u64().unwrap())).collect()
}

#[test]
fn a_map_without_policies_says_so_rather_than_that_nothing_is_allowed() {
    let text =
        stack(&(component("one", "fastapi", "port: 8000", &["two"]) + &component("two", "redis", "port: 6379", &[])));
    for (level, note) in [(None, "nobody set a level"), (Some(Level::None), "no policies at this level")] {
        let drawn = map(&Fleet::of_one(read(&text, None, level)), "small");
        assert!(drawn["note"].as_str().unwrap().starts_with(note), "{}", drawn["note"]);
        assert!(list(&drawn, "edges").is_empty());
        assert_eq!(list(&drawn, "components").len(), 2);
    }
    let drawn = map(&Fleet::of_one(Ok(strict(&text))), "small");
    assert!(drawn["note"].is_null() && !list(&drawn, "edges").is_empty());
}
