//! The flows that a stack declares, end to end: what the policies are to allow between namespaces, neither more nor
//! less. Made from the stack and the tables alone and never from the rules, so that the proof can hold one against
//! the other.

mod cluster;
mod exceptions;
mod flow;
mod merged;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub use flow::{End, Flow, Outside};
use merged::Flows;
use netpol_reach::{Direction, Namespace, Port, Ports};
use pci_stack::{ComponentId, Level};

use super::{Basis, Kind, RulePorts, ports_of};

/// What an exception says of one side of a connection whose other side is a managed namespace.
struct Half {
    direction: Direction,
    flow: Flow,
}

/// All declared flows, by ends and ports.
pub fn flows(basis: &Basis) -> Vec<Flow> {
    let mut gathered = Gathered {
        basis,
        managed: basis.namespaces().iter().cloned().collect(),
        flows: Flows::default(),
        halves: Vec::new(),
        outbound: BTreeMap::new(),
    };
    if !gathered.managed.is_empty() {
        gathered.within_namespaces();
        gathered.links();
        for entry in &basis.catalog.exceptions.entries {
            gathered.exception(entry);
        }
        gathered.cluster();
        gathered.level();
        gathered.matching_halves();
        gathered.other_stacks();
    }
    gathered.flows.settled()
}

struct Gathered<'b> {
    basis: &'b Basis<'b>,
    managed: BTreeSet<Namespace>,
    flows: Flows,
    halves: Vec<Half>,
    /// Links to other stacks, by the namespace that they leave; internet exceptions let them out.
    outbound: BTreeMap<End, Vec<Arc<str>>>,
}

impl Gathered<'_> {
    fn add(&mut self, flow: Flow) {
        if flow.from == flow.to && flow.kind != Kind::IntraNamespace {
            return;
        }
        self.flows.add(flow);
    }

    /// Where `id` runs, if it is in this stack.
    fn home(&self, id: ComponentId) -> Option<End> {
        self.basis.home(id).cloned().map(End::Namespace)
    }

    fn is_managed(&self, end: &End) -> bool {
        matches!(end, End::Namespace(namespace) if self.managed.contains(namespace))
    }

    fn within_namespaces(&mut self) {
        let (basis, table) = (self.basis, &self.basis.catalog.exceptions.ports);
        let mut ports: BTreeMap<Namespace, Vec<Port>> = BTreeMap::new();
        let mut inside: BTreeMap<Namespace, Vec<Arc<str>>> = BTreeMap::new();
        for (id, component) in basis.stack.with_ids() {
            let Some(End::Namespace(namespace)) = self.home(id) else { continue };
            let declared = component.declared_ports.values().map(|number| Port::tcp(*number));
            ports.entry(namespace).or_default().extend(table.of_type(&component.kind).chain(declared));
        }
        for link in &basis.stack.links {
            if !basis.catalog.types.is_on_network(&basis.stack.component(link.target).kind) {
                continue;
            }
            if let (Some(End::Namespace(from)), Some(End::Namespace(to))) =
                (self.home(link.source), self.home(link.target))
                && from == to
            {
                inside.entry(from.clone()).or_default().push(link.id.shared());
                ports.entry(from).or_default().extend(ports_of(basis, link).ports.iter());
            }
        }
        for namespace in self.managed.clone() {
            let known: Ports = ports.remove(&namespace).unwrap_or_default().into_iter().collect();
            let ports = if basis.is_strict() { RulePorts::Exact(known) } else { RulePorts::All };
            if ports != RulePorts::Exact(Ports::default()) {
                let sources = inside.remove(&namespace).unwrap_or_default();
                let end = End::Namespace(namespace);
                self.add(Flow { sources, ..flow(end.clone(), end, ports, Kind::IntraNamespace, None) });
            }
        }
    }

    fn links(&mut self) {
        let basis = self.basis;
        for link in &basis.stack.links {
            let is_outbound = !basis.stack.owner(link.source).is_external && basis.stack.owner(link.target).is_external;
            if let Some(from) = self.home(link.source).filter(|_| is_outbound) {
                self.outbound.entry(from).or_default().push(link.id.shared());
            }
            let is_connection = basis.catalog.types.is_on_network(&basis.stack.component(link.target).kind);
            let ports = ports_of(basis, link);
            if let (Some(from), Some(to), true) = (self.home(ports.from), self.home(ports.to), is_connection)
                && !ports.ports.is_empty()
                && (self.is_managed(&from) || self.is_managed(&to))
            {
                let parties = (Some(ports.from), Some(ports.to));
                let declared = flow(from, to, RulePorts::Exact(ports.ports), Kind::Link, Some(link.id.shared()));
                self.add(needed_by(declared, parties));
            }
        }
    }

    /// What the level `standard` adds: web ports for all but data stores.
    fn level(&mut self) {
        let basis = self.basis;
        if basis.level != Level::Standard {
            return;
        }
        for (id, component) in basis.stack.with_ids().filter(|(_, component)| component.parent.is_none()) {
            let home = self.home(id).filter(|home| self.is_managed(home));
            if let Some(home) = home.filter(|_| !basis.catalog.types.is_data_store(&component.kind)) {
                let to = End::Addresses(Outside::Internet, basis.internet());
                let source = Some("level: standard".into());
                let declared = flow(home, to, RulePorts::Exact(Ports::web()), Kind::Internet, source);
                self.add(needed_by(declared, (Some(id), None)));
            }
        }
    }

    /// Links to other stacks are among what declares the flows that let them out.
    fn other_stacks(&mut self) {
        for flow in &mut self.flows.list {
            let lets_out = matches!(&flow.to, End::Addresses(Outside::Internet | Outside::Addresses, _));
            if let (true, Some(links), RulePorts::Exact(ports)) = (lets_out, self.outbound.get(&flow.from), &flow.ports)
                && Ports::https().minus(ports).is_empty()
            {
                flow.sources.extend(links.iter().cloned());
            }
        }
    }
}

fn flow(from: End, to: End, ports: RulePorts, kind: Kind, source: Option<Arc<str>>) -> Flow {
    let sources = source.into_iter().collect();
    Flow { from, to, ports, kind, sources, from_components: Vec::new(), to_components: Vec::new() }
}

fn needed_by(flow: Flow, (from, to): (Option<ComponentId>, Option<ComponentId>)) -> Flow {
    Flow { from_components: from.into_iter().collect(), to_components: to.into_iter().collect(), ..flow }
}
