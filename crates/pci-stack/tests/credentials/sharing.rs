//! Secrets that several components have: one credential, or one too many.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use pci_engine::change;
use pci_fixtures::{component, stack, strict, tables};
use pci_stack::{Change, Finding, Severity, read::stacktic};

use super::{found, of_kind, shown};

const SAME: &str = "admin_password: \"Kd82hsL2-71\"";

fn three(links: [&[&str]; 3]) -> String {
    component("ledger", "cnpg", SAME, links[0])
        + &component("sessions", "valkey", SAME, links[1])
        + &component("logs", "opensearch", SAME, links[2])
}

#[test]
fn an_administrators_password_that_three_components_share_is_one_finding_that_names_all_three() {
    let findings = found(&three([&[], &[], &[]]), "shared-secret");
    let message = "one secret in 3 places: `admin_password` of `ledger` (stack.yaml:5:37), `admin_password` of \
                   `sessions` (stack.yaml:9:39), `admin_password` of `logs` (stack.yaml:13:35)";
    assert_eq!(shown(&findings), format!("stack.yaml:9:39: {message}"));
    assert_eq!(findings[0].severity, Severity::High);
    assert!(!findings[0].message.contains("Kd82"));
}

#[test]
fn a_secret_is_shared_by_those_who_are_left_after_a_change() {
    let all = strict(&stack(&three([&[], &[], &[]])));
    let without = |names: &[&str]| {
        let changes: Vec<Change> = names.iter().map(|name| Change::remove_component(name)).collect();
        change::apply(&all, &changes).unwrap()
    };
    let shared = of_kind(&without(&["logs"]), "shared-secret");
    assert!(shared[0].message.starts_with("one secret in 2 places: `admin_password` of `ledger`"), "{shared:?}");
    assert!(of_kind(&without(&["logs", "ledger"]), "shared-secret").is_empty());
    assert_eq!(of_kind(&without(&["logs", "ledger"]), "secrets-in-clear").len(), 1);
    assert!(of_kind(&without(&["logs", "ledger", "sessions"]), "secrets-in-clear").is_empty());
}

#[test]
fn links_excuse_no_administrators_who_share_a_password() {
    let findings = found(&three([&["sessions", "logs"], &["logs"], &[]]), "shared-secret");
    assert_eq!(findings.len(), 1);
}

#[test]
fn the_order_of_components_changes_places_and_not_what_is_found() {
    let parts = [
        component("ledger", "cnpg", SAME, &[]),
        component("sessions", "valkey", "admin_password: \"Kd82hsL2-71\", password: \"redis\"", &[]),
        component("mail", "mailer", "smtp_password: \"m41l-relay-9\"", &[]),
        component("alerts", "prometheus", "smtp_password: \"m41l-relay-9\"", &[]),
    ];
    let named = |order: [usize; 4]| -> BTreeSet<(&'static str, Severity, BTreeSet<String>)> {
        let text: String = order.map(|index| parts[index].as_str()).concat();
        let findings = strict(&stack(&text));
        let words = |finding: &Finding| {
            finding.message.split(['`', ' ']).filter(|w| !w.contains([':', ','])).map(str::to_owned).collect()
        };
        findings.findings().iter().filter(|f| f.id.contains("secret")).map(|f| (f.id, f.severity, words(f))).collect()
    };
    let first = named([0, 1, 2, 3]);
    assert_eq!(first.len(), 4, "{first:?}");
    for order in [[3, 2, 1, 0], [1, 3, 0, 2], [2, 0, 3, 1]] {
        assert_eq!(named(order), first);
    }
}

fn database(secret: &str) -> String {
    let users = format!(
        "    sub_components: {{accounts: {{type: db, name: accounts, attributes: {{password: \"{secret}\"}}}}}}\n"
    );
    component("orders-db", "cnpg", "", &[]) + &users
}

#[test]
fn a_clients_copy_of_its_databases_password_is_no_finding() {
    let secret = "db_password: \"Kd82hsL2-71\"";
    let one = database("Kd82hsL2-71") + &component("identity", "keycloak", secret, &["orders-db/accounts"]);
    assert!(found(&one, "shared-secret").is_empty());
    let two = one + &component("reports", "fastapi", secret, &["orders-db/accounts"]);
    assert!(found(&two, "shared-secret").is_empty(), "two clients of one account are the account's affair");
    let whole = database("Kd82hsL2-71") + &component("operator", "fastapi", secret, &["orders-db"]);
    assert!(found(&whole, "shared-secret").is_empty(), "a link to the database is one to its accounts");
}

