//! Exceptions of one's own: what they open, and what is refused.

use pci_fixtures::{allowed, component, finding_ids, stack, with_exceptions};
use pci_stack::Level;

/// Two components, each in a namespace of its own.
fn two() -> String {
    stack(&(component("a", "redis", "", &[]) + &component("b", "fastapi", "port: \"8000\"", &[])))
}

fn refused(exceptions: &str) -> String {
    with_exceptions(&two(), exceptions, Level::PciDssStrict).expect_err(exceptions).to_string()
}

fn opened(exceptions: &str) -> Vec<String> {
    let plain = with_exceptions(&two(), "{}", Level::PciDssStrict).unwrap();
    let open = with_exceptions(&two(), exceptions, Level::PciDssStrict).unwrap();
    assert!(open.evidence().proof.holds, "{:#?}", open.evidence().proof);
    let before = allowed(&plain);
    allowed(&open).into_iter().filter(|flow| !before.contains(flow)).collect()
}

#[test]
fn an_exception_for_a_component_type_opens_both_sides() {
    let text = "component-exceptions:\n  - {id: x, type: redis, direction: ingress, peer: {component_type: fastapi}, ports: [7000], reason: r}\n";
    assert_eq!(opened(text), ["ns:b -> ns:a: 7000/TCP"]);
}

#[test]
fn an_exception_for_addresses_opens_them_and_no_others() {
    let text = "internet-exceptions:\n  - {id: x, type: fastapi, direction: egress, peer: {cidr: 203.0.113.0/24, except: [203.0.113.7/32]}, ports: [443], reason: r}\n";
    assert_eq!(opened(text), ["ns:b -> 203.0.113.0/24 except 203.0.113.7/32: 443/TCP"]);
}

#[test]
fn an_exception_may_be_for_one_component_of_its_type() {
    let stack = stack(&(component("a", "redis", "", &[]) + &component("b", "redis", "", &[])));
    let text =
        "internet-exceptions:\n  - {id: x, type: redis, component: b, direction: egress, ports: [443], reason: r}\n";
    let open = allowed(&with_exceptions(&stack, text, Level::PciDssStrict).unwrap());
    assert!(
        open.contains(&"ns:b -> internet: 443/TCP".to_owned())
            && !open.iter().any(|flow| flow.starts_with("ns:a -> internet"))
    );
    let nobody = with_exceptions(&stack, &text.replace("component: b", "component: c"), Level::PciDssStrict).unwrap();
    assert!(finding_ids(&nobody).contains(&"exception-not-applicable"));
}

#[test]
fn one_half_opens_nothing_and_is_reported_and_two_halves_open_both() {
    let egress = "component-exceptions:\n  - {id: out, type: fastapi, direction: egress, peer: {namespace: a}, ports: [7000, 7001], reason: r}\n";
    assert_eq!(opened(egress), Vec::<String>::new());
    let snapshot = with_exceptions(&two(), egress, Level::PciDssStrict).unwrap();
    assert!(finding_ids(&snapshot).contains(&"one-sided-exception"));
    let both = egress.to_owned()
        + "  - {id: in, type: redis, direction: ingress, peer: {namespace: b}, ports: [7001], reason: r}\n";
    assert_eq!(opened(&both), ["ns:b -> ns:a: 7001/TCP"]);
}

#[test]
fn a_service_port_gains_its_pod_ports_on_ingress_only() {
    let stack = stack(&component("gateway", "apisix", "", &[]));
    let open = allowed(&with_exceptions(&stack, "{}", Level::PciDssStrict).unwrap());
    assert!(open.contains(&"internet -> ns:gateway: 80/TCP, 443/TCP, 9080/TCP, 9443/TCP".to_owned()), "{open:#?}");
    assert!(open.contains(&"ns:gateway -> internet: 80/TCP, 443/TCP, 9443/TCP".to_owned()));
}

