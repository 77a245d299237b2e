//! Policies → what each namespace may reach and be reached by.
//!
//! Policies are additive. A namespace that no policy isolates in a direction is unrestricted in it; else what any of
//! its policies allows is allowed. A connection needs both its ends ("Both the egress policy on the source pod and the
//! ingress policy on the destination pod need to allow the connection").

use std::collections::{BTreeMap, BTreeSet};

use super::{
    AddressClasses, PortSet,
    manifest::{NamespaceSelector, Policy, PolicyPeer},
};
use crate::terms::{AddressBlock, Direction, Namespace};

/// An end, as an index into [`Ends`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndId(u32);

/// The ends that connections have: named namespaces, all other namespaces as one, and classes of addresses. An
/// address block matches no pod.
#[derive(Debug, Clone, Default)]
pub struct Ends {
    namespaces: Vec<Namespace>,
    addresses: AddressClasses,
}

impl Ends {
    /// The ends that `namespaces` and `blocks` make.
    pub fn new<'a>(
        namespaces: impl IntoIterator<Item = &'a Namespace>,
        blocks: impl IntoIterator<Item = &'a AddressBlock>,
    ) -> Self {
        let mut namespaces: Vec<Namespace> = namespaces.into_iter().cloned().collect();
        namespaces.sort_unstable();
        namespaces.dedup();
        Self { namespaces, addresses: AddressClasses::of(blocks) }
    }

    /// All ends.
    pub fn iter(&self) -> impl Iterator<Item = EndId> {
        (0..=self.namespaces.len() + self.addresses.iter().len()).map(id)
    }

    /// The end that `namespace` is.
    pub fn namespace(&self, namespace: &str) -> Option<EndId> {
        self.namespaces.binary_search_by(|known| known.as_str().cmp(namespace)).ok().map(id)
    }

    /// The namespace that `end` is, if it is a named one.
    pub fn name_of(&self, end: EndId) -> Option<&Namespace> {
        self.namespaces.get(end.index())
    }

    /// The namespaces that nothing names, as one end.
    pub fn other_namespaces(&self) -> EndId {
        id(self.namespaces.len())
    }

    /// The ends that make up `block`.
    pub fn of_block(&self, block: &AddressBlock) -> impl Iterator<Item = EndId> {
        self.addresses.of_block(block).iter().map(|class| id(self.namespaces.len() + 1 + class))
    }

    /// The class of addresses that `end` is, if it is one.
    pub fn class_of(&self, end: EndId) -> Option<&super::AddressClass> {
        end.index().checked_sub(self.namespaces.len() + 1).and_then(|class| self.addresses.iter().nth(class))
    }
}

fn id(index: usize) -> EndId {
    EndId(u32::try_from(index).unwrap_or(u32::MAX))
}

impl EndId {
    fn index(self) -> usize {
        self.0 as usize
    }
}

/// What one policy allows towards one peer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Allowance {
    /// The policy, as an index into those evaluated.
    pub policy: usize,
    /// The ports.
    pub ports: PortSet,
}

/// One direction of one namespace that some policy isolates.
#[derive(Debug, Clone, Default)]
pub struct Side {
    allowed: BTreeMap<EndId, Vec<Allowance>>,
}

impl Side {
    /// What policies allow towards `peer`.
    pub fn towards(&self, peer: EndId) -> &[Allowance] {
        self.allowed.get(&peer).map_or(&[], Vec::as_slice)
    }

    /// The ports that are allowed towards `peer`.
    pub fn ports(&self, peer: EndId) -> PortSet {
        let mut ports = PortSet::default();
        self.towards(peer).iter().for_each(|allowance| ports.extend(&allowance.ports));
        ports
    }

    /// The peers towards which anything is allowed.
    pub fn peers(&self) -> impl Iterator<Item = EndId> {
        self.allowed.keys().copied()
    }
}

/// Policies, evaluated.
#[derive(Debug)]
pub struct Evaluation {
    /// The ends.
    pub ends: Ends,
    ingress: BTreeMap<EndId, Side>,
    egress: BTreeMap<EndId, Side>,
}

impl Evaluation {
    /// Evaluates `policies` over `ends`, which must hold their namespaces and blocks.
    pub fn of(ends: Ends, policies: &[Policy]) -> Self {
        let mut evaluation = Self { ends, ingress: BTreeMap::new(), egress: BTreeMap::new() };
        for (index, policy) in policies.iter().enumerate() {
            for direction in [Direction::Ingress, Direction::Egress] {
                evaluation.add(index, policy, direction);
            }
        }
        evaluation
    }

    fn add(&mut self, index: usize, policy: &Policy, direction: Direction) {
        let Self { ends, ingress, egress } = self;
        let (Some(rules), Some(own)) = (policy.rules(direction), ends.namespace(policy.namespace.as_str())) else {
            return;
        };
        let sides = if direction == Direction::Ingress { ingress } else { egress };
        let side = sides.entry(own).or_default();
        for rule in rules {
            for peer in &rule.peers {
                for end in matched(ends, peer) {
                    let allowance = Allowance { policy: index, ports: rule.ports.clone() };
                    side.allowed.entry(end).or_default().push(allowance);
                }
            }
        }
    }

    /// One direction of `end`; `None` if nothing isolates it.
    pub fn side(&self, end: EndId, direction: Direction) -> Option<&Side> {
        match direction {
            Direction::Ingress => self.ingress.get(&end),
            Direction::Egress => self.egress.get(&end),
        }
    }

    /// Every allowed connection that starts or ends in one of `managed`, with its ports.
    pub fn allowed(&self, managed: &[EndId]) -> BTreeMap<(EndId, EndId), PortSet> {
        let mut allowed = BTreeMap::new();
        let everything: Vec<EndId> = self.ends.iter().collect();
        let managed_set: BTreeSet<EndId> = managed.iter().copied().collect();
        for &from in managed {
            let egress = self.side(from, Direction::Egress);
            let peers = egress.map_or_else(|| everything.clone(), |side| side.peers().collect());
            for to in peers {
                let mut ports = egress.map_or_else(PortSet::all, |side| side.ports(to));
                if let Some(ingress) = self.side(to, Direction::Ingress) {
                    ports = ports.intersection(&ingress.ports(from));
                }
                if !ports.is_empty() {
                    allowed.insert((from, to), ports);
                }
            }
        }
        for &to in managed {
            let ingress = self.side(to, Direction::Ingress);
            let peers = ingress.map_or_else(|| everything.clone(), |side| side.peers().collect());
            for from in peers.into_iter().filter(|from| !managed_set.contains(from)) {
                let ports = ingress.map_or_else(PortSet::all, |side| side.ports(from));
                if !ports.is_empty() {
                    allowed.insert((from, to), ports);
                }
            }
        }
        allowed
    }
}

/// The ends that `peer` matches.
fn matched(ends: &Ends, peer: &PolicyPeer) -> Vec<EndId> {
    match peer {
        PolicyPeer::Everything => ends.iter().collect(),
        PolicyPeer::Namespaces(NamespaceSelector::All) => {
            ends.iter().filter(|end| ends.class_of(*end).is_none()).collect()
        }
        PolicyPeer::Namespaces(NamespaceSelector::Named(name)) => ends.namespace(name).into_iter().collect(),
        PolicyPeer::Addresses(block) => ends.of_block(block).collect(),
    }
}
