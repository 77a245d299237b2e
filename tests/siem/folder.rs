//! What stands in the folder, under which ids and titles.

use std::collections::BTreeSet;

use pci_ask::tools;

use super::{all_objects, files, objects, snapshot};
use crate::program::program;

#[test]
fn all_seven_dashboards_are_made_each_with_three_panels_at_least() {
    let files = files(&[&snapshot("shop", false, None)]);
    let dashboards = all_objects(&files).into_iter().filter(|object| object["type"] == "dashboard");
    let mut found: Vec<(String, String)> = Vec::new();
    for dashboard in dashboards {
        let panels: Vec<serde_json::Value> =
            serde_json::from_str(dashboard["attributes"]["panelsJSON"].as_str().unwrap()).unwrap();
        assert!(panels.len() >= 3, "{}", dashboard["id"]);
        let text = |value: &serde_json::Value| value.as_str().unwrap().to_owned();
        found.push((text(&dashboard["id"]), text(&dashboard["attributes"]["title"])));
    }
    found.sort();
    let named = |id: &str, title: &str| (id.to_owned(), title.to_owned());
    assert_eq!(
        found,
        [
            named("pci-360-overview", "PCI - 360 Overview"),
            named("shop-pci-api-gw", "shop - PCI - API Gateway"),
            named("shop-pci-audit", "shop - PCI - Audit"),
            named("shop-pci-overview", "shop - PCI - Overview"),
            named("shop-pci-policy", "shop - PCI - Policy"),
            named("shop-pci-runtime", "shop - PCI - Runtime"),
            named("shop-pci-scan", "shop - PCI - Scan"),
        ]
    );
}

#[test]
fn the_folder_of_a_stack_is_this() {
    let files = files(&[&snapshot("shop", true, None)]);
    insta::assert_snapshot!("siem_files", files.keys().cloned().collect::<Vec<_>>().join("\n"));
    for name in ["dashboards-falco-shop.ndjson", "dashboards-pci-360.ndjson"] {
        insta::assert_json_snapshot!(name, objects(&files, name));
    }
    for name in ["ism-policy.json", "ism-policy-opa.json", "index-template-apisix.json", "alerting-falco.json"] {
        insta::assert_snapshot!(name, String::from_utf8_lossy(&files[&format!("siem/{name}")]));
    }
    insta::assert_snapshot!("import-job.yaml", String::from_utf8_lossy(&files["siem/import-job.yaml"]));
}

#[test]
fn two_stacks_whose_names_differ_in_spelling_alone_share_no_id() {
    let (one, other) = (snapshot("Llama Sample", false, None), snapshot("llama-sample", false, None));
    // `files` checks that neither undoes what the other imports.
    files(&[&one, &other]);
    let ids = |stack| -> BTreeSet<String> {
        let all = all_objects(&files(&[stack]));
        let own = all.iter().filter(|object| object["type"] != "index-pattern");
        own.map(|object| object["id"].as_str().unwrap().to_owned())
            .filter(|id| !id.starts_with("pci-360-overview"))
            .collect()
    };
    assert!(ids(&one).is_disjoint(&ids(&other)));
    assert!(ids(&one).len() > 40);
}

#[test]
fn what_is_made_of_a_stack_does_not_depend_on_what_else_is_loaded() {
    let (one, other) = (snapshot("one", false, None), snapshot("other", false, None));
    let (alone, both) = (files(&[&one]), files(&[&one, &other]));
    assert_eq!(alone["siem/dashboards-falco-one.ndjson"], both["siem/dashboards-falco-one.ndjson"]);
    assert_eq!(alone["siem/dashboards-pci-360.ndjson"], both["siem/dashboards-pci-360.ndjson"]);
    assert_eq!(alone, files(&[&one]));
}

