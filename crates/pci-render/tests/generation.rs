//! What is generated, and that it allows what was declared.

use std::{collections::BTreeSet, fmt::Write as _};

use pci_engine::Snapshot;
use pci_fixtures::{allowed, component, demo_sources, finding_ids, fixture_text, read, stack, strict, with_exceptions};
use pci_policy::Kind;
use pci_render::{folder, manifest, report};
use pci_stack::Level;

fn full_form() -> Snapshot {
    strict(&fixture_text("full-form.yaml"))
}

#[test]
fn what_the_policies_of_a_real_shape_allow_is_this_and_nothing_else() {
    assert!(full_form().evidence().proof.holds);
    insta::assert_snapshot!(allowed(&full_form()).join("\n"));
}

#[test]
fn the_manifest_of_a_real_shape_is_this() {
    let snapshot = full_form();
    insta::assert_json_snapshot!(manifest::manifest(&snapshot), { ".tool.version" => "[version]", ".inputs.catalog" => "[digest]" });
}

#[test]
fn a_link_policy_reads_as_the_kubernetes_api_writes_it() {
    let snapshot = full_form();
    let index = snapshot
        .rules()
        .rules
        .iter()
        .position(|rule| rule.name.object == "cnpg--link--assistant--ingress--ports--5432");
    insta::assert_snapshot!(String::from_utf8_lossy(&snapshot.files()[index.unwrap()].bytes));
}

#[test]
fn the_diagram_page_of_a_real_shape_is_this() {
    let snapshot = full_form();
    let files = folder::files(&snapshot, &manifest::manifest(&snapshot));
    insta::assert_snapshot!(String::from_utf8_lossy(&files["network-diagram.md"]));
}

#[test]
fn each_link_is_a_source_of_one_egress_and_one_ingress_policy() {
    let snapshot = full_form();
    for link in &snapshot.stack.links {
        let of_link = snapshot.rules().rules.iter().filter(|rule| rule.is_asked_for_by(link.id.as_str()));
        let sides: Vec<_> = of_link.map(|rule| rule.direction.as_str()).collect();
        assert_eq!(sides.len(), 2, "{}: {sides:?}", link.id);
        assert_ne!(sides[0], sides[1], "{}", link.id);
    }
}

#[test]
fn a_declared_port_wins_over_the_table() {
    let snapshot =
        strict(&stack(&(component("a", "fastapi", "", &["b"]) + &component("b", "redis", "port: \"6380\"", &[]))));
    assert!(allowed(&snapshot).contains(&"ns:a -> ns:b: 6380/TCP".to_owned()));
}

#[test]
fn the_port_of_a_link_wins_over_that_of_its_target() {
    let text = stack(&(component("a", "fastapi", "", &["b"]) + &component("b", "redis", "port: \"6380\"", &[])));
    let snapshot = strict(&text.replace("b: {attributes: {}}", "b: {attributes: {port: \"7000\"}}"));
    assert!(allowed(&snapshot).contains(&"ns:a -> ns:b: 7000/TCP".to_owned()));
}

#[test]
fn a_link_without_a_port_is_reported_and_opens_nothing() {
    let snapshot =
        strict(&stack(&(component("a", "fastapi", "port: \"8000\"", &["b"]) + &component("b", "image_base", "", &[]))));
    assert!(finding_ids(&snapshot).contains(&"link-without-port"));
    assert!(!allowed(&snapshot).iter().any(|flow| flow.starts_with("ns:a -> ns:b")));
    assert!(snapshot.evidence().proof.holds);
}

#[test]
fn an_override_decides_the_ports_of_its_two_types_and_may_run_against_the_link() {
    let text = component("gateway", "apisix", "", &["minio"]) + &component("minio", "minio", "port: \"9000\"", &[]);
    assert!(allowed(&strict(&stack(&text))).contains(&"ns:gateway -> ns:minio: 9000/TCP, 9001/TCP".to_owned()));
    let flows = allowed(&full_form());
    assert!(flows.contains(&"ns:strimzi -> ns:mongodb: 27017/TCP".to_owned()), "Kafka Connect dials the database");
    assert!(!flows.iter().any(|flow| flow.starts_with("ns:mongodb -> ns:strimzi")));
}

