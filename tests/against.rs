//! What is there, against what is declared: `verify --against`, as CI runs it.

use std::{fs, path::Path};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::program::program;

/// The demo's folder, freshly generated.
fn generated() -> TempDir {
    let folder = TempDir::new().unwrap();
    program().args(["generate", "--demo", "--out"]).arg(folder.path().join("policies")).assert().success();
    folder
}

/// Exit code and fields of `verify` against `path`.
fn verify(path: &Path) -> (i32, Value) {
    let output = program().args(["verify", "--demo", "--json", "--against"]).arg(path).output().unwrap();
    let fields = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!("no fields: {}", String::from_utf8_lossy(&output.stderr));
    });
    (output.status.code().unwrap(), fields)
}

/// The demo's folder with one file changed; what `verify` says of it.
fn with_change(file: &str, change: impl Fn(&mut Value)) -> Value {
    let folder = generated();
    let path = folder.path().join("policies").join(format!("networkpolicy__payments-shop__{file}.json"));
    let mut policy: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    change(&mut policy);
    fs::write(&path, policy.to_string()).unwrap();
    let (code, fields) = verify(&folder.path().join("policies"));
    assert_eq!(code, 1);
    fields["against"].clone()
}

/// The demo's folder with this manifest beside the others; what `verify` says of it.
fn with_manifest(manifest: &Value) -> (i32, Value) {
    let folder = generated();
    fs::write(folder.path().join("policies/left-behind.json"), manifest.to_string()).unwrap();
    let (code, fields) = verify(&folder.path().join("policies"));
    (code, fields["against"].clone())
}

fn policy(namespace: &str, spec: &Value) -> Value {
    json!({
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy",
        "metadata": {"name": "left-behind", "namespace": namespace}, "spec": spec,
    })
}

/// `from -> to on ports` of each entry.
fn flows(entries: &Value) -> Vec<String> {
    let text = |entry: &Value, key: &str| entry[key].as_str().unwrap().to_owned();
    let entries = entries.as_array().unwrap().iter();
    entries.map(|one| format!("{} -> {} on {}", text(one, "from"), text(one, "to"), text(one, "ports"))).collect()
}

fn named(entries: &Value, key: &str) -> Vec<String> {
    entries.as_array().unwrap().iter().map(|entry| entry[key].as_str().unwrap().to_owned()).collect()
}

#[test]
fn what_was_generated_holds() {
    let folder = generated();
    let (code, fields) = verify(&folder.path().join("policies"));
    assert_eq!((code, &fields["holds"]), (0, &json!(true)));
    for list in ["blocked", "undeclared", "missing", "changed", "leftover", "reopened", "not_evaluated"] {
        assert_eq!(fields["against"][list], json!([]), "{list}");
    }
}

#[test]
fn a_dump_of_a_cluster_is_read_like_a_folder() {
    let folder = generated();
    let mut items = Vec::new();
    for entry in fs::read_dir(folder.path().join("policies")).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_str().unwrap().starts_with("networkpolicy__") {
            items.push(serde_json::from_slice::<Value>(&fs::read(path).unwrap()).unwrap());
        }
    }
    // The order of the keys is kubectl's.
    let dump = json!({"apiVersion": "v1", "items": items, "kind": "List", "metadata": {"resourceVersion": ""}});
    let path = folder.path().join("dump.json");
    fs::write(&path, serde_json::to_string_pretty(&dump).unwrap()).unwrap();
    assert_eq!(verify(&path).0, 0);
}

#[test]
fn an_ingress_that_was_dropped_is_named_with_the_link_that_it_blocks() {
    let folder = generated();
    let file = "networkpolicy__payments-shop__card-vault__link__shop__ingress__ports__8443.json";
    fs::remove_file(folder.path().join("policies").join(file)).unwrap();
    let (code, fields) = verify(&folder.path().join("policies"));
    let against = &fields["against"];
    assert_eq!(code, 1);
    assert_eq!(flows(&against["blocked"]), ["ns:shop -> ns:card-vault on 8443/TCP"]);
    assert_eq!(against["blocked"][0]["because"], json!(["checkout -> card-vault"]));
    assert!(against["blocked"][0]["change"].as_str().unwrap().contains("enter ns:card-vault"));
    assert_eq!(named(&against["missing"], "file"), [file]);
    assert_eq!(against["missing"][0]["kind"], "link");
}

