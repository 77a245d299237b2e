//! Laws, on random stacks: the proof holds, nothing depends on order or luck, a link only ever adds.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use netpol_reach::Port;
use pci_engine::{
    Snapshot, Source, Sources,
    change::{self, Connection},
};
use pci_fixtures::{PROGRAM, tables};
use pci_policy::{RulePorts, proof::EndName};
use pci_stack::{Change, Level};
use proptest::prelude::*;

/// Types with ports, without, not on the network, with webhooks, gateways, stores, and with exceptions of their own.
const KINDS: [&str; 16] = [
    "apisix",
    "fastapi",
    "redis",
    "cnpg",
    "minio",
    "kafka",
    "cert_manager",
    "argo_cd",
    "opa",
    "prometheus",
    "grafana",
    "keda",
    "stack_agent",
    "image_base",
    "coredns",
    "unheard_of",
];
const SUB_KINDS: [&str; 6] = ["db", "bucket", "topic", "bridge", "mongo_db", "image_policy"];

#[derive(Debug, Clone)]
struct Part {
    kind: usize,
    namespace: usize,
    port: Option<u16>,
    external: bool,
    subs: Vec<usize>,
}

#[derive(Debug, Clone)]
struct Plan {
    parts: Vec<Part>,
    links: BTreeSet<(usize, Option<usize>, usize, Option<usize>)>,
    exceptions: Vec<String>,
    profile: String,
    level: Level,
}

fn part() -> impl Strategy<Value = Part> {
    let subs = prop::collection::vec(0..SUB_KINDS.len(), 0..3);
    let port = prop_oneof![2 => Just(None), 1 => (1_u16..100).prop_map(Some)];
    (0..KINDS.len(), 0..5_usize, port, prop::bool::weighted(0.1), subs)
        .prop_map(|(kind, namespace, port, external, subs)| Part { kind, namespace, port, external, subs })
}

fn exception() -> impl Strategy<Value = String> {
    let peer = prop_oneof![
        (0..KINDS.len() - 1).prop_map(|kind| format!("component_type: {}", KINDS[kind])),
        (0..6_usize).prop_map(|namespace| format!("namespace: {}", NAMESPACES[namespace])),
        Just("kube_api: true".to_owned()),
        Just("dns: true".to_owned()),
        Just("external: true".to_owned()),
        Just("stack: true".to_owned()),
        Just("cidr: 10.1.0.0/16, except: [10.1.2.0/24]".to_owned()),
        Just("cidr: 8.8.8.0/24".to_owned()),
        Just("cidr: 2001:db8::/32".to_owned()),
    ];
    let ports = prop_oneof![3 => Just("ports: [443, 80, 8080]"), 1 => Just("ports: [\"53/UDP\"]"), 1 => Just("allow_all_ports: true")];
    let direction = prop_oneof![Just("ingress"), Just("egress")];
    (0..KINDS.len() - 1 + SUB_KINDS.len(), direction, peer, ports).prop_map(|(kind, direction, peer, ports)| {
        let (direction, ports) = if peer.starts_with("stack") { ("egress", "") } else { (direction, ports) };
        let kind = KINDS[..KINDS.len() - 1].iter().chain(&SUB_KINDS).nth(kind).unwrap();
        format!("type: {kind}, direction: {direction}, peer: {{{peer}}}, {ports}")
    })
}

const NAMESPACES: [&str; 6] = ["n0", "n1", "n2", "default", "kube-system", "n4"];

const PROFILES: [&str; 6] = [
    "{}",
    "cluster: {api_server: {addresses: [10.0.0.10/32], ports: [6443]}}",
    "cluster: {webhook_sources: [{namespace: kube-system}, {namespace: n1}, 10.9.0.0/16]}",
    "cluster: {dns: nodelocal, load_balancer_sources: [192.0.2.0/24], private_ranges: [198.18.0.0/15, 2001:db8::/32]}",
    "cluster: {dns: openshift, api_server: {addresses: [8.8.8.8/32, 2001:db8::1/128], ports: [443, 6443]}}",
    "cluster: {webhook_sources: [0.0.0.0/0], load_balancer_sources: [10.0.0.0/8]}",
];

