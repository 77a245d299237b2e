//! The bytes of a NetworkPolicy → what it says, by the `networking.k8s.io/v1` API.

use std::collections::BTreeMap;

use ipnet::IpNet;
use k8s_openapi::{
    api::networking::v1::{NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort},
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};

use super::PortSet;
use crate::terms::{AddressBlock, Direction, Namespace, Protocol};

/// The label that the API server sets on every namespace.
const NAME_LABEL: &str = "kubernetes.io/metadata.name";

/// A NetworkPolicy that selects all pods of its namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// `metadata.name`
    pub name: String,
    /// `metadata.namespace`
    pub namespace: Namespace,
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
}

/// One rule: any of its peers, on any of its ports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PolicyRule {
    /// The peers.
    pub peers: Vec<PolicyPeer>,
    /// The ports.
    pub ports: PortSet,
}

/// A peer of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyPeer {
    /// Everything: `from` or `to` is absent or empty.
    Everything,
    /// All pods of the namespaces that are selected.
    Namespaces(NamespaceSelector),
    /// Addresses.
    Addresses(AddressBlock),
}

/// Which namespaces a peer selects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NamespaceSelector {
    /// Every namespace.
    All,
    /// The one of this name.
    Named(String),
}

/// Why a manifest can't be evaluated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub struct ManifestError {
    /// What is wrong with it, or not evaluated.
    pub what: String,
}

fn not(what: impl Into<String>) -> ManifestError {
    ManifestError { what: what.into() }
}

/// Reads one NetworkPolicy, as JSON.
pub fn read(bytes: &[u8]) -> Result<Policy, ManifestError> {
    let policy: NetworkPolicy =
        serde_json::from_slice(bytes).map_err(|error| not(format!("no NetworkPolicy: {error}")))?;
    let name = policy.metadata.name.ok_or_else(|| not("`metadata.name` is missing"))?;
    let namespace = policy.metadata.namespace.ok_or_else(|| not("`metadata.namespace` is missing"))?;
    let namespace = namespace.parse().map_err(|error| not(format!("`metadata.namespace`: {error}")))?;
    let spec = policy.spec.ok_or_else(|| not("`spec` is missing"))?;
    if spec.pod_selector.as_ref().is_some_and(|selector| !is_empty(selector)) {
        return Err(not("`spec.podSelector` selects some pods, which a namespace-wide evaluation can't tell"));
    }
    // "If this field is not specified, it will default based on the existence of ingress or egress rules; policies
    // that contain an egress section are assumed to affect egress, and all policies are assumed to affect ingress."
    let types = spec.policy_types.filter(|types| !types.is_empty());
    let isolates = |name: &str, by_default| types.as_ref().map_or(by_default, |types| types.iter().any(|t| t == name));
    let egress_given = spec.egress.is_some();
    let ingress: Result<Vec<_>, _> =
        spec.ingress.unwrap_or_default().into_iter().map(|side| rule(side.from, side.ports)).collect();
    let egress: Result<Vec<_>, _> =
        spec.egress.unwrap_or_default().into_iter().map(|side| rule(side.to, side.ports)).collect();
    let (ingress, egress) = (ingress?, egress?);
    Ok(Policy {
        name,
        namespace,
        ingress: isolates("Ingress", true).then_some(ingress),
        egress: isolates("Egress", egress_given).then_some(egress),
    })
}

fn rule(
    peers: Option<Vec<NetworkPolicyPeer>>,
    ports: Option<Vec<NetworkPolicyPort>>,
) -> Result<PolicyRule, ManifestError> {
    let peers: Vec<PolicyPeer> = match peers.filter(|peers| !peers.is_empty()) {
        Some(peers) => peers.into_iter().map(peer).collect::<Result<_, _>>()?,
        None => vec![PolicyPeer::Everything],
    };
    let mut set = PortSet::default();
    match ports.filter(|ports| !ports.is_empty()) {
        Some(ports) => ports.into_iter().try_for_each(|entry| port(entry).map(|ports| set.extend(&ports)))?,
        None => set = PortSet::all(),
    }
    Ok(PolicyRule { peers, ports: set })
}

fn peer(peer: NetworkPolicyPeer) -> Result<PolicyPeer, ManifestError> {
    if let Some(block) = peer.ip_block {
        if peer.namespace_selector.is_some() || peer.pod_selector.is_some() {
            return Err(not("a peer has `ipBlock` and a selector"));
        }
        let net = |text: &str| text.parse::<IpNet>().map_err(|_| not(format!("`{text}` is no address range")));
        let holes = block.except.unwrap_or_default().iter().map(|hole| net(hole)).collect::<Result<Vec<_>, _>>()?;
        let block = AddressBlock::without(net(&block.cidr)?, holes).map_err(|error| not(error.to_string()))?;
        return Ok(PolicyPeer::Addresses(block));
    }
    if peer.pod_selector.as_ref().is_some_and(|selector| !is_empty(selector)) {
        return Err(not("a peer selects some pods, which a namespace-wide evaluation can't tell"));
    }
    match peer.namespace_selector {
        Some(selector) => namespaces(selector).map(PolicyPeer::Namespaces),
        None => Err(not("a peer without `namespaceSelector` or `ipBlock`")),
    }
}

fn namespaces(selector: LabelSelector) -> Result<NamespaceSelector, ManifestError> {
    if is_empty(&selector) {
        return Ok(NamespaceSelector::All);
    }
    let labels = selector.match_labels.filter(|_| selector.match_expressions.is_none_or(|list| list.is_empty()));
    let mut labels: Vec<(String, String)> = labels.unwrap_or_default().into_iter().collect();
    match (labels.pop(), labels.is_empty()) {
        (Some((label, name)), true) if label == NAME_LABEL => Ok(NamespaceSelector::Named(name)),
        _ => Err(not(format!("a namespace is selected by other than `{NAME_LABEL}`, and its labels aren't known"))),
    }
}

fn is_empty(selector: &LabelSelector) -> bool {
    selector.match_labels.as_ref().is_none_or(BTreeMap::is_empty)
        && selector.match_expressions.as_ref().is_none_or(Vec::is_empty)
}

fn port(entry: NetworkPolicyPort) -> Result<PortSet, ManifestError> {
    let protocol = match entry.protocol.as_deref() {
        None | Some("TCP") => Protocol::Tcp,
        Some("UDP") => Protocol::Udp,
        Some("SCTP") => Protocol::Sctp,
        Some(other) => return Err(not(format!("`{other}` is no protocol"))),
    };
    let number = |number: i32| {
        u16::try_from(number).ok().filter(|number| *number > 0).ok_or_else(|| not(format!("{number} is no port")))
    };
    match (entry.port, entry.end_port) {
        (None, None) => Ok(PortSet::interval(protocol, 1, u16::MAX)),
        (Some(IntOrString::Int(first)), last) => {
            Ok(PortSet::interval(protocol, number(first)?, number(last.unwrap_or(first))?))
        }
        (Some(IntOrString::String(name)), None) => {
            Err(not(format!("the port `{name}` is named, and pods aren't known")))
        }
        _ => Err(not("`endPort` without a numeric `port`")),
    }
}
