//! What declared and allowed flows are compared on: policies, evaluated over the ends that the proof knows.
//!
//! Ends are each namespace that is to be closed, each other that a rule or a flow names, all others as one, and each
//! class of addresses. Of pods nothing is known: policies of ours select whole namespaces.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use netpol_reach::{
    AddressBlock, Direction, EndId, Evaluation, Keys, LabelSelector, Labels, NAME_LABEL, Namespace, NamespaceFacts,
    Pod, Policy, PolicyPeer, PortSet, Reading, Requirement, Settings, Table, World,
};
use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::{
    EndName, names,
    tuples::{Pair, Tuples},
};
use crate::{
    RulePorts,
    declared::{End, Flow},
};

/// How many ends one thread looks at, at least.
const SHARE: usize = 200;

/// A flow, between ends.
pub(super) struct Between {
    pub(super) pairs: Vec<Pair>,
    pub(super) ports: PortSet,
}

/// The connections that all of `flows` declare.
pub(super) fn declared(flows: &[Between]) -> Tuples {
    Tuples::of(flows.iter().flat_map(|flow| flow.pairs.iter().map(|pair| (*pair, &flow.ports))))
}

/// The namespaces and addresses that ends are made from, whatever the policies.
#[derive(Debug, Clone, Copy)]
pub struct Scene<'a> {
    /// The namespaces that are to be closed.
    pub closed: &'a [Namespace],
    /// What counts as the internet.
    pub internet: &'a [AddressBlock],
    /// The declared flows.
    pub flows: &'a [Flow],
}

/// Policies, evaluated over the ends of a scene.
#[derive(Debug)]
pub struct Ground {
    /// The policies.
    pub policies: Vec<Arc<Policy>>,
    /// What they come to.
    pub evaluation: Evaluation,
    by_name: Table<Namespace, EndId>,
    names: BTreeMap<EndId, EndName>,
    others: EndId,
    closed: RoaringBitmap,
}

impl Ground {
    /// Evaluates `policies` over `scene`. Namespaces have the labels of `labels`, if they are there.
    pub fn of(
        scene: Scene,
        policies: Vec<Arc<Policy>>,
        labels: &BTreeMap<Namespace, Labels>,
        reading: Reading,
    ) -> Self {
        // Thousands of flows and policies name the same few namespaces.
        let mut known: Keys<&Namespace> = scene.closed.iter().collect();
        let mut blocks: Vec<AddressBlock> = scene.internet.to_vec();
        for end in scene.flows.iter().flat_map(|flow| [&flow.from, &flow.to]) {
            match end {
                End::Namespace(namespace) => drop(known.insert(namespace)),
                End::Addresses(_, listed) => blocks.extend(listed.iter().cloned()),
            }
        }
        let mentioned: Keys<&str> = policies.iter().flat_map(|policy| namespaces_named(policy)).collect();
        let mentioned: Vec<Namespace> = mentioned.into_iter().filter_map(|name| name.parse().ok()).collect();
        known.extend(&mentioned);
        known.extend(labels.keys());
        let mut known: Vec<Namespace> = known.into_iter().cloned().collect();
        known.sort_unstable();
        let facts = |name: &Namespace| {
            let labels = labels.get(name).cloned().unwrap_or_else(Labels::unknown);
            NamespaceFacts::named(name, labels)
        };
        let namespaces: Vec<_> = known.iter().map(facts).chain([NamespaceFacts::any_other()]).collect();
        let pods = (0..namespaces.len()).map(Pod::unknown).collect();
        let world = World { namespaces, pods, blocks };
        let evaluation = Evaluation::of(&world, &policies, Settings::default(), reading);
        let end = |index: usize| evaluation.ends.of_pod(index);
        let by_name: Table<Namespace, EndId> =
            known.iter().enumerate().filter_map(|(index, name)| Some((name.clone(), end(index)?))).collect();
        // There is one pod for each namespace, and one for those that nothing names.
        let others = end(known.len()).unwrap_or_else(|| evaluation.ends.first());
        let closed = scene.closed.iter().filter_map(|name| by_name.get(name).copied()).map(u32::from).collect();
        let names = names::of_ends(&evaluation.ends, &by_name, scene.flows, scene.internet);
        Self { policies, evaluation, by_name, names, others, closed }
    }

    /// The end that `namespace` is: its own, or that of all that nothing names.
    pub fn namespace(&self, namespace: &Namespace) -> EndId {
        self.by_name.get(namespace).copied().unwrap_or(self.others)
    }