fn plan() -> impl Strategy<Value = Plan> {
    let parts = prop::collection::vec(part(), 1..9);
    parts
        .prop_flat_map(|parts| {
            let count = parts.len();
            let end = (0..count, prop::option::of(0..3_usize));
            let links = prop::collection::btree_set((end.clone(), end), 0..16);
            let exceptions = prop::collection::vec(exception(), 0..5);
            let level = prop_oneof![3 => Just(Level::PciDssStrict), 1 => Just(Level::Standard)];
            (Just(parts), links, exceptions, 0..PROFILES.len(), level)
        })
        .prop_map(|(parts, links, exceptions, profile, level)| {
            let sub = |part: usize, sub: Option<usize>| sub.filter(|sub| *sub < parts[part].subs.len());
            let links = links.into_iter().map(|((a, sa), (b, sb))| (a, sub(a, sa), b, sub(b, sb)));
            let links = links.filter(|(a, sa, b, sb)| (a, sa) != (b, sb)).collect();
            Plan { links, exceptions, profile: PROFILES[profile].to_owned(), level, parts }
        })
}

impl Plan {
    fn stack(&self) -> String {
        let links = |text: &mut String, from: (usize, Option<usize>), pad: &str| {
            let own: Vec<_> = self.links.iter().filter(|(a, sa, ..)| (*a, *sa) == from).collect();
            if !own.is_empty() {
                let _ = writeln!(text, "{pad}links_to:");
            }
            for (_, _, to, sub) in own {
                let sub = sub.map(|sub| format!("/s{sub}")).unwrap_or_default();
                let _ = writeln!(text, "{pad}  p{to}{sub}: {{attributes: {{}}}}");
            }
        };
        let mut text = String::from("components:\n");
        for (index, part) in self.parts.iter().enumerate() {
            let kind = KINDS[part.kind];
            let port = part.port.map(|port| format!(", port: {port}")).unwrap_or_default();
            let external = if part.external { ", is_external: true" } else { "" };
            let namespace = NAMESPACES[part.namespace];
            let _ = writeln!(
                text,
                "  p{index}:\n    type: {kind}\n    attributes: {{namespace: {namespace}{port}{external}}}"
            );
            links(&mut text, (index, None), "    ");
            if !part.subs.is_empty() {
                text.push_str("    sub_components:\n");
            }
            for (sub, kind) in part.subs.iter().enumerate() {
                let _ = writeln!(text, "      s{sub}:\n        type: {}", SUB_KINDS[*kind]);
                links(&mut text, (index, Some(sub)), "        ");
            }
        }
        text + "configuration: {system_name: random, build_namespace: build}\n"
    }

    fn snapshot(&self) -> Snapshot {
        let entries = self
            .exceptions
            .iter()
            .enumerate()
            .map(|(index, fields)| format!("  - {{id: x{index}, reason: r, {fields}}}\n"));
        let exceptions = format!("component-exceptions:\n{}", entries.collect::<String>());
        let exceptions = if self.exceptions.is_empty() { "{}".to_owned() } else { exceptions };
        let (stack, source) = (self.stack(), |name, text| Source { name, text });
        Snapshot::read(Sources {
            stack: source("stack.yaml", &stack),
            exceptions: Some(source("exceptions.yaml", &exceptions)),
            profile: Some(source("profile.yaml", &self.profile)),
            tables: tables(),
            level: Some(self.level),
            as_of: None,
            is_demo: false,
            program: PROGRAM,
        })
        .unwrap_or_else(|error| panic!("{error}\n{stack}\n{exceptions}"))
    }
}