#[test]
fn a_port_that_was_widened_is_named() {
    let widened = |policy: &mut Value, side: &str| {
        let port = &mut policy["spec"][side][0]["ports"][0];
        port["endPort"] = json!(8500);
    };
    let against = with_change("card-vault__link__shop__ingress__ports__8443", |policy| widened(policy, "ingress"));
    assert_eq!(named(&against["changed"], "policy"), ["card-vault/card-vault--link--shop--ingress--ports--8443"]);
    assert!(against["changed"][0]["where"]["file"].as_str().unwrap().ends_with("__8443.json"));
    assert_eq!(against["undeclared"], json!([]), "the far side still refuses it");
}

#[test]
fn a_namespace_that_was_renamed_is_named() {
    let against = with_change("card-vault__link__shop__ingress__ports__8443", |policy| {
        policy["spec"]["ingress"][0]["from"][0]["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"] =
            json!("shop-old");
    });
    assert_eq!(flows(&against["blocked"]), ["ns:shop -> ns:card-vault on 8443/TCP"]);
    assert_eq!(flows(&against["undeclared"]), ["ns:shop-old -> ns:card-vault on 8443/TCP"]);
    assert_eq!(named(&against["changed"], "kind"), ["link"]);

    let moved = with_change("card-vault__default-deny__ingress__ports__none", |policy| {
        policy["metadata"]["namespace"] = json!("vault");
    });
    assert_eq!(named(&moved["missing"], "policy"), ["card-vault/card-vault--default-deny--ingress--ports--none"]);
    assert_eq!(named(&moved["leftover"], "policy"), ["vault/card-vault--default-deny--ingress--ports--none"]);
}

#[test]
fn an_and_that_became_an_or_is_named() {
    let against = with_change("ledger__link__card-vault__ingress__ports__5432", |policy| {
        // `from: [{namespaceSelector, podSelector}]` with one dash too many.
        policy["spec"]["ingress"][0]["from"]
            .as_array_mut()
            .unwrap()
            .push(json!({"podSelector": {"matchLabels": {"a": "b"}}}));
        policy["spec"]["ingress"][0]["ports"] = json!([{"port": 9999}]);
    });
    assert_eq!(named(&against["changed"], "policy"), ["ledger/ledger--link--card-vault--ingress--ports--5432"]);
    assert_eq!(flows(&against["blocked"]), ["ns:card-vault -> ns:ledger on 5432/TCP"]);
}

#[test]
fn an_allow_all_that_was_left_behind_re_opens_what_strict_mode_closes() {
    let (code, against) = with_manifest(&policy("card-vault", &json!({"podSelector": {}, "ingress": [{}]})));
    assert_eq!(code, 1);
    let reopened = against["reopened"].as_array().unwrap();
    let from_outside = reopened.iter().find(|one| one["flow"] == "internet -> ns:card-vault on all ports").unwrap();
    assert_eq!(from_outside["policy"], "card-vault/left-behind");
    assert_eq!(from_outside["possible"], false);
    assert!(from_outside["where"]["file"].as_str().unwrap().ends_with("left-behind.json"));
    assert!(
        from_outside["change"].as_str().unwrap().contains("kubectl delete networkpolicy -n card-vault left-behind")
    );
    // The checkout may leave for the vault on one port only, and still may not on others.
    assert!(!named(&against["reopened"], "flow").iter().any(|flow| flow.starts_with("ns:shop ->")));
}

