//! What runs pods that are alike.

use std::{fmt, net::IpAddr, sync::Arc};

use super::{ContainerPort, Labels};
use crate::{Namespace, Place};

/// What runs pods that are alike.
#[derive(Debug, Clone)]
pub struct Workload {
    /// Its namespace.
    pub namespace: Namespace,
    /// Its name.
    pub name: Arc<str>,
    /// Its kind.
    pub kind: Arc<str>,
    /// Kind and name of the object that made it and keeps it, if one did.
    pub controller: Option<(Arc<str>, Arc<str>)>,
    /// The labels of its pods.
    pub labels: Labels,
    /// The named ports of its pods.
    pub ports: Arc<[ContainerPort]>,
    /// The addresses of its pods, as far as they are known.
    pub addresses: Vec<IpAddr>,
    /// Whether its pods have the node's network for their own.
    pub is_on_host_network: bool,
    /// Where it stands.
    pub place: Place,
}

impl fmt::Display for Workload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}[{}]", self.namespace, self.name, self.kind)
    }
}
