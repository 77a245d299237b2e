//! Each change does what it says.

use pci_fixtures::{finding_ids, read, with_exceptions};
use pci_stack::{
    ComponentId, FactValue, Level, LevelSource,
    catalog::{Approach, Section},
};

use super::{after, demo, policies, shop, shop_text};

fn names(snapshot: &pci_engine::Snapshot) -> Vec<String> {
    snapshot.stack.components.iter().map(|component| component.name.to_string()).collect()
}

fn links(snapshot: &pci_engine::Snapshot) -> Vec<String> {
    snapshot.stack.links.iter().map(|link| link.id.to_string()).collect()
}

fn id(snapshot: &pci_engine::Snapshot, name: &str) -> ComponentId {
    snapshot.stack.named(name)[0]
}

#[test]
fn a_component_comes_with_its_usual_name_namespace_and_what_it_says() {
    let changed = after(
        &shop(),
        "- {op: add_component, type: Argo-CD}\n\
         - {op: add_component, type: valkey}\n\
         - {op: add_component, type: valkey, attributes: {enable_auth: true, port: 7000, colour: red}}\n",
    );
    assert_eq!(names(&changed)[5..], ["argo-cd", "valkey", "valkey-2"]);
    let added = changed.stack.component(id(&changed, "valkey-2"));
    assert_eq!(added.namespace.as_ref().unwrap().as_str(), "valkey");
    assert_eq!(added.declared_ports["port"].get(), 7000);
    assert_eq!(added.facts["enable_auth"].value, FactValue::True);
    assert_eq!(added.facts["colour"].value, FactValue::Present, "not listed, so not read");
    assert_eq!(added.place.to_string(), "what-if:3:1");
    let argo = changed.stack.component(id(&changed, "argo-cd"));
    assert_eq!(argo.namespace.as_ref().unwrap().as_str(), "argocd");
}

#[test]
fn a_sub_component_joins_its_parent_and_links_find_their_ends_again() {
    let before =
        after(&shop(), "- {op: add_component, type: redis}\n- {op: add_link, from: redis, to: till, port: 9}\n");
    let changed = after(
        &before,
        "- {op: add_component, type: db, name: db/ledger}\n\
         - {op: add_link, from: till, to: ledger}\n\
         - {op: add_link, from: db/ledger, to: redis}\n",
    );
    assert_eq!(names(&changed), ["gate", "shop", "till", "db", "db/orders", "db/ledger", "redis"]);
    assert_eq!(
        links(&changed),
        [
            "gate -> shop",
            "shop -> till",
            "shop -> db/orders",
            "till -> db/ledger",
            "db/ledger -> redis",
            "redis -> till"
        ]
    );
    let ledger = id(&changed, "db/ledger");
    assert_eq!(changed.stack.namespace(ledger).unwrap().as_str(), "db");
    assert!(policies(&changed).contains("till -> db/ledger"));
    assert!(changed.evidence().proof.holds);
}

#[test]
fn a_component_goes_with_its_sub_components_and_links() {
    let changed = after(&shop(), "- {op: remove_component, name: db}\n");
    assert_eq!(names(&changed), ["gate", "shop", "till"]);
    assert_eq!(links(&changed), ["gate -> shop", "shop -> till"]);
    let sub = after(&shop(), "- {op: remove_component, name: orders}\n");
    assert_eq!(names(&sub), ["gate", "shop", "till", "db"]);
    let all = ["gate", "shop", "till", "db"].map(|name| format!("- {{op: remove_component, name: {name}}}\n")).concat();
    let empty = after(&shop(), &all);
    assert!(finding_ids(&empty).contains(&"empty-stack") && empty.rules().rules.is_empty());
    let one = after(&empty, "- {op: add_component, type: redis}\n");
    assert!(!finding_ids(&one).contains(&"empty-stack"));
}

