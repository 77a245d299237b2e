//! `IPBlock`, and what is outside the cluster.

use std::collections::BTreeSet;

use netpol_reach::{AddressBlock, AddressClasses};

use super::{ANYWHERE, DEFAULT, Plugin, opens, opens_outside, opens_with, pod, policy, takes_outside, takes_with};

/// Where a pod may open connections to if `blocks` are allowed.
fn allowed(blocks: &str) -> String {
    let egress = policy("a", &format!("podSelector: {{}}, policyTypes: [Egress], egress: [{{to: [{blocks}]}}]"));
    opens_outside("a/x", &[pod("a/x", ""), egress]).join("; ")
}

#[test]
fn an_ip_block_is_the_addresses_of_its_range() {
    assert_eq!(allowed("{ipBlock: {cidr: 10.1.0.0/16}}"), "10.1.0.0-10.1.255.255");
    assert_eq!(allowed("{ipBlock: {cidr: 192.0.2.7/32}}"), "192.0.2.7");
    assert_eq!(allowed("{ipBlock: {cidr: '2001:db8::/32'}}"), "2001:db8::-2001:db8:ffff:ffff:ffff:ffff:ffff:ffff");
    assert_eq!(allowed("{ipBlock: {cidr: '::1/128'}}"), "::1");
}

#[test]
fn a_block_that_nothing_was_divided_by_meets_the_classes_of_its_addresses() {
    let block = |cidr: &str, except: &[&str]| AddressBlock {
        cidr: cidr.parse().unwrap(),
        except: except.iter().map(|hole| hole.parse().unwrap()).collect(),
    };
    let known = block("10.0.0.0/8", &["10.1.0.0/16"]);
    let classes = AddressClasses::of([&known]);
    let of = |addresses: &[&str]| {
        let classes = addresses.iter().filter_map(|address| classes.of_address(address.parse().unwrap()));
        classes.collect::<BTreeSet<u32>>()
    };
    let met = |block: &AddressBlock| classes.of_block(block).into_iter().collect::<BTreeSet<u32>>();
    assert_eq!(met(&known), of(&["10.0.0.1"]));
    assert_eq!(met(&block("10.1.2.0/24", &[])), of(&["10.1.2.1"]));
    assert_eq!(met(&block("10.0.0.0/15", &[])), of(&["10.0.0.1", "10.1.0.1"]));
    assert_eq!(met(&block("10.0.0.0/15", &["10.0.0.0/16"])), of(&["10.1.0.1"]));
    assert_eq!(met(&block("192.0.2.0/24", &[])), of(&["192.0.2.1"]));
    assert_eq!(met(&block("::/0", &[])), of(&["2001:db8::1"]));
    assert!(classes.of_block(&block("10.0.0.0/31", &["10.0.0.0/32", "10.0.0.1/32"])).is_empty());
}

#[test]
fn a_whole_family_is_not_the_other() {
    assert_eq!(allowed("{ipBlock: {cidr: 0.0.0.0/0}}"), "0.0.0.0-255.255.255.255");
    assert_eq!(allowed("{ipBlock: {cidr: '::/0'}}"), "::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff");
    assert_eq!(allowed("{ipBlock: {cidr: 0.0.0.0/0}}, {ipBlock: {cidr: '::/0'}}"), ANYWHERE);
}

#[test]
fn bits_behind_the_prefix_do_not_count() {
    assert_eq!(allowed("{ipBlock: {cidr: 10.1.2.3/16}}"), "10.1.0.0-10.1.255.255");
}

#[test]
fn except_takes_addresses_out_of_the_range() {
    assert_eq!(
        allowed("{ipBlock: {cidr: 10.1.0.0/16, except: [10.1.2.0/24]}}"),
        "10.1.0.0-10.1.1.255, 10.1.3.0-10.1.255.255"
    );
    assert_eq!(allowed("{ipBlock: {cidr: 10.0.0.0/30, except: [10.0.0.0/32, 10.0.0.3/32]}}"), "10.0.0.1-10.0.0.2");
    assert_eq!(
        allowed("{ipBlock: {cidr: 255.255.255.0/24, except: [255.255.255.128/25]}}"),
        "255.255.255.0-255.255.255.127"
    );
    assert_eq!(allowed("{ipBlock: {cidr: '2001:db8::/126', except: ['2001:db8::/127']}}"), "2001:db8::2-2001:db8::3");
    assert_eq!(allowed("{ipBlock: {cidr: 10.0.0.0/31, except: []}}"), "10.0.0.0-10.0.0.1");
}

#[test]
fn except_that_holds_all_of_the_range_leaves_nothing() {
    assert_eq!(allowed("{ipBlock: {cidr: 10.0.0.0/31, except: [10.0.0.0/32, 10.0.0.1/32]}}"), "");
}

