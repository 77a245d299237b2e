//! The evaluator against a naive one, on random clusters: every pair of ends, on every port that could matter.
//!
//! The naive evaluator is written from the API's text and shares nothing with the library. It asks one packet at a
//! time; the library never does.

mod clusters;
mod packets;
mod partly_known;

use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

use clusters::{Plan, plan, policy};
use k8s_openapi::api::networking::v1::NetworkPolicy;
use netpol_reach::{Connectivity, EndId, Evaluation, PortSet, Ranges, Reading, Settings};
use packets::{Direction, End, Port, range};
use proptest::prelude::*;

/// Sixty, or as many as `PROPTEST_CASES` says.
fn cases() -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(60)
}

const DIRECTIONS: [(Direction, netpol_reach::Direction); 2] =
    [(Direction::Ingress, netpol_reach::Direction::Ingress), (Direction::Egress, netpol_reach::Direction::Egress)];

const PROTOCOLS: [(&str, netpol_reach::Protocol); 3] = [
    ("TCP", netpol_reach::Protocol::Tcp),
    ("UDP", netpol_reach::Protocol::Udp),
    ("SCTP", netpol_reach::Protocol::Sctp),
];

impl Plan {
    fn cluster(&self) -> netpol_reach::Cluster {
        let text = self.manifests();
        let manifests = netpol_reach::read([("cluster.json", text.as_str())]);
        assert!(manifests.refused.is_empty(), "{:#?}\n{text}", manifests.refused);
        netpol_reach::Cluster::of(manifests, self.plugin.host_network_is_selectable).unwrap()
    }

    fn settings(&self) -> Settings {
        Settings { ip_blocks_match_pods: self.plugin.ip_blocks_match_pods }
    }

    fn evaluation(&self) -> Evaluation {
        let netpol_reach::Cluster { world, policies, .. } = self.cluster();
        Evaluation::of(&world, &policies, self.settings(), Reading::Certain)
    }

    fn without_policies(&self) -> Self {
        let mut without = self.clone();
        without.cluster.policies.clear();
        without
    }

    fn with_policy(&self, mut policy: NetworkPolicy) -> Self {
        let mut with = self.clone();
        policy.metadata.name = Some("one-more".to_owned());
        with.cluster.policies.push(policy);
        with
    }

    /// The first and last address of all ranges and holes, and those beside them.
    fn addresses(&self) -> BTreeSet<IpAddr> {
        let mut addresses =
            BTreeSet::from([[192, 0, 2, 7].into(), [0; 4].into(), [255; 4].into(), [0; 16].into(), [255; 16].into()]);
        let specs = self.cluster.policies.iter().flat_map(|policy| &policy.spec);
        for spec in specs {
            let from = spec.ingress.iter().flatten().flat_map(|rule| rule.from.iter().flatten());
            let to = spec.egress.iter().flatten().flat_map(|rule| rule.to.iter().flatten());
            for block in from.chain(to).filter_map(|peer| peer.ip_block.as_ref()) {
                for cidr in std::iter::once(&block.cidr).chain(block.except.iter().flatten()) {
                    let (first, last) = range(cidr);
                    addresses.extend([Some(first), Some(last), before(first), after(last)].into_iter().flatten());
                }
            }
        }
        addresses
    }

    /// What the clusters disagree on, and the manifests.
    fn at(&self, what: impl std::fmt::Debug) -> String {
        format!("{what:?}, of\n{}", self.manifests())
    }

    fn pods(&self) -> std::ops::Range<usize> {
        0..self.cluster.pods.len()
    }

    /// All pods, and all those addresses.
    fn ends(&self) -> Vec<End> {
        self.pods().map(End::Pod).chain(self.addresses().into_iter().map(End::Address)).collect()
    }
}

fn before(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_sub(1).map(|before| IpAddr::V4(before.into())),
        IpAddr::V6(address) => u128::from(address).checked_sub(1).map(|before| IpAddr::V6(before.into())),
    }
}

fn after(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_add(1).map(|after| IpAddr::V4(after.into())),
        IpAddr::V6(address) => u128::from(address).checked_add(1).map(|after| IpAddr::V6(after.into())),
    }
}

/// A plan, and its policies in another order.
fn shuffled(plan: Plan) -> impl Strategy<Value = (Plan, Vec<NetworkPolicy>)> {
    let policies = Just(plan.cluster.policies.clone()).prop_shuffle();
    (Just(plan), policies)
}

