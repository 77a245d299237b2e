//! Intra-namespace: pods of one namespace may talk to each other, in strict mode on the ports that anything there is
//! known to open.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::{Direction, Namespace, Port, Ports, named};
use pci_stack::{Finding, Link, Severity};

use super::Made;
use crate::{Basis, Intent, Kind, Peer, RulePorts, findings, ports_of};

/// One rule in each direction for every namespace that has a component.
pub(super) fn make(basis: &Basis, made: &mut Made) {
    if basis.is_strict() {
        let dialled: BTreeSet<_> = basis.stack.links.iter().filter_map(|link| basis.home(link.target)).collect();
        for (namespace, ports) in ports(basis) {
            if ports.is_empty() {
                without_ports(basis, &namespace, dialled.contains(&namespace), made);
            } else {
                open(&namespace, &RulePorts::Exact(ports), made);
            }
        }
    } else {
        basis.namespaces().iter().for_each(|namespace| open(namespace, &RulePorts::All, made));
    }
}

fn open(namespace: &Namespace, ports: &RulePorts, made: &mut Made) {
    let peer = Peer::Namespace(namespace.clone());
    made.intents.extend([Direction::Ingress, Direction::Egress].map(|way| {
        Intent::allowing(namespace, Kind::IntraNamespace, way, peer.clone(), ports.clone())
            .because(Some("pods of one namespace work together".into()))
    }));
}

/// Per namespace: every pod port of the types that run there, what they declare, and the ports of links inside it.
fn ports(basis: &Basis) -> BTreeMap<Namespace, Ports> {
    let table = &basis.catalog.exceptions.ports;
    let mut ports: BTreeMap<&Namespace, Vec<Port>> = BTreeMap::new();
    for (namespace, _) in basis.inhabited() {
        ports.insert(namespace, Vec::new());
    }
    for (id, component) in basis.stack.with_ids() {
        if let Some(ports) = basis.home(id).and_then(|namespace| ports.get_mut(namespace)) {
            ports.extend(table.of_type(&component.kind));
            ports.extend(component.declared_ports.values().map(|number| Port::tcp(*number)));
        }
    }
    let is_connection = |link: &&Link| basis.catalog.types.is_on_network(&basis.stack.component(link.target).kind);
    for link in basis.stack.links.iter().filter(is_connection) {
        let (from, to) = (basis.home(link.source), basis.home(link.target));
        if let Some(ports) = to.filter(|to| from == Some(*to)).and_then(|namespace| ports.get_mut(namespace)) {
            ports.extend(ports_of(basis, link).ports.iter());
        }
    }
    ports.into_iter().map(|(namespace, ports)| (namespace.clone(), ports.into_iter().collect())).collect()
}

/// How many components a finding names.
const NAMED: usize = 5;

fn without_ports(basis: &Basis, namespace: &Namespace, is_dialled: bool, made: &mut Made) {
    let components: Vec<_> = basis.components_of(namespace).map(|(_, component)| component).collect();
    let names: Vec<String> = components.iter().map(|component| format!("`{}`", component.name)).collect();
    let message = format!(
        "no port of {} is known, so pods of `{namespace}` may not talk to each other",
        named(&names, NAMED, ", ")
    );
    let place = components.first().map(|component| component.place.clone());
    let finding = Finding::new(&findings::INTRA_WITHOUT_PORTS, message, place);
    // One component that nobody dials has most likely nothing to open.
    let is_moot = components.len() == 1 && !is_dialled;
    made.findings.push(if is_moot { finding.severity(Severity::Info) } else { finding });
}
