//! Every rise is explained, none comes out of nothing, and a change and its inverse cancel out.

use std::{collections::BTreeSet, sync::LazyLock};

use pci_assess::{Disposition, EvidenceKind, Numbers, Technical};
use pci_engine::{Snapshot, change};
use pci_fixtures::{component, stack, strict};
use pci_stack::{Change, Level, TypeName};
use proptest::prelude::*;

use super::{after, after_all, cases, changes, control, demo, furnished, risen, technical, without_type};

static FURNISHED: LazyLock<Snapshot> = LazyLock::new(furnished);

/// A change that takes away, and all names by which what it takes may be called: components and their parts, links,
/// namespaces, flows, policies and exceptions.
fn taken(snapshot: &Snapshot, change: &Change) -> BTreeSet<String> {
    let stack = &snapshot.stack;
    let mut names = BTreeSet::new();
    let is_gone = |id| {
        let own = stack.component(id).name.to_string();
        let owner = stack.owner(id).name.to_string();
        change.name.as_ref().is_some_and(|name| *name == own || *name == owner)
    };
    let mut namespaces = BTreeSet::new();
    for (id, component) in stack.with_ids().filter(|(id, _)| is_gone(*id)) {
        names.insert(component.name.to_string());
        namespaces.extend(stack.namespace(id).cloned());
        let of_type = |entry: &&pci_stack::catalog::Exception| matches!(&entry.subject, pci_stack::catalog::Subject::Type(kind) if *kind == component.kind);
        let entries = snapshot.catalog().exceptions.entries.iter();
        names.extend(entries.filter(of_type).map(|entry| entry.id.to_string()));
    }
    for link in &stack.links {
        let name = |id| stack.component(id).name.to_string();
        let is_this = change.from == Some(name(link.source)) && change.to == Some(name(link.target));
        if is_this || is_gone(link.source) || is_gone(link.target) {
            names.insert(link.id.to_string());
            namespaces.extend([link.source, link.target].iter().filter_map(|end| stack.namespace(*end)).cloned());
        }
    }
    names.extend(namespaces.iter().map(ToString::to_string));
    names
}

/// The rises that nothing explains, if `removals` are made, and how many there are at all.
fn unexplained(before: &Snapshot, removals: &[Change]) -> (Vec<String>, usize) {
    let after = after_all(before, removals);
    let rises = risen(before, &after);
    if rises.is_empty() {
        return (Vec::new(), 0);
    }
    let count = rises.len();
    let names: BTreeSet<String> = removals.iter().flat_map(|change| taken(before, change)).collect();
    let gone: Vec<String> = names.iter().cloned().collect();
    let gained = change::controls(before.assessment(), after.assessment(), &gone).controls_gained;
    let is_explained = |id: &String| {
        let said = control(before, id).missing.iter();
        let names_it = said
            .clone()
            .any(|missing| names.iter().any(|name| missing.subject.contains(name) || missing.what.contains(name)));
        let because = gained.iter().find(|change| change.id.to_string() == *id).map(|change| &change.because);
        names_it && because.is_some_and(|because| because.len() > 10)
    };
    (rises.into_iter().filter(|id| !is_explained(id)).collect(), count)
}

/// Removals of each component, and of each link.
fn removals(snapshot: &Snapshot) -> Vec<Change> {
    let stack = &snapshot.stack;
    let components = stack.components.iter().map(|component| Change::remove_component(&component.name.to_string()));
    let links = stack.links.iter().map(|link| {
        let [from, to] = [link.source, link.target].map(|id| stack.component(id).name.to_string());
        Change { op: pci_stack::Op::RemoveLink, ..Change::add_link(&from, &to, None) }
    });
    components.chain(links).collect()
}

