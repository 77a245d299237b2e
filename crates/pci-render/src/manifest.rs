//! `networkpolicy-manifest.json`: what was generated, why, and that it is what was declared.

use std::collections::BTreeMap;

use netpol_reach::{AddressBlock, Direction, Namespace};
use pci_engine::{Program, Snapshot};
use pci_policy::{
    Kind, Peer, PeerLabel, Reach, Rule,
    proof::{EndName, Proof, ProvenFlow},
};
use pci_stack::{ComponentRef, Digest, Finding};
use serde::Serialize;

use super::Header;

/// The program that generated.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Tool {
    /// Its name.
    #[schemars(with = "String")]
    pub name: &'static str,
    /// Its version.
    #[schemars(with = "String")]
    pub version: &'static str,
}

impl Tool {
    /// The program that read the stack.
    pub fn new(program: Program) -> Self {
        Self { name: program.name, version: program.version }
    }
}

/// What was generated for one stack.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Manifest {
    /// The program that generated.
    pub tool: Tool,
    /// Which stack, at which level, from which inputs.
    #[serde(flatten)]
    pub header: Header,
    /// How many policies there are of each kind.
    pub counts: BTreeMap<Kind, usize>,
    /// The policies.
    pub policies: Vec<PolicyEntry>,
    /// The declared flows, each with the policies that allow it.
    pub flows: Vec<ProvenFlow>,
    /// What components may do only because of a neighbour in their namespace.
    pub by_sharing: Vec<SharedEntry>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by_sharing_total: Option<usize>,
    /// Whether what the policies allow is what the stack declares.
    pub proof: Proof,
    /// What should be known of the stack and its rules, worst first.
    pub findings: Vec<Finding>,
}

/// One policy.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct PolicyEntry {
    /// `metadata.name`
    pub name: String,
    /// `metadata.namespace`
    pub namespace: Namespace,
    /// What it is for.
    pub kind: Kind,
    /// Which way.
    pub direction: Direction,
    /// To or from whom; absent if the policy only refuses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub peer: Option<EndName>,
    /// On which ports; `all` for every one.
    pub ports: Vec<String>,
    /// Its file.
    pub file: String,
    /// SHA-256 of the file.
    pub sha256: Digest,
    /// The links and exceptions that ask for it.
    pub sources: Vec<String>,
    /// Why it is there.
    pub reason: String,
    /// PCI DSS requirements that it serves.
    pub requirements: Vec<String>,
    /// Whether it can match traffic.
    pub reach: Reach,
}

/// A flow that a component has because of a neighbour.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct SharedEntry {
    /// Who has it.
    #[schemars(with = "String")]
    pub component: ComponentRef,
    /// What it is: `FROM -> TO on PORTS`.
    pub flow: String,
    /// The links and exceptions of the neighbour.
    pub because_of: Vec<String>,
}

/// The manifest of `snapshot`.
pub fn manifest(snapshot: &Snapshot) -> Manifest {
    let (by_sharing, by_sharing_total) = by_sharing(snapshot);
    Manifest {
        tool: Tool::new(snapshot.program),
        header: Header::of(snapshot),
        counts: counts(snapshot),
        policies: (0..).map_while(|index| policy(snapshot, index)).collect(),
        flows: snapshot.proven().to_vec(),
        by_sharing,
        by_sharing_total,
        proof: snapshot.evidence().proof.clone(),
        findings: snapshot.findings(),
    }
}

/// How many policies of `snapshot` there are of each kind.
pub fn counts(snapshot: &Snapshot) -> BTreeMap<Kind, usize> {
    let mut counts: BTreeMap<Kind, usize> = BTreeMap::new();
    for rule in &snapshot.rules().rules {
        *counts.entry(rule.kind).or_default() += 1;
    }
    counts
}

/// The policy of `snapshot` at `index` of its rules.
pub fn policy(snapshot: &Snapshot, index: usize) -> Option<PolicyEntry> {
    Some(entry(snapshot.rules().rules.get(index)?, snapshot.files().get(index)?.sha256()))
}

fn entry(rule: &Rule, sha256: Digest) -> PolicyEntry {
    let peer = match (&rule.peer, rule.label) {
        (Peer::Nobody, _) => None,
        (Peer::Namespace(namespace), _) => Some(EndName::Namespace(namespace.clone())),
        (Peer::Addresses(blocks), PeerLabel::Any) if rule.direction == Direction::Ingress && !is_everywhere(blocks) => {
            Some(EndName::LoadBalancer)
        }
        (Peer::Addresses(_), PeerLabel::Any) => Some(EndName::Internet),
        (Peer::Addresses(_), PeerLabel::KubeApi) => Some(EndName::ApiServer),
        (Peer::Addresses(_), PeerLabel::Dns) => Some(EndName::NodeDns),
        (Peer::Addresses(blocks), _) => Some(EndName::of_blocks(blocks)),
    };
    PolicyEntry {
        name: rule.name.object.clone(),
        namespace: rule.namespace.clone(),
        kind: rule.kind,
        direction: rule.direction,
        peer,
        ports: rule.ports.texts(),
        file: rule.name.file.clone(),
        sha256,
        sources: rule.sources.iter().map(ToString::to_string).collect(),
        reason: rule.reason(),
        requirements: rule.requirements.iter().map(ToString::to_string).collect(),
        reach: rule.reach(),
    }
}

fn is_everywhere(blocks: &[AddressBlock]) -> bool {
    blocks.iter().all(|block| block.cidr.prefix_len() == 0)
}

/// What components of `snapshot` have because of neighbours, and how many there are where the list is cut.
pub fn by_sharing(snapshot: &Snapshot) -> (Vec<SharedEntry>, Option<usize>) {
    let sharing = snapshot.sharing();
    let total = (sharing.total > sharing.listed.len()).then_some(sharing.total);
    (sharing.listed.iter().map(|shared| shared_entry(snapshot, shared)).collect(), total)
}

/// `shared` as answers show it.
pub fn shared_entry(snapshot: &Snapshot, shared: &pci_policy::Shared) -> SharedEntry {
    let flow = &snapshot.flows()[shared.flow];
    let ends = (EndName::of_declared(&flow.from), EndName::of_declared(&flow.to));
    let ports = shared.ports.as_ref().map_or_else(|| "all ports".to_owned(), ToString::to_string);
    SharedEntry {
        component: snapshot.stack.component(shared.component).name.clone(),
        flow: format!("{} -> {} on {ports}", ends.0, ends.1),
        because_of: flow.sources.iter().map(ToString::to_string).collect(),
    }
}
