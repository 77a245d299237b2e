//! When a dashboard is made, when not, and what earns credit.

use pci_assess::{SourceState, Status};
use pci_engine::Snapshot;
use pci_fixtures::{finding_ids, read};
use pci_stack::Level;

use super::{files, objects, snapshot, stack};

fn strict(text: &str) -> Snapshot {
    read(text, None, Some(Level::PciDssStrict)).unwrap()
}

fn status(snapshot: &Snapshot, control: &str) -> Status {
    snapshot.assessment().results.iter().find(|one| one.id.to_string() == control).unwrap().status()
}

/// Why the clause about generated files of `control` does not hold.
fn missing(snapshot: &Snapshot, control: &str) -> String {
    let result = snapshot.assessment().results.iter().find(|one| one.id.to_string() == control).unwrap();
    let missing: Vec<String> = result.missing.iter().map(|one| one.what.to_string()).collect();
    missing.join("; ")
}

#[test]
fn without_a_siem_that_is_on_nothing_is_made_and_a_finding_says_so() {
    for flag in ["\"false\"", "maybe"] {
        let snapshot = strict(&stack("shop", false).replace("siem: \"true\"", &format!("siem: {flag}")));
        assert!(files(&[&snapshot]).is_empty(), "{flag}");
        assert!(finding_ids(&snapshot).contains(&"siem-off"), "{flag}");
    }
    assert!(!files(&[&strict(&stack("shop", false).replace("siem: \"true\"", "siem: true"))]).is_empty());
}

#[test]
fn a_source_that_is_not_linked_gets_no_dashboard_and_a_finding() {
    let text = stack("shop", false);
    let without = text.replacen("    links_to:\n      logs: {attributes: {}}\n  admission", "  admission", 1);
    assert_ne!(text, without);
    let snapshot = strict(&without);
    let made = files(&[&snapshot]);
    assert!(!made.contains_key("siem/dashboards-falco-shop.ndjson") && !made.contains_key("siem/alerting-falco.json"));
    assert!(made.contains_key("siem/dashboards-trivy-shop.ndjson"));
    let finding = snapshot.findings().into_iter().find(|one| one.id == "siem-source-not-linked").unwrap();
    assert!(finding.message.contains("`falco-opensearch`") && finding.fix.contains("logs"), "{finding:?}");
    assert!(missing(&snapshot, "10.4.1.1").contains("`falco-opensearch`"), "{}", missing(&snapshot, "10.4.1.1"));
}

#[test]
fn a_siem_without_sources_still_gets_the_overviews_which_show_silence() {
    let alone = strict(&pci_fixtures::stack(&pci_fixtures::component("logs", "opensearch", "siem: true", &[])));
    let made = files(&[&alone]);
    let dashboards: Vec<&str> = made.keys().filter(|name| name.ends_with(".ndjson")).map(String::as_str).collect();
    assert_eq!(dashboards, ["siem/dashboards-pci-360.ndjson", "siem/dashboards-pci-overview.ndjson"]);
}

#[test]
fn gatekeeper_needs_its_collector_besides() {
    let text = stack("shop", false).replace("      telemetry: {attributes: {}}\n", "");
    let snapshot = strict(&text);
    assert_eq!(snapshot.siem().source("opa").unwrap().state, SourceState::NotLinked);
    assert!(
        snapshot.findings().iter().any(|one| one.id == "siem-source-not-linked" && one.message.contains("`opa-otel`"))
    );
}

#[test]
fn a_collector_that_passes_nothing_on_cuts_off_what_goes_through_it() {
    let whole = snapshot("shop", true, None);
    let text = stack("shop", true).replacen("    links_to:\n      logs: {attributes: {}}\n  logs:", "  logs:", 1);
    let cut = strict(&text);
    for source in ["apisix", "audit"] {
        assert_eq!(whole.siem().source(source).unwrap().state, SourceState::Linked, "{source}");
        assert_eq!(cut.siem().source(source).unwrap().state, SourceState::CutOff, "{source}");
    }
    assert_eq!(cut.siem().source("falco").unwrap().state, SourceState::Linked);
    let made = objects(&files(&[&cut]), "dashboards-audit-shop.ndjson");
    let banner = made.iter().find(|object| object["id"] == "shop-pci-audit-cut-off").unwrap();
    assert!(banner["attributes"]["visState"].as_str().unwrap().contains("no whole way"));
    assert!(finding_ids(&cut).contains(&"siem-source-cut-off"));
    assert!(missing(&cut, "10.4.1.1").contains("generated"), "{}", missing(&cut, "10.4.1.1"));
}

#[test]
fn a_source_that_is_cut_off_earns_no_credit_where_its_link_is_asked_for() {
    // Only the audit source is there: its link to OpenSearch is allowed, and its events take the way over a collector
    // that passes nothing on.
    let component = |name, kind, attributes, links: &[&str]| pci_fixtures::component(name, kind, attributes, links);
    let of = |collector: &[&str]| {
        let components = [
            component("audit", "audit", "", &["logs", "telemetry"]),
            component("telemetry", "otel", "", collector),
            component("logs", "opensearch", "siem: true", &[]),
        ];
        let profile = "facts:\n  - {component: logs, fact: log_retention_days, value: 365, stated_by: x, date: \"2026-01-01\"}\n  - {component: logs, fact: log_searchable_days, value: 90, stated_by: x, date: \"2026-01-01\"}\n";
        read(&pci_fixtures::stack(&components.concat()), Some(profile), Some(Level::PciDssStrict)).unwrap()
    };
    let (whole, cut) = (of(&["logs"]), of(&[]));
    assert_eq!(status(&whole, "10.5.1"), Status::Partial);
    assert!(!matches!(status(&cut, "10.5.1"), Status::Supported | Status::Partial), "{}", missing(&cut, "10.5.1"));
}

#[test]
fn evidence_of_generated_dashboards_names_their_files() {
    let whole = snapshot("shop", false, None);
    let result = whole.assessment().results.iter().find(|one| one.id.to_string() == "10.4.1").unwrap();
    let subjects: Vec<&str> = result.evidence.iter().map(|one| &*one.subject).collect();
    assert!(subjects.iter().any(|one| one.contains("siem/dashboards-falco-shop.ndjson")), "{subjects:?}");
}

#[test]
fn at_level_none_generate_writes_no_dashboards_and_no_clause_counts_on_them() {
    let none = read(&stack("shop", false), None, Some(Level::None)).unwrap();
    assert!(missing(&none, "10.4.1.1").contains("`siem` is not generated"));
}

#[test]
fn the_shape_follows_the_links_and_a_profile_may_say_otherwise() {
    let shape = |otel, profile| snapshot("shop", otel, profile).siem().source("apisix").unwrap().shape.clone();
    assert_eq!((shape(false, None), shape(true, None)), ("direct".to_owned(), "otel".to_owned()));
    assert_eq!(shape(true, Some("siem: {shapes: {apisix: direct}}\n")), "direct");
    for (profile, says) in [
        ("siem: {shapes: {falcon: flattened}}\n", "did you mean `falco`"),
        ("siem: {shapes: {falco: flat}}\n", "`flat`"),
    ] {
        let error = read(&stack("shop", false), Some(profile), None).unwrap_err().to_string();
        assert!(error.contains(says), "{error}");
    }
}