#[test]
fn no_strict_rule_is_wide() {
    for snapshot in [full_form(), Snapshot::read(demo_sources()).unwrap()] {
        for (rule, file) in snapshot.rules().rules.iter().zip(snapshot.files()) {
            let object: serde_json::Value = serde_json::from_slice(&file.bytes).unwrap();
            assert_eq!(object["spec"]["podSelector"], serde_json::json!({}));
            assert_eq!(object["spec"]["policyTypes"].as_array().unwrap().len(), 1);
            let sides = [("ingress", "from"), ("egress", "to")]
                .map(|(side, peers)| (object["spec"][side].as_array().cloned(), peers));
            for (rules, peers) in sides {
                for entry in rules.into_iter().flatten() {
                    assert!(!entry[peers].as_array().unwrap().is_empty(), "{}", rule.name.file);
                    let ports = entry["ports"].as_array().unwrap();
                    assert!(
                        !ports.is_empty()
                            && ports.iter().all(|port| port["port"].is_u64()
                                && port["protocol"].is_string()
                                && port.get("endPort").is_none())
                    );
                    for peer in entry[peers].as_array().unwrap() {
                        let label = &peer["namespaceSelector"]["matchLabels"]["kubernetes.io/metadata.name"];
                        assert!(label.is_string() ^ peer["ipBlock"].is_object(), "{}", rule.name.file);
                        assert!(peer.get("podSelector").is_none());
                    }
                }
            }
        }
    }
}

#[test]
fn every_namespace_and_the_build_namespace_start_from_default_deny() {
    let snapshot = full_form();
    let denied: BTreeSet<_> = snapshot
        .rules()
        .rules
        .iter()
        .filter(|rule| rule.kind == Kind::DefaultDeny)
        .map(|rule| (rule.namespace.to_string(), rule.direction.as_str()))
        .collect();
    for namespace in snapshot.basis().namespaces() {
        assert!(
            denied.contains(&(namespace.to_string(), "ingress")) && denied.contains(&(namespace.to_string(), "egress"))
        );
    }
    assert!(denied.contains(&("build".to_owned(), "egress")));
}

#[test]
fn the_clusters_own_namespaces_get_no_policy_but_the_far_side_does() {
    let text = component("a", "fastapi", "", &["dns"])
        + &component("dns", "coredns", "", &[]).replace("namespace: dns", "namespace: kube-system");
    let snapshot = strict(&stack(&text));
    assert!(snapshot.rules().rules.iter().all(|rule| rule.namespace.as_str() != "kube-system"));
    assert!(snapshot.rules().rules.iter().any(|rule| rule.is_asked_for_by("a -> dns")));
    assert!(finding_ids(&snapshot).contains(&"protected-namespace"));
    assert!(snapshot.evidence().proof.holds);
}

#[test]
fn what_matches_nothing_is_told_apart_and_does_not_fail_the_proof() {
    let snapshot = full_form();
    let letters = &snapshot.evidence().proof.dead_letters;
    let of = |policy: &str| {
        letters
            .iter()
            .find(|letter| letter.policy.contains(policy))
            .map(|letter| (letter.ports.to_string(), serde_json::to_value(letter.reach).unwrap()))
    };
    assert_eq!(of("system--kube-api"), Some(("443/TCP".to_owned(), "depends".into())));
    assert_eq!(of("cnpg--component-exception--kube-system"), Some(("9443/TCP".to_owned(), "depends".into())));
    assert_eq!(of("component-exception--any--ingress"), Some(("80/TCP, 443/TCP".to_owned(), "dead-letter".into())));
    assert!(letters.iter().all(|letter| !letter.why.is_empty()));
}