/// Sixty, or as many as `PROPTEST_CASES` says.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_proof_holds_for_every_stack(plan in plan()) {
        let snapshot = plan.snapshot();
        let proof = &snapshot.evidence().proof;
        prop_assert!(proof.holds, "missing {:#?}\nexcess {:#?}\n{}\n{:#?}", proof.missing, proof.excess, plan.stack(), plan.exceptions);
    }

    #[test]
    fn every_policy_has_a_name_and_a_file_of_its_own(plan in plan()) {
        let snapshot = plan.snapshot();
        let rules = &snapshot.rules().rules;
        let names: BTreeSet<_> = rules.iter().map(|rule| (&rule.namespace, &rule.name.object)).collect();
        let files: BTreeSet<_> = rules.iter().map(|rule| &rule.name.file).collect();
        prop_assert_eq!((names.len(), files.len()), (rules.len(), rules.len()));
    }

    #[test]
    fn one_more_link_takes_no_flow_away(plan in plan(), from in 0..8_usize, to in 0..8_usize) {
        let (from, to) = (from % plan.parts.len(), to % plan.parts.len());
        let mut more = plan.clone();
        if from != to {
            more.links.insert((from, None, to, None));
        }
        let (before, after) = (plan.snapshot(), more.snapshot());
        for (ends, ports) in before.evidence().allowed() {
            let kept = after.evidence().allowed().get(ends).cloned().unwrap_or_default();
            prop_assert!(ports.minus(&kept).is_empty(), "{ends:?} lost {}", ports.minus(&kept));
        }
    }

    #[test]
    fn the_same_input_gives_the_same_bytes(plan in plan()) {
        let (one, other) = (plan.snapshot(), plan.snapshot());
        prop_assert_eq!(one.files(), other.files());
        prop_assert_eq!(&one.evidence().proof, &other.evidence().proof);
    }

    #[test]
    fn a_difference_names_what_one_has_and_the_other_lacks(one in plan(), other in plan()) {
        let (one, other) = (one.snapshot(), other.snapshot());
        let found = change::difference(&one, &other);
        let lacking = |all: &BTreeSet<String>, known: &BTreeSet<String>| all.difference(known).cloned().collect::<Vec<_>>();
        let (before, after) = (policies(&one), policies(&other));
        prop_assert_eq!(found.policies_added, lacking(&after, &before));
        prop_assert_eq!(found.policies_removed, lacking(&before, &after));
        let ends = |flows: &[Connection]| -> BTreeSet<String> {
            flows.iter().map(|flow| format!("{} -> {} on {}", flow.from, flow.to, flow.ports.join(", "))).collect()
        };
        let (before, after) = (declared(&one), declared(&other));
        prop_assert_eq!(ends(&found.flows_added), wider(&after, &before));
        prop_assert_eq!(ends(&found.flows_removed), wider(&before, &after));
    }

    #[test]
    fn what_a_change_leaves_as_it_was_comes_out_as_if_made_anew(plan in plan(), chosen in any::<prop::sample::Index>()) {
        let settled = plan.snapshot();
        settled.evidence();
        let count = settled.stack.components.len();
        let name = settled.stack.components[chosen.index(count)].name.to_string();
        let change = [Change::remove_component(&name)];
        // Nothing of the second is computed yet, so that nothing can be taken from it.
        let (reused, anew) = (change::apply(&settled, &change), change::apply(&plan.snapshot(), &change));
        let (Ok(reused), Ok(anew)) = (reused, anew) else { return Ok(()) };
        prop_assert_eq!(reused.files(), anew.files());
        prop_assert_eq!(&reused.evidence().proof, &anew.evidence().proof);
        prop_assert_eq!(reused.evidence().allowed(), anew.evidence().allowed());
        prop_assert_eq!(reused.proven(), anew.proven());
    }
}

fn policies(snapshot: &Snapshot) -> BTreeSet<String> {
    snapshot.rules().rules.iter().map(|rule| format!("{}/{}", rule.namespace, rule.name.object)).collect()
}

/// The ports that are declared between two ends; `None` for all.
type Declared = BTreeMap<String, BTreeSet<Option<Port>>>;

fn declared(snapshot: &Snapshot) -> Declared {
    let mut declared = Declared::new();
    for flow in snapshot.flows() {
        let ends = format!("{} -> {}", EndName::of_declared(&flow.from), EndName::of_declared(&flow.to));
        let ports = declared.entry(ends).or_default();
        match &flow.ports {
            RulePorts::All => drop(ports.insert(None)),
            RulePorts::Exact(exact) => ports.extend(exact.iter().map(Some)),
            RulePorts::None => {}
        }
    }
    declared
}

/// The ends between which `all` has more ports than `known`, with these. Of all ports but some, all are more.
fn wider(all: &Declared, known: &Declared) -> BTreeSet<String> {
    let none = BTreeSet::new();
    let more = all.iter().filter_map(|(ends, ports)| {
        let known = known.get(ends).unwrap_or(&none);
        let more: Vec<String> = match (ports.contains(&None), known.contains(&None)) {
            (_, true) => Vec::new(),
            (true, false) => vec!["all".to_owned()],
            (false, false) => ports.difference(known).flatten().map(ToString::to_string).collect(),
        };
        (!more.is_empty()).then(|| format!("{ends} on {}", more.join(", ")))
    });
    more.collect()
}