    /// The ends that a declared end is made of.
    pub fn parts(&self, end: &End) -> Vec<EndId> {
        match end {
            End::Namespace(namespace) => vec![self.namespace(namespace)],
            End::Addresses(_, blocks) => {
                let parts: BTreeSet<EndId> =
                    blocks.iter().flat_map(|block| self.evaluation.ends.of_block(block)).collect();
                parts.into_iter().collect()
            }
        }
    }

    /// What people call `end`.
    pub fn name(&self, end: EndId) -> EndName {
        self.names.get(&end).cloned().unwrap_or(EndName::OtherNamespaces)
    }

    /// Whether `end` is to be closed.
    pub fn is_closed(&self, end: EndId) -> bool {
        self.closed.contains(end.into())
    }

    /// The connections that `flows` declare.
    pub(super) fn declared(&self, flows: &[Flow]) -> Tuples {
        declared(&flows.iter().map(|flow| self.between(flow)).collect::<Vec<_>>())
    }

    /// The ends between which `flow` runs, by two, and its ports.
    pub(super) fn between(&self, flow: &Flow) -> Between {
        let (from, to) = (self.parts(&flow.from), self.parts(&flow.to));
        let pairs = from.iter().flat_map(|from| to.iter().map(|to| (*from, *to))).collect();
        Between { pairs, ports: port_set(&flow.ports) }
    }

    /// Every allowed connection that starts or ends in a closed namespace.
    pub(super) fn allowed(&self) -> Tuples {
        let from = |from: EndId| {
            let is_closed = self.is_closed(from);
            let row = self.evaluation.row(from).into_iter().flat_map(|(ports, to)| {
                let to = if is_closed { to } else { to & &self.closed };
                to.into_iter().map(move |to| ((from, EndId::from(to)), ports.clone()))
            });
            row.collect::<Vec<_>>()
        };
        let ends: Vec<EndId> = self.evaluation.ends.iter().collect();
        let rows: Vec<_> = ends.into_par_iter().with_min_len(SHARE).map(from).collect();
        rows.into_iter().flatten().collect()
    }

    /// The ports on which connections from `from` to `to` are allowed.
    pub fn ports(&self, from: EndId, to: EndId) -> PortSet {
        let sent = self.evaluation.ports(from, to, Direction::Egress);
        sent.intersection(&self.evaluation.ports(to, from, Direction::Ingress))
    }

    /// The policies that allow any of `ports` from `from` to `to`, on the side that `direction` says, each with those
    /// that it allows.
    pub fn contributions(
        &self,
        from: EndId,
        to: EndId,
        direction: Direction,
        ports: &PortSet,
    ) -> Vec<(&Policy, PortSet)> {
        let (own, peer) = if direction == Direction::Egress { (from, to) } else { (to, from) };
        let indices = self.evaluation.policies(own, peer, direction, ports);
        let of_policy = |index: usize| {
            let allowed = self.evaluation.ports_by(index, own, peer, direction);
            Some((&**self.policies.get(index)?, allowed.intersection(ports)))
        };
        indices.into_iter().filter_map(of_policy).collect()
    }

    /// The policies that allow any of `ports` from `from` to `to`, on the side that `direction` says.
    pub fn policies(&self, from: EndId, to: EndId, direction: Direction, ports: &PortSet) -> Vec<&Policy> {
        let (own, peer) = if direction == Direction::Egress { (from, to) } else { (to, from) };
        let indices = self.evaluation.policies(own, peer, direction, ports);
        indices.into_iter().filter_map(|index| self.policies.get(index).map(AsRef::as_ref)).collect()
    }
}

/// The namespaces that `policy` names: its own, and those of its peers.
fn namespaces_named(policy: &Policy) -> impl Iterator<Item = &str> {
    let peers = policy.all_rules().flat_map(|rule| &rule.peers);
    let selectors = peers.filter_map(|peer| match peer {
        PolicyPeer::Pods { namespaces, .. } => namespaces.as_ref(),
        PolicyPeer::Everything | PolicyPeer::Addresses(_) => None,
    });
    let requirements = selectors.flat_map(LabelSelector::requirements);
    let named = requirements.filter(|requirement| &*requirement.key == NAME_LABEL).flat_map(Requirement::values);
    named.map(AsRef::as_ref).chain([policy.namespace.as_str()])
}

pub(super) fn port_set(ports: &RulePorts) -> PortSet {
    match ports {
        RulePorts::None => PortSet::default(),
        RulePorts::Exact(ports) => ports.into(),
        RulePorts::All => PortSet::all(),
    }
}
