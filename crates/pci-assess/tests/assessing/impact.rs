//! What a change does is the difference of two whole answers, each as a question of its own would give it.

use pci_engine::change;
use pci_fixtures::{SERVED, component, demo_sources, stack, strict};
use serde_json::{Value, json};

use super::{ask, block_of, demo, demo_with_stack, same, without_type};

/// The numbers of an answer, field by field.
fn numbers(fields: &Value) -> Value {
    let names = [
        "controls_total",
        "completion_percent",
        "technical_evidence_percent",
        "completion_done",
        "completion_total",
        "technical_points",
        "technical_total",
        "unknown",
        "manual",
        "open",
        "not_applicable",
        "inherited",
        "superseded",
        "by_status",
    ];
    names.iter().map(|name| ((*name).to_owned(), fields[*name].clone())).collect::<serde_json::Map<_, _>>().into()
}

#[test]
fn removing_a_type_is_the_overview_without_it_less_the_overview_with_it() {
    let before = numbers(&ask(demo(), "overview", json!({})).fields);
    for (kind, _) in SERVED {
        let impact = ask(demo(), "impact", json!({"component_type": kind, "action": "remove"})).fields;
        assert_eq!(numbers(&impact["before"]), before, "{kind}");
        let after = ask(without_type(&demo(), kind), "overview", json!({})).fields;
        assert_eq!(numbers(&impact["after"]), numbers(&after), "{kind}");
        assert_eq!(impact["after"].as_object().unwrap().len(), numbers(&after).as_object().unwrap().len());
    }
}

#[test]
fn adding_a_type_is_the_overview_with_its_block_less_the_overview_without() {
    for (kind, _) in SERVED {
        let base = without_type(&demo(), kind);
        let base = || same(&base);
        let impact = ask(base(), "impact", json!({"component_type": kind})).fields;
        let block = block_of(&base(), kind);
        let with_block = same(&change::derived(&base(), &block.changes()).unwrap());
        let alone = change::apply(&base(), &block.bare).unwrap();
        assert_eq!(numbers(&impact["before"]), numbers(&ask(base(), "overview", json!({})).fields), "{kind}");
        assert_eq!(numbers(&impact["after"]), numbers(&ask(with_block, "overview", json!({})).fields), "{kind}");
        assert_eq!(numbers(&impact["after_bare"]), numbers(&ask(alone, "overview", json!({})).fields), "{kind}");
    }
}

#[test]
fn all_of_a_type_can_be_removed_however_many_there_are() {
    let many: String = (0..60).map(|number| component(&format!("cache-{number}"), "valkey", "", &[])).collect();
    let impact = ask(strict(&stack(&many)), "impact", json!({"component_type": "valkey", "action": "remove"}));
    assert_eq!(impact.fields["already_present_total"], 60);
    assert!(impact.text.contains("would go"), "{}", impact.text);
}

#[test]
fn what_is_there_already_is_completed_and_no_second_one_is_added() {
    for (kind, _) in SERVED {
        let impact = ask(demo(), "impact", json!({"component_type": kind, "detail": "full"})).fields;
        assert!(!impact["already_present"].as_array().unwrap().is_empty(), "{kind}");
        assert!(impact.get("after_bare").is_none(), "{kind}");
        let assumed = impact["assumed"].as_array().unwrap();
        assert!(
            assumed
                .iter()
                .all(|change| change["op"] != "add_component" || change["name"].as_str().unwrap().contains('/'))
        );
        assert_eq!(impact["controls_lost"], json!([]), "{kind}");
    }
}

#[test]
fn a_type_that_is_not_there_changes_nothing_when_it_goes() {
    let impact = ask(demo(), "impact", json!({"component_type": "redis", "action": "remove"})).fields;
    assert_eq!(impact["before"], impact["after"]);
    assert!(impact["notes"][0].as_str().unwrap().contains("the stack has no `redis`"));
}

/// A shop, where logs go, and what watches.
fn watched(more: &str) -> String {
    let parts = [
        component("shop", "fastapi", "port: 8080", &["log"]),
        component("log", "opensearch", "siem: \"true\"", &[]),
        component("mirror", "harbor", "", &[]),
    ];
    stack(&(parts.concat() + more))
}

#[test]
fn a_changed_stack_is_the_stack_that_its_file_would_say() {
    let falco = component("eye", "falco", "falco_sidekick: true", &["log", "mirror"]);
    let (with, without) = (watched(&falco), watched(""));
    let impact = ask(strict(&with), "impact", json!({"component_type": "falco", "action": "remove"})).fields;
    assert_eq!(numbers(&impact["before"]), numbers(&ask(strict(&with), "overview", json!({})).fields));
    assert_eq!(numbers(&impact["after"]), numbers(&ask(strict(&without), "overview", json!({})).fields));
    let text = demo_sources().stack.text;
    let shorter = super::edited(text, "        registry: {type: \"falco-harbor\"}\n", "");
    let change = json!([{"op": "remove_link", "from": "runtime", "to": "registry"}]);
    let what_if = ask(demo(), "what-if", json!({"changes": change})).fields;
    let read = ask(demo_with_stack(&shorter), "overview", json!({})).fields;
    assert_eq!(numbers(&what_if["after"]), numbers(&read));
}

#[test]
fn the_lists_of_controls_are_the_difference_of_their_points() {
    let (before, after) = (demo(), without_type(&demo(), "keycloak"));
    let impact =
        ask(demo(), "impact", json!({"component_type": "keycloak", "action": "remove", "detail": "full"})).fields;
    let listed = |list: &str| -> Vec<String> {
        impact[list].as_array().unwrap().iter().map(|one| one["id"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(listed("controls_gained"), super::risen(&before, &after));
    assert_eq!(listed("controls_lost"), super::risen(&after, &before));
    for change in impact["controls_lost"].as_array().unwrap() {
        assert!(!change["because"].as_str().unwrap().is_empty(), "{change}");
    }
}
