//! The check finds what OpenSearch would refuse or lose, and nothing in any folder that is generated.

use std::collections::BTreeSet;

use pci_engine::Snapshot;
use pci_fixtures::{demo_sources, read};
use pci_render::siem::Files;
use pci_stack::Level;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::{SOURCES, check, files, objects, snapshot, stack_of};

const FILE: &str = "dashboards-falco-shop.ndjson";

/// What the checks find in `name` after `change`.
fn found(name: &str, change: impl FnOnce(&mut Vec<Value>)) -> String {
    let mut files = files(&[&snapshot("shop", false, None)]);
    let mut changed = objects(&files, name);
    change(&mut changed);
    let lines: Vec<String> = changed.iter().map(ToString::to_string).collect();
    files.insert(format!("siem/{name}"), lines.join("\n").into_bytes());
    faults(&files)
}

fn faults(files: &Files) -> String {
    check::faults(files).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

fn is(object: &Value, kind: &str, id: &str) -> bool {
    object["type"] == kind && object["id"] == id
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn nothing_in_the_folder_of_any_stacks(
        stacks in prop::collection::vec(("\\PC{0,40}", any::<bool>(), prop::sample::subsequence(SOURCES.to_vec(), 0..=5)), 1..4),
    ) {
        let snapshots: Vec<Snapshot> = stacks
            .iter()
            .map(|(name, otel, sources)| {
                let text = stack_of(name, *otel, sources);
                read(&text, None, Some(Level::PciDssStrict)).unwrap()
            })
            .collect();
        let ids: BTreeSet<String> = snapshots.iter().map(|one| one.stack.id.to_string()).collect();
        prop_assume!(ids.len() == snapshots.len());
        files(&snapshots.iter().collect::<Vec<_>>());
    }
}

#[test]
fn nothing_in_the_folder_of_the_demo() {
    assert!(!files(&[&Snapshot::read(demo_sources()).unwrap()]).is_empty());
}

#[test]
fn a_dashboard_with_a_missing_panel() {
    let found = found(FILE, |objects| objects.retain(|one| !is(one, "visualization", "shop-pci-runtime-rules")));
    assert!(found.contains("refers to visualization `shop-pci-runtime-rules`, which the file lacks"), "{found}");
}

#[test]
fn a_missing_index_pattern() {
    let found = found(FILE, |objects| objects.retain(|one| one["type"] != "index-pattern"));
    assert!(found.contains("index-pattern `pci-falco`, which the file lacks"), "{found}");
}

#[test]
fn an_id_that_stands_twice() {
    let found = found(FILE, |objects| objects.push(objects[3].clone()));
    assert!(found.contains("stands twice"), "{found}");
}

#[test]
fn a_migration_version_that_is_too_new_or_absent() {
    for version in ["7.10.1", "8.0.0", "x"] {
        let found = found(FILE, |objects| {
            let object = objects.iter_mut().find(|one| one["type"] == "visualization").unwrap();
            object["migrationVersion"]["visualization"] = version.into();
        });
        assert!(found.contains("migrationVersion"), "{version}: {found}");
    }
}

#[test]
fn an_attribute_that_the_strict_mapping_refuses() {
    let found = found(FILE, |objects| objects[2]["attributes"]["owner"] = "me".into());
    assert!(found.contains("refuses the attribute `owner`"), "{found}");
}

#[test]
fn a_field_that_the_index_pattern_lacks_or_that_is_text() {
    for (field, says) in [("rulle", "no field `rulle`"), ("output", "`output` can't be grouped")] {
        let found = found(FILE, |objects| {
            let object = objects.iter_mut().find(|one| one["id"] == "shop-pci-runtime-rules").unwrap();
            let state = object["attributes"]["visState"]
                .as_str()
                .unwrap()
                .replace("\"field\":\"rule\"", &format!("\"field\":\"{field}\""));
            object["attributes"]["visState"] = state.into();
        });
        assert!(found.contains(says), "{found}");
    }
}

#[test]
fn a_panel_that_lies_over_another() {
    let found = found(FILE, |objects| {
        let dashboard = objects.iter_mut().find(|one| one["type"] == "dashboard").unwrap();
        let mut panels: Value = serde_json::from_str(dashboard["attributes"]["panelsJSON"].as_str().unwrap()).unwrap();
        panels[1]["gridData"] = panels[0]["gridData"].clone();
        dashboard["attributes"]["panelsJSON"] = panels.to_string().into();
    });
    assert!(found.contains("over another"), "{found}");
}

#[test]
fn a_retention_policy_that_matches_an_index_without_a_date_or_rolls_over_without_an_alias() {
    let with = |file: &str, patterns: Value| {
        let mut files = files(&[&snapshot("shop", false, None)]);
        let name = format!("siem/{file}");
        let mut policy: Value = serde_json::from_slice(&files[&name]).unwrap();
        policy["policy"]["ism_template"][0]["index_patterns"] = patterns;
        files.insert(name, policy.to_string().into_bytes());
        faults(&files)
    };
    for pattern in ["opa*", "*", "opa", "pci-*"] {
        assert!(with("ism-policy.json", json!([pattern])).contains("without a date"), "{pattern}");
    }
    assert!(with("ism-policy.json", json!(["opa-*"])).contains("nothing in the policy rolls it over"));
    assert!(with("ism-policy-opa.json", json!(["falco-*"])).contains("by which alias"));
    assert!(with("ism-policy-opa.json", json!(["opa*"])).contains("without a date"));
    let mut files = files(&[&snapshot("shop", false, None)]);
    let mut template: Value = serde_json::from_slice(&files["siem/index-template-opa.json"]).unwrap();
    template["template"]["settings"] = json!({});
    files.insert("siem/index-template-opa.json".to_owned(), template.to_string().into_bytes());
    assert!(faults(&files).contains("by which alias"));
}
