//! What counts as shown: a doubtful value never does, a fact of nobody's never does, and neither does a component that
//! can't reach what it serves.

use pci_assess::{Technical, Truth};
use pci_engine::{Snapshot, change};
use pci_fixtures::{component, read, stack, strict};
use pci_stack::Level;

use super::{after, after_all, block_of, control, furnished, technical};

/// Texts that say nothing.
const EMPTY: [&str; 8] = ["Default Value", "TODO", "tbd", "{{ value }}", "<value>", "...", "n/a", "changeme"];

/// A firewall behind which a shop is, as people state its mode.
fn firewall(fact: &str) -> Snapshot {
    let text =
        stack(&[component("gate", "apisix", "", &["shop"]), component("shop", "fastapi", "port: 8080", &[])].concat());
    let fact = fact.to_owned();
    let profile = format!("facts:\n  - {{component: gate, fact: internal_headers_hidden, {fact}}}\n");
    read(&text, Some(&profile), Some(Level::PciDssStrict)).unwrap()
}

#[test]
fn a_fact_that_somebody_states_counts() {
    let shown = firewall("value: true, stated_by: Platform engineer");
    assert!(technical(&shown, "1.4.5").half_points() > 0);
    let says = &control(&shown, "1.4.5").evidence;
    assert!(says.iter().any(|one| one.said().contains("stated by Platform engineer")), "{says:?}");
}

#[test]
fn a_doubtful_fact_never_counts() {
    for value in EMPTY.iter().chain(&["fase", "ture", "yes please", ""]) {
        let doubtful = firewall(&format!("value: \"{value}\", stated_by: Platform engineer"));
        assert_eq!(technical(&doubtful, "1.4.5").half_points(), 0, "{value}");
    }
    for value in EMPTY {
        let doubtful = firewall(&format!("value: \"{value}\", stated_by: Platform engineer"));
        assert_eq!(technical(&doubtful, "1.4.5"), Technical::Unknown, "{value}");
    }
}

#[test]
fn a_fact_that_nobody_is_named_for_never_counts() {
    for by in ["", ", stated_by: \"\"", ", stated_by: TODO", ", stated_by: \" - \"", ", stated_by: Default Value"] {
        let unsigned = firewall(&format!("value: true{by}, date: 2026-01-01, evidence: T-1"));
        assert_eq!(technical(&unsigned, "1.4.5"), Technical::Unknown, "{by}");
        let missing =
            control(&unsigned, "1.4.5").missing.iter().find(|one| one.what.contains("does not say who states it"));
        let place = missing.and_then(|one| one.place.clone()).map(|place| place.to_string());
        assert_eq!(place.as_deref(), Some("profile.yaml:2:5"), "{by}");
    }
}

#[test]
fn a_stated_no_is_a_gap_and_not_a_doubt() {
    assert_eq!(technical(&firewall("value: false, stated_by: Platform engineer"), "1.4.5"), Technical::Gap);
}

#[test]
fn a_number_that_is_none_is_a_doubt() {
    let demo = super::demo();
    let set = |value: &str| {
        after(
            &demo,
            &format!("- {{op: set_fact, name: identity, attribute: password_min_length, value: \"{value}\"}}\n"),
        )
    };
    let about = |snapshot: &Snapshot| {
        let missing = control(snapshot, "8.3.6").missing.iter().find(|one| one.what.contains("`password_min_length`"));
        missing.map(|one| one.state)
    };
    assert_eq!(about(&demo), None);
    assert_eq!(about(&set("8")), Some(Truth::False));
    for value in ["twelve", "12 or so", "Default Value", "99999999999999999999"] {
        assert_eq!(about(&set(value)), Some(Truth::Unknown), "{value}");
    }
}

/// What decides 10.2.1.3 in a shop whose logs go to an OpenSearch with this attribute.
fn siem(attributes: &str) -> Technical {
    let log = component("log", "opensearch", attributes, &[]);
    let text = stack(&(component("eye", "falco", "", &["log"]) + &log));
    let profile = "facts:\n  - {component: log, fact: log_access_logged, value: true, stated_by: Operator}\n";
    technical(&read(&text, Some(profile), Some(Level::PciDssStrict)).unwrap(), "10.2.1.3")
}

#[test]
fn a_doubtful_attribute_never_counts() {
    assert!(siem("siem: \"true\"").half_points() > 0);
    assert!(siem("siem: true").half_points() > 0);
    assert_eq!(siem("siem: false"), Technical::Gap);
    for value in EMPTY {
        assert_eq!(siem(&format!("siem: \"{value}\"")).half_points(), 0, "{value}");
    }
    for attributes in ["", "siem: fase", "siem: \"\"", "siem: null", "siem: [true]"] {
        assert_eq!(siem(attributes).half_points(), 0, "{attributes}");
    }
}

