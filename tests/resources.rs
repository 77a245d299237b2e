//! What can be read by a URI, and what completes one.

mod completed;
mod refused;

use std::{collections::BTreeMap, fs, sync::LazyLock};

use netpol_reach::Place;
use pci_ask::resources::{self, ResourceError, uri};
use pci_compliance::shipped::PAGE;
use pci_engine::{Snapshot, Source, Sources, fleet::Fleet};
use pci_fixtures::{component, demo_sources, read, stack, strict};
use pci_stack::{Digest, Level, Watch};
use serde_json::Value;

use crate::program::program;

/// The demo, read once: its answers are computed once too.
static DEMO: LazyLock<Fleet> = LazyLock::new(|| Fleet::of_one(Snapshot::read(demo_sources())));

const SHOP: &str = "payments-shop";

fn text(fleet: &Fleet, uri: &str) -> String {
    resources::read(fleet, PAGE, uri, &Watch::patient()).unwrap_or_else(|error| panic!("{uri}: {error}")).text
}

fn fields(fleet: &Fleet, uri: &str) -> Value {
    serde_json::from_str(&text(fleet, uri)).unwrap()
}

fn refused(fleet: &Fleet, uri: &str) -> String {
    match resources::read(fleet, PAGE, uri, &Watch::patient()) {
        Err(ResourceError::NotFound(what)) => what,
        other => panic!("{uri}: {other:?}"),
    }
}

fn printed(arguments: &[&str]) -> String {
    let output = program().args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

/// What completes the variable `argument` of the template `template`, with the `others` filled in.
fn completions(fleet: &Fleet, template: &str, argument: &str, typed: &str, others: &[(&str, &str)]) -> Vec<String> {
    let others: BTreeMap<String, String> =
        others.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    resources::complete(fleet, template, argument, typed, &others)
}

#[test]
fn every_listed_resource_can_be_read() {
    let listed = resources::list(&DEMO);
    let uris: Vec<&str> = listed.iter().map(|one| one.uri.as_str()).collect();
    let expected = [
        "pci://stacks",
        "ui://pci-compliance/map.html",
        "pci://payments-shop/report",
        "pci://payments-shop/manifest",
        "pci://payments-shop/diagram",
        "pci://payments-shop/map",
    ];
    assert_eq!(uris, expected);
    for one in &listed {
        let content = resources::read(&DEMO, PAGE, &one.uri, &Watch::patient()).unwrap();
        assert_eq!((content.uri.as_str(), content.mime_type), (one.uri.as_str(), one.mime_type));
        assert!(content.text.len() > 500, "{}", one.uri);
        assert!(!one.title.is_empty() && !one.description.is_empty());
    }
}

#[test]
fn report_manifest_and_diagram_are_what_the_shell_writes() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    printed(&["generate", "--demo", "--out", out.to_str().unwrap()]);
    let written = |file: &str| fs::read_to_string(out.join(file)).unwrap();
    assert!(text(&DEMO, &uri::manifest(SHOP)) == written("networkpolicy-manifest.json"));
    assert!(text(&DEMO, &uri::diagram(SHOP)) == written("network-diagram.md"));
    let report = text(&DEMO, &uri::report(SHOP));
    assert!(report == written("compliance/pci-dss/README.md"));
    assert!(report == printed(&["report", "--demo"]));
}

#[test]
fn what_generating_answers_is_the_manifest_but_for_where_it_was_written_and_the_files() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut answer: Value =
        serde_json::from_str(&printed(&["generate", "--demo", "--json", "--out", out.to_str().unwrap()])).unwrap();
    let mut manifest: Value =
        serde_json::from_str(&fs::read_to_string(out.join("networkpolicy-manifest.json")).unwrap()).unwrap();
    assert!(answer.as_object_mut().unwrap().remove("written").is_some());
    assert!(manifest.as_object_mut().unwrap().remove("files").is_some());
    assert!(answer == manifest);
}

#[test]
fn the_first_chart_of_the_diagram_is_the_one_that_the_shell_prints() {
    let page = text(&DEMO, &uri::diagram(SHOP));
    let first = page.split("```mermaid\n").nth(1).unwrap().split("```").next().unwrap();
    assert_eq!(first, printed(&["diagram", "--demo"]));
}

