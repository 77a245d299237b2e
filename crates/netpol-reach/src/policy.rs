//! A NetworkPolicy as it is evaluated (Kubernetes API, `networking.k8s.io/v1`).

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{LabelSelector, Labels, NAME_LABEL, PortName, PortSet};
use crate::{AddressBlock, Direction, Namespace, Place};

/// A NetworkPolicy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// `metadata.name`
    pub name: Arc<str>,
    /// `metadata.namespace`
    pub namespace: Namespace,
    /// Where it stands.
    pub place: Place,
    /// Its own labels.
    pub labels: Labels,
    /// Which pods of its namespace it selects.
    pub pods: LabelSelector,
    /// The rules for what arrives, if the policy isolates in that direction.
    pub ingress: Option<Vec<PolicyRule>>,
    /// The rules for what leaves, if the policy isolates in that direction.
    pub egress: Option<Vec<PolicyRule>>,
}

impl Policy {
    /// The rules of one direction, if the policy isolates in it.
    pub fn rules(&self, direction: Direction) -> Option<&[PolicyRule]> {
        match direction {
            Direction::Ingress => self.ingress.as_deref(),
            Direction::Egress => self.egress.as_deref(),
        }
    }

    /// Whether both say the same, wherever they stand and however their rules are cut.
    pub fn says_the_same_as(&self, other: &Self) -> bool {
        (&self.name, &self.namespace, &self.pods) == (&other.name, &other.namespace, &other.pods)
            && self.ingress.as_deref().map(by_peer) == other.ingress.as_deref().map(by_peer)
            && self.egress.as_deref().map(by_peer) == other.egress.as_deref().map(by_peer)
    }

    /// Whether what the policy means depends on labels of pods, or of namespaces other than their names.
    pub fn depends_on_labels(&self) -> bool {
        let is_about_more = |peer: &PolicyPeer| match peer {
            PolicyPeer::Everything | PolicyPeer::Addresses(_) => false,
            PolicyPeer::Pods { namespaces, pods } => {
                let more = |selector: &LabelSelector| selector.requirements().iter().any(|one| &*one.key != NAME_LABEL);
                !pods.is_empty() || namespaces.as_ref().is_some_and(more)
            }
        };
        let names_ports = |rule: &PolicyRule| !rule.named_ports.is_empty();
        !self.pods.is_empty() || self.all_rules().any(|rule| names_ports(rule) || rule.peers.iter().any(is_about_more))
    }

    /// How many peers, ports and holes the rules name.
    pub(super) fn size(&self) -> usize {
        let of_peer = |peer: &PolicyPeer| match peer {
            PolicyPeer::Addresses(block) => 1 + block.except.len(),
            PolicyPeer::Everything | PolicyPeer::Pods { .. } => 1,
        };
        let of_rule = |rule: &PolicyRule| {
            let peers: usize = rule.peers.iter().map(of_peer).sum();
            peers + rule.ports.intervals().count() + rule.named_ports.len()
        };
        self.all_rules().map(of_rule).sum()
    }

    /// All rules, of both directions.
    pub fn all_rules(&self) -> impl Iterator<Item = &PolicyRule> {
        self.ingress.iter().chain(&self.egress).flatten()
    }
}

/// What `rules` allow each peer.
fn by_peer(rules: &[PolicyRule]) -> BTreeMap<&PolicyPeer, (PortSet, BTreeSet<&PortName>)> {
    let mut allowed: BTreeMap<&PolicyPeer, (Vec<&PortSet>, BTreeSet<&PortName>)> = BTreeMap::new();
    for rule in rules {
        for peer in &rule.peers {
            let (ports, names) = allowed.entry(peer).or_default();
            ports.push(&rule.ports);
            names.extend(&rule.named_ports);
        }
    }
    let whole = |(peer, (all, names)): (_, (Vec<&PortSet>, _))| {
        let mut ports = PortSet::default();
        ports.extend_by_all(all);
        (peer, (ports, names))
    };
    allowed.into_iter().map(whole).collect()
}

impl std::fmt::Display for Policy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/{}", self.namespace, self.name)
    }
}

/// One rule: any of its peers, on any of its ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRule {
    /// The peers.
    pub peers: Vec<PolicyPeer>,
    /// The ports that are given as numbers; all, if the rule lists none.
    pub ports: PortSet,
    /// The ports that are given by name: "This can either be a numerical or named port on a pod."
    pub named_ports: Vec<PortName>,
}

/// A peer of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PolicyPeer {
    /// Everything: "If this field is empty or missing, this rule matches all sources" (or destinations).
    Everything,
    /// Pods, by the labels of both their namespace and themselves.
    Pods {
        /// Which namespaces; the policy's own if absent.
        namespaces: Option<LabelSelector>,
        /// Which of their pods.
        pods: LabelSelector,
    },
    /// Addresses.
    Addresses(AddressBlock),
}