#[test]
fn the_profile_makes_the_api_server_reachable_and_its_webhook_calls_welcome() {
    let profile =
        "cluster: {api_server: {addresses: [10.0.0.10/32], ports: [6443]}}\naccount_data: {components: {store: [a]}}\n";
    let snapshot = read(&fixture_text("full-form.yaml"), Some(profile), Some(Level::PciDssStrict)).unwrap();
    assert!(snapshot.evidence().proof.holds);
    let flows = allowed(&snapshot);
    for flow in [
        "ns:redis -> api-server: 6443/TCP",
        "api-server -> ns:cnpg: 9443/TCP",
        "api-server -> ns:cert-manager: 10250/TCP",
    ] {
        assert!(flows.contains(&flow.to_owned()), "{flow} is missing from {flows:#?}");
    }
    let letters = &snapshot.evidence().proof.dead_letters;
    assert!(
        letters.iter().any(|letter| letter.policy.contains("redis--system--kube-api")),
        "default:443 matches nothing now"
    );
}

#[test]
fn wrong_profiles_are_refused_with_their_place() {
    let refused = |profile: &str| read(&fixture_text("full-form.yaml"), Some(profile), None).unwrap_err().to_string();
    insta::assert_snapshot!(refused("cluster: {api_sever: 1}"), @"profile.yaml:1:11: the key `api_sever` is not known here (did you mean `api_server`? known here: `cni`, `api_server`, `webhook_sources`, `dns`, `private_ranges`, `load_balancer_sources`)");
    insta::assert_snapshot!(refused("cluster:\n  private_ranges: [10.0.0.0/33]"), @"profile.yaml:2:20: an address range is written like 10.0.0.0/8 or 2001:db8::/32, one address like 10.0.0.1");
    insta::assert_snapshot!(refused("cluster:\n  private_ranges: [0.0.0.0/0]"), @"profile.yaml: `cluster.private_ranges` holds 0.0.0.0/0, which is every address there is (name the ranges that are yours)");
    insta::assert_snapshot!(refused("cluster: {dns: bind}"), @"profile.yaml:1:16: expected one of `coredns`, `nodelocal`, `openshift`");
    insta::assert_snapshot!(refused("cluster: {api_server: {addresses: [], ports: [6443]}}"), @"profile.yaml: `cluster.api_server` lacks addresses or ports (such as {addresses: [10.0.0.10/32], ports: [6443]})");
    insta::assert_snapshot!(refused("cluster: {api_server: {addresses: [10.0.0.1], ports: [0]}}"), @"profile.yaml:1:55: a port is a number from 1 to 65535");
}

