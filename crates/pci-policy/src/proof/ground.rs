//! What declared and allowed flows are compared on: policies, evaluated over the ends that the proof knows.
//!
//! Ends are each namespace that is to be closed, each other that a rule or a flow names, all others as one, and each
//! class of addresses. Of pods nothing is known: policies of ours select whole namespaces.

use std::{collections::BTreeMap, sync::Arc};

use netpol_reach::{
    AddressBlock, Direction, EndId, Evaluation, InputError, Keys, LabelSelector, Labels, NAME_LABEL, Namespace,
    NamespaceFacts, Pod, Policy, PolicyPeer, PortSet, Reading, Requirement, Settings, Table, World,
};
use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::{
    EndName, names,
    tuples::{Gathering, Piece, Tuples},
};
use crate::{
    RulePorts,
    declared::{End, Flow},
};

/// How many ends one thread looks at, at least.
const SHARE: usize = 200;

/// A flow, between ends.
pub(super) struct Between {
    pub(super) from: Arc<RoaringBitmap>,
    pub(super) to: Arc<RoaringBitmap>,
    pub(super) ports: PortSet,
}

/// Connections between ends that people call the same.
pub(super) struct Named {
    pub(super) from: EndName,
    pub(super) to: EndName,
    pub(super) far: RoaringBitmap,
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
    /// The ends that are addresses by their names, each once.
    outside: Vec<(EndName, RoaringBitmap)>,
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
        let (world, known) = world(scene, &policies, labels);
        let evaluation = Evaluation::of(&world, &policies, Settings::default(), reading);
        Self::new(scene, policies, evaluation, &known)
    }

    /// The same of policies that others wrote; an error if they take more than the budget of an evaluation.
    pub fn within(
        scene: Scene,
        policies: Vec<Arc<Policy>>,
        labels: &BTreeMap<Namespace, Labels>,
        reading: Reading,
    ) -> Result<Self, InputError> {
        let (world, known) = world(scene, &policies, labels);
        let evaluation = Evaluation::within(&world, &policies, Settings::default(), reading)?;
        Ok(Self::new(scene, policies, evaluation, &known))
    }

    /// `known` are the namespaces that have an end of their own, in the order of the world's pods.
    fn new(scene: Scene, policies: Vec<Arc<Policy>>, evaluation: Evaluation, known: &[Namespace]) -> Self {
        let end = |index: usize| evaluation.ends.of_pod(index);
        let by_name: Table<Namespace, EndId> =
            known.iter().enumerate().filter_map(|(index, name)| Some((name.clone(), end(index)?))).collect();
        // There is one pod for each namespace, and one for those that nothing names.
        let others = end(known.len()).unwrap_or_else(|| evaluation.ends.first());
        let closed = scene.closed.iter().filter_map(|name| by_name.get(name).copied()).map(u32::from).collect();
        let names = names::of_ends(&evaluation.ends, &by_name, scene.flows, scene.internet);
        let outside = names::of_outside(&evaluation.ends, &names);
        Self { policies, evaluation, by_name, names, outside, others, closed }
    }
    /// The end that `namespace` is: its own, or that of all that nothing names.
    pub fn namespace(&self, namespace: &Namespace) -> EndId {
        self.by_name.get(namespace).copied().unwrap_or(self.others)
    }

    /// The ends that a declared end is made of.
    fn parts(&self, end: &End) -> RoaringBitmap {
        match end {
            End::Namespace(namespace) => RoaringBitmap::from_iter([u32::from(self.namespace(namespace))]),
            End::Addresses(_, blocks) => self.evaluation.ends.of_blocks(blocks.iter()),
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
    pub(super) fn declared(&self, flows: &[Between]) -> Tuples {
        let outside = self.evaluation.ends.all_outside();
        let mut gathering = Gathering::default();
        for flow in flows {
            gathering.add(&flow.from, &flow.to, &flow.ports, &outside);
        }
        gathering.tuples()
    }

    /// The ends between which each of `flows` runs, and its ports. Thousands of flows share a few ends.
    pub(super) fn between(&self, flows: &[Flow]) -> Vec<Between> {
        let mut known: Table<&End, Arc<RoaringBitmap>> = Table::default();
        let mut parts = |end| Arc::clone(known.entry(end).or_insert_with(|| Arc::new(self.parts(end))));
        let mut between = Vec::with_capacity(flows.len());
        for flow in flows {
            between.push(Between { from: parts(&flow.from), to: parts(&flow.to), ports: port_set(&flow.ports) });
        }
        between
    }

    /// Every allowed connection that starts or ends in a closed namespace.
    pub(super) fn allowed(&self) -> Tuples {
        let outside = self.evaluation.ends.all_outside();
        let pods: Vec<EndId> =
            self.evaluation.ends.iter().take_while(|end| !outside.contains(u32::from(*end))).collect();
        let row = |pod: &EndId| {
            let row = self.evaluation.row(*pod);
            let seen = |(ports, to): (PortSet, RoaringBitmap)| (ports, to & &self.closed);
            let ours = |(_, to): &(PortSet, RoaringBitmap)| !to.is_empty();
            let row = if self.is_closed(*pod) { row } else { row.into_iter().map(seen).filter(ours).collect() };
            let incoming = if self.is_closed(*pod) { self.evaluation.incoming(*pod) } else { Vec::new() };
            ((*pod, row), (*pod, incoming))
        };
        let rows: Vec<_> = pods.par_iter().with_min_len(SHARE).map(row).collect();
        let (out, from_outside): (Vec<_>, Vec<_>) = rows.into_iter().unzip();
        Tuples::new(out, from_outside)
    }

    /// `piece` by what people call its ends.
    pub(super) fn named(&self, piece: &Piece) -> Vec<Named> {
        let own = self.name(piece.pod);
        let named = |far: EndName, ends| {
            let (from, to) = if piece.opens { (own.clone(), far) } else { (far, own.clone()) };
            Named { from, to, far: ends }
        };
        self.by_name_of(&piece.far).into_iter().map(|(name, ends)| named(name, ends)).collect()
    }

    /// `ends` by what people call them.
    pub(super) fn by_name_of(&self, ends: &RoaringBitmap) -> Vec<(EndName, RoaringBitmap)> {
        let outside = ends & self.evaluation.ends.all_outside();
        let pods = (ends - &outside).into_iter().map(|end| (self.name(end.into()), RoaringBitmap::from_iter([end])));
        let mut named: Vec<_> = pods.collect();
        // Whatever are fewer are looked through.
        if u64::try_from(self.outside.len()).is_ok_and(|names| names <= outside.len()) {
            let met = self.outside.iter().filter(|(_, all)| !all.is_disjoint(&outside));
            named.extend(met.map(|(name, all)| (name.clone(), all & &outside)));
            return named;
        }
        let mut by_name: BTreeMap<EndName, RoaringBitmap> = BTreeMap::new();
        for end in outside {
            by_name.entry(self.name(end.into())).or_default().insert(end);
        }
        named.extend(by_name);
        named
    }

    /// The ports on which connections from `from` to `to` are allowed.
    pub fn ports(&self, from: EndId, to: EndId) -> PortSet {
        let sent = self.evaluation.ports(from, to, Direction::Egress);
        sent.intersection(&self.evaluation.ports(to, from, Direction::Ingress))
    }

    /// The policies that allow any of `ports` from `from` to `to`, on the side that `direction` says.
    pub fn policies(&self, from: EndId, to: EndId, direction: Direction, ports: &PortSet) -> Vec<&Policy> {
        let (own, peer) = if direction == Direction::Egress { (from, to) } else { (to, from) };
        let indices = self.evaluation.policies(own, peer, direction, ports);
        indices.into_iter().filter_map(|index| self.policies.get(index).map(AsRef::as_ref)).collect()
    }

    /// The policies of the side of `own` that allow it any of `ports` to or from any of `peers`, as they are found.
    pub(super) fn policies_for<'g>(
        &'g self,
        own: EndId,
        peers: &'g RoaringBitmap,
        direction: Direction,
        ports: &'g PortSet,
    ) -> impl Iterator<Item = &'g Policy> {
        let indices = self.evaluation.policies_for(own, peers, direction, ports);
        indices.filter_map(|index| self.policies.get(index).map(AsRef::as_ref))
    }
}

/// What `policies` are evaluated over, and the namespaces that are a pod of it each, in their order. One more pod
/// stands for those that nothing names.
fn world(scene: Scene, policies: &[Arc<Policy>], labels: &BTreeMap<Namespace, Labels>) -> (World, Vec<Namespace>) {
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
    (world, known)
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