#[test]
fn a_copy_without_a_link_is_a_finding() {
    let text = database("Kd82hsL2-71") + &component("identity", "keycloak", "db_password: \"Kd82hsL2-71\"", &[]);
    let findings = found(&text, "shared-secret");
    assert!(shown(&findings).contains("`password` of `orders-db/accounts`"), "{}", shown(&findings));
    assert_eq!(findings[0].severity, Severity::Medium);
}

#[test]
fn a_client_does_not_excuse_two_servers_that_share_a_password() {
    let text = component("shop", "fastapi", "db_password: \"Kd82hsL2-71\"", &["cache", "queue"])
        + &component("cache", "valkey", "password: \"Kd82hsL2-71\"", &[])
        + &component("queue", "rabbitmq", "password: \"Kd82hsL2-71\"", &[]);
    assert_eq!(found(&text, "shared-secret").len(), 1);
}

#[test]
fn components_that_link_in_a_circle_share_one_credential_and_nobody_else_does() {
    let secret = "api_key: \"Kd82hsL2-71\"";
    let circle = component("a", "fastapi", secret, &["b"])
        + &component("b", "fastapi", secret, &["c"])
        + &component("c", "fastapi", secret, &["a"]);
    assert!(found(&circle, "shared-secret").is_empty());
    assert_eq!(found(&(circle + &component("d", "fastapi", secret, &[])), "shared-secret").len(), 1);
}

#[test]
fn one_secret_within_a_component_and_its_parts_is_no_sharing() {
    let text = component("files", "minio", "secret_key: \"Kd82hsL2-71\"", &[])
        + "    sub_components: {b: {type: bucket, name: b, attributes: {secret_key: \"Kd82hsL2-71\"}}}\n"
        + &component("shop", "fastapi", "bucket_secret_key: \"Kd82hsL2-71\"", &["files/b"]);
    assert!(found(&text, "shared-secret").is_empty());
}

#[test]
fn components_may_repeat_what_the_configuration_says_of_git_and_no_administrators_password() {
    let settings = "  git_password: \"Kd82hsL2-71\"\n";
    let sharing = |attribute: &str| {
        let text = component("delivery", "argo_cd", &format!("{attribute}: \"Kd82hsL2-71\""), &[]);
        of_kind(&strict(&(stack(&text) + settings)), "shared-secret")
    };
    assert!(sharing("git_token").is_empty());
    let line = "stack.yaml:8:3: one secret in 2 places: `admin_password` of `delivery` (stack.yaml:5:39), `git_password` \
                of the configuration (stack.yaml:8:3)";
    assert_eq!(shown(&sharing("admin_password")), line);
}

#[test]
fn a_secret_of_a_link_is_its_sources() {
    let link = "      target: {attributes: {api_key: \"Kd82hsL2-71\"}}\n";
    let source = component("gateway", "apisix", "", &[]) + "    links_to:\n" + link;
    let target = |attributes: &str| source.clone() + &component("target", "fastapi", attributes, &[]);
    assert!(found(&target("api_key: \"Kd82hsL2-71\""), "shared-secret").is_empty());
    let other = target("") + &component("other", "fastapi", "api_key: \"Kd82hsL2-71\"", &[]);
    let expected = "stack.yaml:15:36: one secret in 2 places: `api_key` of the link `gateway -> target` (stack.yaml:7:29), \
                `api_key` of `other` (stack.yaml:15:36)";
    assert_eq!(shown(&found(&other, "shared-secret")), expected);
}

#[test]
fn a_secret_that_very_many_share_names_some_and_counts_the_rest() {
    let text: String = (0..100).map(|index| component(&format!("c{index}"), "cnpg", SAME, &[])).collect();
    let findings = found(&text, "shared-secret");
    assert!(findings[0].message.ends_with(" and 80 more"), "{}", findings[0].message);
}

#[test]
fn a_chain_of_very_many_that_share_a_secret_is_read_quickly() {
    let chain: String = (0..1_000)
        .map(|index| {
            let next = format!("c{}", index + 1);
            let links: &[&str] = if index < 999 { &[next.as_str()] } else { &[] };
            component(&format!("c{index}"), "fastapi", "api_key: \"Kd82hsL2-71\"", links)
        })
        .collect();
    let words = tables().catalog.clone().vocabulary().clone();
    let start = Instant::now();
    let read = stacktic::read("stack.yaml", &stack(&chain), &words).unwrap();
    assert!(start.elapsed() < Duration::from_secs(5), "{:?}", start.elapsed());
    assert!(read.shared_secrets().is_empty(), "each is its server's client");
}