/// The ports that policies name, first and last of ranges and those beside them, on each protocol.
fn ports() -> impl Iterator<Item = (Port, netpol_reach::Port)> {
    let numbers = [1, 52, 53, 54, 79, 80, 81, 82, 152, 153, 442, 443, 444, 8079, 8080, 8081, 8179, 65535];
    PROTOCOLS.into_iter().flat_map(move |(name, protocol)| {
        numbers.map(|number| {
            let port = netpol_reach::Port { number: u64::from(number).try_into().unwrap(), protocol };
            (Port { protocol: name, number }, port)
        })
    })
}

fn end_id(evaluation: &Evaluation, end: End) -> EndId {
    match end {
        End::Pod(pod) => evaluation.ends.of_pod(pod).unwrap(),
        End::Address(address) => evaluation.ends.of_address(address).unwrap(),
    }
}

/// What `source` may open, by destination.
fn row(evaluation: &Evaluation, source: End) -> BTreeMap<EndId, PortSet> {
    let mut row = BTreeMap::new();
    for (ports, to) in evaluation.row(end_id(evaluation, source)) {
        for end in to {
            assert!(row.insert(EndId::from(end), ports.clone()).is_none(), "a destination stands twice in a row");
        }
    }
    row
}

fn outside(by_ports: &BTreeMap<PortSet, Ranges>, address: IpAddr, port: netpol_reach::Port) -> bool {
    let holds = |ranges: &Ranges| {
        ranges.iter().any(|(first, last)| first.is_ipv4() == address.is_ipv4() && (*first..=*last).contains(&address))
    };
    by_ports.iter().any(|(ports, ranges)| ports.contains(port) && holds(ranges))
}

