//! `pci-exceptions.yaml`: the four sections of the page, checked.
//!
//! PCI DSS v4 1.2.5 asks that every service, protocol and port that is allowed has a known business need: each entry
//! has an id and a reason, and may name who approved it.

use std::sync::Arc;

use netpol_reach::{AddressBlock, Direction, Namespace, Place, Ports};

use super::{entries::Origin, ports::PortTable};
use crate::{ComponentRef, TypeName};

/// The sections that hold exceptions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Section {
    /// `component-exceptions`
    Component,
    /// `system-exceptions`
    System,
    /// `internet-exceptions`
    Internet,
}

/// Whose pods an exception is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// Every managed namespace.
    EveryNamespace,
    /// Components of this type.
    Type(TypeName),
}

/// The other end of an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionPeer {
    /// Every component of this type in the stack.
    ComponentType(TypeName),
    /// A namespace.
    Namespace(Namespace),
    /// The Kubernetes API.
    KubeApi,
    /// The cluster's DNS.
    Dns,
    /// Networks outside the cluster.
    External,
    /// Every namespace of the stack.
    Stack,
    /// Addresses.
    Addresses(AddressBlock),
}

/// The ports of an exception.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ExceptionPorts {
    /// These.
    Exact(Ports),
    /// All, the page's `allow_all` flag: honoured at level `standard`. At `pci_dss_strict` only these, if any.
    AllOr(Ports),
    /// The client ports of whatever the peer runs.
    ClientPortsOfPeer,
}

/// Who stands behind an exception.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Approval {
    /// Who approved it.
    pub approved_by: Option<String>,
    /// When it is to be reviewed.
    pub review_by: Option<String>,
    /// Where the approval stands.
    pub ticket: Option<String>,
}

/// An exception, checked. An entry of two directions is two of these under one id.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exception {
    /// Stable within the file.
    pub id: Arc<str>,
    /// The section it stands in.
    pub section: Section,
    /// Whose pods it is about.
    pub subject: Subject,
    /// Only this component of the type.
    pub component: Option<Arc<str>>,
    /// Which way it opens them.
    pub direction: Direction,
    /// To or from whom.
    pub peer: ExceptionPeer,
    /// On which ports.
    pub ports: ExceptionPorts,
    /// The business need, if it says one.
    pub reason: Option<Arc<str>>,
    /// Who stands behind it.
    pub approval: Approval,
    /// Where it comes from.
    pub origin: Origin,
    /// Where it stands.
    pub place: Place,
}

impl Exception {
    /// Whether it is about a component of type `kind` and of this name.
    pub fn is_about(&self, kind: &TypeName, name: &ComponentRef) -> bool {
        match &self.subject {
            Subject::EveryNamespace => true,
            Subject::Type(subject) => {
                subject == kind && self.component.as_ref().is_none_or(|only| name.to_string() == **only)
            }
        }
    }

    /// Whether it lets connections out of the cluster on all of `ports`.
    pub fn lets_out_on(&self, ports: &Ports) -> bool {
        let leads_out = matches!(self.peer, ExceptionPeer::External | ExceptionPeer::Addresses(_));
        let open = match &self.ports {
            ExceptionPorts::Exact(open) | ExceptionPorts::AllOr(open) => open.clone(),
            ExceptionPorts::ClientPortsOfPeer => Ports::default(),
        };
        self.direction == Direction::Egress && leads_out && ports.minus(&open).is_empty()
    }
}

/// The four sections, checked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Exceptions {
    /// Ports by type, and overrides.
    pub ports: PortTable,
    /// The exceptions, in the order of the sections and their entries.
    pub entries: Vec<Exception>,
}

impl Exceptions {
    /// The exceptions of one section.
    pub fn section(&self, section: Section) -> impl Iterator<Item = &Exception> {
        self.entries.iter().filter(move |entry| entry.section == section)
    }
}
