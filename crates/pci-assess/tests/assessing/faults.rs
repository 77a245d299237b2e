//! Faults put into the demo, each found by name, with the line that it stands in.

use pci_engine::{Snapshot, Source, Sources};
use pci_fixtures::{component, demo_sources, stack as small, strict};

use super::{demo_with_stack, edited, line_of};

fn stack() -> &'static str {
    demo_sources().stack.text
}

fn exceptions() -> &'static str {
    demo_sources().exceptions.unwrap().text
}

fn demo_with_exceptions(text: &str) -> Snapshot {
    let exceptions = Some(Source { name: "exceptions.yaml", text });
    Snapshot::read(Sources { exceptions, ..demo_sources() }).unwrap()
}

/// Where the findings `id` whose message has `part` stand.
fn found(snapshot: &Snapshot, id: &str, part: &str) -> Vec<String> {
    let findings = snapshot.findings().into_iter();
    let findings = findings.filter(|finding| finding.id == id && finding.message.contains(part));
    findings.map(|finding| finding.r#where.map(|place| place.to_string()).unwrap_or_default()).collect()
}

/// The fault that `new` makes in place of `old` is found once, as `id`, at the line of the stack that holds `at`, and
/// is not found in the demo as it is.
fn is_found(old: &str, new: &str, id: &str, part: &str, at: &str) {
    assert_eq!(found(&super::demo(), id, part), [""; 0], "{id} {part}");
    let text = edited(stack(), old, new);
    let places = found(&demo_with_stack(&text), id, part);
    let [place] = places.as_slice() else { panic!("{id} {part}: {places:?}") };
    let expected = format!("stack.yaml:{}:", line_of(&text, at));
    assert!(place.starts_with(&expected), "{id}: {place}, expected {expected}");
}

#[test]
fn brokers_that_take_clients_without_certificates() {
    is_found("bridge: true, mtls: true", "bridge: true, mtls: false", "mtls-off", "`mtls` of `events`", "mtls: false");
}

#[test]
fn a_bucket_that_anybody_can_read() {
    is_found(
        "bucket: \"receipts\", public: false",
        "bucket: \"receipts\", public: true",
        "public-bucket",
        "`documents/receipts`",
        "bucket: \"receipts\", public: true",
    );
}

#[test]
fn certificates_that_nobody_vouches_for() {
    for issuer in ["selfsigned", "selfSigned", "self-signed", "letsencrypt-staging"] {
        is_found(
            "issuer: \"letsencrypt\"",
            &format!("issuer: \"{issuer}\""),
            "self-signed-issuer",
            "`issuer` of `certificates`",
            "issuer: ",
        );
    }
}

#[test]
fn a_sessions_store_that_asks_for_no_login() {
    is_found("enable_auth: true", "enable_auth: false", "store-without-login", "`sessions`", "enable_auth: false");
}

#[test]
fn admission_that_only_warns_or_fails_open() {
    for action in ["dryrun", "warn"] {
        let of =
            |action: &str| format!("name: \"limits\", attributes: {{labels: \"tier=all\", opa_action: \"{action}\"}}");
        is_found(&of("deny"), &of(action), "admission-only-warns", "`admission/limits`", "name: \"limits\"");
    }
    is_found(
        "opa_failure_policy: \"Fail\"",
        "opa_failure_policy: \"Ignore\"",
        "admission-fails-open",
        "`opa_failure_policy` of `admission`",
        "opa_failure_policy",
    );
}

#[test]
fn a_siem_that_is_missing_or_off() {
    is_found("siem: \"true\", ", "siem: \"false\", ", "siem-off", "`siem` of `logs`", "siem: \"false\"");
    is_found("siem: \"true\", ", "siem: fase, ", "siem-off", "`siem` of `logs`", "siem: fase");
    // Where it is not said, the component stands for it.
    let text = edited(stack(), "siem: \"true\", ", "");
    let line = line_of(&text, "    logs:");
    assert_eq!(found(&demo_with_stack(&text), "siem-off", "`logs`"), [format!("stack.yaml:{line}:5")]);
    let without = super::after(&super::demo(), "- {op: remove_component, name: logs}\n");
    assert_eq!(found(&without, "siem-off", "no `opensearch` is in the stack").len(), 1);
}

#[test]
fn an_agent_that_no_link_joins_to_the_tool_server() {
    let (id, link) = ("agent-without-tools", "        stack-agent: {type: \"fastmcp-stack_agent\"}\n");
    is_found(link, "", id, "`stack-agent` and the tool server `assistant`", "    stack-agent:");
    let without = demo_with_stack(&edited(stack(), link, ""));
    let fix = without.findings().into_iter().find(|finding| finding.id == id).unwrap().fix;
    assert_eq!(fix, "add a link from `stack-agent` to `assistant`");
    // As it says, or the other way round.
    for (from, to) in [("stack-agent", "assistant"), ("assistant", "stack-agent")] {
        let after = super::after(&without, &format!("- {{op: add_link, from: {from}, to: {to}}}\n"));
        assert_eq!(found(&after, id, ""), [""; 0], "{from} -> {to}");
    }
    // Nobody misses a server that is not there, nor an agent.
    for gone in ["assistant", "stack-agent"] {
        let after = super::after(&without, &format!("- {{op: remove_component, name: {gone}}}\n"));
        assert_eq!(found(&after, id, ""), [""; 0], "{gone}");
    }
}

#[test]
fn a_link_to_a_part_of_the_tool_server_joins_an_agent_and_each_agent_needs_one() {
    let id = "agent-without-tools";
    let server = component("tools", "fastmcp", "", &[]) + "    sub_components: {helper: {type: agent, name: helper}}\n";
    let joined = component("one", "stack_agent", "", &["tools/helper"]);
    let alone = component("two", "stack_agent", "", &[]);
    assert_eq!(found(&strict(&small(&(server.clone() + &joined))), id, ""), [""; 0]);
    let both = strict(&small(&(server + &joined + &alone)));
    assert_eq!(found(&both, id, "`two`").len(), 1);
    assert_eq!(found(&both, id, "").len(), 1);
}

#[test]
fn a_scanner_with_no_way_to_its_database() {
    is_found(
        "        registry: {type: \"trivy-harbor\"}\n",
        "",
        "cut-off",
        "`scanner`: it can't reach what it serves",
        "    scanner:",
    );
}

#[test]
fn a_log_collector_that_no_policy_lets_out() {
    is_found(
        "      links_to:\n        logs: {type: \"otel-opensearch\"}\n",
        "",
        "cut-off",
        "`telemetry`: it gathers logs and passes them on to nobody",
        "    telemetry:",
    );
}

/// An exception of the demo's own, in its list.
fn with_exception(entry: &str) -> String {
    edited(exceptions(), "internet-exceptions:\n", &format!("internet-exceptions:\n{entry}"))
}

#[test]
fn a_data_store_that_may_talk_to_the_internet() {
    let entry = "  - id: ledger-internet\n    type: cnpg\n    component: ledger\n    direction: egress\n    ports: [443]\n    reason: It wants to.\n";
    let text = with_exception(entry);
    let snapshot = demo_with_exceptions(&text);
    let places = found(&snapshot, "store-open-to-internet", "`ledger`");
    let line = line_of(&text, "id: ledger-internet");
    assert!(!places.is_empty(), "{:?}", snapshot.findings());
    assert!(places.iter().all(|place| place.starts_with(&format!("exceptions.yaml:{line}:"))), "{places:?}");
    assert_eq!(found(&super::demo(), "store-open-to-internet", "`ledger`"), [""; 0]);
}

#[test]
fn an_exception_without_a_reason() {
    let entry = "  - id: silent-internet\n    type: image_base\n    component: acquirer-connector\n    direction: egress\n    ports: [8443]\n";
    for reason in ["", "    reason: \"\"\n"] {
        let text = with_exception(&format!("{entry}{reason}"));
        let snapshot = demo_with_exceptions(&text);
        let line = line_of(&text, "id: silent-internet");
        let findings = snapshot.findings().into_iter().filter(|finding| finding.message.contains("silent-internet"));
        let findings: Vec<_> = findings.map(|finding| (finding.id, finding.r#where.map(|place| place.line))).collect();
        assert!(findings.iter().any(|(id, at)| id.contains("reason") && *at == Some(line)), "{findings:?}");
    }
}
