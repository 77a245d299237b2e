//! What is in scope of PCI DSS, and why.

use pci_assess::{Scope, Why, Zone};
use pci_fixtures::{component, read, stack};
use pci_stack::Level;

/// A vault that the till calls, which a shop calls; a wiki that nobody calls, and what watches.
fn shop() -> String {
    let attributes = "port: 8080";
    stack(
        &[
            component("shop", "fastapi", attributes, &["till"]),
            component("till", "fastapi", attributes, &["vault"]),
            component("vault", "fastapi", attributes, &["log"]),
            component("log", "loki", "", &[]),
            component("wiki", "fastapi", attributes, &[]),
            component("deploy", "argo_cd", "", &[]),
        ]
        .concat(),
    )
}

fn scope_at(profile: Option<&str>, level: Level) -> Scope {
    read(&shop(), profile, Some(level)).unwrap().scope().clone()
}

fn scope(profile: Option<&str>) -> Scope {
    scope_at(profile, Level::PciDssStrict)
}

const VAULT: &str = "account_data: {components: {store: [vault]}}\n";

fn zone(scope: &Scope, name: &str) -> Zone {
    scope.zone(&name.parse().unwrap()).unwrap()
}

#[test]
fn what_nobody_states_may_be_anywhere() {
    let scope = scope(None);
    assert!(!scope.is_stated);
    assert!(scope.namespaces.keys().all(|namespace| scope.zone(namespace) == Some(Zone::Cde)));
}

#[test]
fn zones_follow_the_declared_flows() {
    let scope = scope(Some(VAULT));
    assert_eq!(zone(&scope, "vault"), Zone::Cde);
    assert_eq!(zone(&scope, "till"), Zone::Connected);
    assert_eq!(zone(&scope, "log"), Zone::Connected, "the vault may talk to it");
    assert_eq!(zone(&scope, "deploy"), Zone::SecurityImpacting);
    assert_eq!(zone(&scope, "wiki"), Zone::OutOfScope);
}

#[test]
fn a_way_of_any_length_into_the_cde_is_shown_step_by_step() {
    let scope = scope(Some(VAULT));
    assert_eq!(zone(&scope, "shop"), Zone::Connected);
    let Why::LeadsTo(path) = &scope.namespaces["shop"] else { panic!("the shop has a way into the vault") };
    assert_eq!(path.iter().map(ToString::to_string).collect::<Vec<_>>(), ["till", "vault"]);
}

#[test]
fn a_component_in_the_namespace_of_another_takes_its_zone() {
    let neighbours = stack(
        "  vault:\n    type: fastapi\n    name: vault\n    attributes: {namespace: cards, port: 8080}\n  blog:\n    type: fastapi\n    \
         name: blog\n    attributes: {namespace: cards, port: 8081}\n",
    );
    let scope = read(&neighbours, Some(VAULT), Some(Level::PciDssStrict)).unwrap().scope().clone();
    assert_eq!(zone(&scope, "cards"), Zone::Cde);
}

#[test]
fn where_nothing_restricts_traffic_everything_is_in_the_cde() {
    let scope = scope_at(Some(VAULT), Level::None);
    assert!(scope.is_stated && scope.namespaces.keys().all(|namespace| scope.zone(namespace) == Some(Zone::Cde)));
}
