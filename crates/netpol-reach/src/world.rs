//! What policies act on: namespaces, pods, addresses.

use std::{net::IpAddr, sync::Arc};

use super::Labels;
use crate::{AddressBlock, Namespace, Protocol};

/// The label that the API server sets on every namespace.
pub const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// What policies act on.
#[derive(Debug, Clone, Default)]
pub struct World {
    /// The namespaces.
    pub namespaces: Vec<NamespaceFacts>,
    /// The pods.
    pub pods: Vec<Pod>,
    /// Address blocks that are to be told apart, besides those that policies name.
    pub blocks: Vec<AddressBlock>,
}

/// A namespace.
#[derive(Debug, Clone)]
pub struct NamespaceFacts {
    /// Its name; `None` stands for any namespace that no other of them is.
    pub name: Option<Namespace>,
    /// Its labels.
    pub labels: Labels,
}

impl NamespaceFacts {
    /// The namespace `name` with `labels`, and with the label that every namespace has.
    pub fn named(name: &Namespace, labels: Labels) -> Self {
        Self { labels: labels.with(NAME_LABEL, name.as_str()), name: Some(name.clone()) }
    }

    /// Any namespace that nothing names.
    pub fn any_other() -> Self {
        // No namespace has an empty name, so that no selector names this one.
        Self { labels: Labels::unknown().with(NAME_LABEL, ""), name: None }
    }
}

/// A pod.
#[derive(Debug, Clone)]
pub struct Pod {
    /// Its namespace, as an index into [`World::namespaces`].
    pub namespace: usize,
    /// Its labels.
    pub labels: Labels,
    /// The names of its ports; `None` if they aren't known.
    pub ports: Option<Arc<[ContainerPort]>>,
    /// Its addresses, as far as they are known.
    pub addresses: Vec<IpAddr>,
    /// Whether selectors can match it.
    pub is_selectable: bool,
}

impl Pod {
    /// A pod of which nothing is known but its namespace.
    pub fn unknown(namespace: usize) -> Self {
        Self { namespace, labels: Labels::unknown(), ports: None, addresses: Vec::new(), is_selectable: true }
    }
}

/// A port of a container that has a name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ContainerPort {
    /// Its protocol and name.
    pub name: PortName,
    /// Its number.
    pub number: u16,
}

/// A port by its name on the destination pod.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PortName {
    /// The transport protocol.
    pub protocol: Protocol,
    /// The name of a container's port.
    pub name: Arc<str>,
}
