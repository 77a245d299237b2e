//! Intents: what a rule is to allow, before it becomes an object of any dialect.

use std::sync::Arc;

use netpol_reach::{AddressBlock, Direction, Namespace, Ports};
use serde::Serialize;

use super::Kind;

/// What a rule is to allow: `namespace`, in one direction, to or from one peer, on some ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// Whose pods.
    pub namespace: Namespace,
    /// What kind of rule.
    pub kind: Kind,
    /// Which way.
    pub direction: Direction,
    /// To or from whom.
    pub peer: Peer,
    /// What file names call the peer, where its name says too little.
    pub label: PeerLabel,
    /// On which ports.
    pub ports: RulePorts,
    /// The link or exception that asks for it; a rule of the level itself has none.
    pub source: Option<Arc<str>>,
    /// The business need that an exception states.
    pub reason: Option<Arc<str>>,
    /// The ports on which the rule may match nothing.
    pub dormant: Vec<Dormant>,
}

/// The other end of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Peer {
    /// Nobody: the rule only refuses.
    Nobody,
    /// All pods of a namespace.
    Namespace(Namespace),
    /// Addresses outside the pod network.
    Addresses(Arc<[AddressBlock]>),
}

/// What a file name calls a peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PeerLabel {
    /// Nothing: default-deny and intra-namespace.
    None,
    /// The peer namespace's name.
    Namespace,
    /// `dns`
    Dns,
    /// `kube-api`
    KubeApi,
    /// `any`: networks outside the cluster.
    Any,
    /// `cidr`: addresses that an exception names.
    Cidr,
}

/// The ports of a rule.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum RulePorts {
    /// None: the rule only refuses.
    None,
    /// These.
    Exact(Ports),
    /// Every port. Never in strict mode.
    All,
}

impl RulePorts {
    /// Each port as people read it; `all` for every one.
    pub fn texts(&self) -> Vec<String> {
        match self {
            Self::None => Vec::new(),
            Self::All => vec!["all".to_owned()],
            Self::Exact(ports) => ports.iter().map(|port| port.to_string()).collect(),
        }
    }
}

/// Whether a rule can match traffic. Policies see a connection after the Service's address was translated, so that a
/// rule may name an end that no packet ever has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Reach {
    /// It can.
    Live,
    /// That depends on the cluster, and the profile doesn't say.
    Depends,
    /// It can't.
    DeadLetter,
}

/// Ports of a rule on which it may match nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Dormant {
    /// The ports.
    pub ports: Ports,
    /// Whether it never matches there, or that depends.
    pub reach: Reach,
    /// Why, and what to declare where that would settle it.
    pub why: &'static str,
}

impl Intent {
    /// A rule that allows `ports` to or from `peer`.
    pub fn allowing(namespace: &Namespace, kind: Kind, direction: Direction, peer: Peer, ports: RulePorts) -> Self {
        let label = match &peer {
            Peer::Nobody => PeerLabel::None,
            Peer::Namespace(_) if kind == Kind::IntraNamespace => PeerLabel::None,
            Peer::Namespace(_) => PeerLabel::Namespace,
            Peer::Addresses(_) => PeerLabel::Any,
        };
        let namespace = namespace.clone();
        Self { namespace, kind, direction, peer, label, ports, source: None, reason: None, dormant: Vec::new() }
    }

    /// A rule that refuses everything in its direction.
    pub fn refusing_all(namespace: &Namespace, direction: Direction) -> Self {
        Self::allowing(namespace, Kind::DefaultDeny, direction, Peer::Nobody, RulePorts::None)
    }

    /// The same, asked for by `source`.
    #[must_use]
    pub fn from_source(mut self, source: Arc<str>) -> Self {
        self.source = Some(source);
        self
    }

    /// The same, for this business need.
    #[must_use]
    pub fn because(mut self, reason: Option<Arc<str>>) -> Self {
        self.reason = reason;
        self
    }

    /// The same, with this name for the peer.
    #[must_use]
    pub fn labelled(mut self, label: PeerLabel) -> Self {
        self.label = label;
        self
    }
}