#[test]
fn a_requirement_is_what_the_shell_prints_and_a_control_is_its_entry_there() {
    let requirement = text(&DEMO, &uri::requirement(SHOP, 8));
    assert_eq!(requirement, printed(&["requirement", "8", "--demo", "--json"]));
    let requirement: Value = serde_json::from_str(&requirement).unwrap();
    let entry = requirement["controls"].as_array().unwrap().iter().find(|one| one["id"] == "8.3.6").unwrap();
    let control = fields(&DEMO, &uri::control(SHOP, "8.3.6"));
    for (name, value) in entry.as_object().unwrap() {
        assert_eq!(&control[name], value, "{name}");
    }
    assert!(control["evidence"].is_array() && control["remaining_methods"].is_array());
    assert_eq!(control["requirement"], 8);
}

#[test]
fn a_policy_is_the_bytes_that_the_manifest_has_the_digest_of() {
    let manifest = fields(&DEMO, &uri::manifest(SHOP));
    for entry in manifest["policies"].as_array().unwrap() {
        let uri = uri::policy(SHOP, entry["namespace"].as_str().unwrap(), entry["name"].as_str().unwrap());
        assert_eq!(Digest::of(text(&DEMO, &uri).as_bytes()).to_string(), entry["sha256"].as_str().unwrap(), "{uri}");
    }
}

#[test]
fn answers_begin_with_the_stack_its_level_and_the_digests_of_its_inputs() {
    let manifest = fields(&DEMO, &uri::manifest(SHOP));
    for uri in [uri::requirement(SHOP, 1), uri::control(SHOP, "1.3.1"), uri::component(SHOP, "ledger")] {
        let fields = fields(&DEMO, &uri);
        for name in ["stack", "level", "level_source", "inputs"] {
            assert_eq!(fields[name], manifest[name], "{name} of {uri}");
        }
    }
}

#[test]
fn all_but_unreserved_characters_are_encoded_and_dots_where_they_are_alone() {
    for (name, encoded) in [("a-b.c_d~e", "a-b.c_d~e"), ("..", "%2E%2E"), ("é %+:", "%C3%A9%20%25%2B%3A")] {
        assert_eq!(uri::component(SHOP, name), format!("pci://payments-shop/component/{encoded}"));
    }
}

#[test]
fn a_part_of_a_component_is_read_with_its_slash_encoded_or_plain() {
    let encoded = uri::component(SHOP, "ledger/cards");
    assert_eq!(encoded, "pci://payments-shop/component/ledger%2Fcards");
    let plain = "pci://payments-shop/component/ledger/cards";
    assert_eq!(text(&DEMO, &encoded), text(&DEMO, plain));
    assert_eq!(fields(&DEMO, plain)["name"], "ledger/cards");
}

