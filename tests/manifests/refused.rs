//! What the API server would refuse is refused here too, with its place and what was expected.

use std::fs;

use super::{POD, of, said, with_policy};

/// All of `specs`, which stand in line 10, are refused with these words.
#[track_caller]
fn refused(specs: &[&str], words: &[&str]) {
    for spec in specs {
        let error = of(with_policy(spec)).refusal();
        assert!(error.starts_with("error: cluster.yaml:10:"), "{spec}: {error}");
        for word in words {
            assert!(error.contains(word), "{spec}: `{word}` is not said in {error}");
        }
    }
}

#[track_caller]
fn refused_port(ports: &[&str], words: &[&str]) {
    let specs: Vec<String> =
        ports.iter().map(|port| format!("podSelector: {{}}, ingress: [{{ports: [{{{port}}}]}}]")).collect();
    refused(&specs.iter().map(String::as_str).collect::<Vec<_>>(), words);
}

#[track_caller]
fn refused_peer(peers: &[&str], words: &[&str]) {
    for (direction, side) in [("ingress", "from"), ("egress", "to")] {
        let specs: Vec<String> =
            peers.iter().map(|peer| format!("podSelector: {{}}, {direction}: [{{{side}: [{{{peer}}}]}}]")).collect();
        refused(&specs.iter().map(String::as_str).collect::<Vec<_>>(), words);
    }
}

#[track_caller]
fn refused_requirement(requirements: &[&str], words: &[&str]) {
    let specs: Vec<String> =
        requirements.iter().map(|one| format!("podSelector: {{matchExpressions: [{{{one}}}]}}")).collect();
    refused(&specs.iter().map(String::as_str).collect::<Vec<_>>(), words);
}

#[test]
fn a_port_number_is_1_to_65535() {
    refused_port(&["port: 0", "port: 70000", "port: -1", "port: 80, endPort: 70000"], &["1 to 65535"]);
}

#[test]
fn a_number_in_quotes_is_no_port() {
    refused_port(&["port: '80'", "port: ''"], &["without quotes"]);
    refused_port(
        &["port: WEB", "port: -web", "port: web-, protocol: UDP", "port: we--b", "port: a-name-of-16-chars"],
        &["up to 15 of a-z"],
    );
}

#[test]
fn a_port_is_a_number_or_a_name() {
    refused_port(
        &["port: 80.5", "port: true", "port: [80]", "port: {number: 80}"],
        &["expected a port's number or name"],
    );
}

#[test]
fn end_port_is_not_below_port() {
    refused_port(&["port: 80, endPort: 79", "endPort: 1, port: 2"], &["'endPort' is less than 'port'"]);
}

#[test]
fn end_port_needs_a_port_that_is_a_number() {
    refused_port(&["port: web, endPort: 80", "endPort: 80"], &["'endPort' needs a 'port' that is a number"]);
}

#[test]
fn a_protocol_is_one_of_three_in_capitals() {
    refused_port(&["port: 80, protocol: tcp", "protocol: ICMP", "protocol: ''"], &["`TCP`, `UDP`, `SCTP`"]);
}

#[test]
fn a_range_of_addresses_is_a_cidr() {
    let bad = ["10.0.0.0/33", "10.0.0.1", "10.0.0/8", "'2001:db8::/129'", "internal", "''", "'10.0.0.0/8, 11.0.0.0/8'"];
    let cidrs = bad.map(|cidr| format!("ipBlock: {{cidr: {cidr}}}"));
    refused_peer(&cidrs.each_ref().map(String::as_str), &["expected an address range such as 10.0.0.0/8"]);
    refused_peer(
        &["ipBlock: {cidr: 10.0.0.0/8, except: [10.1.0.0]}"],
        &["expected an address range such as 10.0.0.0/8"],
    );
    refused_peer(&["ipBlock: {}", "ipBlock: {except: [10.0.0.0/8]}"], &["`cidr` is missing"]);
}

/// "Except values will be rejected if they are outside the cidr range"; the API server wants them strictly inside.
#[test]
fn except_lies_inside_its_range() {
    let blocks = ["11.0.0.0/16", "10.0.0.0/8", "0.0.0.0/0", "'2001:db8::/32'"];
    let blocks = blocks.map(|hole| format!("ipBlock: {{cidr: 10.0.0.0/8, except: [10.1.0.0/16, {hole}]}}"));
    refused_peer(&blocks.each_ref().map(String::as_str), &["does not lie inside '10.0.0.0/8'"]);
}