#[test]
fn what_was_noticed_of_something_goes_with_it() {
    let text = shop_text().replace("rbac: true", "rbac: perhaps, hpa: perhaps");
    let before = read(&text, None, None).unwrap();
    let doubts = |snapshot: &pci_engine::Snapshot| {
        snapshot.stack.findings.iter().filter(|finding| finding.id == "doubtful-flag").count()
    };
    assert_eq!(doubts(&before), 2);
    let certain = after(&before, "- {op: set_attribute, name: shop, attribute: rbac, value: true}\n");
    assert_eq!(doubts(&certain), 1);
    let doubtful = after(&certain, "- {op: set_attribute, name: shop, attribute: rbac, value: maybe}\n");
    assert_eq!(doubts(&doubtful), 2);
    assert_eq!(doubts(&after(&before, "- {op: remove_component, name: shop}\n")), 0);
}

#[test]
fn links_come_with_ports_and_attributes_and_go() {
    let changed = after(
        &shop(),
        "- {op: add_link, from: gate, to: till, port: 8099, attributes: {cors: true, secret_header: x}}\n\
         - {op: remove_link, from: shop, to: orders}\n",
    );
    assert_eq!(links(&changed), ["gate -> shop", "gate -> till", "shop -> till"]);
    let link = &changed.stack.links[1];
    assert_eq!((link.port.unwrap().get(), &*link.kind), (8099, "apisix-fastapi"));
    assert_eq!(link.facts["cors"].value, FactValue::True);
    assert_eq!(link.facts["secret_header"].value, FactValue::Present);
    assert!(policies(&changed).contains("8099") && changed.evidence().proof.holds);
}

#[test]
fn attributes_with_a_home_of_their_own_get_there() {
    let changed = after(
        &shop(),
        "- {op: set_attribute, name: till, attribute: port, value: 9999}\n\
         - {op: set_attribute, name: till, attribute: namespace, value: counter}\n\
         - {op: set_attribute, name: shop, attribute: is_external, value: true}\n\
         - {op: set_attribute, from: gate, to: shop, attribute: port, value: \"8001\"}\n\
         - {op: set_attribute, from: gate, to: shop, attribute: cors, value: true}\n\
         - {op: set_attribute, name: configuration, attribute: sops_enabled, value: true}\n",
    );
    let (till, shop) = (changed.stack.component(id(&changed, "till")), changed.stack.component(id(&changed, "shop")));
    assert_eq!((till.declared_ports["port"].get(), till.namespace.as_ref().unwrap().as_str()), (9999, "counter"));
    assert!(shop.is_external && shop.facts["is_external"].value == FactValue::True);
    let link = &changed.stack.links[0];
    assert_eq!((link.port.unwrap().get(), &link.facts["cors"].value), (8001, &FactValue::True));
    assert_eq!(changed.stack.configuration["sops_enabled"].value, FactValue::True);
    assert_eq!(changed.stack.configuration["sops_enabled"].place.to_string(), "what-if:6:1");
    let back = after(
        &changed,
        "- {op: set_attribute, name: till, attribute: port}\n\
         - {op: set_attribute, name: shop, attribute: is_external}\n\
         - {op: set_attribute, from: gate, to: shop, attribute: port}\n\
         - {op: set_attribute, name: configuration, attribute: sops_enabled}\n",
    );
    let (till, shop) = (back.stack.component(id(&back, "till")), back.stack.component(id(&back, "shop")));
    assert!(till.declared_ports.is_empty() && !shop.is_external && !shop.facts.contains_key("is_external"));
    assert!(back.stack.links[0].port.is_none() && back.stack.configuration.is_empty());
}