#[test]
fn the_same_input_gives_the_same_bytes() {
    let bytes = || {
        let snapshot = full_form();
        let manifest = manifest::manifest(&snapshot);
        folder::files(&snapshot, &manifest)
            .into_iter()
            .map(|(name, bytes)| (name, bytes.into_owned()))
            .collect::<Vec<_>>()
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn one_added_link_renames_no_policy() {
    let before =
        component("a", "fastapi", "", &["b"]) + &component("b", "redis", "", &[]) + &component("c", "redis", "", &[]);
    let after = component("a", "fastapi", "", &["b", "c"])
        + &component("b", "redis", "", &[])
        + &component("c", "redis", "", &[]);
    let names = |text: &str| {
        strict(&stack(text)).rules().rules.iter().map(|rule| rule.name.file.clone()).collect::<BTreeSet<_>>()
    };
    assert!(names(&before).is_subset(&names(&after)));
}

#[test]
fn names_stay_within_what_kubernetes_and_file_systems_take() {
    let long = "n".repeat(63);
    let ports: Vec<String> = (0..40).map(|index| format!("{}", 30_000 + index)).collect();
    let exceptions = format!(
        "component-exceptions:\n  - {{id: many, type: redis, direction: ingress, peer: {{namespace: {long}}}, ports: [{}], reason: because}}\n  \
         - {{id: more, type: redis, direction: ingress, peer: {{namespace: {long}}}, ports: [{}, 1], reason: because}}\n",
        ports.join(", "),
        ports.join(", ")
    );
    let text = format!(
        "components:\n  a: {{type: redis, name: a, attributes: {{namespace: {}}}}}\nconfiguration: {{system_name: \"{}\"}}\n",
        "m".repeat(63),
        "s".repeat(200)
    );
    let snapshot = with_exceptions(&text, &exceptions, Level::PciDssStrict).unwrap();
    let rules = &snapshot.rules().rules;
    let names: BTreeSet<_> = rules.iter().map(|rule| (&rule.namespace, &rule.name.object)).collect();
    let files: BTreeSet<_> = rules.iter().map(|rule| &rule.name.file).collect();
    assert_eq!((names.len(), files.len()), (rules.len(), rules.len()));
    for rule in rules {
        assert!(rule.name.object.len() <= 253 && rule.name.file.len() <= 255);
        assert!(
            rule.name.object.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
        );
        assert!(!rule.name.object.ends_with('-'));
    }
    assert!(snapshot.evidence().proof.holds);
}

#[test]
fn where_kinds_ask_for_the_same_there_is_one_policy_with_both_sources() {
    let text = component("grafana", "grafana", "", &["prometheus"]) + &component("prometheus", "prometheus", "", &[]);
    let snapshot = strict(&stack(&text));
    let rule = snapshot.rules().rules.iter().find(|rule| rule.is_asked_for_by("prometheus-from-grafana")).unwrap();
    assert_eq!(rule.kind, Kind::Link);
    assert!(rule.is_asked_for_by("grafana -> prometheus"));
}

#[test]
fn at_level_none_there_are_no_policies_and_the_manifest_says_so() {
    let snapshot = read(&fixture_text("full-form.yaml"), None, Some(Level::None)).unwrap();
    let files = folder::files(&snapshot, &manifest::manifest(&snapshot));
    assert_eq!(files.keys().collect::<Vec<_>>(), ["networkpolicy-manifest.json"]);
}

#[test]
fn at_level_standard_the_proof_holds_too() {
    let snapshot = read(&fixture_text("full-form.yaml"), None, Some(Level::Standard)).unwrap();
    assert!(snapshot.evidence().proof.holds, "{:#?}", snapshot.evidence().proof);
    let flows = allowed(&snapshot);
    assert!(flows.contains(&"ns:assistant -> internet: 80/TCP, 443/TCP".to_owned()));
    assert!(!flows.iter().any(|flow| flow.starts_with("ns:cnpg -> internet")), "a data store gets no internet");
    assert!(flows.contains(&"ns:assistant -> ns:assistant: all ports".to_owned()));
}

/// Names made of Mermaid, Markdown, HTML, quotes, line breaks, invisible Unicode, and of three hundred characters.
const HOSTILE: [&str; 8] = [
    "a\\\"] --> b[\\\"x",
    "end; click a \\\"javascript:alert(1)\\\"",
    "%%{init: {}}%%",
    "<script>alert(1)</script>",
    "line\\nbreak --> c",
    "`code` | [link](http://x) #35;",
    "a\\u202eb\\u200bc",
    "ÄÖÜ 漢字 🔥",
];

#[test]
fn hostile_names_give_valid_files_distinct_names_and_charts_that_hold_them_as_text() {
    let mut components = String::new();
    for (index, name) in HOSTILE.iter().enumerate() {
        let _ =
            writeln!(components, "  k{index}: {{type: redis, name: \"{name}\", attributes: {{namespace: n{index}}}}}");
    }
    let _ =
        writeln!(components, "  long: {{type: redis, name: \"{}\", attributes: {{namespace: long}}}}", "n".repeat(300));
    let text = format!("components:\n{components}configuration: {{system_name: \"x]; <b> `y`\"}}\n");
    let snapshot = strict(&text);
    let manifest = manifest::manifest(&snapshot);
    let files = folder::files(&snapshot, &manifest);
    let page = String::from_utf8_lossy(&files["network-diagram.md"]).into_owned();
    for raw in ["<script", "<b>", "%%{", "\u{202e}", "\u{200b}", "--> c"] {
        let is_own = page.lines().filter(|line| line.contains(raw)).count();
        assert_eq!(is_own, 0, "`{raw}` survived in the page");
    }
    assert!(!page.lines().any(|line| line.trim_start().starts_with("click")));
    let flat = || files.keys().filter(|name| *name != report::FILE);
    assert!(flat().all(|name| name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte))));
}