#[test]
fn a_doubtful_flag_is_unknown_and_a_doubtful_text_too() {
    let all = furnished();
    // A flag: 5.2.1 counts on Falco's sidekick alone where nothing else detects. A text: the issuer of certificates.
    for (name, attribute, value) in [
        ("runtime", "falco_sidekick", "fase"),
        ("certificates", "issuer", "Default Value"),
        ("certificates", "issuer", "TODO"),
        ("admission", "opa_failure_policy", "Default Value"),
        ("admission/guarded", "opa_action", "Default Value"),
    ] {
        let change = format!("- {{op: set_attribute, name: {name}, attribute: {attribute}, value: \"{value}\"}}\n");
        let doubtful = after(&all, &change);
        assert!(super::risen(&all, &doubtful).is_empty(), "{change}");
        assert!(!super::risen(&doubtful, &all).is_empty(), "{change}");
        let about = doubtful.assessment().results.iter().flat_map(|one| &one.missing);
        let about: Vec<_> =
            about.filter(|one| *one.subject == *name && one.what.contains(&format!("`{attribute}` is"))).collect();
        assert!(!about.is_empty() && about.iter().all(|one| one.state == Truth::Unknown), "{change}: {about:?}");
    }
}

#[test]
fn an_attribute_that_is_not_declared_is_not_known_and_never_a_yes() {
    let all = furnished();
    let bare = after(&all, "- {op: set_attribute, name: sessions, attribute: enable_auth}\n");
    assert!(super::risen(&all, &bare).is_empty());
    let shop = strict(&stack(&component("certs", "cert_manager", "", &[])));
    let missing = &control(&shop, "4.2.1").missing;
    assert!(missing.iter().any(|one| one.what.contains("`issuer` is not declared") && one.state == Truth::Unknown));
}

/// A stack of `parts`, in which all that is recommended of `kind` is set and stated, and no link is added.
fn unlinked(kind: &str, parts: &[String]) -> Snapshot {
    let bare = strict(&stack(&parts.concat()));
    let block = block_of(&bare, kind);
    let changes: Vec<_> = block.changes().into_iter().filter(|change| change.from.is_none()).collect();
    after_all(&bare, &changes)
}

/// Whether any control counts on components of `kind`: it is worth more with all that is stated of it than without.
fn counts_on(kind: &str, name: &str, stack: &Snapshot) -> Vec<String> {
    let without = change::apply(stack, &[pci_stack::Change::remove_component(name)]).unwrap();
    assert!(super::without_type(stack, kind).stack.of_type(&pci_stack::TypeName::new(kind)).next().is_none());
    super::risen(&without, stack)
}

#[test]
fn falco_without_a_link_to_where_logs_go_is_no_evidence() {
    let log = component("log", "opensearch", "siem: true", &[]);
    let cut = unlinked("falco", &[component("eye", "falco", "falco_sidekick: true", &[]), log.clone()]);
    assert_eq!(counts_on("falco", "eye", &cut), [""; 0]);
    let missing = &control(&cut, "10.2.1.2").missing;
    assert!(
        missing.iter().any(|one| &*one.subject == "eye" && one.what.contains("there is no way to `opensearch`")),
        "{missing:?}"
    );
    let linked = after(&cut, "- {op: add_link, from: eye, to: log}\n");
    assert!(counts_on("falco", "eye", &linked).contains(&"10.2.1.2".to_owned()));
}

#[test]
fn trivy_without_a_way_to_its_database_is_no_evidence() {
    let parts = [
        component("scan", "trivy", "", &["log"]),
        component("log", "opensearch", "siem: true", &[]),
        component("mirror", "harbor", "", &[]),
    ];
    let cut = unlinked("trivy", &parts);
    let shown = |snapshot| counts_on("trivy", "scan", snapshot);
    assert_eq!(shown(&cut), [""; 0]);
    let missing = &control(&cut, "11.3.1").missing;
    assert!(
        missing
            .iter()
            .any(|one| &*one.subject == "scan" && one.what.contains("no way to the internet on 443/TCP or `harbor`")),
        "{missing:?}"
    );
    let linked = after(&cut, "- {op: add_link, from: scan, to: mirror}\n");
    assert!(shown(&linked).contains(&"11.3.1".to_owned()));
}

#[test]
fn keycloak_without_a_gateway_in_front_is_no_evidence() {
    let parts = [
        component("login", "keycloak", "", &["log"]),
        component("log", "opensearch", "", &[]),
        component("gate", "apisix", "", &[]),
    ];
    let cut = unlinked("keycloak", &parts);
    assert_eq!(counts_on("keycloak", "login", &cut), [""; 0]);
    let linked = after(&cut, "- {op: add_link, from: gate, to: login}\n");
    assert!(counts_on("keycloak", "login", &linked).contains(&"8.3.6".to_owned()));
}

#[test]
fn opensearch_that_no_source_reaches_is_no_evidence() {
    // Another store, so that those controls that ask of any store stay as they are.
    let cache = component("cache", "redis", "", &[]);
    let parts = [
        cache,
        component("log", "opensearch", "siem: true", &[]),
        component("eye", "falco", "falco_sidekick: true", &[]),
    ];
    let cut = unlinked("opensearch", &parts);
    assert_eq!(counts_on("opensearch", "log", &cut), [""; 0]);
    let linked = after(&cut, "- {op: add_link, from: eye, to: log}\n");
    assert!(counts_on("opensearch", "log", &linked).contains(&"10.2.2".to_owned()));
}