#[test]
fn an_exception_is_added_changed_in_part_and_taken_away_over_a_users_own() {
    let own =
        "internet-exceptions:\n  - {id: till-out, type: fastapi, direction: egress, ports: [443], reason: Cards.}\n";
    let before = with_exceptions(&shop_text(), own, Level::PciDssStrict).unwrap();
    let entry = |snapshot: &pci_engine::Snapshot, id: &str| {
        snapshot.catalog().exceptions.entries.iter().find(|entry| *entry.id == *id).cloned()
    };
    let changed =
        after(&before, "- {op: set_exception, name: till-out, attributes: {approved_by: Ann, component: till}}\n");
    let till = entry(&changed, "till-out").unwrap();
    assert_eq!((till.reason.as_deref(), till.approval.approved_by.as_deref()), (Some("Cards."), Some("Ann")));
    assert_eq!((till.section, till.component.as_deref()), (Section::Internet, Some("till")));
    let more = after(
        &changed,
        "- op: set_exception\n  name: shop-dns\n  attributes: {type: fastapi, direction: egress, peer: {namespace: dns}, ports: [\"53/UDP\"], reason: r}\n\
         - {op: set_exception, name: till-out, attributes: {disabled: true}}\n",
    );
    assert_eq!(entry(&more, "shop-dns").unwrap().section, Section::Component);
    assert!(entry(&more, "till-out").is_none() && more.evidence().proof.holds);
    let shipped = after(&more, "- {op: set_exception, name: apisix-minio, attributes: {ports: [9000]}}\n");
    let table = &shipped.catalog().exceptions.ports;
    let over = table.override_for(&pci_stack::TypeName::new("apisix"), &pci_stack::TypeName::new("minio"));
    assert_eq!(over.unwrap().ports.to_string(), "9000/TCP");
    assert!(entry(&shipped, "shop-dns").is_some(), "later changes lie over earlier ones");
}

#[test]
fn the_shipped_text_of_an_exception_becomes_nobodys_reason() {
    let before = shop();
    let shipped =
        before.catalog().exceptions.entries.iter().find(|entry| entry.origin != pci_stack::catalog::Origin::User);
    let shipped = shipped.unwrap();
    let of = |fields: &str| {
        let changed = after(&before, &format!("- {{op: set_exception, name: {}, attributes: {fields}}}\n", shipped.id));
        changed.catalog().exceptions.entries.iter().find(|entry| entry.id == shipped.id).unwrap().origin
    };
    assert_eq!(of("{approved_by: Ann}"), shipped.origin);
    assert_eq!(of("{reason: Ours.}"), pci_stack::catalog::Origin::User);
}

#[test]
fn statements_are_set_and_taken_back() {
    let before = demo();
    let changed = after(
        &before,
        "- {op: set_fact, name: identity, attribute: password_min_length, value: 16}\n\
         - {op: set_attribute, from: gateway, to: storefront, attribute: reason, value: Pages.}\n\
         - {op: set_attribute, from: gateway, to: storefront, attribute: review_by, value: \"2027-01-01\"}\n\
         - op: set_attestation\n  name: 2.1.1\n  attributes: {who: Ann, date: \"2026-01-01\", approach: defined, evidence: {reference: R}}\n\
         - {op: set_attestation, name: 1.1.1}\n",
    );
    let profile = changed.profile();
    let fact = profile.facts.iter().find(|fact| fact.component == "identity" && fact.fact == "password_min_length");
    assert_eq!((&*fact.unwrap().value, fact.unwrap().place.to_string()), ("16", "what-if:1:1".to_owned()));
    let flow = profile.flows.iter().find(|flow| flow.link == "gateway -> storefront").unwrap();
    assert_eq!(
        (flow.reason.as_deref(), flow.review_by.unwrap().to_string()),
        (Some("Pages."), "2027-01-01".to_owned())
    );
    let attested = |number: &str| profile.attestations.iter().find(|one| one.control.to_string() == number);
    assert_eq!(attested("2.1.1").unwrap().approach, Approach::Defined);
    assert!(attested("1.1.1").is_none());
    let back = after(
        &changed,
        "- {op: set_fact, name: identity, attribute: password_min_length}\n- {op: set_attestation, name: 2.1.1}\n",
    );
    assert!(
        !back.profile().facts.iter().any(|fact| fact.component == "identity" && fact.fact == "password_min_length")
    );
    assert_eq!(back.profile().attestations.len() + 1, before.profile().attestations.len());
}

#[test]
fn the_level_is_set_and_whoever_set_it_stays_who_it_was() {
    let text = shop_text();
    let strict = "- {op: set_level, value: standard}\n";
    for (level, file, source) in [
        (Some(Level::PciDssStrict), "", LevelSource::Flag),
        (None, "  microsegmentation_level: pci_dss_strict\n", LevelSource::File),
        (None, "", LevelSource::Flag),
    ] {
        let before = read(&format!("{text}{file}"), None, level).unwrap();
        let changed = after(&before, strict);
        assert_eq!((changed.level(), changed.level_source()), (Level::Standard, source));
    }
}
