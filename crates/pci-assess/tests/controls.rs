//! The 250 controls: none missing, none invented, and none that could be shown by nothing.

use std::collections::{BTreeMap, BTreeSet};

use pci_assess::controls::{Binds, Claim, Class, ClauseSource, Control, Controls, CustomizedApproach};
use pci_fixtures::{SERVED, tables};
use pci_stack::catalog::ComponentTypes;

fn controls() -> std::sync::Arc<Controls> {
    std::sync::Arc::clone(&tables().controls)
}

fn count(of: impl Fn(&Control) -> bool) -> usize {
    controls().iter().filter(|control| of(control)).count()
}

#[test]
fn there_are_250_in_twelve_requirements() {
    let counts: Vec<usize> = controls().requirements.iter().map(|requirement| requirement.controls.len()).collect();
    assert_eq!(counts, [19, 11, 29, 6, 13, 19, 12, 29, 27, 27, 21, 37]);
    let numbers: BTreeSet<_> = controls().iter().map(|control| control.id.clone()).collect();
    assert_eq!(numbers.len(), 250);
    let ascending: Vec<_> = controls().iter().map(|control| control.id.clone()).collect();
    assert!(ascending.is_sorted());
}

#[test]
fn each_has_its_milestone_and_a_title_of_our_own() {
    let milestones: Vec<usize> = (1..=6).map(|number| count(|control| control.milestone == number)).collect();
    assert_eq!(milestones, [13, 105, 14, 43, 32, 43]);
    let titles: BTreeSet<String> = controls().iter().map(|control| control.title.clone()).collect();
    assert_eq!(titles.len(), 250);
    assert!(titles.iter().all(|title| title.len() > 10 && title.len() < 90 && !title.ends_with('.')));
}

#[test]
fn seventeen_are_answered_by_flows_ninety_by_components_and_the_rest_by_people() {
    let classes = [Class::Network, Class::Component, Class::Manual].map(|class| count(|one| one.class == class));
    assert_eq!(classes, [17, 90, 143]);
    assert_eq!(count(|control| control.binds == Binds::ServiceProvider), 15);
    assert_eq!(count(|control| control.binds == Binds::MultiTenant), 1);
    assert_eq!(count(|control| control.binds == Binds::Issuer), 1);
    assert_eq!(count(|control| control.superseded_by.is_some()), 3);
    assert_eq!(count(|control| control.customized_approach == CustomizedApproach::Closed), 7);
    assert_eq!(count(|control| control.claim == Claim::Evidenced), 13);
    assert_eq!(count(Control::needs_interval), 8);
    assert_eq!(controls().appendices.len(), 30);
}

#[test]
fn what_people_judge_says_what_they_show_and_what_a_stack_shows_has_a_clause_that_decides() {
    for control in controls().iter() {
        if control.class == Class::Manual {
            let asks = control.asks.as_deref().unwrap_or_default();
            assert!(asks.len() > 30 && asks != "TODO", "{} asks for nothing", control.id);
        } else {
            let mut decisive = control.rule.iter().filter(|entry| !entry.is_beyond);
            assert!(decisive.any(|entry| !entry.required.is_empty()), "{}", control.id);
        }
    }
}

#[test]
fn every_pair_of_the_products_table_of_components_and_requirements_is_backed_by_a_control() {
    let controls = controls();
    let mut backed: BTreeMap<(&str, u16), usize> = BTreeMap::new();
    for control in controls.iter() {
        for entry in control.rule.iter().filter(|entry| !entry.is_beyond) {
            let kind = entry.kind.as_ref().map_or("", |kind| kind.as_str());
            *backed.entry((kind, control.id.requirement())).or_default() += 1;
        }
    }
    for (kind, requirements) in SERVED {
        for requirement in requirements {
            assert!(backed.contains_key(&(kind, *requirement)), "{kind} does nothing for requirement {requirement}");
        }
    }
}

#[test]
fn clauses_read_as_plain_statements() {
    for control in controls().iter() {
        for clause in control.rule.iter().flat_map(|entry| entry.required.iter().chain(&entry.supporting)) {
            let says = &clause.says;
            assert!(says.len() <= 100 && !says.ends_with('.'), "{}: {says}", control.id);
            for word in ["compliant", "In Place", "TODO"] {
                assert!(!says.contains(word), "{}: {says}", control.id);
            }
        }
    }
}

#[test]
fn a_fact_has_one_name_and_is_a_word() {
    for control in controls().iter() {
        for clause in control.rule.iter().flat_map(|entry| entry.required.iter().chain(&entry.supporting)) {
            if let ClauseSource::Fact { name, .. } = &clause.source {
                assert!(
                    name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                    "{name}"
                );
            }
        }
    }
}

const TYPES: &str =
    "common_attributes: {}\ncommon_link_attributes: {}\ntypes: {keycloak: {attributes: {realm: text}}}\n";

/// What is wrong with a file of requirement 8 that holds this control.
fn refused(control: &str) -> String {
    let types = ComponentTypes::read("types.yaml", TYPES).unwrap();
    let text = format!("requirement: 8\ntitle: t\ncontrols:\n{control}");
    Controls::read(&[("8.yaml", &text)], ("a.yaml", "controls: []"), &types).unwrap_err().to_string()
}

fn with_rule(rule: &str) -> String {
    format!(
        "  - {{id: \"8.3.6\", title: t, milestone: 2, methods: [document], class: component, claim: supported, rule: [{rule}]}}\n"
    )
}

#[test]
fn a_control_that_could_be_shown_by_nothing_is_refused() {
    assert!(refused(&with_rule("")).contains("no clause decides 8.3.6"));
    assert!(refused(&with_rule("{type: keycloak}")).contains("no clause decides"));
    let template = "{type: keycloak, required: [{template: true, says: x}]}";
    assert!(refused(&with_rule(template)).contains("can only support"));
    let beyond = "{type: keycloak, beyond: true, required: [{fact: f, stated: true, says: x}]}";
    assert!(refused(&with_rule(beyond)).contains("decides nothing"));
}

#[test]
fn a_clause_about_what_no_documentation_names_is_refused_with_its_place() {
    let attribute = "{type: keycloak, required: [{attribute: relm, is: [x], says: x}]}";
    assert!(refused(&with_rule(attribute)).starts_with("8.yaml:4:"));
    assert!(refused(&with_rule(attribute)).contains("no attribute `relm`"));
    assert!(refused(&with_rule("{type: keycloack, required: []}")).contains("did you mean `keycloak`?"));
    let two = "{type: keycloak, required: [{fact: f, network: zones-apart, stated: true, says: x}]}";
    assert!(refused(&with_rule(two)).contains("one source"));
    let none = "{type: keycloak, required: [{fact: f, says: x}]}";
    assert!(refused(&with_rule(none)).contains("needs one of"));
}
