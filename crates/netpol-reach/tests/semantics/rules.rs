//! Which directions a policy isolates, what a list of rules allows, and how policies add up.

use super::{ANYWHERE, opens, opens_outside, pod, policy, takes, takes_outside};

/// `x` and `y` in one namespace, and a policy that selects `x`.
fn with(spec: &str) -> Vec<String> {
    vec![
        pod("a/x", "app: x"),
        pod("a/y", "app: y"),
        policy("a", &format!("podSelector: {{matchLabels: {{app: x}}}}, {spec}")),
    ]
}

/// Whether such a policy isolates `x`: (what arrives, what leaves).
fn isolates(spec: &str) -> (bool, bool) {
    let cluster = with(spec);
    (takes("a/x", &cluster).is_empty(), opens("a/x", &cluster).is_empty())
}

#[test]
fn a_pod_that_no_policy_selects_takes_and_opens_everything() {
    let cluster = [pod("a/x", ""), pod("b/y", "")];
    assert_eq!((opens("a/x", &cluster), takes("a/x", &cluster)), (vec!["b/y".to_owned()], vec!["b/y".to_owned()]));
    assert_eq!(
        (opens_outside("a/x", &cluster), takes_outside("a/x", &cluster)),
        (vec![ANYWHERE.into()], vec![ANYWHERE.into()])
    );
}

#[test]
fn a_policy_without_policy_types_restricts_what_arrives() {
    for spec in ["", "ingress: null", "ingress: []", "policyTypes: null", "policyTypes: []"] {
        assert_eq!(isolates(spec), (true, false), "{spec}");
    }
}

#[test]
fn a_policy_without_policy_types_restricts_what_leaves_only_if_it_has_such_rules() {
    assert_eq!(isolates("egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"), (true, true));
    assert_eq!(isolates("policyTypes: [], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"), (true, true));
}

/// The API server's default looks at how many rules there are, not at whether the key is there.
#[test]
fn an_empty_egress_without_policy_types_restricts_nothing_that_leaves() {
    assert_eq!(isolates("egress: []"), (true, false));
    assert_eq!(isolates("egress: null"), (true, false));
}

#[test]
fn policy_types_say_which_directions_are_restricted() {
    assert_eq!(isolates("policyTypes: [Ingress]"), (true, false));
    assert_eq!(isolates("policyTypes: [Egress]"), (false, true));
    assert_eq!(isolates("policyTypes: [Ingress, Egress]"), (true, true));
    assert_eq!(isolates("policyTypes: [Egress], egress: []"), (false, true));
}

#[test]
fn rules_of_a_direction_that_policy_types_leave_out_have_no_effect() {
    assert_eq!(isolates("policyTypes: [Ingress], egress: [{to: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"), (true, false));
    assert_eq!(isolates("policyTypes: [Egress], ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8}}]}]"), (false, true));
}

#[test]
fn no_rule_allows_nothing() {
    for rules in ["ingress: []", "ingress: null", "policyTypes: [Ingress]"] {
        assert_eq!((takes("a/x", &with(rules)), takes_outside("a/x", &with(rules))), (vec![], vec![]), "{rules}");
    }
}

#[test]
fn an_empty_rule_allows_everything() {
    for rules in [
        "ingress: [{}]",
        "ingress: [{from: []}]",
        "ingress: [{from: null, ports: null}]",
        "ingress: [{ports: []}]",
        "ingress: [null]",
    ] {
        let cluster = with(rules);
        assert_eq!(
            (takes("a/x", &cluster), takes_outside("a/x", &cluster)),
            (vec!["a/y".into()], vec![ANYWHERE.into()]),
            "{rules}"
        );
    }
    for rules in ["egress: [{}]", "egress: [{to: []}]", "egress: [{to: null, ports: null}]", "egress: [{ports: []}]"] {
        let cluster = with(rules);
        assert_eq!(
            (opens("a/x", &cluster), opens_outside("a/x", &cluster)),
            (vec!["a/y".into()], vec![ANYWHERE.into()]),
            "{rules}"
        );
    }
}

#[test]
fn a_rule_without_peers_allows_its_ports_from_everywhere() {
    let cluster = with("ingress: [{ports: [{port: 80}]}]");
    assert_eq!(takes("a/x", &cluster), ["a/y: 80/TCP"]);
    assert_eq!(takes_outside("a/x", &cluster), [format!("{ANYWHERE}: 80/TCP")]);
}

#[test]
fn a_rule_without_ports_allows_its_peers_on_all() {
    assert_eq!(takes("a/x", &with("ingress: [{from: [{podSelector: {}}]}]")), ["a/y"]);
}

/// `x` takes connections from `y` and `z` as `rules` say.
fn two_clients(rules: &str) -> Vec<String> {
    let cluster = [with(&format!("ingress: {rules}")), vec![pod("a/z", "app: z")]].concat();
    takes("a/x", &cluster)
}

