//! The map that a page draws and a program reads: every end of an allowed flow, every pair of ends that may talk, with
//! the declared flows behind it, and where each control stands. Drawn from the same sets as the diagram.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::Namespace;
use pci_assess::{
    ControlResult, Numbers, Status, Zone,
    controls::{Class, Control},
};
use pci_engine::Snapshot;
use pci_policy::{
    Basis,
    proof::{EndName, ProvenFlow, Verdict},
};
use pci_stack::{ControlId, Level, LevelSource};
use serde::Serialize;

/// The map of a stack.
#[derive(Debug, Serialize)]
pub struct Map<'s> {
    /// Where the stack stands.
    numbers: &'s Numbers,
    /// Whether the profile says where account data is; if not, no node has a zone.
    zones_stated: bool,
    /// Whether the policies allow what is declared, and nothing else.
    proof_holds: bool,
    /// Why nothing may be drawn, where that does not mean that nothing is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    /// The ends of flows: namespaces, and what is outside.
    nodes: Vec<Node<'s>>,
    /// The pairs of ends that may talk.
    edges: Vec<Edge<'s>>,
    /// The requirements with their controls.
    requirements: Vec<Requirement<'s>>,
}

/// An end of flows.
#[derive(Debug, Serialize)]
struct Node<'s> {
    /// What flows call it.
    id: String,
    kind: Kind,
    /// Whether it has policies of ours; without, nothing here restricts it.
    policies: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<Zone>,
    /// The components of the namespace, without sub-components.
    components: Vec<String>,
    /// Which of them store data.
    data_stores: Vec<&'s str>,
}

/// What kind of end a node is.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
enum Kind {
    Namespace,
    OtherNamespaces,
    Anywhere,
    Internet,
    LoadBalancer,
    ApiServer,
    NodeDns,
    Private,
    Addresses,
}

/// Two ends that may talk, or that are declared to.
#[derive(Debug, Serialize)]
struct Edge<'s> {
    from: &'s EndName,
    to: &'s EndName,
    /// What the policies allow; absent where they refuse what is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    ports: Option<String>,
    /// The declared flows behind it. None: it is allowed, and nobody declares it.
    flows: Vec<Behind<'s>>,
}

/// A declared flow behind an edge.
#[derive(Debug, Serialize)]
struct Behind<'s> {
    ports: &'s [String],
    sources: &'s [String],
    allowed_by: &'s [String],
    verdict: Verdict,
}

/// A requirement.
#[derive(Debug, Serialize)]
struct Requirement<'s> {
    #[serde(rename = "requirement")]
    number: u16,
    title: &'s str,
    controls: Vec<Entry<'s>>,
}

/// A control.
#[derive(Debug, Serialize)]
struct Entry<'s> {
    id: &'s ControlId,
    title: &'s str,
    status: Status,
    class: Class,
    milestone: u8,
    /// How much shows it.
    evidence: usize,
    /// How much is missing.
    missing: usize,
}

/// The map of `snapshot`.
pub fn map(snapshot: &Snapshot) -> Map<'_> {
    let edges = edges(snapshot);
    let assessment = snapshot.assessment();
    Map {
        numbers: &assessment.numbers,
        zones_stated: snapshot.scope().is_stated,
        proof_holds: snapshot.evidence().proof.holds,
        note: note(snapshot),
        nodes: nodes(snapshot, &edges),
        edges,
        requirements: requirements(snapshot),
    }
}

fn note(snapshot: &Snapshot) -> Option<&'static str> {
    if snapshot.level_source() == LevelSource::NotSet {
        Some("nobody set a level, so that no policies are generated: nothing restricts what may talk to what")
    } else if snapshot.level() == Level::None {
        Some("no policies at this level: nothing restricts what may talk to what")
    } else {
        None
    }
}

/// All that is allowed or declared, by its ends.
fn edges(snapshot: &Snapshot) -> Vec<Edge<'_>> {
    let evidence = snapshot.evidence();
    let mut edges: BTreeMap<(&EndName, &EndName), Edge> = BTreeMap::new();
    for ((from, to), ports) in evidence.allowed() {
        edges.insert((from, to), Edge { from, to, ports: Some(ports.to_string()), flows: Vec::new() });
    }
    for ProvenFlow { from, to, ports, sources, allowed_by, verdict } in snapshot.proven() {
        let edge = edges.entry((from, to)).or_insert_with(|| Edge { from, to, ports: None, flows: Vec::new() });
        edge.flows.push(Behind { ports, sources, allowed_by, verdict: *verdict });
    }
    edges.into_values().collect()
}

/// The namespaces of the stack, and every other end of `edges`.
fn nodes<'s>(snapshot: &'s Snapshot, edges: &[Edge<'s>]) -> Vec<Node<'s>> {
    let basis = snapshot.basis();
    let own = basis.all_namespaces().chain(basis.namespaces()).cloned().map(EndName::Namespace);
    let ends: BTreeSet<EndName> = own.chain(edges.iter().flat_map(|edge| [edge.from, edge.to]).cloned()).collect();
    ends.iter().map(|end| node(snapshot, &basis, end)).collect()
}

fn node<'s>(snapshot: &'s Snapshot, basis: &Basis<'s>, end: &EndName) -> Node<'s> {
    let namespace: Option<&Namespace> = if let EndName::Namespace(namespace) = end { Some(namespace) } else { None };
    let scope = snapshot.scope();
    let components: Vec<_> = namespace.into_iter().flat_map(|namespace| basis.components_of(namespace)).collect();
    let stores = components.iter().filter(|(_, one)| basis.catalog.types.is_data_store(&one.kind));
    Node {
        id: end.to_string(),
        kind: kind(end),
        policies: namespace.is_some_and(|namespace| basis.manages(namespace)),
        zone: namespace.filter(|_| scope.is_stated).and_then(|namespace| scope.zone(namespace)),
        data_stores: stores.map(|(_, component)| component.name.name.as_ref()).collect(),
        components: components.iter().map(|(_, component)| component.name.to_string()).collect(),
    }
}

fn kind(end: &EndName) -> Kind {
    match end {
        EndName::Namespace(_) => Kind::Namespace,
        EndName::OtherNamespaces => Kind::OtherNamespaces,
        EndName::Anywhere => Kind::Anywhere,
        EndName::Internet => Kind::Internet,
        EndName::LoadBalancer => Kind::LoadBalancer,
        EndName::ApiServer => Kind::ApiServer,
        EndName::NodeDns => Kind::NodeDns,
        EndName::Private => Kind::Private,
        EndName::Addresses(_) => Kind::Addresses,
    }
}

fn requirements(snapshot: &Snapshot) -> Vec<Requirement<'_>> {
    let assessment = snapshot.assessment();
    let own = |number: u16| assessment.iter().filter(move |(control, _)| control.id.requirement() == number);
    let rows = assessment.controls.requirements.iter().map(|requirement| Requirement {
        number: requirement.number,
        title: &requirement.title,
        controls: own(requirement.number).map(|(control, result)| entry(control, result)).collect(),
    });
    rows.collect()
}

fn entry<'s>(control: &'s Control, result: &ControlResult) -> Entry<'s> {
    Entry {
        id: &control.id,
        title: &control.title,
        status: result.status(),
        class: control.class,
        milestone: control.milestone,
        evidence: result.evidence.len(),
        missing: result.missing.len(),
    }
}
