//! Kubernetes `networking.k8s.io/v1` NetworkPolicies: the only code that makes Kubernetes objects.
//!
//! Every policy selects all pods of its namespace, and its peer is one namespace by the label that the API server
//! sets on each (`kubernetes.io/metadata.name`), or address blocks. Fields stand in the order of their names.

use std::sync::{Arc, OnceLock};

use netpol_reach::{AddressBlock, Direction, Port, Ports};
use pci_stack::{Digest, MANAGED_BY, StackId};
use rayon::prelude::*;
use serde::{Serialize, Serializer, ser::SerializeMap};

use crate::{Peer, Rule, RulePorts};

const KIND: &str = "pci-compliance-mcp/kind";
const REASON: &str = "pci-compliance-mcp/reason";
const REQUIREMENTS: &str = "pci-compliance-mcp/requirements";
/// How many sources an annotation names: the API takes 256 KiB of annotations in all.
const MOST_SOURCES: usize = 100;
const SOURCES: &str = "pci-compliance-mcp/sources";

/// The bytes of one policy's file.
#[derive(Debug)]
pub struct PolicyFile {
    /// The object, as JSON.
    pub bytes: Vec<u8>,
    sha256: OnceLock<Digest>,
}

impl PolicyFile {
    /// The SHA-256 of its bytes.
    pub fn sha256(&self) -> Digest {
        *self.sha256.get_or_init(|| Digest::of(&self.bytes))
    }
}

impl PartialEq for PolicyFile {
    fn eq(&self, other: &Self) -> bool {
        self.bytes == other.bytes
    }
}

/// Rules and the files that they became, in their order.
#[derive(Clone, Copy)]
pub struct Written<'a> {
    /// The rules.
    pub rules: &'a [Rule],
    /// Their files.
    pub files: &'a [Arc<PolicyFile>],
}

/// How many rules one thread takes at least.
const SHARE: usize = 500;

/// The NetworkPolicies that `rules` of `stack` become, in their order. A rule that is among `earlier` ones of that stack
/// has the file that it had there.
pub fn policies(stack: &StackId, rules: &[Rule], earlier: Option<Written>) -> Vec<Arc<PolicyFile>> {
    let Some(Written { rules: known, files }) = earlier else {
        return rules.par_iter().with_min_len(SHARE).map(|rule| policy(stack, rule).into()).collect();
    };
    // Both are in order, and most of the one are in the other.
    let mut known = known.iter().zip(files).peekable();
    let same = |rule: &Rule| loop {
        match known.peek()? {
            (one, file) if *one == rule => break Some(Arc::clone(file)),
            (one, _) if one.order() < rule.order() => drop(known.next()),
            _ => break None,
        }
    };
    let same: Vec<Option<Arc<PolicyFile>>> = rules.iter().map(same).collect();
    let files = rules.par_iter().zip(same).with_min_len(SHARE);
    files.map(|(rule, same)| same.unwrap_or_else(|| policy(stack, rule).into())).collect()
}

/// The NetworkPolicy that `rule` of `stack` becomes.
fn policy(stack: &StackId, rule: &Rule) -> PolicyFile {
    let object = Object {
        api_version: "networking.k8s.io/v1",
        kind: "NetworkPolicy",
        metadata: Metadata { stack, rule },
        spec: Spec(rule),
    };
    let mut bytes = Vec::with_capacity(1024);
    // Writing these types to memory can't fail: no map has keys other than text, no writer errs.
    let _ = serde_json::to_writer_pretty(&mut bytes, &object);
    bytes.push(b'\n');
    // Tens of thousands are kept.
    bytes.shrink_to_fit();
    PolicyFile { bytes, sha256: OnceLock::new() }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Object<'a> {
    api_version: &'static str,
    kind: &'static str,
    metadata: Metadata<'a>,
    spec: Spec<'a>,
}

struct Metadata<'a> {
    stack: &'a StackId,
    rule: &'a Rule,
}