#[test]
fn all_ports_are_honoured_at_standard_and_ignored_with_a_warning_in_strict_mode() {
    let text = "component-exceptions:\n  - {id: x, type: redis, direction: ingress, peer: {component_type: fastapi}, allow_all_ports: true, reason: r}\n";
    let strict = with_exceptions(&two(), text, Level::PciDssStrict).unwrap();
    assert!(finding_ids(&strict).contains(&"allow-all-ignored"));
    assert!(!allowed(&strict).iter().any(|flow| flow.starts_with("ns:b -> ns:a")));
    let standard = with_exceptions(&two(), text, Level::Standard).unwrap();
    assert!(standard.evidence().proof.holds);
    assert!(allowed(&standard).contains(&"ns:b -> ns:a: all ports".to_owned()));
}

#[test]
fn ones_own_entry_replaces_ours_and_may_take_it_away() {
    let gateway = stack(&component("gateway", "apisix", "", &[]));
    let open = |text: &str| allowed(&with_exceptions(&gateway, text, Level::PciDssStrict).unwrap());
    let disabled = "internet-exceptions:\n  - {id: apisix-internet, disabled: true}\ncomponent-exceptions:\n  - {id: apisix-from-external, disabled: true}\n";
    assert!(!open(disabled).iter().any(|flow| flow.contains("internet")));
    let replaced =
        "internet-exceptions:\n  - {id: apisix-internet, type: apisix, direction: egress, ports: [443], reason: r}\n";
    assert!(open(replaced).contains(&"ns:gateway -> internet: 443/TCP".to_owned()));
}

#[test]
fn ones_own_port_table_replaces_that_of_its_type() {
    let text = "well-known-ports:\n  types:\n    redis: [{port: 7379, name: redis, roles: [client]}]\n";
    let stack = stack(&(component("a", "fastapi", "", &["b"]) + &component("b", "redis", "", &[])));
    assert!(
        allowed(&with_exceptions(&stack, text, Level::PciDssStrict).unwrap())
            .contains(&"ns:a -> ns:b: 7379/TCP".to_owned())
    );
}

#[test]
fn an_exception_without_a_reason_is_reported() {
    let text = "internet-exceptions:\n  - {id: x, type: redis, direction: egress, ports: [443]}\n";
    assert!(
        finding_ids(&with_exceptions(&two(), text, Level::PciDssStrict).unwrap()).contains(&"exception-without-reason")
    );
}