#[test]
fn a_hostile_name_is_data_wherever_it_stands() {
    let name = "a\" OR * } ] {{x}} %timefilter% <b>[click](http://x)";
    let made = files(&[&snapshot(name, false, None)]);
    let shown = all_objects(&made);
    // In queries it stands as a value of JSON, never in the text of a query language.
    for object in &shown {
        let source = object["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"].as_str().unwrap_or("{}");
        let source: serde_json::Value = serde_json::from_str(source).unwrap();
        assert!(!source["query"]["query"].as_str().unwrap_or_default().contains("click"));
    }
    assert!(shown.iter().any(|object| object["attributes"]["title"] == format!("{name} - PCI - Runtime")));
    assert!(made.keys().all(|file| file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/-.".contains(&byte))));
}

#[test]
fn the_360_overview_stays_as_large_as_it_is_however_many_stacks_there_are() {
    let stacks: Vec<_> = (0..20).map(|number| snapshot(&format!("stack-{number}"), false, None)).collect();
    let all: Vec<_> = stacks.iter().collect();
    let (one, many) = (files(&all[..1]), files(&all));
    assert_eq!(one["siem/dashboards-pci-360.ndjson"], many["siem/dashboards-pci-360.ndjson"]);
}

#[test]
fn stacks_whose_events_come_in_different_shapes_get_templates_that_do_not_meet() {
    let files = files(&[&snapshot("direct", false, None), &snapshot("through", true, None)]);
    let patterns = |name: &str| -> serde_json::Value {
        let template: serde_json::Value = serde_json::from_slice(&files[&format!("siem/{name}.json")]).unwrap();
        template["index_patterns"].clone()
    };
    assert_eq!(patterns("index-template-apisix"), serde_json::json!(["apisix-*"]));
    assert_eq!(patterns("index-template-apisix-otel"), serde_json::json!(["apisix-otel-*"]));
    assert!(!files.contains_key("siem/index-template-falco-flattened.json"));
}

#[test]
fn whoever_reads_files_one_by_one_gets_the_same() {
    let one = snapshot("shop", false, None);
    let listed = tools::siem_files(&one);
    let made = files(&[&one]);
    assert_eq!(listed.len(), made.len());
    assert!(listed.iter().all(|file| made[&file.name] == file.text.as_bytes()));
}

#[test]
fn generate_lists_the_folder_in_its_manifest_and_dashboards_touch_nothing_of_it() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let run = |command: &str| program().args([command, "--demo", "--out"]).arg(&out).output().unwrap();
    assert!(run("generate").status.success());
    let manifest = std::fs::read_to_string(out.join("networkpolicy-manifest.json")).unwrap();
    assert!(manifest.contains("siem/dashboards-audit-payments-shop.ndjson"));
    let refused = run("dashboards");
    assert_eq!(refused.status.code(), Some(2));
    assert!(out.join("kustomization.yaml").exists());
    std::fs::remove_dir_all(&out).unwrap();
    assert!(run("dashboards").status.success());
    assert!(out.join("siem/dashboards-pci-360.ndjson").exists() && out.join("dashboards-manifest.json").exists());
    assert!(run("dashboards").status.success());
    assert_eq!(run("generate").status.code(), Some(2));
}

#[test]
fn the_assessment_comes_as_a_document_for_each_control_and_stack_on_the_day_that_is_said() {
    let run = |arguments: &[&str]| program().args(arguments).output().unwrap();
    let dateless = run(&["overview", "--demo", "--bulk"]);
    assert_eq!(dateless.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&dateless.stderr).contains("--as-of"));
    let bulk = String::from_utf8(run(&["overview", "--demo", "--bulk", "--as-of", "2026-01-15"]).stdout).unwrap();
    let lines: Vec<serde_json::Value> = bulk.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 500);
    assert_eq!(lines[0]["index"]["_id"], "payments-shop:1.1.1:2026-01-15");
    insta::assert_json_snapshot!("bulk_document", lines[1], {".digest" => "…", ".catalog_digest" => "…", ".profile_digest" => "…"});
}
