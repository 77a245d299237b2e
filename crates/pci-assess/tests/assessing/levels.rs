//! The questions answer at every level: with nothing enforced network controls are open, and no path is shown.

use pci_assess::{
    Technical, Truth,
    controls::{Class, ClauseSource},
};
use pci_engine::{Snapshot, Source, Sources};
use pci_fixtures::demo_sources;
use pci_stack::Level;
use serde_json::json;

use super::{ask, demo, edited, same, technical};

/// The demo, whose file says no level.
fn unset() -> Snapshot {
    let text = edited(demo_sources().stack.text, "    microsegmentation_level: \"pci_dss_strict\"\n", "");
    Snapshot::read(Sources { stack: Source { name: "stack.yaml", text: &text }, ..demo_sources() }).unwrap()
}

#[test]
fn with_nothing_enforced_network_controls_are_gaps_that_the_level_closes() {
    for snapshot in [unset(), demo().at_level(Level::None)] {
        for (control, result) in snapshot.assessment().iter().filter(|(control, _)| control.class == Class::Network) {
            assert_eq!(result.technical, Technical::Gap, "{}", control.id);
            let missing = &result.missing[0];
            assert!(missing.what.contains("nothing is enforced") && missing.decides, "{missing:?}");
            let remedy: Vec<String> = missing.remedy.iter().map(ToString::to_string).collect();
            assert_eq!(remedy, ["set the level to `pci_dss_strict`"], "{}", control.id);
        }
    }
}

#[test]
fn with_nothing_enforced_no_path_is_shown_and_none_disproved() {
    let open = demo().at_level(Level::None);
    for (control, result) in open.assessment().iter().filter(|(control, _)| control.class == Class::Component) {
        let paths = result.missing.iter().filter(|one| one.what.contains("no path is shown"));
        assert!(paths.clone().all(|one| one.state == Truth::Unknown), "{}: {:?}", control.id, result.missing);
        let reaches =
            control.rule.iter().any(|entry| !entry.is_beyond && !entry.reach.is_empty() && !entry.required.is_empty());
        let is_alone = control.rule.iter().filter(|entry| !entry.required.is_empty()).count() == 1;
        if reaches && is_alone {
            assert_eq!(result.technical.half_points(), 0, "{}", control.id);
        }
    }
    // Falco, Trivy, Keycloak, OpenSearch.
    for id in ["10.2.1.2", "6.3.1", "8.3.4", "10.2.1.3"] {
        assert_ne!(technical(&demo(), id), Technical::Gap, "{id}");
        assert_eq!(technical(&open, id), Technical::Unknown, "{id}");
    }
    assert!(open.findings().iter().all(|finding| finding.id != "cut-off"));
}

#[test]
fn at_the_standard_level_the_standard_set_is_judged() {
    let standard = demo().at_level(Level::Standard);
    let strict = demo();
    // All ports of a neighbour are open: that is not exact, and not what 1.2.1 asks for.
    for id in ["1.2.1", "1.2.5", "1.3.1"] {
        assert_eq!(technical(&standard, id), Technical::Gap, "{id}");
        assert!(technical(&strict, id).half_points() > 0, "{id}");
        let result = super::control(&standard, id);
        assert!(result.missing.iter().all(|one| !one.what.contains("nothing is enforced")), "{id}");
    }
    let shown = |snapshot: &Snapshot| snapshot.assessment().numbers.technical_points.0;
    assert!(shown(&standard) < shown(&strict));
    assert!(shown(&demo().at_level(Level::None)) <= shown(&standard));
}

#[test]
fn a_strictly_judged_clause_about_paths_is_there_to_be_judged() {
    let demo = demo();
    let clauses = demo.tables().controls.iter().flat_map(|control| &control.rule).flat_map(|entry| &entry.required);
    assert!(clauses.filter(|clause| matches!(clause.source, ClauseSource::Network(_))).count() > 20);
}

#[test]
fn every_question_about_controls_answers_at_every_level_and_says_who_set_it() {
    for (snapshot, level, source) in [
        (unset(), "none", "not_set"),
        (demo(), "pci_dss_strict", "file"),
        (demo().at_level(Level::None), "none", "flag"),
        (demo().at_level(Level::Standard), "standard", "flag"),
    ] {
        let set = json!([{"op": "set_fact", "name": "ledger", "attribute": "audit_logging", "value": "true"}]);
        for (command, arguments) in [
            ("overview", json!({})),
            ("requirement", json!({"requirement": 1})),
            ("gaps", json!({})),
            ("impact", json!({"component_type": "falco"})),
            ("what-if", json!({"changes": set})),
        ] {
            let fields = ask(same(&snapshot), command, arguments).fields;
            assert_eq!((&fields["level"], &fields["level_source"]), (&json!(level), &json!(source)), "{command}");
        }
    }
}

#[test]
fn the_gap_of_the_level_is_closed_by_setting_it() {
    let gaps = ask(unset(), "gaps", json!({"requirement": 1, "detail": "full"})).fields;
    let gaps = gaps["gaps"].as_array().unwrap();
    let first = gaps.iter().find(|gap| gap["control"] == "1.3.1").unwrap();
    assert_eq!(first["change"], json!([{"op": "set_level", "value": "pci_dss_strict"}]));
    assert!(first["closes"].as_array().unwrap().contains(&json!("1.3.1")), "{first}");
}