#[test]
fn a_policy_by_labels_of_pods_may_re_open_and_never_counts_as_allowing_what_is_declared() {
    let labelled = json!({"podSelector": {"matchLabels": {"app": "vault"}}, "ingress": [{}]});
    let (code, against) = with_manifest(&policy("card-vault", &labelled));
    assert_eq!(code, 1);
    assert!(against["reopened"].as_array().unwrap().iter().all(|one| one["possible"] == true));
    assert!(named(&against["reopened"], "flow").contains(&"internet -> ns:card-vault on all ports".to_owned()));

    let folder = generated();
    let file = "networkpolicy__payments-shop__card-vault__link__shop__ingress__ports__8443.json";
    fs::remove_file(folder.path().join("policies").join(file)).unwrap();
    fs::write(folder.path().join("policies/labelled.json"), policy("card-vault", &labelled).to_string()).unwrap();
    let (_, fields) = verify(&folder.path().join("policies"));
    assert_eq!(flows(&fields["against"]["blocked"]), ["ns:shop -> ns:card-vault on 8443/TCP"]);
}

#[test]
fn a_policy_that_opens_nothing_more_is_let_be() {
    let deny = json!({"podSelector": {}, "policyTypes": ["Ingress", "Egress"]});
    assert_eq!(with_manifest(&policy("card-vault", &deny)).0, 0);
    let elsewhere = json!({"podSelector": {}, "ingress": [{}]});
    assert_eq!(with_manifest(&policy("another-team", &elsewhere)).0, 0, "pairs of two unmanaged ends are left out");
}

#[test]
fn a_cluster_without_policies_lacks_all_and_is_open_everywhere() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("empty.json");
    fs::write(&path, json!({"apiVersion": "v1", "items": [], "kind": "List"}).to_string()).unwrap();
    let (code, fields) = verify(&path);
    let against = &fields["against"];
    assert_eq!(code, 1);
    assert_eq!(against["missing"].as_array().unwrap().len(), 327);
    assert_eq!(against["blocked"], json!([]));
    assert!(flows(&against["undeclared"]).contains(&"ns:card-vault -> anywhere on all ports".to_owned()));
    assert!(flows(&against["undeclared"]).contains(&"anywhere -> ns:card-vault on all ports".to_owned()));
    assert_eq!(against["undeclared"].as_array().unwrap().len(), 56, "two for each namespace, and no pairs");
}

#[test]
fn policies_of_other_kinds_are_listed_and_not_evaluated() {
    let cilium = json!({
        "apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy",
        "metadata": {"name": "l7", "namespace": "card-vault"}, "spec": {"endpointSelector": {}},
    });
    let (code, against) = with_manifest(&cilium);
    assert_eq!(code, 0);
    let listed = against["not_evaluated"][0].as_str().unwrap();
    assert!(listed.ends_with("left-behind.json:1:1: CiliumNetworkPolicy (cilium.io/v2) card-vault/l7"), "{listed}");
}

#[test]
fn a_manifest_that_cant_be_read_is_refused_with_its_place() {
    let folder = generated();
    let broken = "apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: x, namespace: shop}\nspec:\n  podSelector: {}\n  ingress:\n    - from:\n        - ipBlock: {cidr: 10.0.0.0/99}\n";
    fs::write(folder.path().join("policies/broken.yaml"), broken).unwrap();
    let assert = program().args(["verify", "--demo", "--against"]).arg(folder.path().join("policies")).assert().code(2);
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(said.contains("broken.yaml:8:") && said.contains("expected an address range"), "{said}");
}

#[test]
fn policies_of_namespaces_that_are_not_ours_change_nothing() {
    let metrics = json!({"podSelector": {"matchLabels": {"k8s-app": "metrics-server"}}, "ingress": [{}]});
    assert_eq!(with_manifest(&policy("kube-system", &metrics)).0, 0);
    let guard = json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": [{"to": [{"namespaceSelector": {}}]}]});
    assert_eq!(with_manifest(&policy("kube-system", &guard)).0, 0);
}

#[test]
fn two_policies_of_one_name_that_differ_are_refused() {
    let folder = generated();
    let file = "networkpolicy__payments-shop__tokens__link__ledger__egress__ports__5432.json";
    let mut policy: Value =
        serde_json::from_slice(&fs::read(folder.path().join("policies").join(file)).unwrap()).unwrap();
    policy["spec"]["egress"] = json!([]);
    fs::write(folder.path().join("policies/a-first.json"), policy.to_string()).unwrap();
    let assert = program().args(["verify", "--demo", "--against"]).arg(folder.path().join("policies")).assert().code(2);
    let said = String::from_utf8_lossy(&assert.get_output().stderr).into_owned();
    assert!(said.contains("both differ"), "{said}");
}