#[test]
fn one_hole_may_lie_in_another() {
    assert_eq!(allowed("{ipBlock: {cidr: 10.0.0.0/29, except: [10.0.0.4/31, 10.0.0.4/30]}}"), "10.0.0.0-10.0.0.3");
}

#[test]
fn what_one_block_excepts_another_may_allow() {
    let blocks = "{ipBlock: {cidr: 10.0.0.0/30, except: [10.0.0.2/31]}}, {ipBlock: {cidr: 10.0.0.3/32}}";
    assert_eq!(allowed(blocks), "10.0.0.0-10.0.0.1, 10.0.0.3");
}

#[test]
fn addresses_are_let_in_as_they_are_let_out() {
    let ingress = policy(
        "a",
        "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/30, except: [10.0.0.0/32]}}], ports: [{port: 443}]}]",
    );
    assert_eq!(takes_outside("a/x", &[pod("a/x", ""), ingress]), ["10.0.0.1-10.0.0.3: 443/TCP"]);
}

#[test]
fn ports_and_blocks_go_together() {
    let egress = policy(
        "a",
        "podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/31}}], ports: [{port: 80}]}, \
         {to: [{ipBlock: {cidr: 10.0.0.1/32}}], ports: [{port: 443}]}]",
    );
    assert_eq!(opens_outside("a/x", &[pod("a/x", ""), egress]), ["10.0.0.0: 80/TCP", "10.0.0.1: 80/TCP, 443/TCP"]);
}

/// The Pod `namespace/name`, which has these addresses now.
fn at(name: &str, addresses: &str, more: &str) -> String {
    let (namespace, name) = name.split_once('/').unwrap();
    let ips = addresses.split_whitespace().map(|ip| format!("{{ip: '{ip}'}}")).collect::<Vec<_>>().join(", ");
    let first = addresses.split_whitespace().next().unwrap();
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}}}, \
         spec: {{containers: [], {more}}}, status: {{podIP: '{first}', podIPs: [{ips}]}}}}"
    )
}

const MATCHING: Plugin = Plugin { ip_blocks_match_pods: true, ..DEFAULT };

/// "These should be cluster-external IPs, since Pod IPs are ephemeral and unpredictable."
#[test]
fn an_ip_block_matches_no_pod_unless_the_plugin_does_so() {
    let egress = policy(
        "a",
        "podSelector: {}, policyTypes: [Egress], egress: [{to: [{ipBlock: {cidr: 10.1.0.0/16, except: [10.1.2.0/24]}}]}]",
    );
    let cluster =
        [pod("a/x", ""), at("b/in", "10.1.1.1", ""), at("b/hole", "10.1.2.1", ""), at("b/out", "10.2.0.1", ""), egress];
    assert_eq!(opens("a/x", &cluster), [""; 0]);
    assert_eq!(opens_with(MATCHING, "a/x", &cluster), ["b/in"]);
}

#[test]
fn where_blocks_match_pods_any_of_a_pods_addresses_will_do() {
    let ingress = policy("a", "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 'fd00::/8'}}]}]");
    let cluster = [
        pod("a/x", ""),
        at("b/dual", "10.1.1.1 fd00::1", ""),
        at("b/single", "10.1.1.2", ""),
        pod("b/none", ""),
        ingress,
    ];
    assert_eq!(takes_with(DEFAULT, "a/x", &cluster), [""; 0]);
    assert_eq!(takes_with(MATCHING, "a/x", &cluster), ["b/dual"]);
}

#[test]
fn a_rule_without_peers_is_of_pods_whether_blocks_match_them_or_not() {
    let cluster = [pod("a/x", ""), at("b/y", "10.1.1.1", ""), policy("a", "podSelector: {}, ingress: [{from: []}]")];
    for plugin in [DEFAULT, MATCHING] {
        assert_eq!(takes_with(plugin, "a/x", &cluster), ["b/y"]);
    }
}

/// Where plugins can't tell a pod on the host network from its node: "since hostNetwork pods have the same IP addresses
/// as the nodes they reside on, their connections will be treated as node connections. For example, you can allow
/// traffic from a hostNetwork Pod using an ipBlock rule."
#[test]
fn a_host_network_pod_that_selectors_do_not_match_is_matched_by_its_nodes_address() {
    let ingress = policy("a", "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 192.0.2.0/24}}]}]");
    let cluster = [pod("a/x", ""), at("b/host", "192.0.2.1", "hostNetwork: true"), at("b/y", "192.0.2.2", ""), ingress];
    let unselectable = Plugin { host_network_is_selectable: false, ..DEFAULT };
    assert_eq!(takes_with(unselectable, "a/x", &cluster), ["b/host"]);
    assert_eq!(takes_with(DEFAULT, "a/x", &cluster), [""; 0]);
}
