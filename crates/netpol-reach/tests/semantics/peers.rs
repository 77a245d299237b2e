//! `NetworkPolicyPeer`: "a peer to allow traffic to/from. Only certain combinations of fields are allowed".

use super::{ANYWHERE, namespace, opens, pod, policy, takes, takes_outside};

/// Pods `web` and `db` in each of three namespaces, of which `a` and `b` are of a team, and `c` has no object.
fn teams() -> Vec<String> {
    let mut objects = vec![namespace("a", "team: one"), namespace("b", "team: two")];
    for name in ["a/web", "a/db", "b/web", "b/db", "c/web", "c/db"] {
        objects.push(pod(name, &format!("app: {}", &name[2..])));
    }
    objects
}

/// Whom `a/db` takes connections from if `peers` are allowed.
fn allowed(peers: &str) -> Vec<String> {
    let spec = format!("podSelector: {{matchLabels: {{app: db}}}}, ingress: [{{from: [{peers}]}}]");
    takes("a/db", &[teams(), vec![policy("a", &spec)]].concat())
}

#[test]
fn a_pod_selector_alone_is_of_the_policys_own_namespace() {
    assert_eq!(allowed("{podSelector: {matchLabels: {app: web}}}"), ["a/web"]);
}

#[test]
fn an_empty_pod_selector_is_all_pods_of_the_policys_own_namespace() {
    assert_eq!(allowed("{podSelector: {}}"), ["a/web"]);
}

#[test]
fn a_namespace_selector_alone_is_all_pods_of_those_namespaces() {
    assert_eq!(allowed("{namespaceSelector: {matchLabels: {team: two}}}"), ["b/db", "b/web"]);
}

#[test]
fn an_empty_namespace_selector_is_all_namespaces() {
    assert_eq!(allowed("{namespaceSelector: {}}"), ["a/web", "b/db", "b/web", "c/db", "c/web"]);
    assert_eq!(allowed("{namespaceSelector: {}, podSelector: {matchLabels: {app: web}}}"), ["a/web", "b/web", "c/web"]);
}

#[test]
fn both_selectors_of_one_peer_have_to_match() {
    let peer = "{namespaceSelector: {matchLabels: {team: two}}, podSelector: {matchLabels: {app: web}}}";
    assert_eq!(allowed(peer), ["b/web"]);
}

#[test]
fn one_of_two_peers_has_to_match() {
    let peers = "{namespaceSelector: {matchLabels: {team: two}}}, {podSelector: {matchLabels: {app: web}}}";
    assert_eq!(allowed(peers), ["a/web", "b/db", "b/web"]);
}

#[test]
fn selectors_that_are_null_are_not_there() {
    assert_eq!(allowed("{podSelector: {matchLabels: {app: web}}, namespaceSelector: null, ipBlock: null}"), ["a/web"]);
    assert_eq!(allowed("{namespaceSelector: {matchLabels: {team: two}}, podSelector: ~}"), ["b/db", "b/web"]);
}

#[test]
fn a_peer_that_matches_nothing_allows_nothing() {
    assert_eq!(allowed("{podSelector: {matchLabels: {app: other}}}"), [""; 0]);
    assert_eq!(allowed("{namespaceSelector: {matchLabels: {team: three}}}"), [""; 0]);
}

/// "The Kubernetes control plane sets an immutable label kubernetes.io/metadata.name on all namespaces."
#[test]
fn every_namespace_has_the_label_of_its_name_whether_its_object_shows_it_or_not() {
    for name in ["b", "c"] {
        let peer = format!("{{namespaceSelector: {{matchLabels: {{kubernetes.io/metadata.name: {name}}}}}}}");
        assert_eq!(allowed(&peer), [format!("{name}/db"), format!("{name}/web")]);
    }
    let others =
        "{namespaceSelector: {matchExpressions: [{key: kubernetes.io/metadata.name, operator: NotIn, values: [a]}]}}";
    assert_eq!(allowed(others), ["b/db", "b/web", "c/db", "c/web"]);
}

#[test]
fn the_label_of_a_namespaces_name_is_its_name_whatever_its_object_says() {
    let spec =
        "podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: b}}}]}]";
    let lying = namespace("c", "kubernetes.io/metadata.name: b");
    let cluster = [lying, pod("a/x", ""), pod("b/x", ""), pod("c/x", ""), policy("a", spec)];
    assert_eq!(takes("a/x", &cluster), ["b/x"]);
}

#[test]
fn a_namespace_without_an_object_has_no_label_but_its_name() {
    assert_eq!(
        allowed("{namespaceSelector: {matchExpressions: [{key: team, operator: Exists}]}}"),
        ["a/web", "b/db", "b/web"]
    );
    assert_eq!(
        allowed("{namespaceSelector: {matchExpressions: [{key: team, operator: DoesNotExist}]}}"),
        ["c/db", "c/web"]
    );
    assert_eq!(
        allowed("{namespaceSelector: {matchExpressions: [{key: team, operator: NotIn, values: [one]}]}}"),
        ["b/db", "b/web", "c/db", "c/web"]
    );
}

#[test]
fn labels_of_a_namespace_are_not_those_of_its_pods() {
    assert_eq!(allowed("{podSelector: {matchLabels: {team: one}}}"), [""; 0]);
    assert_eq!(allowed("{namespaceSelector: {matchLabels: {app: web}}}"), [""; 0]);
}

#[test]
fn selectors_match_pods_and_no_address() {
    let any_pod = policy("a", "podSelector: {}, ingress: [{from: [{namespaceSelector: {}}]}]");
    assert_eq!(takes_outside("a/x", &[pod("a/x", ""), any_pod]), [""; 0]);
    let anyone = policy("a", "podSelector: {}, ingress: [{from: []}]");
    assert_eq!(takes_outside("a/x", &[pod("a/x", ""), anyone]), [ANYWHERE]);
}

#[test]
fn peers_of_egress_are_destinations() {
    let spec = "podSelector: {matchLabels: {app: web}}, egress: [{to: [{podSelector: {matchLabels: {app: db}}}]}]";
    let cluster = [teams(), vec![policy("a", &format!("{spec}, policyTypes: [Egress]"))]].concat();
    assert_eq!(opens("a/web", &cluster), ["a/db"]);
    assert_eq!(takes("a/web", &cluster), ["a/db", "b/db", "b/web", "c/db", "c/web"]);
}
