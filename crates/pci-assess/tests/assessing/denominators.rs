//! Of how many controls the percentages are: what binds whom, and what does not apply.

use pci_engine::Snapshot;
use pci_fixtures::{component, read, stack};
use pci_stack::Level;

use super::{after, demo_with_profile, furnished};

/// Of how many controls completion and technical evidence are.
fn denominators(snapshot: &Snapshot) -> (u32, u32) {
    let numbers = &snapshot.assessment().numbers;
    (numbers.completion_total, numbers.technical_total)
}

const EXPECTED: [(&str, (u32, u32)); 12] = [
    ("{}", (247, 104)),
    ("issuer: true", (247, 104)),
    ("customized_approach: true", (247, 104)),
    ("entity: merchant", (231, 101)),
    ("entity: service_provider", (244, 104)),
    ("entity: multi_tenant", (245, 104)),
    ("{entity: merchant, issuer: true}", (232, 101)),
    ("{entity: service_provider, issuer: true}", (245, 104)),
    ("{entity: multi_tenant, issuer: true}", (246, 104)),
    ("{entity: merchant, customized_approach: true}", (232, 101)),
    ("{entity: service_provider, customized_approach: true}", (245, 104)),
    ("{entity: multi_tenant, issuer: true, customized_approach: true}", (247, 104)),
];

#[test]
fn they_follow_from_whom_the_standard_binds() {
    let empty = stack("").replace("components:", "components: {}");
    let small = stack(&component("shop", "fastapi", "port: 8080", &[]));
    for (profile, expected) in EXPECTED {
        assert_eq!(denominators(&demo_with_profile(profile)), expected, "{profile}");
        for level in [None, Some(Level::Standard), Some(Level::PciDssStrict)] {
            for text in [&empty, &small] {
                let snapshot = read(text, Some(profile), level).unwrap();
                assert_eq!(denominators(&snapshot), expected, "{profile} {level:?}");
            }
        }
    }
}

#[test]
fn what_is_added_is_the_issuers_control_and_that_of_the_customized_approach() {
    let applying = |profile: &str| -> Vec<String> {
        let snapshot = demo_with_profile(profile);
        let results = snapshot.assessment().results.iter();
        results.filter(|one| one.applies()).map(|one| one.id.to_string()).collect()
    };
    let more = |profile: &str, than: &str| -> Vec<String> {
        let known = applying(than);
        applying(profile).into_iter().filter(|id| !known.contains(id)).collect()
    };
    assert_eq!(more("{entity: merchant, issuer: true}", "entity: merchant"), ["3.3.3"]);
    assert_eq!(more("{entity: merchant, customized_approach: true}", "entity: merchant"), ["12.3.2"]);
    assert_eq!(more("entity: multi_tenant", "entity: service_provider"), ["11.4.7"]);
    assert_eq!(more("entity: service_provider", "entity: merchant").len(), 13);
    assert_eq!(more("{}", "entity: multi_tenant"), ["3.3.3", "12.3.2"]);
}

#[test]
fn what_is_said_not_to_apply_is_taken_off_once() {
    let row = "{control: 9.5.1, reason: no devices, approver: the board, date: 2026-01-01}";
    let twice_out = "{control: 11.4.7, reason: one tenant, approver: the board, date: 2026-01-01}";
    let snapshot = demo_with_profile(&format!("entity: merchant\nnot_applicable: [{row}, {twice_out}]\n"));
    assert_eq!(denominators(&snapshot), (230, 101));
    assert_eq!(snapshot.assessment().numbers.not_applicable, 17);
}

#[test]
fn attestations_and_inheritances_leave_them_as_they_are() {
    let row = "{control: 9.2.1, from: the data centre, date: 2026-01-01}";
    let snapshot = demo_with_profile(&format!("entity: merchant\ninherited: [{row}]\n"));
    assert_eq!(denominators(&snapshot), (231, 101));
}

#[test]
fn no_component_and_no_link_of_a_stack_changes_them() {
    let all = furnished();
    let expected = (230, 101);
    assert_eq!(denominators(&all), expected);
    for component in all.stack.components.iter().filter(|one| one.parent.is_none()) {
        let left = after(&all, &format!("- {{op: remove_component, name: {}}}\n", component.name));
        assert_eq!(denominators(&left), expected, "without {}", component.name);
    }
    for level in ["none", "standard"] {
        assert_eq!(denominators(&after(&all, &format!("- {{op: set_level, value: {level}}}\n"))), expected);
    }
}

#[test]
fn what_is_said_not_to_apply_and_the_stack_disproves_is_a_gap_in_no_total() {
    let row = "{control: 6.3.1, reason: no software, approver: the board, date: 2026-01-01}";
    let snapshot = demo_with_profile(&format!("entity: merchant\nnot_applicable: [{row}]\n"));
    let without = after(&snapshot, "- {op: remove_component, name: scanner}\n");
    assert_eq!(denominators(&snapshot), (230, 100));
    assert_eq!(denominators(&without), (230, 100));
    let result = without.assessment().results.iter().find(|result| result.id.to_string() == "6.3.1").unwrap();
    assert_eq!(result.status().as_str(), "gap");
    assert!(without.findings().iter().any(|finding| finding.id == "contradicted-by-proof"));
}