#[test]
fn what_rises_when_a_component_or_link_of_the_demo_goes_named_it_as_missing() {
    let demo = demo();
    let mut rises = 0;
    for change in removals(&demo) {
        let (left, count) = unexplained(&demo, std::slice::from_ref(&change));
        assert!(left.is_empty(), "{change}: {left:?}");
        rises += count;
    }
    assert!(rises > 0, "the law is tried on nothing");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(40), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_rises_when_several_go_named_them_as_missing(chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..5)) {
        let all = removals(&FURNISHED);
        let mut made: Vec<Change> = Vec::new();
        let mut left = super::same(&FURNISHED);
        for index in chosen {
            let change = &all[index.index(all.len())];
            // What went with an earlier one can't go again.
            if let Ok(next) = change::apply(&left, std::slice::from_ref(change)) {
                left = next;
                made.push(change.clone());
            }
        }
        prop_assert_eq!(unexplained(&FURNISHED, &made).0, Vec::<String>::new(), "{:?}", made);
    }
}

#[test]
fn a_store_that_a_gateway_published_is_private_once_the_gateway_is_gone_and_the_answer_says_so() {
    let before = strict(&stack(
        &[
            component("gate", "apisix", "", &["db", "shop"]),
            component("door", "kong", "", &["shop"]),
            component("shop", "fastapi", "port: 8080", &["db"]),
            component("db", "cnpg", "", &[]),
        ]
        .concat(),
    ));
    assert_eq!(technical(&before, "1.4.4"), Technical::Gap);
    let said: Vec<&str> = control(&before, "1.4.4").missing.iter().map(|one| &*one.what).collect();
    assert!(said.contains(&"the gateway `gate` publishes the store `db`"), "{said:?}");
    let after = without_type(&before, "apisix");
    assert!(risen(&before, &after).contains(&"1.4.4".to_owned()));
    let difference = change::controls(before.assessment(), after.assessment(), &["gate".to_owned()]);
    let because = difference.controls_gained.iter().find(|one| one.id.to_string() == "1.4.4").unwrap();
    assert_eq!(because.because, "no longer fails because `gate` is gone");
}

/// The types that the stack has.
fn types(snapshot: &Snapshot) -> BTreeSet<TypeName> {
    snapshot.stack.components.iter().map(|component| component.kind.clone()).collect()
}

