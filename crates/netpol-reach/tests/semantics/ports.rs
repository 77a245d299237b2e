//! `NetworkPolicyPort`: numbers, names, ranges, protocols.

use super::{ANYWHERE, opens, opens_outside, pod, policy, serving, takes};

/// What a pod that listens on nothing in particular takes if `ports` are allowed.
fn allowed(ports: &str) -> String {
    let cluster =
        [pod("a/x", ""), pod("b/y", ""), policy("a", &format!("podSelector: {{}}, ingress: [{{ports: [{ports}]}}]"))];
    takes("a/x", &cluster).concat()
}

#[test]
fn a_port_is_of_tcp_unless_it_says_otherwise() {
    assert_eq!(allowed("{port: 80}"), "b/y: 80/TCP");
    assert_eq!(allowed("{port: 80, protocol: null}"), "b/y: 80/TCP");
    assert_eq!(allowed("{port: 80, protocol: TCP}"), "b/y: 80/TCP");
}

#[test]
fn a_port_may_be_of_udp_or_sctp() {
    assert_eq!(allowed("{port: 53, protocol: UDP}"), "b/y: 53/UDP");
    assert_eq!(allowed("{port: 132, protocol: SCTP}"), "b/y: 132/SCTP");
    assert_eq!(allowed("{port: 53}, {port: 53, protocol: UDP}"), "b/y: 53/TCP, 53/UDP");
}

/// "If this field is not provided, this matches all port names and numbers" of the protocol.
#[test]
fn no_port_is_every_port_of_the_protocol() {
    assert_eq!(allowed("{protocol: UDP}"), "b/y: 1-65535/UDP");
    assert_eq!(allowed("{}"), "b/y: 1-65535/TCP");
    assert_eq!(allowed("{port: null}"), "b/y: 1-65535/TCP");
    assert_eq!(allowed("{protocol: TCP}, {protocol: UDP}, {protocol: SCTP}"), "b/y");
}

#[test]
fn end_port_ends_a_range_and_is_in_it() {
    assert_eq!(allowed("{port: 32000, endPort: 32768}"), "b/y: 32000-32768/TCP");
    assert_eq!(allowed("{port: 32000, endPort: 32001, protocol: UDP}"), "b/y: 32000/UDP, 32001/UDP");
    assert_eq!(allowed("{port: 80, endPort: 80}"), "b/y: 80/TCP");
    assert_eq!(allowed("{port: 1, endPort: 65535}"), "b/y: 1-65535/TCP");
    assert_eq!(allowed("{port: 80, endPort: null}"), "b/y: 80/TCP");
}

#[test]
fn ports_that_overlap_or_touch_are_one_range() {
    assert_eq!(allowed("{port: 100, endPort: 200}, {port: 150, endPort: 300}, {port: 301}"), "b/y: 100-301/TCP");
}

const WEB: &str = "{name: web, containerPort: 8080}";

/// What the pods `x` and `y` take if the port `web` is allowed.
fn named(port: &str, x: &str, y: &str) -> (String, String) {
    let rule = policy("a", &format!("podSelector: {{}}, ingress: [{{ports: [{port}]}}]"));
    let cluster = [serving("a/x", "", x), serving("a/y", "", y), pod("b/z", ""), rule];
    let of = |name| opens("b/z", &cluster).into_iter().filter(|to: &String| to.starts_with(name)).collect::<String>();
    (of("a/x"), of("a/y"))
}

#[test]
fn a_name_is_the_number_that_each_destination_gives_it() {
    let (x, y) = named("{port: web}", WEB, "{name: other, containerPort: 80}, {name: web, containerPort: 9090}");
    assert_eq!((x.as_str(), y.as_str()), ("a/x: 8080/TCP", "a/y: 9090/TCP"));
}

#[test]
fn a_name_that_the_destination_does_not_have_allows_nothing() {
    assert_eq!(named("{port: web}", WEB, ""), ("a/x: 8080/TCP".into(), String::new()));
    assert_eq!(
        named("{port: web}", "{containerPort: 8080}", "{name: Web, containerPort: 80}"),
        (String::new(), String::new())
    );
}

/// "Only traffic on the specified protocol AND port will be matched."
#[test]
fn a_names_protocol_has_to_agree() {
    let both = "{name: dns, containerPort: 53, protocol: UDP}, {name: dns, containerPort: 5353, protocol: TCP}";
    assert_eq!(
        named("{port: dns}", both, "{name: dns, containerPort: 53, protocol: UDP}"),
        ("a/x: 5353/TCP".into(), String::new())
    );
    assert_eq!(
        named("{port: dns, protocol: UDP}", both, "{name: dns, containerPort: 53}"),
        ("a/x: 53/UDP".into(), String::new())
    );
}

#[test]
fn names_and_numbers_of_one_rule_add_up() {
    let (x, y) = named("{port: web}, {port: 443}", WEB, "");
    assert_eq!((x.as_str(), y.as_str()), ("a/x: 443/TCP, 8080/TCP", "a/y: 443/TCP"));
}

#[test]
fn a_name_in_egress_is_the_destinations_too() {
    let rule = policy("a", "podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: web}]}]");
    let client = serving("a/client", "", "{name: web, containerPort: 1234}");
    let cluster =
        [client, serving("b/x", "", WEB), serving("b/y", "", "{name: web, containerPort: 9090}"), pod("b/z", ""), rule];
    assert_eq!(opens("a/client", &cluster), ["b/x: 8080/TCP", "b/y: 9090/TCP"]);
}

#[test]
fn an_address_has_no_port_names() {
    let named = policy("a", "podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: web}]}]");
    assert_eq!(opens_outside("a/x", &[serving("a/x", "", WEB), named]), [""; 0]);
    let both = policy("a", "podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: web}, {port: 443}]}]");
    assert_eq!(opens_outside("a/x", &[serving("a/x", "", WEB), both]), [format!("{ANYWHERE}: 443/TCP")]);
}

/// A pod of these containers and init containers, whose port `web` is allowed.
fn containers(containers: &str) -> Vec<String> {
    let object = format!("{{apiVersion: v1, kind: Pod, metadata: {{name: x, namespace: a}}, spec: {{{containers}}}}}");
    takes("a/x", &[object, pod("b/y", ""), policy("a", "podSelector: {}, ingress: [{ports: [{port: web}]}]")])
}

#[test]
fn a_name_may_be_of_any_container() {
    assert_eq!(
        containers("containers: [{name: one}, {name: two, ports: [{name: web, containerPort: 80}]}]"),
        ["b/y: 80/TCP"]
    );
}

#[test]
fn a_name_may_be_of_a_sidecar_but_of_no_other_init_container() {
    let init = |more: &str| {
        format!(
            "containers: [{{name: main}}], initContainers: [{{name: first, {more} ports: [{{name: web, containerPort: 80}}]}}]"
        )
    };
    assert_eq!(containers(&init("restartPolicy: Always,")), ["b/y: 80/TCP"]);
    assert_eq!(containers(&init("")), [""; 0]);
}

#[test]
fn a_number_needs_no_container_to_list_it() {
    let rule = policy("a", "podSelector: {}, ingress: [{ports: [{port: 80}]}]");
    assert_eq!(takes("a/x", &[serving("a/x", "", WEB), pod("b/y", ""), rule]), ["b/y: 80/TCP"]);
}