#[test]
fn wrong_entries_are_refused_with_their_place() {
    let entry = |fields: &str| refused(&format!("component-exceptions:\n  - {{{fields}}}\n"));
    insta::assert_snapshot!(entry("id: x, type: redis, direction: ingress, peer: {external: true}"), @"exceptions.yaml:2:5: exception `x`: no ports (list exact ports, or say `allow_all_ports: true`)");
    insta::assert_snapshot!(entry("id: x, type: redis, direction: ingress, peer: {external: true}, ports: [80-90]"), @"exceptions.yaml:2:78: a port range is not taken: list each port that is needed");
    insta::assert_snapshot!(entry("id: x, type: redis, direction: ingress, peer: {external: true}, ports: [0]"), @"exceptions.yaml:2:78: a port is a number from 1 to 65535");
    insta::assert_snapshot!(entry("id: x, type: redis, direction: ingress, peer: {external: true}, ports: [65536]"), @"exceptions.yaml:2:78: a port is a number from 1 to 65535");
    insta::assert_snapshot!(entry("id: x, type: redis, direction: ingress, peer: {external: true}, ports: [http]"), @"exceptions.yaml:2:78: a port is a number from 1 to 65535");
    insta::assert_snapshot!(entry("id: x, type: redis, direction: sideways, peer: {external: true}, ports: [80]"), @"exceptions.yaml:2:37: expected one of `ingress`, `egress`");
    insta::assert_snapshot!(entry("id: x, type: reddis, direction: ingress, peer: {external: true}, ports: [80]"), @"exceptions.yaml:2:5: `reddis` is no component type (did you mean `redis`?)");
    insta::assert_snapshot!(entry("id: x, type: redis, direction: ingress, peer: {}, ports: [80]"), @"exceptions.yaml:2:5: exception `x`: `peer` names exactly one of `component_type`, `namespace`, `kube_api`, `dns`, `external`, `stack`, `cidr`");
    insta::assert_snapshot!(entry("id: x, type: redis, direction: ingress, peer: {external: true, kube_api: true}, ports: [80]"), @"exceptions.yaml:2:5: exception `x`: `peer` names exactly one of `component_type`, `namespace`, `kube_api`, `dns`, `external`, `stack`, `cidr`");
    insta::assert_snapshot!(entry("id: x, type: redis, direction: egress, peer: {cidr: 10.0.0.0/8, except: [11.0.0.0/9]}, ports: [80]"), @"exceptions.yaml:2:5: exception `x`: `11.0.0.0/9` does not lie inside `10.0.0.0/8`");
    insta::assert_snapshot!(entry("id: x, type: redis, direction: egress, peer: {cidr: 10.0.0.5/8}, ports: [80]"), @"exceptions.yaml:2:58: '10.0.0.5/8' names a host within a range: the range is '10.0.0.0/8', the host '10.0.0.5'");
    insta::assert_snapshot!(entry("id: x, typ: redis"), @"exceptions.yaml:2:13: the key `typ` is not known here (did you mean `type`? known here: `id`, `type`, `component`, `direction`, `directions`, `peer`, `ports`, `allow_all_ports`, `reason`, `approved_by`, `review_by`, `ticket`, `origin`, `disabled`)");
    insta::assert_snapshot!(entry("type: redis"), @"exceptions.yaml:2:5: an entry without `id` (each entry has an id of its own)");
    insta::assert_snapshot!(entry("id: cert-manager-from-kube, disabled: true"), @"exceptions.yaml:2:5: there is no entry `cert-manager-from-kube` to disable; did you mean `cert-manager-from-kube-system`?");
    insta::assert_snapshot!(refused("component-exception: []"), @"exceptions.yaml:1:1: the key `component-exception` is not known here (did you mean `component-exceptions`? known here: `well-known-ports`, `component-exceptions`, `system-exceptions`, `internet-exceptions`)");
}

#[test]
fn what_would_narrow_an_exception_is_honoured_or_refused_and_never_dropped() {
    let entry = |section: &str, fields: &str| refused(&format!("{section}:\n  - {{id: x, reason: r, {fields}}}\n"));
    let except = entry(
        "internet-exceptions",
        "type: redis, direction: egress, peer: {external: true, except: [8.8.8.0/24]}, ports: [443]",
    );
    assert!(except.contains("`except` without `cidr`"), "{except}");
    let system = entry("system-exceptions", "component: a, direction: egress, peer: {external: true}, ports: [443]");
    assert!(system.contains("takes no `component`"), "{system}");
    let stack = entry("component-exceptions", "type: redis, direction: egress, peer: {stack: true}, ports: [9999]");
    assert!(stack.contains("takes no ports"), "{stack}");
    let twice = "  - {id: velero-internet, type: redis, direction: egress, ports: [443], reason: r}\n".repeat(2);
    assert!(
        refused(&format!("internet-exceptions:\n{twice}")).contains("a second entry with the id `velero-internet`")
    );
}

#[test]
fn an_exception_whose_subject_runs_in_kube_system_opens_the_far_side() {
    let text = component("metrics", "prometheus", "", &[]).replace("namespace: metrics", "namespace: kube-system")
        + &component("dashboards", "grafana", "", &[]);
    let snapshot = with_exceptions(&stack(&text), "{}", Level::PciDssStrict).unwrap();
    assert!(allowed(&snapshot).contains(&"ns:dashboards -> ns:kube-system: 53/TCP, 9090/TCP, 53/UDP".to_owned()));
    assert!(snapshot.evidence().proof.holds);
}

#[test]
fn a_type_that_only_the_stack_knows_may_have_an_exception() {
    let stack = stack(&component("blog", "wordpress", "port: \"80\"", &[]));
    let text = "internet-exceptions:\n  - {id: x, type: wordpress, direction: egress, ports: [443], reason: r}\n";
    let open = allowed(&with_exceptions(&stack, text, Level::PciDssStrict).unwrap());
    assert!(open.contains(&"ns:blog -> internet: 443/TCP".to_owned()));
}