#[test]
fn a_component_says_its_links_its_flows_and_the_policies_that_allow_them() {
    let vault = fields(&DEMO, &uri::component(SHOP, "card-vault"));
    assert_eq!((vault["type"].as_str(), vault["zone"].as_str()), (Some("fastapi"), Some("cde")));
    let ids = |list: &str| {
        let list = vault[list].as_array().unwrap().iter();
        list.map(|link| link["id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(ids("links_in"), ["checkout -> card-vault"]);
    assert!(ids("links_out").contains(&"card-vault -> ledger/cards".to_owned()));
    let inward = vault["flows_in"].as_array().unwrap();
    let from_shop = inward.iter().find(|flow| flow["from"] == "ns:shop").unwrap();
    assert_eq!((&from_shop["ports"][0], &from_shop["verdict"]), (&"8443/TCP".into(), &"allowed".into()));
    assert_eq!(from_shop["allowed_by"].as_array().unwrap().len(), 2, "one policy on each side");
    assert!(!ids("controls").is_empty());
}

#[test]
fn links_of_its_parts_are_a_components_own_and_a_flow_of_a_neighbour_is_not_needed() {
    let ledger = fields(&DEMO, &uri::component(SHOP, "ledger"));
    let into: Vec<&str> =
        ledger["links_in"].as_array().unwrap().iter().map(|link| link["to"].as_str().unwrap()).collect();
    assert!(into.contains(&"ledger/cards") && into.contains(&"ledger/settlements"), "{into:?}");
    let storefront = fields(&DEMO, &uri::component(SHOP, "storefront"));
    let outward = storefront["flows_out"].as_array().unwrap();
    let to = |end: &str| outward.iter().find(|flow| flow["to"] == end).unwrap();
    assert_eq!(to("ns:card-vault")["needed"], false, "the till's, which shares the namespace");
    assert_eq!(to("ns:sessions")["needed"], true);
}

#[test]
fn the_list_of_stacks_has_their_numbers_and_where_to_read_on() {
    let list = fields(&DEMO, "pci://stacks");
    let shop = &list["stacks"][0];
    assert_eq!((shop["stack"].as_str(), shop["system_name"].as_str()), (Some(SHOP), Some(SHOP)));
    assert_eq!(shop["controls_total"], 250);
    for uri in shop["resources"].as_object().unwrap().values() {
        resources::read(&DEMO, PAGE, uri.as_str().unwrap(), &Watch::patient()).unwrap();
    }
}

#[test]
fn a_name_of_any_visible_characters_is_read_by_the_uri_that_is_built_for_it() {
    let names = ["größe", "a b", "50%", "a?b#c", "x&y=z", "..", "a+b", "日本"];
    let component =
        |(at, name)| format!("  c{at}: {{type: redis, name: \"{name}\", attributes: {{namespace: ns{at}}}}}\n");
    let components = names.iter().enumerate().map(component).collect::<Vec<_>>().concat();
    let fleet = Fleet::of_one(Ok(strict(&stack(&components))));
    let offered = completions(&fleet, "pci://{stack}/component/{name}", "name", "", &[]);
    assert_eq!(offered, names);
    for name in names {
        let built = uri::component("small", name);
        assert!(built.is_ascii(), "{built}");
        assert_eq!(fields(&fleet, &built)["name"], name);
    }
    assert_eq!(fields(&fleet, "pci://small/component/a b")["name"], "a b", "a client that encodes nothing");
}

/// Two stacks that can be read, and a folder that can't.
fn three() -> Fleet {
    let other = stack(&component("vault", "openbao", "", &[])).replace("small", "other");
    let broken = read("components: [", None, None);
    Fleet::of_many([
        ("one".to_owned(), Snapshot::read(demo_sources())),
        ("two".to_owned(), read(&other, None, Some(Level::Standard))),
        ("the broken".to_owned(), broken),
    ])
}

#[test]
fn with_several_stacks_each_has_its_own_and_one_that_cannot_be_read_says_why() {
    let fleet = three();
    let uris: Vec<String> = resources::list(&fleet).into_iter().map(|one| one.uri).collect();
    assert_eq!(uris.len(), 2 + 3 + 4, "{uris:?}");
    assert!(!uris.contains(&"pci://other/report".to_owned()));
    let list = fields(&fleet, "pci://stacks");
    assert_eq!(list["stacks"].as_array().unwrap().len(), 2);
    let broken = &list["unreadable"][0];
    assert_eq!((broken["folder"].as_str(), broken["where"]["line"].as_u64()), (Some("the broken"), Some(1)));
    for uri in ["pci://the%20broken/report", "pci://the broken/component/x"] {
        match resources::read(&fleet, PAGE, uri, &Watch::patient()) {
            Err(ResourceError::Unreadable(error)) => assert!(error.place != Place::whole("stack.yaml")),
            other => panic!("{other:?}"),
        }
    }
    assert!(refused(&fleet, "pci://oter/report").contains("did you mean `other`?"));
}

#[test]
fn the_same_files_give_the_same_resources() {
    let again = Fleet::of_one(Snapshot::read(Sources { stack: Source { ..demo_sources().stack }, ..demo_sources() }));
    for one in resources::list(&DEMO) {
        assert!(text(&DEMO, &one.uri) == text(&again, &one.uri), "{}", one.uri);
    }
}