#[test]
fn a_rule_allows_what_is_of_both_its_peers_and_its_ports() {
    let rules = "[{from: [{podSelector: {matchLabels: {app: y}}}], ports: [{port: 80}, {port: 443}]}]";
    assert_eq!(two_clients(rules), ["a/y: 80/TCP, 443/TCP"]);
}

#[test]
fn a_rule_lends_its_ports_to_no_other() {
    let rules = "[{from: [{podSelector: {matchLabels: {app: y}}}], ports: [{port: 80}]}, \
                  {from: [{podSelector: {matchLabels: {app: z}}}], ports: [{port: 443}]}]";
    assert_eq!(two_clients(rules), ["a/y: 80/TCP", "a/z: 443/TCP"]);
}

#[test]
fn rules_add_up() {
    let rules = "[{from: [{podSelector: {}}], ports: [{port: 80}]}, \
                  {from: [{podSelector: {matchLabels: {app: z}}}], ports: [{port: 443}]}]";
    assert_eq!(two_clients(rules), ["a/y: 80/TCP", "a/z: 80/TCP, 443/TCP"]);
}

#[test]
fn policies_add_up() {
    let one = policy(
        "a",
        "podSelector: {}, ingress: [{from: [{podSelector: {matchLabels: {app: y}}}], ports: [{port: 80}]}]",
    );
    let other = policy("a", "podSelector: {matchLabels: {app: x}}, ingress: [{ports: [{port: 443}]}]");
    let none = policy("a", "podSelector: {}");
    let cluster = [pod("a/x", "app: x"), pod("a/y", "app: y"), pod("a/z", "app: z"), one, none, other];
    assert_eq!(takes("a/x", &cluster), ["a/y: 80/TCP, 443/TCP", "a/z: 443/TCP"]);
    assert_eq!(takes("a/z", &cluster), ["a/y: 80/TCP"]);
}

#[test]
fn the_directions_are_isolated_apart() {
    let takes_nothing = policy("a", "podSelector: {matchLabels: {app: x}}, policyTypes: [Ingress]");
    let opens_nothing = policy("a", "podSelector: {matchLabels: {app: y}}, policyTypes: [Egress]");
    let cluster = [pod("a/x", "app: x"), pod("a/y", "app: y"), pod("b/z", ""), takes_nothing, opens_nothing];
    assert_eq!((opens("a/x", &cluster), takes("a/x", &cluster)), (vec!["a/y".into(), "b/z".into()], vec![]));
    assert_eq!((opens("a/y", &cluster), takes("a/y", &cluster)), (vec![], vec!["a/x".into(), "b/z".into()]));
}

#[test]
fn both_ends_have_to_allow_a_connection() {
    let sends = policy("a", "podSelector: {}, policyTypes: [Egress], egress: [{ports: [{port: 80, endPort: 85}]}]");
    let accepts = policy("b", "podSelector: {}, ingress: [{ports: [{port: 84, endPort: 90}]}]");
    let ends = [pod("a/x", ""), pod("b/y", "")];
    let with = |policies: &[&String]| {
        opens("a/x", &[&ends[..], &policies.iter().map(|one| (*one).clone()).collect::<Vec<_>>()].concat())
    };
    assert_eq!(with(&[&sends]), ["b/y: 80/TCP, 81/TCP, 82/TCP, 83/TCP, 84/TCP, 85/TCP"]);
    assert_eq!(with(&[&accepts]), ["b/y: 84/TCP, 85/TCP, 86/TCP, 87/TCP, 88/TCP, 89/TCP, 90/TCP"]);
    assert_eq!(with(&[&sends, &accepts]), ["b/y: 84/TCP, 85/TCP"]);
    let refuses = policy("b", "podSelector: {}");
    assert_eq!(with(&[&sends, &refuses]), [""; 0]);
}

/// "Reply traffic for those allowed connections will also be implicitly allowed": a server that may open nothing
/// still answers, and a client that takes nothing still gets its answer.
#[test]
fn replies_need_no_rule() {
    let server_opens_nothing = policy("b", "podSelector: {}, policyTypes: [Egress]");
    let client_takes_nothing = policy("a", "podSelector: {}, policyTypes: [Ingress]");
    let cluster = [pod("a/client", ""), pod("b/server", ""), server_opens_nothing, client_takes_nothing];
    assert_eq!(opens("a/client", &cluster), ["b/server"]);
}

#[test]
fn an_allowed_connection_does_not_allow_one_the_other_way() {
    let peers = "[{namespaceSelector: {}}]";
    let client = policy("a", &format!("podSelector: {{}}, policyTypes: [Ingress, Egress], egress: [{{to: {peers}}}]"));
    let server =
        policy("b", &format!("podSelector: {{}}, policyTypes: [Ingress, Egress], ingress: [{{from: {peers}}}]"));
    let cluster = [pod("a/client", ""), pod("b/server", ""), client, server];
    assert_eq!((opens("a/client", &cluster), opens("b/server", &cluster)), (vec!["b/server".to_owned()], vec![]));
}
