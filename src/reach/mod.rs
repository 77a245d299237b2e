//! NetworkPolicies → what they allow. This room knows the Kubernetes API and neither stacks nor PCI.
//!
//! The unit here is the namespace: policies that select all pods of one, and peers that are whole namespaces or
//! address blocks. A policy that goes further (pod selectors, named ports) is not guessed at: it is refused with a
//! [`ManifestError`].

mod addresses;
mod evaluate;
mod manifest;
mod port_set;

pub use addresses::{AddressClass, AddressClasses};
pub use evaluate::{Allowance, EndId, Ends, Evaluation, Side};
pub use manifest::{ManifestError, NamespaceSelector, Policy, PolicyPeer, PolicyRule, read};
pub use port_set::PortSet;
