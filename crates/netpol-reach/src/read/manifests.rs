//! What manifests hold.

use std::collections::BTreeMap;

use crate::{InputError, Labels, Namespace, Place, Policy, Workload};

/// What manifests hold.
#[derive(Debug, Clone, Default)]
pub struct Manifests {
    /// The NetworkPolicies.
    pub policies: Vec<Policy>,
    /// The Namespaces.
    pub namespaces: Vec<NamespaceObject>,
    /// What runs pods.
    pub workloads: Vec<Workload>,
    /// Objects that restrict or open traffic in ways that are not evaluated.
    pub not_evaluated: Vec<NotEvaluated>,
    /// How many lists there were, with items or without.
    pub lists: usize,
    /// How many objects of each other kind were skipped.
    pub skipped: BTreeMap<String, usize>,
    /// What is read otherwise than its author may think.
    pub notices: Vec<Notice>,
    /// What can't be read. While there is any, what the rest allows is not the whole answer.
    pub refused: Vec<InputError>,
}

/// A Namespace.
#[derive(Debug, Clone)]
pub struct NamespaceObject {
    /// Its name.
    pub name: Namespace,
    /// Its labels.
    pub labels: Labels,
    /// Where it stands.
    pub place: Place,
}

/// An object that restricts or opens traffic in ways that are not evaluated.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct NotEvaluated {
    /// Its kind, with its API group: `CiliumNetworkPolicy (cilium.io/v2)`.
    pub kind: String,
    /// Its namespace, if it has one.
    pub namespace: Option<String>,
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub place: Place,
}

impl std::fmt::Display for NotEvaluated {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {} ", self.place, self.kind)?;
        if let Some(namespace) = &self.namespace {
            write!(f, "{namespace}/")?;
        }
        f.write_str(&self.name)
    }
}

impl std::fmt::Display for Notice {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}: {}", self.place, self.what)
    }
}

/// Something to know of a manifest.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Notice {
    /// Where.
    pub place: Place,
    /// What.
    pub what: String,
}
