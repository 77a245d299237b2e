//! A declared flow and its ends.

use std::sync::Arc;

use netpol_reach::{AddressBlock, Namespace, Ports};
use pci_stack::ComponentId;

use crate::{Kind, RulePorts};

/// One end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// All pods of a namespace.
    Namespace(Namespace),
    /// Addresses outside the pod network, under a name that people know them by.
    Addresses(Outside, Arc<[AddressBlock]>),
}

/// What people call addresses outside the pod network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outside {
    /// Networks that nobody vouches for.
    Internet,
    /// Where the profile says that a load balancer's connections come from.
    LoadBalancer,
    /// The API server's own addresses.
    ApiServer,
    /// The node's own DNS cache.
    Dns,
    /// Addresses that an exception names.
    Addresses,
}

/// A declared flow. Flows of the same ends and ports, declared by several, are one. What it lists ascends, each once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Who opens connections.
    pub from: End,
    /// Who takes them.
    pub to: End,
    /// On which ports.
    pub ports: RulePorts,
    /// What declares it first.
    pub kind: Kind,
    /// The links and exceptions that declare it.
    pub sources: Vec<Arc<str>>,
    /// The components that need it at its start; empty if the namespace as such does.
    pub from_components: Vec<ComponentId>,
    /// The components that need it at its end; empty if the namespace as such does.
    pub to_components: Vec<ComponentId>,
}

impl End {
    /// Whether this is outside the cluster, in networks that nobody vouches for or that an exception names.
    pub fn is_outside(&self) -> bool {
        matches!(self, Self::Addresses(Outside::Internet | Outside::LoadBalancer | Outside::Addresses, _))
    }
}

impl Flow {
    /// Whether the link or exception `id` declares it.
    pub fn is_declared_by(&self, id: &str) -> bool {
        self.sources.binary_search_by(|source| (**source).cmp(id)).is_ok()
    }

    /// Whether it is open on all of `ports`.
    pub fn covers(&self, ports: &Ports) -> bool {
        match &self.ports {
            RulePorts::All => true,
            RulePorts::None => false,
            RulePorts::Exact(open) => ports.minus(open).is_empty(),
        }
    }

    /// What flows are in order of.
    pub fn order(&self) -> impl Ord {
        (&self.from, &self.to, &self.ports)
    }
}
