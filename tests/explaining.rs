//! `explain`: may this connection be opened, and why.

use serde_json::Value;

use crate::program::program;

/// The fields of `explain` on the demo.
fn explain(arguments: &[&str]) -> Value {
    let output = program().args(["explain", "--demo", "--json"]).args(arguments).output().unwrap();
    assert_eq!(output.status.code(), Some(0), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

fn refused(arguments: &[&str]) -> String {
    let assert = program().args(["explain", "--demo"]).args(arguments).assert().code(2);
    String::from_utf8_lossy(&assert.get_output().stderr).into_owned()
}

#[test]
fn a_declared_link_is_allowed_by_a_policy_on_either_side() {
    let answer = explain(&["checkout", "card-vault", "8443"]);
    assert_eq!(answer["verdict"], "allowed");
    assert_eq!(answer["egress"]["policies"][0], "shop/shop--link--card-vault--egress--ports--8443");
    assert_eq!(answer["ingress"]["policies"][0], "card-vault/card-vault--link--shop--ingress--ports--8443");
    assert_eq!(answer["egress"]["sources"][0], "checkout -> card-vault");
    assert!(answer.get("would_allow").is_none());
}

#[test]
fn what_no_link_declares_is_denied_with_the_link_that_would_allow_it() {
    let answer = explain(&["storefront", "ledger/cards", "5432"]);
    assert_eq!((answer["verdict"].as_str(), answer["egress"]["verdict"].as_str()), (Some("denied"), Some("denied")));
    let change = &answer["would_allow"]["changes"][0];
    assert_eq!((change["op"].as_str(), change["from"].as_str()), (Some("add_link"), Some("storefront")));
    assert_eq!((change["to"].as_str(), change["port"].as_u64()), (Some("ledger/cards"), Some(5432)));
}

#[test]
fn a_wrong_port_of_a_declared_link_names_the_ports_that_it_opens() {
    let answer = explain(&["checkout", "card-vault", "5432"]);
    assert_eq!(answer["allowed_ports"], "8443/TCP");
    let change = &answer["would_allow"]["changes"][0];
    assert_eq!((change["op"].as_str(), change["attribute"].as_str()), (Some("set_attribute"), Some("port")));
}

#[test]
fn one_side_may_be_missing() {
    let answer = explain(&["checkout", "ns:kube-system", "53/UDP"]);
    assert_eq!(
        (answer["verdict"].as_str(), answer["ingress"]["verdict"].as_str()),
        (Some("allowed"), Some("unrestricted"))
    );
    let over_tcp_too = explain(&["checkout", "ns:kube-system", "53"]);
    assert_eq!(over_tcp_too["port"], "53/TCP");
}

#[test]
fn a_component_that_has_a_flow_only_by_sharing_its_namespace_is_told_so() {
    let answer = explain(&["storefront", "card-vault", "8443"]);
    assert_eq!(answer["verdict"], "allowed");
    assert_eq!(answer["by_sharing"][0]["component"], "storefront");
    assert_eq!(answer["by_sharing"][0]["because_of"][0], "checkout -> card-vault");
    assert_eq!(explain(&["checkout", "card-vault", "8443"])["by_sharing"], serde_json::json!([]));
}

#[test]
fn the_internet_the_api_server_and_addresses_are_ends_too() {
    assert_eq!(explain(&["internet", "gateway", "9443"])["from"], "load-balancer");
    assert_eq!(explain(&["checkout", "api-server", "6443"])["verdict"], "allowed");
    let denied = explain(&["checkout", "internet", "443"]);
    assert_eq!(denied["would_allow"]["changes"][0]["op"], "set_exception");
    assert_eq!(denied["ingress"]["verdict"], "unrestricted");
    let address = explain(&["checkout", "203.0.113.7", "443"]);
    assert_eq!((address["to"].as_str(), address["verdict"].as_str()), (Some("203.0.113.7"), Some("denied")));
    assert_eq!(explain(&["2001:db8::1", "storefront", "80"])["verdict"], "denied");
}

#[test]
fn ends_outside_that_no_policy_names_are_ends_all_the_same() {
    let folder = tempfile::tempdir().unwrap();
    let change = folder.path().join("change.yaml");
    std::fs::write(&change, "[{op: remove_component, name: gateway}]").unwrap();
    let denied = explain(&["--what-if", change.to_str().unwrap(), "internet", "card-vault", "8443"]);
    assert_eq!((denied["verdict"].as_str(), denied["ingress"]["verdict"].as_str()), (Some("denied"), Some("denied")));
    assert_eq!(denied["allowed_ports"], "none");
    let unrestricted = explain(&["--level", "none", "internet", "checkout"]);
    assert_eq!(unrestricted["verdict"], "allowed");
    assert_ne!(unrestricted["allowed_ports"], "none");
}

#[test]
fn without_a_port_all_that_are_allowed_are_listed() {
    let answer = explain(&["checkout", "events"]);
    assert_eq!(
        (answer["verdict"].as_str(), answer["allowed_ports"].as_str()),
        (Some("allowed"), Some("8080/TCP, 9092/TCP, 9093/TCP"))
    );
}

#[test]
fn a_name_that_is_not_known_gets_the_nearest_and_one_that_is_several_gets_all() {
    assert!(refused(&["checkot", "card-vault", "1"]).contains("did you mean `checkout`?"));
    let several = refused(&["checkout", "settlements", "1"]);
    assert!(several.contains("ledger/settlements") && several.contains("events/settlements"), "{several}");
    assert!(refused(&["checkout", "acquirer", "443"]).contains("runs in another stack"));
    assert!(refused(&["checkout", "10.0.0.0/8", "443"]).contains("say one address"));
    assert!(refused(&["checkout", "ledger", "99999"]).contains("1 to 65535"));
    assert!(refused(&["checkout", "ledger", "53/ICMP"]).contains("TCP, UDP, SCTP"));
}

/// The fields of `explain` on the demo under another profile.
fn explain_under(profile: &str, arguments: &[&str]) -> Value {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("profile.yaml");
    std::fs::write(&file, profile).unwrap();
    let output =
        program().args(["explain", "--demo", "--json", "--profile"]).arg(file).args(arguments).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn the_api_server_is_where_the_profile_says_and_calls_from_where_it_says() {
    let profile =
        "cluster:\n  api_server: {addresses: [10.0.0.10/32], ports: [6443]}\n  webhook_sources: [192.0.2.0/28]\n";
    assert_eq!(explain_under(profile, &["checkout", "api-server", "6443"])["verdict"], "allowed");
    assert_eq!(explain_under(profile, &["api-server", "certificates", "10250"])["verdict"], "allowed");
    let by_namespace = profile.replace("192.0.2.0/28", "{namespace: konnectivity}");
    assert_eq!(explain_under(&by_namespace, &["api-server", "certificates", "10250"])["verdict"], "allowed");
}

#[test]
fn nothing_is_proposed_that_would_not_work() {
    let no_change = |arguments: &[&str]| {
        let answer = explain(arguments);
        assert_eq!(answer["would_allow"]["changes"], serde_json::json!([]), "{arguments:?}");
        answer["would_allow"]["advice"].as_str().unwrap().to_owned()
    };
    assert!(no_change(&["checkout", "ns:monitoring", "9090"]).contains("`metrics`"));
    assert!(no_change(&["checkout", "ns:build", "443"]).contains("NetworkPolicy of your own"));
    assert!(no_change(&["checkout", "api-server", "443"]).contains("cluster.api_server"));
    assert!(no_change(&["checkout", "internet"]).contains("ask with a port"));
    assert!(no_change(&["checkout", "admission/hardened", "80"]).contains("no party on the network"));
    assert!(no_change(&["checkout", "audit"]).contains("ask with a port"));
    assert!(no_change(&["checkout", "storefront", "8443/UDP"]).contains("Both are in `shop`"));
}

#[test]
fn the_port_of_a_service_is_answered_with_the_pods_port() {
    assert_eq!(explain(&["checkout", "gateway", "443"])["would_allow"]["changes"][0]["port"], 9443);
}

#[test]
fn an_ipv4_address_in_the_clothes_of_ipv6_is_ipv4() {
    assert_eq!(explain(&["backup", "::ffff:10.20.0.5", "443"])["to"], "10.20.0.5");
}

#[test]
fn the_answer_reads_well() {
    let output = program().args(["explain", "--demo", "storefront", "card-vault", "8443"]).output().unwrap();
    insta::assert_snapshot!("allowed_by_sharing", String::from_utf8_lossy(&output.stdout));
    let output = program().args(["explain", "--demo", "checkout", "card-vault", "5432"]).output().unwrap();
    insta::assert_snapshot!("denied", String::from_utf8_lossy(&output.stdout));
}
