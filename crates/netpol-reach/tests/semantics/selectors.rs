//! `spec.podSelector`, and what selectors match.

use super::{namespace, opens, pod, policy, takes};

/// Whether `selector` selects a pod with these labels: one that is selected takes nothing.
fn selects(selector: &str, labels: &str) -> bool {
    let isolating = policy("a", &format!("podSelector: {{{selector}}}"));
    takes("a/x", &[pod("a/x", labels), pod("a/other", "is-other: 'yes'"), isolating]).is_empty()
}

#[test]
fn an_empty_pod_selector_selects_every_pod_of_its_own_namespace_and_none_of_another() {
    let cluster = [pod("a/x", ""), pod("a/y", "app: web"), pod("b/z", ""), policy("a", "podSelector: {}")];
    assert_eq!(opens("b/z", &cluster), [""; 0]);
    assert_eq!(opens("a/x", &cluster), ["b/z"]);
    assert_eq!(takes("b/z", &cluster), ["a/x", "a/y"]);
}

#[test]
fn no_pod_selector_is_an_empty_one() {
    for spec in
        ["policyTypes: [Ingress]", "podSelector: null", "podSelector: ~, ingress: []", "podSelector: {matchLabels: {}}"]
    {
        let cluster = [pod("a/x", ""), pod("a/y", ""), pod("b/z", ""), policy("a", spec)];
        assert_eq!(
            (takes("a/x", &cluster), takes("b/z", &cluster)),
            (vec![], vec!["a/x".into(), "a/y".into()]),
            "{spec}"
        );
    }
}

#[test]
fn a_policy_selects_pods_of_its_own_namespace_alone_whatever_their_labels() {
    let cluster =
        [pod("a/x", "app: web"), pod("b/x", "app: web"), policy("a", "podSelector: {matchLabels: {app: web}}")];
    assert_eq!((takes("a/x", &cluster), takes("b/x", &cluster)), (vec![], vec!["a/x".to_owned()]));
}

#[test]
fn a_policy_without_a_namespace_is_of_default() {
    let bare =
        "{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {name: bare}, spec: {podSelector: {}}}";
    let cluster = [pod("default/x", ""), pod("a/x", ""), bare.to_owned()];
    assert_eq!((takes("default/x", &cluster), takes("a/x", &cluster)), (vec![], vec!["default/x".to_owned()]));
}

#[test]
fn all_of_match_labels_have_to_match() {
    let selector = "matchLabels: {app: web, tier: front}";
    assert!(selects(selector, "app: web, tier: front, more: still"));
    assert!(!selects(selector, "app: web"));
    assert!(!selects(selector, "app: web, tier: back"));
}

#[test]
fn match_labels_and_match_expressions_both_have_to_match() {
    let selector = "matchLabels: {app: web}, matchExpressions: [{key: tier, operator: In, values: [front]}]";
    assert!(selects(selector, "app: web, tier: front"));
    assert!(!selects(selector, "app: web, tier: back"));
    assert!(!selects(selector, "tier: front"));
}

#[test]
fn all_of_match_expressions_have_to_match_even_on_one_key() {
    let selector =
        "matchExpressions: [{key: app, operator: In, values: [web, db]}, {key: app, operator: NotIn, values: [db]}]";
    assert!(selects(selector, "app: web"));
    assert!(!selects(selector, "app: db"));
    assert!(!selects(selector, ""));
    let none = "matchLabels: {app: web}, matchExpressions: [{key: app, operator: DoesNotExist}]";
    assert!(!selects(none, "app: web"));
    assert!(!selects(none, ""));
}

#[test]
fn in_matches_one_of_its_values_and_not_a_missing_key() {
    let selector = "matchExpressions: [{key: app, operator: In, values: [web, db]}]";
    assert!(selects(selector, "app: web"));
    assert!(selects(selector, "app: db"));
    assert!(!selects(selector, "app: other"));
    assert!(!selects(selector, "tier: web"));
}

#[test]
fn not_in_matches_other_values_and_a_missing_key() {
    let selector = "matchExpressions: [{key: app, operator: NotIn, values: [web, db]}]";
    assert!(!selects(selector, "app: web"));
    assert!(!selects(selector, "app: db"));
    assert!(selects(selector, "app: other"));
    assert!(selects(selector, "app: ''"));
    assert!(selects(selector, "tier: web"));
    assert!(selects(selector, ""));
}

#[test]
fn exists_matches_any_value_even_an_empty_one() {
    let selector = "matchExpressions: [{key: app, operator: Exists}]";
    assert!(selects(selector, "app: web"));
    assert!(selects(selector, "app: ''"));
    assert!(!selects(selector, "tier: web"));
}

#[test]
fn does_not_exist_matches_where_the_key_is_missing_alone() {
    let selector = "matchExpressions: [{key: app, operator: DoesNotExist, values: []}]";
    assert!(!selects(selector, "app: web"));
    assert!(!selects(selector, "app: ''"));
    assert!(selects(selector, "tier: web"));
    assert!(selects(selector, ""));
}

#[test]
fn an_empty_value_is_a_value() {
    assert!(selects("matchLabels: {app: ''}", "app: ''"));
    assert!(selects("matchLabels: {app: ''}", "app:"));
    assert!(!selects("matchLabels: {app: ''}", ""));
    assert!(!selects("matchLabels: {app: ''}", "app: web"));
}

#[test]
fn keys_may_have_a_prefix_and_are_told_apart_by_it() {
    let selector = "matchLabels: {app.kubernetes.io/name: web}";
    assert!(selects(selector, "app.kubernetes.io/name: web"));
    assert!(!selects(selector, "name: web"));
    assert!(!selects(selector, "app.kubernetes.io/Name: web"));
}

#[test]
fn what_looks_like_a_number_or_a_truth_in_quotes_is_text() {
    assert!(selects("matchLabels: {tier: '1'}", "tier: '1'"));
    assert!(!selects("matchLabels: {tier: '1'}", "tier: '01'"));
    assert!(selects("matchLabels: {enabled: 'true'}", "enabled: 'true'"));
    assert!(!selects("matchLabels: {enabled: 'true'}", "enabled: 'yes'"));
}

#[test]
fn a_policy_of_a_namespace_without_pods_changes_nothing() {
    let cluster = [namespace("b", ""), pod("a/x", ""), pod("a/y", ""), policy("b", "podSelector: {}")];
    assert_eq!(takes("a/x", &cluster), ["a/y"]);
}