#[test]
fn what_is_certain_and_what_is_possible_are_told_apart_by_port_and_policy() {
    let folder = generated();
    let block = json!([{"ipBlock": {"cidr": "203.0.113.0/24"}}]);
    let rule = |port: u16| json!([{"to": block, "ports": [{"port": port}]}]);
    let mut certain = policy("tokens", &json!({"podSelector": {}, "policyTypes": ["Egress"], "egress": rule(22)}));
    certain["metadata"]["name"] = json!("certain");
    let labels = json!({"matchLabels": {"a": "b"}});
    let possible = policy("tokens", &json!({"podSelector": labels, "policyTypes": ["Egress"], "egress": rule(8443)}));
    fs::write(folder.path().join("policies/certain.json"), certain.to_string()).unwrap();
    fs::write(folder.path().join("policies/possible.json"), possible.to_string()).unwrap();
    let (_, fields) = verify(&folder.path().join("policies"));
    let reopened: Vec<_> = fields["against"]["reopened"].as_array().unwrap().iter().collect();
    let said: Vec<String> =
        reopened.iter().map(|one| format!("{} {} {}", one["flow"], one["policy"], one["possible"])).collect();
    assert!(
        said.iter().any(|one| one.contains("on 22/TCP") && one.contains("tokens/certain") && one.ends_with("false")),
        "{said:#?}"
    );
    assert!(
        said.iter().any(|one| one.contains("on 8443/TCP") && one.contains("left-behind") && one.ends_with("true")),
        "{said:#?}"
    );
    assert_eq!(said.len(), 2, "{said:#?}");
}

#[test]
fn a_namespace_object_says_whom_a_selector_by_labels_means() {
    let legacy =
        json!({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": "legacy", "labels": {"team": "x"}}});
    let from = json!([{"namespaceSelector": {"matchLabels": {"team": "x"}}}]);
    let rule = json!({"podSelector": {}, "ingress": [{"from": from, "ports": [{"port": 22}]}]});
    let list = json!({"apiVersion": "v1", "kind": "List", "items": [legacy, policy("tokens", &rule)]});
    let (_, against) = with_manifest(&list);
    let certain = against["reopened"].as_array().unwrap().iter().find(|one| one["possible"] == false).unwrap();
    assert_eq!(certain["flow"], "ns:legacy -> ns:tokens on 22/TCP");
}

#[test]
fn what_means_the_same_counts_as_the_same_however_it_is_written() {
    let folder = generated();
    let path =
        folder.path().join("policies/networkpolicy__payments-shop__events__link__shop__ingress__ports__9092-9093.json");
    let mut policy: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let peers = policy["spec"]["ingress"][0]["from"].clone();
    let rules = [9093, 9092].map(|port| json!({"from": peers, "ports": [{"port": port}]}));
    policy["spec"]["ingress"] = json!(rules);
    fs::write(&path, policy.to_string()).unwrap();
    assert_eq!(verify(&folder.path().join("policies")).0, 0);
}

#[test]
fn what_holds_no_policy_and_no_list_is_no_answer() {
    for text in
        ["Error from server (Forbidden): x", "null", "[]", "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: x}\n"]
    {
        let folder = TempDir::new().unwrap();
        fs::write(folder.path().join("dump.yaml"), text).unwrap();
        program().args(["verify", "--demo", "--against"]).arg(folder.path().join("dump.yaml")).assert().code(2);
    }
}

#[test]
fn a_notice_about_what_is_given_is_passed_on() {
    let old = json!({"apiVersion": "extensions/v1beta1", "kind": "NetworkPolicy", "metadata": {"name": "old", "namespace": "shop"}});
    let (_, against) = with_manifest(&old);
    assert!(against["notices"][0].as_str().unwrap().contains("no longer served"));
}