#[test]
fn what_only_one_type_shows_is_shown_no_more_when_the_last_of_it_goes() {
    let before = super::same(&FURNISHED);
    let mut tried = 0;
    for kind in types(&before) {
        let after = without_type(&before, kind.as_str());
        for (control, was) in before.assessment().iter() {
            let mut deciding = control.rule.iter().filter(|entry| !entry.is_beyond && !entry.required.is_empty());
            let is_alone = deciding.all(|entry| entry.kind.as_ref() == Some(&kind));
            let of_kind =
                |name: &str| before.stack.components.iter().any(|one| one.name.to_string() == name && one.kind == kind);
            let by_it = was.evidence.iter().filter(|one| one.kind == EvidenceKind::Component);
            let is_shown_alone = by_it.clone().next().is_some() && by_it.clone().all(|one| of_kind(&one.subject));
            if !is_alone && !is_shown_alone || was.technical == Technical::Manual {
                continue;
            }
            tried += 1;
            let is = super::control(&after, &control.id.to_string()).technical;
            assert!(is.half_points() <= was.technical.half_points(), "{} rises without {kind}", control.id);
            if is_alone {
                assert_eq!(is, Technical::Gap, "{} without {kind}", control.id);
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

#[test]
fn whatever_goes_until_nothing_is_left_nothing_is_shown_in_the_end() {
    let mut left = super::same(&FURNISHED);
    while let Some(first) = left.stack.components.first().map(|component| component.name.to_string()) {
        left = after_all(&left, &[Change::remove_component(&first)]);
    }
    assert_eq!(left.assessment().numbers.technical_points.0, 0);
}

#[test]
fn what_runs_elsewhere_shows_nothing_here() {
    for kind in ["opa", "falco", "keycloak", "opensearch", "cnpg", "trivy", "velero", "argo_cd"] {
        let external = format!(
            "  other:\n    type: {kind}\n    name: other\n    attributes: {{is_external: true, siem: \"true\", falco_sidekick: true}}\n"
        );
        let snapshot = strict(&stack(&external));
        assert_eq!(snapshot.assessment().numbers.technical_points.0, 0, "{kind}");
    }
}

#[test]
fn who_reaches_a_store_of_another_stack_is_not_known_here() {
    let parts = [
        component("shop", "fastapi", "port: 8080", &["db"]),
        component("db", "cnpg", "is_external: true", &[]),
        component("cache", "redis", "", &[]),
    ];
    let said = |profile| pci_fixtures::read(&stack(&parts.concat()), profile, Some(Level::PciDssStrict)).unwrap();
    for id in ["1.4.4", "7.2.6"] {
        let stated = said(Some("account_data: {components: {store: [db]}}\n"));
        assert_eq!(technical(&stated, id), Technical::Unknown, "{id}");
        assert!(control(&stated, id).missing[0].what.contains("`db` is of another stack"), "{id}");
        // Of its own stores it knows.
        assert_eq!(technical(&said(None), id), Technical::Partial, "{id}");
    }
}

/// Changes and what undoes them.
const THERE_AND_BACK: [(&str, &str); 16] = [
    ("{op: add_component, type: redis}", "{op: remove_component, name: redis}"),
    ("{op: add_component, type: velero, name: second}", "{op: remove_component, name: second}"),
    (
        "{op: add_component, type: custom, name: admission/guarded, attributes: {opa_action: deny}}",
        "{op: remove_component, name: admission/guarded}",
    ),
    ("{op: add_link, from: storefront, to: telemetry}", "{op: remove_link, from: storefront, to: telemetry}"),
    ("{op: add_link, from: gateway, to: ledger}", "{op: remove_link, from: gateway, to: ledger}"),
    ("{op: remove_link, from: runtime, to: logs}", "{op: add_link, from: runtime, to: logs}"),
    ("{op: remove_link, from: scanner, to: registry}", "{op: add_link, from: scanner, to: registry}"),
    ("{op: remove_link, from: gateway, to: telemetry}", "{op: add_link, from: gateway, to: telemetry}"),
    (
        "{op: set_attribute, name: logs, attribute: siem, value: fase}",
        "{op: set_attribute, name: logs, attribute: siem, value: true}",
    ),
    (
        "{op: set_attribute, name: events, attribute: mtls, value: false}",
        "{op: set_attribute, name: events, attribute: mtls, value: true}",
    ),
    (
        "{op: set_attribute, name: checkout, attribute: namespace, value: till}",
        "{op: set_attribute, name: checkout, attribute: namespace, value: shop}",
    ),
    (
        "{op: set_fact, name: scanner, attribute: scan_scope, value: all-in-scope}",
        "{op: set_fact, name: scanner, attribute: scan_scope}",
    ),
    (
        "{op: set_fact, name: gateway, attribute: waf_mode, value: block}",
        "{op: set_fact, name: gateway, attribute: waf_mode, value: detect}",
    ),
    (
        "{op: set_attestation, name: 3.1.1, attributes: {who: a, date: 2026-01-01}}",
        "{op: set_attestation, name: 3.1.1}",
    ),
    (
        "{op: set_attribute, from: gateway, to: checkout, attribute: reason}",
        "{op: set_attribute, from: gateway, to: checkout, attribute: reason, value: Shoppers pay}",
    ),
    ("{op: set_level, value: none}", "{op: set_level, value: pci_dss_strict}"),
];

/// What of an assessment does not depend on where things stand.
fn standing(snapshot: &Snapshot) -> (Numbers, Vec<(Technical, Disposition)>) {
    let results = snapshot.assessment().results.iter();
    (snapshot.assessment().numbers.clone(), results.map(|one| (one.technical, one.disposition)).collect())
}

#[test]
fn a_change_and_its_inverse_give_the_same_assessment() {
    let demo = super::demo_on_its_day();
    for (there, back) in THERE_AND_BACK {
        assert_eq!(standing(&after(&demo, &format!("- {there}\n- {back}\n"))), standing(&demo), "{there}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(15), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn several_changes_undone_in_turn_give_the_same_assessment(chosen in prop::sample::subsequence(THERE_AND_BACK.to_vec(), 2..7)) {
        let demo = super::demo_on_its_day();
        let listed = |list: Vec<&str>| changes(&format!("- {}\n", list.join("\n- ")));
        let there = listed(chosen.iter().map(|(there, _)| *there).collect());
        let back = listed(chosen.iter().rev().map(|(_, back)| *back).collect());
        let same = after_all(&after_all(&demo, &there), &back);
        prop_assert_eq!(standing(&same), standing(&demo));
    }
}