impl Serialize for Metadata<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(4))?;
        map.serialize_entry("annotations", &Annotations(self.rule))?;
        map.serialize_entry("labels", &Labels(self.stack))?;
        map.serialize_entry("name", &self.rule.name.object)?;
        map.serialize_entry("namespace", &self.rule.namespace)?;
        map.end()
    }
}

struct Annotations<'a>(&'a Rule);

impl Serialize for Annotations<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rule = self.0;
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry(KIND, rule.kind.as_str())?;
        map.serialize_entry(REASON, &rule.reason())?;
        map.serialize_entry(REQUIREMENTS, &rule.requirements.join(", "))?;
        if !rule.sources.is_empty() {
            map.serialize_entry(SOURCES, &sources(rule))?;
        }
        map.end()
    }
}

/// The sources of `rule`, as many as an annotation should hold; the manifest has them all.
fn sources(rule: &Rule) -> String {
    let named: Vec<&str> = rule.sources.iter().take(MOST_SOURCES).map(AsRef::as_ref).collect();
    let more = rule.sources.len() - named.len();
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    named.join("; ") + &more
}

struct Labels<'a>(&'a StackId);

impl Serialize for Labels<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("app.kubernetes.io/managed-by", MANAGED_BY)?;
        map.serialize_entry("app.kubernetes.io/part-of", self.0.as_str())?;
        map.end()
    }
}

struct Spec<'a>(&'a Rule);

impl Serialize for Spec<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rule = self.0;
        let (side, policy_type) = match rule.direction {
            Direction::Ingress => ("ingress", "Ingress"),
            Direction::Egress => ("egress", "Egress"),
        };
        let mut map = serializer.serialize_map(Some(3))?;
        if rule.peer != Peer::Nobody {
            map.serialize_entry(side, &[PolicyRule(rule)])?;
        }
        map.serialize_entry("podSelector", &Empty {})?;
        map.serialize_entry("policyTypes", &[policy_type])?;
        map.end()
    }
}

#[derive(Serialize)]
struct Empty {}

struct PolicyRule<'a>(&'a Rule);

impl Serialize for PolicyRule<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let rule = self.0;
        let side = if rule.direction == Direction::Ingress { "from" } else { "to" };
        let mut map = serializer.serialize_map(Some(2))?;
        match &rule.peer {
            Peer::Nobody => {}
            Peer::Namespace(namespace) => {
                let labels = Selector { match_labels: MetadataName { name: namespace.as_str() } };
                map.serialize_entry(side, &[NamespacePeer { namespace_selector: labels }])?;
            }
            Peer::Addresses(blocks) => {
                let blocks: Vec<_> = blocks.iter().map(|block| BlockPeer { ip_block: IpBlock(block) }).collect();
                map.serialize_entry(side, &blocks)?;
            }
        }
        if let RulePorts::Exact(ports) = &rule.ports {
            map.serialize_entry("ports", &PolicyPorts(ports))?;
        }
        map.end()
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct NamespacePeer<'a> {
    namespace_selector: Selector<'a>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Selector<'a> {
    match_labels: MetadataName<'a>,
}

#[derive(Serialize)]
struct MetadataName<'a> {
    #[serde(rename = "kubernetes.io/metadata.name")]
    name: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct BlockPeer<'a> {
    ip_block: IpBlock<'a>,
}

struct IpBlock<'a>(&'a AddressBlock);

impl Serialize for IpBlock<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("cidr", &self.0.cidr)?;
        if !self.0.except.is_empty() {
            map.serialize_entry("except", &self.0.except)?;
        }
        map.end()
    }
}

struct PolicyPorts<'a>(&'a Ports);

impl Serialize for PolicyPorts<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.0.iter().map(PolicyPort))
    }
}

struct PolicyPort(Port);

impl Serialize for PolicyPort {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(2))?;
        map.serialize_entry("port", &self.0.number)?;
        map.serialize_entry("protocol", self.0.protocol.as_str())?;
        map.end()
    }
}