/// All that a cluster's workloads may open and take, in words.
fn listing(connectivity: &Connectivity) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for index in 0..connectivity.len() {
        let name = connectivity.name(index);
        let outgoing = connectivity.outgoing(index);
        let to = outgoing.workloads.iter();
        lines.extend(to.map(|(to, ports)| format!("{name} -> {}: {}", connectivity.name(*to), outgoing.ports[*ports])));
        lines.extend(outgoing.addresses.iter().map(|(ports, ranges)| format!("{name} -> {ranges:?}: {ports}")));
        lines.extend(
            connectivity.incoming(index).iter().map(|(ports, ranges)| format!("{ranges:?} -> {name}: {ports}")),
        );
    }
    lines
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn pods_connect_as_the_api_says_packet_by_packet(plan in plan()) {
        let (evaluation, ends) = (plan.evaluation(), plan.ends());
        for source in &ends {
            let row = row(&evaluation, *source);
            for destination in &ends {
                if let (End::Address(_), End::Address(_)) = (source, destination) {
                    continue;
                }
                let none = PortSet::default();
                let got = row.get(&end_id(&evaluation, *destination)).unwrap_or(&none);
                for (port, number) in ports() {
                    let expected = plan.cluster.allows(plan.plugin, *source, *destination, port);
                    prop_assert_eq!(got.contains(number), expected, "{}", plan.at((source, destination, port)));
                }
            }
        }
    }

    #[test]
    fn a_workload_may_what_any_of_its_pods_may(plan in plan()) {
        let connectivity = Connectivity::of(plan.cluster(), plan.settings()).unwrap();
        let mut pods: BTreeMap<String, Vec<End>> = BTreeMap::new();
        plan.pods().for_each(|pod| pods.entry(plan.workload(pod)).or_default().push(End::Pod(pod)));
        let names: Vec<&str> = (0..connectivity.len()).map(|index| connectivity.name(index)).collect();
        prop_assert_eq!(&names, &pods.keys().map(String::as_str).collect::<Vec<_>>());
        let any = |from: &[End], to: &[End], port| {
            from.iter().any(|from| to.iter().any(|to| plan.cluster.allows(plan.plugin, *from, *to, port)))
        };
        for (index, (name, own)) in pods.iter().enumerate() {
            let (outgoing, incoming) = (connectivity.outgoing(index), connectivity.incoming(index));
            for (port, number) in ports() {
                for (other, (to, others)) in pods.iter().enumerate().filter(|(other, _)| *other != index) {
                    let mut found = outgoing.workloads.iter().filter(|(reached, _)| *reached == other);
                    let got = found.next().is_some_and(|(_, ports)| outgoing.ports[*ports].contains(number));
                    prop_assert!(found.next().is_none(), "{to} stands twice");
                    prop_assert_eq!(got, any(own, others, port), "{}", plan.at((name, to, port)));
                }
                for address in plan.addresses() {
                    let there = [End::Address(address)];
                    let to = outside(&outgoing.addresses, address, number);
                    prop_assert_eq!(to, any(own, &there, port), "{}", plan.at((name, address, port)));
                    let from = outside(&incoming, address, number);
                    prop_assert_eq!(from, any(&there, own, port), "{}", plan.at((address, name, port)));
                }
            }
        }
    }

    #[test]
    fn each_side_is_isolated_and_allowed_by_the_policies_that_say_so(plan in plan()) {
        let (cluster, evaluation) = (plan.cluster(), plan.evaluation());
        let theirs = plan.cluster.policies.iter();
        let names: Vec<_> = theirs.map(|policy| policy.metadata.name.as_deref().unwrap()).collect();
        for (direction, theirs) in DIRECTIONS {
            for own in plan.pods().map(End::Pod) {
                let isolating: Vec<usize> = (0..plan.cluster.policies.len())
                    .filter(|policy| plan.cluster.isolates(plan.plugin, *policy, direction, own))
                    .collect();
                prop_assert_eq!(evaluation.is_isolated(end_id(&evaluation, own), theirs), !isolating.is_empty());
                for peer in plan.ends() {
                    let (own_id, peer_id) = (end_id(&evaluation, own), end_id(&evaluation, peer));
                    let allowed = evaluation.ports(own_id, peer_id, theirs);
                    for (port, number) in ports() {
                        let expected = plan.cluster.side_allows(plan.plugin, direction, own, peer, port);
                        let at = (direction, own, peer, port);
                        prop_assert_eq!(allowed.contains(number), expected, "{}", plan.at(at));
                        let lists = |policy: &usize| plan.cluster.lists(plan.plugin, *policy, direction, own, peer, port);
                        let listing = isolating.iter().copied().filter(lists).map(|policy| names[policy]);
                        let only = PortSet::interval(number.protocol, number.number.get(), number.number.get());
                        let said = evaluation.policies(own_id, peer_id, theirs, &only).into_iter();
                        let said: BTreeSet<&str> = said.map(|policy| &*cluster.policies[policy].name).collect();
                        prop_assert_eq!(said, listing.collect::<BTreeSet<_>>(), "{}", plan.at(at));
                    }
                }
            }
        }
    }

    #[test]
    fn the_order_of_policies_changes_nothing((plan, policies) in plan().prop_flat_map(shuffled)) {
        let mut other = plan.clone();
        other.cluster.policies = policies;
        let listing = |plan: &Plan| listing(&Connectivity::of(plan.cluster(), plan.settings()).unwrap());
        prop_assert_eq!(listing(&plan), listing(&other));
    }

    /// "Policies do not conflict; they are additive": to an isolated pod a policy adds what it lists and nothing else,
    /// from one that was not isolated it takes all that it doesn't list, to others it does nothing.
    #[test]
    fn one_more_policy_adds_what_it_lists_and_takes_only_from_the_open(plan in plan(), more in policy()) {
        let alone = plan.without_policies().with_policy(more.clone());
        let after = plan.with_policy(more);
        let [before, alone, evaluated] = [&plan, &alone, &after].map(Plan::evaluation);
        for (_, direction) in DIRECTIONS {
            for own in plan.pods().map(End::Pod) {
                let is_isolated = |evaluation: &Evaluation| evaluation.is_isolated(end_id(evaluation, own), direction);
                for peer in after.ends() {
                    let ports = |evaluation: &Evaluation| {
                        evaluation.ports(end_id(evaluation, own), end_id(evaluation, peer), direction)
                    };
                    let expected = match (is_isolated(&before), is_isolated(&alone)) {
                        (_, false) => ports(&before),
                        (false, true) => ports(&alone),
                        (true, true) => {
                            let mut both = ports(&before);
                            both.extend(&ports(&alone));
                            both
                        }
                    };
                    prop_assert_eq!(ports(&evaluated), expected, "{}", after.at((direction, own, peer)));
                }
            }
        }
    }
}