#[test]
fn two_names_that_read_the_same_as_slugs_are_two_stacks() {
    let id = |name: &str| {
        let text = format!("components: {{}}\nconfiguration: {{system_name: \"{name}\"}}\n");
        read(&text, None, Some(Level::None)).unwrap().stack.id.to_string()
    };
    assert_eq!(id("payments-shop"), "payments-shop");
    let ids: BTreeSet<String> = ["Payments Shop", "payments_shop", "payments shop", "payments-shop"].map(id).into();
    assert_eq!(ids.len(), 4);
    assert!(ids.iter().all(|id| id.starts_with("payments-shop") && id.len() <= 63));
}

#[test]
fn components_that_share_a_namespace_share_its_openings_and_that_is_listed() {
    let text = component("a", "fastapi", "port: \"8000\"", &["store"])
        + &component("b", "fastapi", "port: \"8001\"", &[]).replace("namespace: b", "namespace: a")
        + &component("store", "redis", "", &[]);
    let snapshot = strict(&stack(&text));
    let manifest = manifest::manifest(&snapshot);
    let shared: Vec<String> =
        manifest.by_sharing.iter().map(|shared| format!("{}: {}", shared.component, shared.flow)).collect();
    assert_eq!(shared, ["b: ns:a -> ns:store on 6379/TCP"]);
    assert_eq!(manifest.by_sharing[0].because_of, ["a -> store"]);
    let finding = manifest.findings.iter().find(|finding| finding.id == "shared-namespace").unwrap();
    assert_eq!(serde_json::to_value(finding.severity).unwrap(), "high", "it touches a data store");
    assert!(manifest.proof.holds);
}

#[test]
fn a_link_from_another_stack_makes_no_rule_and_one_to_it_needs_an_internet_exception() {
    let text = component("a", "fastapi", "port: \"8000\"", &["far"])
        + &component("far", "fastapi", "is_external: true, remote_host: x.example", &["a"]);
    let snapshot = strict(&stack(&text));
    assert!(finding_ids(&snapshot).contains(&"external-source") && finding_ids(&snapshot).contains(&"external-target"));
    assert!(!allowed(&snapshot).iter().any(|flow| flow.contains("ns:far") || flow.contains("internet")));
    let exceptions =
        "internet-exceptions:\n  - {id: x, type: fastapi, component: a, direction: egress, ports: [443], reason: r}\n";
    let open = with_exceptions(&stack(&text), exceptions, Level::PciDssStrict).unwrap();
    assert!(!finding_ids(&open).contains(&"external-target"));
    assert!(allowed(&open).contains(&"ns:a -> internet: 443/TCP".to_owned()));
}

#[test]
fn the_build_namespace_reaches_dns_and_the_api_only() {
    let flows: Vec<String> = allowed(&full_form()).into_iter().filter(|flow| flow.contains("ns:build")).collect();
    assert_eq!(flows, ["ns:build -> ns:default: 443/TCP", "ns:build -> ns:kube-system: 53/TCP, 53/UDP"]);
    assert!(finding_ids(&full_form()).contains(&"build-namespace-cut-off"));
}
