//! What is skipped, not evaluated, or read otherwise than its author may think.

use super::{POD, of, with_policy};

/// What is said beside the connections: all after the first `To know:`, `Not evaluated` or `Skipped:`.
fn aside(text: &str) -> String {
    let answer = of(text).answer();
    let at = ["\nTo know:", "\nNot evaluated", "\nSkipped:"].iter().filter_map(|head| answer.find(head)).min();
    at.map(|at| answer[at..].trim().to_owned()).unwrap_or_default()
}

#[test]
fn of_manifests_that_are_as_they_seem_nothing_is_said() {
    assert_eq!(aside(&with_policy("podSelector: {}, policyTypes: [Ingress], ingress: [{ports: [{port: 80}]}]")), "");
}

#[test]
fn objects_of_other_kinds_are_skipped_and_counted() {
    let others = "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: foos.example.com}\n\
                  ---\napiVersion: example.com/v1\nkind: Foo\nmetadata: {name: x}\nspec: [1, 2]\n\
                  ---\napiVersion: example.com/v1\nkind: Foo\nmetadata: what is this\nstatus: {}\n\
                  ---\napiVersion: v1\nkind: Service\nmetadata: {name: s}\nspec: {selector: {}}\n";
    assert_eq!(
        aside(&format!("{POD}{others}")),
        "Skipped: 1 CustomResourceDefinition (apiextensions.k8s.io/v1), 2 Foo (example.com/v1), 1 Service (v1)."
    );
}

#[test]
fn objects_of_api_versions_that_are_gone_are_skipped_with_a_notice() {
    for (api_version, kind) in [
        ("extensions/v1beta1", "NetworkPolicy"),
        ("extensions/v1beta1", "Deployment"),
        ("apps/v1beta2", "StatefulSet"),
        ("batch/v1beta1", "CronJob"),
    ] {
        let said = aside(&format!(
            "{POD}---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: old}}\nspec: {{podSelector: {{}}}}\n"
        ));
        let name = format!("{kind} ({api_version})");
        assert!(
            said.contains(&format!(
                "- cluster.yaml:7:1: {name} is of an API version that is no longer served: it is skipped"
            )),
            "{said}"
        );
        assert!(said.contains(&format!("Skipped: 1 {name}.")), "{said}");
    }
}

#[test]
fn policies_of_other_makers_are_listed_as_not_evaluated() {
    for (api_version, kind) in [
        ("cilium.io/v2", "CiliumNetworkPolicy"),
        ("cilium.io/v2", "CiliumClusterwideNetworkPolicy"),
        ("crd.projectcalico.org/v1", "GlobalNetworkPolicy"),
        ("projectcalico.org/v3", "NetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha1", "AdminNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha1", "BaselineAdminNetworkPolicy"),
        ("policy.networking.k8s.io/v1alpha2", "ClusterNetworkPolicy"),
        ("crd.antrea.io/v1beta1", "ClusterNetworkPolicy"),
        ("k8s.cni.cncf.io/v1beta1", "MultiNetworkPolicy"),
        ("k8s.ovn.org/v1", "EgressFirewall"),
        ("security.istio.io/v1", "AuthorizationPolicy"),
    ] {
        let said = aside(&format!(
            "{POD}---\napiVersion: {api_version}\nkind: {kind}\nmetadata: {{name: n, namespace: a}}\nspec: {{}}\n"
        ));
        assert_eq!(
            said,
            format!(
                "Not evaluated, though these too restrict or open traffic:\n- cluster.yaml:7:1: {kind} ({api_version}) a/n"
            )
        );
    }
}

#[test]
fn a_policy_of_a_namespace_without_workloads_is_said_to_act_on_nothing() {
    let said = aside(&with_policy("podSelector: {}").replace("name: p, namespace: a", "name: p, namespace: nowhere"));
    assert_eq!(
        said,
        "To know:\n- cluster.yaml:7:1: nowhere/p acts on nothing: no workload of `nowhere` is among the manifests"
    );
}

#[test]
fn a_key_that_the_api_does_not_know_is_named_with_the_one_that_was_meant() {
    for (spec, unknown, meant) in [
        ("podSelector: {}, ingress: [{form: [{podSelector: {}}]}]", "form", "from"),
        ("podSelector: {matchlabels: {app: x}}", "matchlabels", "matchLabels"),
        ("podselector: {matchLabels: {app: x}}", "podselector", "podSelector"),
        (
            "podSelector: {}, ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, expect: [10.1.0.0/16]}}]}]",
            "expect",
            "except",
        ),
        ("podSelector: {}, ingress: [{ports: [{port: 80, endport: 90}]}]", "endport", "endPort"),
        ("podSelector: {}, policytypes: [Egress]", "policytypes", "policyTypes"),
    ] {
        let said = aside(&with_policy(spec));
        assert!(
            said.contains(&format!("the API does not know the key `{unknown}` and drops it; did you mean `{meant}`?")),
            "{said}"
        );
    }
}

#[test]
fn a_key_that_the_api_drops_is_dropped_here_too() {
    let answer = of(with_policy("podSelector: {}, ingress: [{form: [{podSelector: {}}]}]")).answer();
    assert!(answer.contains("takes all ports from any address"), "{answer}");
}

#[test]
fn a_port_name_that_no_pod_has_is_said_to_allow_nothing() {
    let said = aside(&with_policy("podSelector: {}, ingress: [{ports: [{port: web}]}]"));
    assert_eq!(
        said,
        "To know:\n- cluster.yaml:7:1: a/p: no pod has a port `web` over TCP, so the rule allows nothing on it"
    );
    let udp = with_policy("podSelector: {}, ingress: [{ports: [{port: web, protocol: UDP}]}]");
    let served = udp.replace("containers: []", "containers: [{ports: [{name: web, containerPort: 80}]}]");
    assert!(aside(&served).contains("no pod has a port `web` over UDP"));
}

#[test]
fn a_policy_that_stands_twice_alike_counts_once_with_a_notice() {
    let policy = with_policy("podSelector: {}");
    let again = policy.replacen(POD, "", 1);
    let answer = of(policy + &again).answer();
    assert!(answer.contains("1 NetworkPolicy"), "{answer}");
    assert!(
        answer.contains("- cluster.yaml:12:1: the NetworkPolicy a/p stands twice, also at cluster.yaml:7:1"),
        "{answer}"
    );
}

#[test]
fn namespaces_whose_labels_are_asked_for_and_not_there_are_named() {
    let said =
        aside(&with_policy("podSelector: {}, ingress: [{from: [{namespaceSelector: {matchLabels: {team: one}}}]}]"));
    assert!(said.contains("there is no Namespace object of `a`: taken to have no label but its name"), "{said}");
}
