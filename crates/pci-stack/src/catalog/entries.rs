//! `pci-exceptions.yaml` as it is written: the form that a user's file has too.

use std::collections::BTreeMap;

use netpol_reach::{Direction, Namespace, clean};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize};
use serde_saphyr::Spanned;

use super::{
    ports::PortRow,
    text::{CidrText, PortText},
};
use crate::statement;

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
    #[schemars(with = "BTreeMap<String, Vec<PortRow>>")]
    pub types: BTreeMap<String, Spanned<Vec<PortRow>>>,
    /// Ports of links between two given types.
    #[schemars(with = "Vec<OverrideEntry>")]
    pub overrides: Vec<Spanned<OverrideEntry>>,
}

/// An override as written.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct OverrideEntry {
    /// Stable; a user's entry with the same id replaces ours.
    #[serde(deserialize_with = "named")]
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
    #[serde(default, deserialize_with = "stated")]
    pub reason: Option<String>,
    /// Takes the entry of this id away.
    #[serde(default)]
    pub disabled: bool,
}

/// An exception as written. Which fields a section takes is checked when it is loaded.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Entry {
    /// Stable; a user's entry with the same id replaces ours.
    #[serde(deserialize_with = "named")]
    pub id: String,
    /// The component type (component-exceptions, internet-exceptions).
    pub r#type: Option<String>,
    /// Only this component of the type, by its name (`PARENT/NAME` for a sub-component); all of them if absent.
    pub component: Option<String>,
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
    #[serde(deserialize_with = "stated")]
    pub reason: Option<String>,
    /// Who approved it.
    #[serde(deserialize_with = "stated")]
    pub approved_by: Option<String>,
    /// When it is to be reviewed.
    #[serde(deserialize_with = "stated")]
    pub review_by: Option<String>,
    /// Where the approval stands.
    #[serde(deserialize_with = "stated")]
    pub ticket: Option<String>,
    /// Where the entry comes from; absent in a user's file.
    pub origin: Origin,
    /// Takes the entry of this id away.
    pub disabled: bool,
}

/// Reads a name as messages may show it: what asks for the nearest id must not be given another than is shown.
fn named<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    Ok(clean(&String::deserialize(deserializer)?))
}

/// Reads a text that somebody states; a credential in it ends here.
fn stated<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(Option::<String>::deserialize(deserializer)?.map(|text| statement(&text)))
}

/// The other end of an exception: exactly one field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
#[expect(clippy::struct_excessive_bools, reason = "the form of the file: one key for each sort of peer")]
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
