//! The difference of two snapshots.

use pci_engine::change::{Connection, Difference, difference};
use pci_fixtures::{component, read, stack};

use super::{after, demo, shop};

fn shown(connections: &[Connection]) -> Vec<String> {
    let one = |one: &Connection| {
        format!("{} -> {}: {} by {}", one.from, one.to, one.ports.join(", "), one.sources.join(", "))
    };
    connections.iter().map(one).collect()
}

#[test]
fn nothing_differs_from_itself() {
    let demo = demo();
    assert_eq!(difference(&demo, &demo), Difference::default());
    let json = serde_json::to_value(Difference::default()).unwrap();
    assert!(json.as_object().unwrap().values().all(|list| list == &serde_json::json!([])), "lists are always there");
}

#[test]
fn a_link_adds_its_flow_and_the_policies_of_both_sides() {
    let before = shop();
    let changed = after(&before, "- {op: add_link, from: till, to: db/orders}\n");
    let there = difference(&before, &changed);
    assert_eq!(shown(&there.flows_added), ["ns:till -> ns:db: 5432/TCP by till -> db/orders"]);
    assert_eq!(there.policies_added.len(), 2, "{:?}", there.policies_added);
    assert!(there.policies_added.iter().any(|name| name.starts_with("till/")));
    assert!(there.flows_removed.is_empty() && there.exposure_added.is_empty() && there.scope_added.is_empty());
    let back = difference(&changed, &before);
    assert_eq!((back.flows_removed, back.policies_removed), (there.flows_added, there.policies_added));
}

#[test]
fn a_port_that_changes_is_one_connection_less_and_one_more() {
    let before = shop();
    let changed = after(&before, "- {op: set_attribute, from: shop, to: till, attribute: port, value: 9}\n");
    let found = difference(&before, &changed);
    assert!(shown(&found.flows_added).contains(&"ns:shop -> ns:till: 9/TCP by shop -> till".to_owned()));
    assert!(shown(&found.flows_removed).contains(&"ns:shop -> ns:till: 8080/TCP by shop -> till".to_owned()));
}

#[test]
fn what_leads_out_of_the_cluster_is_exposure() {
    let before = shop();
    let changed = after(
        &before,
        "- {op: set_exception, name: out, attributes: {type: fastapi, component: till, direction: egress, ports: [443], reason: r}}\n",
    );
    let found = difference(&before, &changed);
    assert_eq!(shown(&found.exposure_added), ["ns:till -> internet: 443/TCP by out"]);
    assert_eq!(found.exposure_added, found.flows_added);
    assert_eq!(difference(&changed, &before).exposure_removed, found.exposure_added);
}

#[test]
fn namespaces_come_into_scope_and_leave_it() {
    let text = stack(&["vault", "blog"].map(|name| component(name, "fastapi", "port: 8080", &[])).concat());
    let profile = "account_data: {components: {store: [vault]}}\n";
    let before = read(&text, Some(profile), Some(pci_stack::Level::PciDssStrict)).unwrap();
    let changed = after(&before, "- {op: add_link, from: blog, to: vault}\n- {op: add_component, type: argo_cd}\n");
    let there = difference(&before, &changed);
    assert_eq!(there.scope_added, ["argocd: absent → security_impacting", "blog: out_of_scope → connected"]);
    let back = difference(&changed, &before);
    assert_eq!(back.scope_removed, ["argocd: security_impacting → absent", "blog: connected → out_of_scope"]);
    assert!(there.scope_removed.is_empty() && back.scope_added.is_empty());
}
