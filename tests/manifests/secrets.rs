//! Secrets among the manifests are not looked at, and no error quotes what stands in a file.

use std::fs;

use super::{POD, of, said, with_policy};

const CANARY: &str = "c4n4ry-2f9e";

/// Nothing that is said in any form holds the canary.
#[track_caller]
fn keeps(text: &str) {
    for form in [&["cluster.yaml"][..], &["cluster.yaml", "--json"], &["cluster.yaml", "--diagram"]] {
        let said = said(form, |folder| fs::write(folder.join("cluster.yaml"), text).unwrap());
        let all = format!("{}{}", said.out, said.err).to_lowercase();
        assert!(!all.contains("c4n4ry"), "{form:?}: {all}\n{text}");
    }
}

#[test]
fn no_value_of_a_secret_is_ever_said() {
    let fields = format!(
        "metadata: {{name: s, namespace: a, annotations: {{kubectl.kubernetes.io/last-applied-configuration: '{CANARY}'}}}}\ndata: {{password: {CANARY}}}\nstringData: {{{CANARY}: '{CANARY}'}}\n"
    );
    keeps(&format!("{POD}---\napiVersion: v1\nkind: Secret\n{fields}"));
    keeps(&format!("{POD}---\n{fields}kind: Secret\napiVersion: v1\n"));
    keeps(&format!("{POD}---\n{fields}"));
    keeps(&format!(
        "{{apiVersion: v1, items: [{{metadata: {{name: s, annotations: {{x: {CANARY}}}}}, data: {{x: {CANARY}}}}}], kind: SecretList}}"
    ));
    assert!(
        of(format!("{POD}---\napiVersion: v1\nkind: Secret\n{fields}")).answer().contains("Skipped: 1 Secret (v1).")
    );
}

#[test]
fn a_broken_secret_is_refused_without_its_values() {
    for broken in [
        "  password: \"c4n4ry-2f9e\n",
        "  password: c4n4ry-2f9e: c4n4ry-2f9e\n",
        "  c4n4ry-2f9e: one\n  c4n4ry-2f9e: two\n",
        "  password: *c4n4ry-2f9e\n",
        "  password: [c4n4ry-2f9e\n",
        "  password: \"\\c4n4ry-2f9e\"\n",
        " password: c4n4ry-2f9e\n  c4n4ry-2f9e\n x: y: z\n",
        "\tpassword: c4n4ry-2f9e\n",
    ] {
        let text = format!("{POD}---\napiVersion: v1\nkind: Secret\nmetadata: {{name: s}}\nstringData:\n{broken}");
        keeps(&text);
        assert!(of(&text).refusal().starts_with("error: cluster.yaml:"), "{text}");
    }
    keeps(&format!("{POD}---\napiVersion: v1\nkind: Secret\nstringData:\n  password: {{{{ {CANARY} }}}}\n"));
}

#[test]
fn what_else_stands_in_a_workload_is_not_said() {
    keeps(&POD.replace(
        "containers: []",
        &format!("containers: [{{name: m, env: [{{name: PASSWORD, value: {CANARY}}}], args: [{CANARY}]}}]"),
    ));
    keeps(&POD.replace("name: x", &format!("name: x, annotations: {{x: {CANARY}}}, managedFields: [{{x: {CANARY}}}]")));
    keeps(&format!(
        "{POD}---\napiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {{name: n, annotations: {{x: {CANARY}}}}}\nspec: {{x: {CANARY}}}\n"
    ));
    keeps(&format!("{POD}---\napiVersion: v1\nkind: ConfigMap\nmetadata: {CANARY}\ndata: {{x: {CANARY}}}\n"));
}

/// Each where something else was expected, so that a library's error might quote it.
const MISPLACED: &[&str] = &[
    "podSelector: CANARY",
    "podSelector: {matchLabels: CANARY}",
    "podSelector: {matchLabels: {app: 'CANARY '}}",
    "podSelector: {matchExpressions: [{key: 'CANARY ', operator: Exists}]}",
    "podSelector: {matchExpressions: [{key: a, operator: CANARY}]}",
    "policyTypes: CANARY",
    "policyTypes: [CANARY]",
    "ingress: CANARY",
    "ingress: [CANARY]",
    "ingress: [{from: CANARY}]",
    "ingress: [{from: [CANARY]}]",
    "ingress: [{from: [{ipBlock: CANARY}]}]",
    "ingress: [{from: [{ipBlock: {cidr: CANARY}}]}]",
    "ingress: [{from: [{ipBlock: {cidr: 10.0.0.0/8, except: [CANARY]}}]}]",
    "ingress: [{ports: [{port: CANARY-CANARY}]}]",
    "ingress: [{ports: [{protocol: CANARY}]}]",
    "ingress: [{ports: [{port: 80, endPort: CANARY}]}]",
    "CANARY: CANARY, podSelector: {}",
];

#[test]
fn no_error_quotes_a_value_of_a_policy_whose_kind_stands_first() {
    for spec in MISPLACED {
        keeps(&with_policy(&spec.replace("CANARY", CANARY)));
    }
}

/// What stands before `kind` is kept until it is known how to read it, and read by another library.
#[test]
fn no_error_quotes_a_value_of_a_policy_whose_kind_stands_last() {
    for spec in MISPLACED {
        let spec = spec.replace("CANARY", CANARY);
        keeps(&format!(
            "{POD}---\nspec: {{{spec}}}\nmetadata: {{name: p}}\nkind: NetworkPolicy\napiVersion: networking.k8s.io/v1\n"
        ));
        keeps(&format!(
            "{{items: [{{metadata: {{name: p}}, spec: {{{spec}}}}}], kind: NetworkPolicyList, apiVersion: networking.k8s.io/v1}}"
        ));
    }
}

#[test]
fn no_error_quotes_a_value_of_a_workload() {
    for field in [
        "hostNetwork: CANARY",
        "containers: CANARY",
        "containers: [CANARY]",
        "containers: [{ports: [{containerPort: CANARY}]}]",
        "containers: [{ports: [{protocol: CANARY}]}]",
        "containers: [{ports: [{name: [CANARY]}]}]",
    ] {
        let field = field.replace("CANARY", CANARY);
        keeps(&POD.replace("containers: []", &field));
        keeps(&format!("spec: {{{field}}}\nmetadata: {{name: x}}\nkind: Pod\napiVersion: v1\n"));
        keeps(&format!(
            "spec: {{template: {{spec: {{{field}}}}}}}\nmetadata: {{name: x}}\nkind: Deployment\napiVersion: apps/v1\n"
        ));
    }
    for metadata in [
        "CANARY",
        "[CANARY]",
        "{name: [CANARY]}",
        "{name: x, labels: CANARY}",
        "{name: x, ownerReferences: CANARY}",
        "{name: x, namespace: CANARY_}",
    ] {
        let metadata = metadata.replace("CANARY", CANARY);
        keeps(&format!("apiVersion: v1\nkind: Pod\nmetadata: {metadata}\nspec: {{containers: []}}\n"));
        keeps(&format!("metadata: {metadata}\nspec: {{containers: []}}\nkind: Pod\napiVersion: v1\n"));
    }
}
