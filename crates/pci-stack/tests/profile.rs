//! The profile: what people state counts only with who, when, and of which control.

use pci_fixtures::{component, fixture_text, read, stack, tables};
use pci_stack::{
    Level,
    catalog::{AccountDataRole, Approach, Entity, Profile},
    is_placeholder, statement,
};

/// Why a stack with this profile can't be read.
fn refused(profile: &str) -> String {
    let stack = stack(&component("web", "fastapi", "port: 8080", &[]));
    read(&stack, Some(profile), Some(Level::PciDssStrict)).unwrap_err().to_string()
}

#[test]
fn the_demos_profile_is_read_in_full() {
    let profile = Profile::read("pci-profile.yaml", &fixture_text("demo/pci-profile.yaml")).unwrap();
    assert_eq!(profile.entity, Some(Entity::Merchant));
    let account_data = profile.account_data.unwrap();
    assert_eq!(account_data.components[0].0, "ledger");
    assert_eq!(account_data.components[0].1, AccountDataRole::Stores);
    assert_eq!(account_data.links.len(), 6);
    assert_eq!(profile.flows.len(), 15);
    let password = profile.facts.iter().find(|fact| fact.fact == "password_min_length").unwrap();
    assert_eq!((password.value.as_str(), password.component.as_str()), ("12", "identity"));
    assert!(password.place.line > 30 && password.stated_by.is_some());
    assert_eq!(profile.attestations.len(), 5);
    assert!(profile.attestations.iter().all(|one| one.approach == Approach::Defined && one.evidence.is_some()));
    assert_eq!(profile.not_applicable[0].control.to_string(), "9.5.1");
    assert_eq!(profile.inherited[0].from, "The data centre's operator");
}

#[test]
fn a_statement_about_a_control_that_there_is_not_is_refused_with_its_place() {
    let error = refused("inherited:\n  - {control: \"9.9.9\", from: x, date: \"2026-01-01\"}\n");
    assert_eq!(
        error,
        "profile.yaml:2:5: there is no control 9.9.9 (controls stand in sections 1 to 12 of PCI DSS v4.0.1)"
    );
    assert!(
        refused("not_applicable:\n  - {control: 9.5, reason: x, approver: y, date: \"2026-01-01\"}\n")
            .contains("in quotes")
    );
}

#[test]
fn a_statement_needs_who_and_when() {
    assert!(refused("attestations:\n  - {control: \"1.1.1\", date: \"2026-01-01\"}\n").contains("`who` is missing"));
    assert!(refused("attestations:\n  - {control: \"1.1.1\", who: x}\n").contains("`date` is missing"));
    for date in ["2026-02-30", "2026-1-1", "yesterday", "2026-01-01T00:00:00Z"] {
        let error = refused(&format!("attestations:\n  - {{control: \"1.1.1\", who: x, date: \"{date}\"}}\n"));
        assert!(
            error.contains("a date is a day such as 2026-01-15") && error.starts_with("profile.yaml:2:"),
            "{error}"
        );
    }
    assert!(
        refused("not_applicable:\n  - {control: \"9.5.1\", reason: x, date: \"2026-01-01\"}\n")
            .contains("`approver` is missing")
    );
}

#[test]
fn a_control_is_stated_once() {
    let one = "  - {control: \"1.1.1\", who: x, date: \"2026-01-01\"}\n";
    let error = refused(&format!("attestations:\n{one}{one}"));
    assert!(error.starts_with("profile.yaml:3:5: this is attested twice, first at profile.yaml:2:5"), "{error}");
}

#[test]
fn the_customized_approach_is_refused_where_it_is_closed() {
    let error =
        refused("attestations:\n  - {control: \"3.3.1\", who: x, date: \"2026-01-01\", approach: customized}\n");
    assert!(error.contains("closed to the customized approach"), "{error}");
}

#[test]
fn a_period_that_a_risk_analysis_sets_is_stated_with_that_analysis() {
    let attestation =
        |more: &str| format!("attestations:\n  - {{control: \"5.3.2.1\", who: x, date: \"2026-01-01\"{more}}}\n");
    assert!(refused(&attestation("")).contains("`interval` is missing"));
    assert!(refused(&attestation(", interval: 6")).contains("names no targeted risk analysis"));
    assert!(refused(&attestation(", interval: 24, interval_reference: TRA-1")).contains("1 to 12 months"));
    let stack = stack(&component("web", "fastapi", "port: 8080", &[]));
    let fine = attestation(", interval: 6, interval_reference: TRA-1");
    assert!(read(&stack, Some(&fine), Some(Level::PciDssStrict)).is_ok());
}

#[test]
fn a_slip_in_a_key_gets_the_nearest() {
    assert!(refused("attestation: []\n").contains("did you mean `attestations`?"));
    assert!(refused("facts:\n  - {component: a, fakt: b, value: 1}\n").contains("did you mean `fact`?"));
}

#[test]
fn a_statement_that_holds_a_credential_is_withheld_and_says_nothing() {
    let withheld = [
        "see https://svc:knry@wiki.example/page",
        "see https://svc:kn/knry@wiki.example/page",
        "https://knry@wiki.example",
        "postgres://sa:knry@db.example/orders",
        "Server=db.example;User Id=sa;Password=knry",
        "host=db.example password=knry",
        "https://wiki.example/page?token=knry",
        "-----BEGIN PRIVATE KEY-----\nknry\n-----END PRIVATE KEY-----",
    ];
    for text in withheld {
        let said = statement(text);
        assert!(!said.contains("knry") && is_placeholder(&said), "{text}: {said}");
        let quoted = serde_json::to_string(text).unwrap();
        let profile = format!(
            "facts: [{{component: a, fact: b, value: {quoted}, stated_by: {quoted}, evidence: {quoted}}}]\n\
             flows: [{{link: a -> b, reason: {quoted}, approved_by: {quoted}}}]\n\
             attestations: [{{control: 1.1.1, who: {quoted}, role: {quoted}, date: 2026-01-01, evidence: {{reference: {quoted}}}}}]\n\
             not_applicable: [{{control: 1.1.2, reason: {quoted}, approver: {quoted}, date: 2026-01-01}}]\n\
             inherited: [{{control: 1.2.1, from: {quoted}, date: 2026-01-01, evidence: {{reference: {quoted}}}}}]\n"
        );
        let kept = format!("{:?}", Profile::read("pci-profile.yaml", &profile).unwrap());
        assert!(!kept.contains("knry"), "{text}: {kept}");
        let exceptions = format!(
            "internet-exceptions: [{{id: x, type: redis, direction: egress, ports: [443], reason: {quoted}, approved_by: {quoted}, \
             ticket: {quoted}}}]\n"
        );
        let catalog = tables().catalog.with_exceptions("pci-exceptions.yaml", &exceptions, []).unwrap();
        assert!(!format!("{catalog:?}").contains("knry"), "{text}");
    }
    for text in [
        "https://wiki.example/page?id=7",
        "https://wiki.example/@jo",
        "Jo Doe <jo@shop.example>",
        "password policy: min=12",
    ] {
        assert_eq!(statement(text), text);
    }
}