#[test]
fn a_peer_is_a_block_or_selectors() {
    refused_peer(
        &["ipBlock: {cidr: 10.0.0.0/8}, podSelector: {}", "namespaceSelector: {}, ipBlock: {cidr: 10.0.0.0/8}"],
        &["'ipBlock' or selectors, not both"],
    );
}

#[test]
fn a_peer_is_something() {
    let words = &["a peer has one of 'podSelector', 'namespaceSelector', 'ipBlock'"];
    refused_peer(&["", "podSelector: null", "ipBlock: ~", "podSelctor: {}"], words);
}

#[test]
fn an_operator_is_one_of_four() {
    let words = &["`In`, `NotIn`, `Exists`, `DoesNotExist`"];
    refused_requirement(
        &["key: a, operator: Equals, values: [x]", "key: a, operator: in, values: [x]", "key: a, operator: ''"],
        words,
    );
    refused_requirement(&["key: a, values: [x]"], &["`operator` is missing"]);
    refused_requirement(&["operator: Exists"], &["`key` is missing"]);
}

#[test]
fn in_and_not_in_have_values_and_the_others_none() {
    refused_requirement(
        &["key: a, operator: In", "key: a, operator: NotIn, values: []", "key: a, operator: In, values: null"],
        &["'In' and 'NotIn' need 'values'"],
    );
    refused_requirement(
        &["key: a, operator: Exists, values: [x]", "key: a, operator: DoesNotExist, values: [x]"],
        &["'Exists' and 'DoesNotExist' take no 'values'"],
    );
}

#[test]
fn policy_types_are_two() {
    let types = ["policyTypes: [Both]", "policyTypes: [ingress]", "policyTypes: [Ingress, '']"];
    refused(&types, &["`Ingress`, `Egress`"]);
}

#[test]
fn labels_in_selectors_are_of_their_characters() {
    refused(
        &["podSelector: {matchLabels: {app: 'x y'}}", "podSelector: {matchLabels: {app: -x}}"],
        &["no label value"],
    );
    let long = format!("podSelector: {{matchLabels: {{app: {}}}}}", "x".repeat(64));
    refused(&[&long], &["no label value"]);
    refused(&["podSelector: {matchLabels: {'a b': x}}", "podSelector: {matchLabels: {'': x}}"], &["no label key"]);
    refused_requirement(&["key: a b, operator: Exists", "key: a/, operator: Exists"], &["no label key"]);
}

/// A name of up to 63 characters, after one prefix at most, which is a DNS subdomain.
#[test]
fn a_label_key_is_one_prefix_and_a_name_of_63_characters() {
    let long = "x".repeat(64);
    for key in [long.as_str(), "a/b/c", "Not_A_Domain/name"] {
        refused_requirement(&[&format!("key: {key}, operator: Exists")], &["no label key"]);
    }
}

/// "cannot unmarshal number into Go struct field [...] of type string"
#[test]
fn a_label_is_text() {
    for value in ["1", "true", "1.5", "[x]", "{x: y}"] {
        refused(&[&format!("podSelector: {{matchLabels: {{app: {value}}}}}")], &["expected"]);
    }
    refused_requirement(&["key: app, operator: In, values: [1]"], &["expected"]);
}

/// Without which no selector could be trusted to find the pod that it was written for.
#[test]
fn labels_of_pods_and_namespaces_are_as_the_api_has_them_too() {
    for labels in ["app: 1", "app: true", "app: x y", "'a b': x", "app: [x]"] {
        let pod = format!(
            "apiVersion: v1\nkind: Pod\nmetadata:\n  name: x\n  labels: {{{labels}}}\nspec: {{containers: []}}\n"
        );
        let error = of(&pod).refusal();
        assert!(error.starts_with("error: cluster.yaml:"), "{labels}: {error}");
        let error =
            of(format!("{POD}---\napiVersion: v1\nkind: Namespace\nmetadata:\n  name: x\n  labels: {{{labels}}}\n"))
                .refusal();
        assert!(error.starts_with("error: cluster.yaml:"), "{labels}: {error}");
    }
}

#[test]
fn a_list_is_a_list_and_a_mapping_a_mapping() {
    let lists = [
        "ingress: {from: []}",
        "ingress: [{from: {podSelector: {}}}]",
        "policyTypes: Ingress",
        "ingress: [{ports: 80}]",
    ];
    refused(&lists, &["expected"]);
    refused(
        &[
            "podSelector: web",
            "podSelector: [web]",
            "ingress: [80]",
            "ingress: [{ports: [80]}]",
            "ingress: [{from: [web]}]",
        ],
        &["expected"],
    );
}

