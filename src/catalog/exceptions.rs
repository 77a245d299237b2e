//! `pci-exceptions.yaml`: the four sections of the page, checked.
//!
//! PCI DSS v4 1.2.5 asks that every service, protocol and port that is allowed has a known business need: each entry
//! has an id and a reason, and may name who approved it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_saphyr::Spanned;

use super::{
    merge,
    ports::{PortRow, PortTable},
    text::{CidrText, PortText},
};
use crate::{
    terms::{AddressBlock, Direction, InputError, Namespace, Place, Ports, TypeName, Vocabulary},
    yaml,
};

/// `pci-exceptions.yaml` as written. A user's file may leave out any section.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ExceptionsFile {
    /// Which pod ports each component type opens, and to whom.
    pub well_known_ports: WellKnownPorts,
    /// Rules for component types, applied only where the type is in the stack.
    #[schemars(with = "Vec<Entry>")]
    pub component_exceptions: Vec<Spanned<Entry>>,
    /// Rules for every managed namespace.
    #[schemars(with = "Vec<Entry>")]
    pub system_exceptions: Vec<Spanned<Entry>>,
    /// Component types that may talk to networks outside the cluster.
    #[schemars(with = "Vec<Entry>")]
    pub internet_exceptions: Vec<Spanned<Entry>>,
}

/// The section `well-known-ports`.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WellKnownPorts {
    /// Component type → its pod ports.
    #[schemars(with = "std::collections::BTreeMap<String, Vec<PortRow>>")]
    pub types: std::collections::BTreeMap<String, Spanned<Vec<PortRow>>>,
    /// Ports of links between two given types.
    #[schemars(with = "Vec<OverrideEntry>")]
    pub overrides: Vec<Spanned<OverrideEntry>>,
}

/// An override as written.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideEntry {
    /// Stable; a user's entry with the same id replaces ours.
    pub id: String,
    /// The type of the link's source.
    #[serde(default)]
    pub source: String,
    /// The type of the link's target.
    #[serde(default)]
    pub target: String,
    /// The ports that are dialled.
    #[serde(default)]
    pub ports: Vec<PortText>,
    /// The target dials the source.
    #[serde(default)]
    pub reversed: bool,
    /// The business need.
    #[serde(default)]
    pub reason: Option<String>,
    /// Takes the entry of this id away.
    #[serde(default)]
    pub disabled: bool,
}

/// An exception as written. Which fields a section takes is checked when it is loaded.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// Stable; a user's entry with the same id replaces ours.
    pub id: String,
    /// The component type (component-exceptions, internet-exceptions).
    pub r#type: Option<String>,
    /// The direction, seen from the component.
    pub direction: Option<Direction>,
    /// Both directions, in place of `direction`.
    pub directions: Vec<Direction>,
    /// The other end (component-exceptions, system-exceptions).
    pub peer: PeerEntry,
    /// Exact pod ports. A Service port may stand here; the pod ports behind it are added on ingress.
    pub ports: Vec<PortText>,
    /// All ports: honoured at level `standard`, ignored with a warning at `pci_dss_strict`.
    pub allow_all_ports: bool,
    /// The business need (PCI DSS v4 1.2.5).
    pub reason: Option<String>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// When it is to be reviewed.
    pub review_by: Option<String>,
    /// Where the approval stands.
    pub ticket: Option<String>,
    /// Where the entry comes from; absent in a user's file.
    pub origin: Origin,
    /// Takes the entry of this id away.
    pub disabled: bool,
}

/// The other end of an exception: exactly one field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct PeerEntry {
    /// Every component of this type in the stack.
    pub component_type: Option<String>,
    /// A namespace.
    pub namespace: Option<Namespace>,
    /// The Kubernetes API.
    pub kube_api: bool,
    /// The cluster's DNS.
    pub dns: bool,
    /// Networks outside the cluster.
    pub external: bool,
    /// Every namespace of the stack, on the client ports of what runs there.
    pub stack: bool,
    /// A range of addresses.
    pub cidr: Option<CidrText>,
    /// Holes in `cidr`.
    pub except: Vec<CidrText>,
}

/// Where an entry comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The page that specifies the product.
    Page,
    /// Added by us to the page's tables.
    Ours,
    /// A user's own file.
    #[default]
    User,
}

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
    /// All, the page's allow_all flag: honoured at level `standard`. At `pci_dss_strict` only these, if any.
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
    pub id: String,
    /// The section it stands in.
    pub section: Section,
    /// Whose pods it is about.
    pub subject: Subject,
    /// Which way it opens them.
    pub direction: Direction,
    /// To or from whom.
    pub peer: ExceptionPeer,
    /// On which ports.
    pub ports: ExceptionPorts,
    /// The business need, if it says one.
    pub reason: Option<String>,
    /// Who stands behind it.
    pub approval: Approval,
    /// Where it comes from.
    pub origin: Origin,
    /// Where it stands.
    pub place: Place,
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
    /// Reads a whole file.
    pub fn read(file: &str, text: &str, types: &Vocabulary) -> Result<Self, InputError> {
        merge::checked(vec![(file.into(), yaml::read(file, text)?)], types)
    }

    /// Reads `over` on top of `base`, each (name, text).
    pub(super) fn read_over(base: (&str, &str), over: (&str, &str), types: &Vocabulary) -> Result<Self, InputError> {
        let layers = [base, over].map(|(file, text)| yaml::read(file, text).map(|read| (file.into(), read)));
        let layers: Result<Vec<_>, InputError> = layers.into_iter().collect();
        merge::checked(layers?, types)
    }

    /// The exceptions of one section.
    pub fn section(&self, section: Section) -> impl Iterator<Item = &Exception> {
        self.entries.iter().filter(move |entry| entry.section == section)
    }
}
