//! What a sceptic tried: openings by another name, statements that say nothing, statements that do not fit each other.

use pci_assess::Technical;
use pci_engine::{Snapshot, Source, Sources};
use pci_fixtures::{PROGRAM, fixture_text, read, stack, tables};

use super::after;

const STORE: &str = "account_data: {components: {store: [db]}}\n";

fn with(stack: &str, profile: &str, exceptions: &str, as_of: Option<&str>) -> Snapshot {
    let named = |name, text| Source { name, text };
    Snapshot::read(Sources {
        stack: named("stack.yaml", stack),
        exceptions: Some(named("exceptions.yaml", exceptions)),
        profile: Some(named("profile.yaml", profile)),
        tables: tables(),
        level: Some(pci_stack::Level::PciDssStrict),
        as_of: as_of.map(|day| day.parse().unwrap()),
        is_demo: false,
        program: PROGRAM,
    })
    .unwrap()
}

fn technical(snapshot: &Snapshot, control: &str) -> Technical {
    let results = &snapshot.assessment().results;
    results.iter().find(|result| result.id.to_string() == control).unwrap().technical
}

#[test]
fn a_range_of_addresses_is_no_way_around_the_rule_on_networks_outside() {
    let store = stack("  db:\n    type: cnpg\n    name: db\n    attributes: {namespace: db}\n");
    let open = |cidr: &str| {
        format!(
            "component-exceptions:\n- {{id: w, type: cnpg, direction: egress, peer: {{cidr: \"{cidr}\"}}, ports: [443], \
             reason: r}}\n"
        )
    };
    for wide in ["0.0.0.0/0", "0.0.0.0/1", "8.0.0.0/5", "::/0", "2000::/3"] {
        assert_eq!(technical(&with(&store, STORE, &open(wide), None), "1.3.2"), Technical::Gap, "{wide}");
    }
    for narrow in ["203.0.113.7/32", "10.0.0.0/8", "2001:db8::/48"] {
        assert_eq!(technical(&with(&store, STORE, &open(narrow), None), "1.3.2"), Technical::Evidenced, "{narrow}");
    }
}

#[test]
fn a_store_where_no_policy_holds_is_shown_by_nothing() {
    let text = "  web:\n    type: fastapi\n    name: web\n    attributes: {namespace: web, port: \"8080\"}\n    \
                links_to: {db: {attributes: {}}}\n  db:\n    type: cnpg\n    name: db\n    \
                attributes: {namespace: kube-system, port: \"5432\"}\n";
    let snapshot = read(&stack(text), Some(STORE), Some(pci_stack::Level::PciDssStrict)).unwrap();
    for control in ["1.4.4", "7.2.6"] {
        assert_eq!(technical(&snapshot, control), Technical::Gap, "{control}");
    }
    for control in ["1.2.3", "1.2.5"] {
        assert_eq!(technical(&snapshot, control), Technical::Unknown, "{control}");
    }
}

#[test]
fn what_answers_propose_counts_only_where_a_what_if_tries_it() {
    let fact = "{component: ledger, fact: function, value: (what it is for), stated_by: me}";
    let says = |extra: &str| with(&fixture_text("demo/stack-metadata.yaml"), extra, "{}", Some("2026-11-01"));
    let named = |snapshot: &Snapshot, subject: &str| {
        let results = &snapshot.assessment().results;
        let inventory = results.iter().find(|result| result.id.to_string() == "12.5.1").unwrap();
        inventory.missing.iter().any(|missing| *missing.subject == *subject)
    };
    assert!(named(&says(&format!("facts: [{fact}]\n")), "ledger"));
    let tried = after(&says("{}"), "- {op: set_fact, name: ledger, attribute: function, value: (what it is for)}\n");
    assert!(!named(&tried, "ledger"));
}

#[test]
fn a_flag_that_is_neither_true_nor_false_is_not_known() {
    for (value, expected) in [("fase", Technical::Unknown), ("\"yes\"", Technical::Unknown), ("false", Technical::Gap)]
    {
        let profile = fixture_text("demo/pci-profile.yaml")
            .replace("fact: mfa_for_staff, value: true", &format!("fact: mfa_for_staff, value: {value}"));
        let snapshot = with(&fixture_text("demo/stack-metadata.yaml"), &profile, "{}", None);
        assert_eq!(technical(&snapshot, "8.4.1"), expected, "{value}");
    }
}

#[test]
fn account_data_on_a_link_and_at_its_ends_has_to_fit() {
    let profile = |links: &str| {
        let text = fixture_text("demo/pci-profile.yaml");
        let (before, rest) = text.split_once("  links:\n").unwrap();
        let (_, rest) = rest.split_once("\n\n").unwrap();
        with(&fixture_text("demo/stack-metadata.yaml"), &format!("{before}  links: [{links}]\n\n{rest}"), "{}", None)
    };
    assert_eq!(technical(&profile("gateway -> checkout"), "1.2.4"), Technical::Unknown, "the ledger is brought none");
    assert_eq!(technical(&profile("checkout -> orders-db/orders"), "1.2.4"), Technical::Unknown, "no part in it");
}

#[test]
fn a_review_that_is_past_is_noticed_and_none() {
    let exceptions = fixture_text("demo/pci-exceptions.yaml");
    let of = |day| {
        with(&fixture_text("demo/stack-metadata.yaml"), &fixture_text("demo/pci-profile.yaml"), &exceptions, Some(day))
    };
    let overdue = |snapshot: &Snapshot| snapshot.findings().iter().any(|finding| finding.id == "review-overdue");
    assert!(!overdue(&of("2026-09-30")));
    assert!(overdue(&of("2026-10-01")));
    let late = of("2026-10-01");
    let ruleset = late.assessment().results.iter().find(|result| result.id.to_string() == "1.2.1").unwrap();
    assert!(ruleset.missing.iter().any(|missing| &*missing.subject == "acquirer-internet"));
}

#[test]
fn a_fact_of_a_day_to_come_is_not_known_yet() {
    let profile =
        "facts: [{component: identity, fact: mfa_for_staff, value: true, stated_by: me, date: \"2026-06-01\"}]\n";
    let of = |day| with(&fixture_text("demo/stack-metadata.yaml"), profile, "{}", Some(day));
    assert_eq!(technical(&of("2026-05-31"), "8.4.1"), Technical::Unknown);
    assert_eq!(technical(&of("2026-06-01"), "8.4.1"), Technical::Partial);
}