#[test]
fn what_was_expected_is_said_in_words_of_the_file_not_of_the_parser() {
    let specs = ["ingress: {}", "podSelector: web", "policyTypes: Ingress", "ingress: [{ports: [80]}]"];
    for error in specs.map(|spec| of(with_policy(spec)).refusal()) {
        assert!(error.contains("a list") || error.contains("a mapping"), "{error}");
    }
    let port = POD.replace("containers: []", "containers: [{ports: [{name: web, containerPort: 70000}]}]");
    assert!(of(port).refusal().contains("1 to 65535"));
}

#[test]
fn a_policy_has_a_spec_and_a_name() {
    let bare =
        |rest: &str| of(format!("{POD}---\napiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\n{rest}")).refusal();
    assert!(bare("metadata: {name: p}\n").contains("cluster.yaml:7:1: a NetworkPolicy without `spec`"));
    assert!(bare("metadata: {name: p}\nspec: null\n").contains("a NetworkPolicy without `spec`"));
    assert!(bare("metadata: {name: p}\nspec: hello\n").contains("cluster.yaml:10:7: expected"));
    assert!(bare("spec: {podSelector: {}}\n").contains("cluster.yaml:7:1: `metadata.name` is missing"));
    assert!(
        bare("metadata: {name: p, namespace: No_Name}\nspec: {}\n")
            .contains("`metadata.namespace`: a namespace is a DNS label")
    );
}

#[test]
fn a_workload_has_pods() {
    let deployment =
        |spec: &str| of(format!("apiVersion: apps/v1\nkind: Deployment\nmetadata: {{name: x}}\n{spec}")).refusal();
    assert!(deployment("").contains("cluster.yaml:1:1: a Deployment without a pod template"));
    assert!(deployment("spec: {replicas: 1}\n").contains("a Deployment without a pod template"));
    assert!(of("apiVersion: v1\nkind: Pod\nmetadata: {name: x}\n").refusal().contains("a Pod without `spec`"));
    assert!(
        of("apiVersion: v1\nkind: Namespace\nmetadata: {}\n").refusal().contains("a Namespace without `metadata.name`")
    );
}

/// "cannot unmarshal string into Go struct field": a quoted number is none, nor is a quoted truth.
#[test]
fn fields_of_pods_are_of_their_types() {
    for spec in [
        "hostNetwork: 'true'",
        "hostNetwork: 1",
        "containers: [{ports: [{name: web, containerPort: '80'}]}]",
        "containers: web",
    ] {
        let error = of(POD.replace("containers: []", spec)).refusal();
        assert!(error.starts_with("error: cluster.yaml:5:"), "{spec}: {error}");
    }
}

#[test]
fn one_policy_that_stands_twice_and_differs_is_refused() {
    let policy = |spec: &str| with_policy(spec).replacen(POD, "", 1);
    let error = of(with_policy("podSelector: {}") + &policy("ingress: [{}]")).refusal();
    assert!(
        error.contains("cluster.yaml:12:1: the NetworkPolicy a/p stands here and at cluster.yaml:7:1, and both differ"),
        "{error}"
    );
}

/// Otherwise it depends on the order of files which labels selectors see.
#[test]
fn one_namespace_that_stands_twice_with_other_labels_is_refused() {
    let namespace =
        |team: &str| format!("---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: a, labels: {{team: {team}}}}}\n");
    let error = of(namespace("one") + POD + &namespace("two")).refusal();
    assert!(error.contains("cluster.yaml:1") && error.contains("cluster.yaml:2:1"), "{error}");
    assert!(of(namespace("one") + POD + &namespace("one")).answer().starts_with("1 workload"));
}

#[test]
fn all_that_is_wrong_is_said_at_once() {
    let policies = with_policy("policyTypes: [Both]") + &with_policy("ingress: [{ports: [{port: 0}]}]");
    let error = of(&policies).refusal();
    assert!(error.contains("cluster.yaml:10:") && error.contains("\nerror: cluster.yaml:20:"), "{error}");
}

#[test]
fn what_is_refused_is_refused_in_every_form_of_the_answer() {
    for form in ["--json", "--diagram", "--ip-blocks-match-pods", "--host-network-unselectable"] {
        let policy = with_policy("policyTypes: [Both]");
        said(&["cluster.yaml", form], |folder| fs::write(folder.join("cluster.yaml"), policy).unwrap()).refusal();
    }
}
