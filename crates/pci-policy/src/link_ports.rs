//! The ports of a link: which pod ports its source dials on its target.

use netpol_reach::{Port, Ports};
use pci_stack::{ComponentId, Level, Link, catalog::Role};
use serde::Serialize;

use super::Basis;

/// The source of the type `prometheus` scrapes rather than uses what it links to.
const SCRAPER: &str = "prometheus";

/// What said which ports a link has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum PortSource {
    /// The link's own `port`.
    Link,
    /// An override for the two types.
    Override,
    /// The metrics ports of the target, for a collector of metrics.
    Metrics,
    /// The client ports of the sub-component's own type.
    SubComponent,
    /// What the target or its parent declares.
    Declared,
    /// The client ports of the target's type.
    WellKnown,
    /// Nothing did.
    Nothing,
}

/// The ports of a link, as TCP sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPorts {
    /// Who opens connections.
    pub from: ComponentId,
    /// Who takes them.
    pub to: ComponentId,
    /// On which ports; empty if nothing says.
    pub ports: Ports,
    /// What said so.
    pub said_by: PortSource,
}

/// The ports of `link`: from the first that yields any of the link itself, an override, the metrics ports for a
/// collector, the sub-component's type, the declared port, the type's client ports.
pub fn ports_of(basis: &Basis, link: &Link) -> LinkPorts {
    let (source, target) = (basis.stack.component(link.source), basis.stack.component(link.target));
    let table = &basis.catalog.exceptions.ports;
    let forward = |ports: Ports, said_by| LinkPorts { from: link.source, to: link.target, ports, said_by };
    if let Some(port) = link.port {
        return widened(basis, forward([Port::tcp(port)].into_iter().collect(), PortSource::Link));
    }
    if let Some(over) = table.override_for(&source.kind, &target.kind) {
        let ports = forward(over.ports.clone(), PortSource::Override);
        let ports = if over.reversed { LinkPorts { from: link.target, to: link.source, ..ports } } else { ports };
        return widened(basis, ports);
    }
    let is_gateway = basis.catalog.types.is_gateway(&source.kind);
    let owner = basis.stack.owner(link.target);
    let client_roles: &[Role] = if is_gateway { &[Role::Client, Role::Ui] } else { &[Role::Client] };
    if source.kind.as_str() == SCRAPER {
        let metrics = |kind| table.with_roles(kind, &[Role::Metrics]);
        let candidates = [metrics(&target.kind), metrics(&owner.kind), basis.declared_ports(link.target)];
        if let Some(ports) = candidates.into_iter().find(|ports| !ports.is_empty()) {
            return widened(basis, forward(ports, PortSource::Metrics));
        }
    }
    if target.parent.is_some() {
        let ports = table.with_roles(&target.kind, &[Role::Client]);
        if !ports.is_empty() {
            return widened(basis, forward(ports, PortSource::SubComponent));
        }
    }
    let declared = basis.declared_ports(link.target);
    if !declared.is_empty() {
        let wants_ui = is_gateway && target.parent.is_none();
        let ui = if wants_ui { table.with_roles(&target.kind, &[Role::Ui]) } else { Ports::default() };
        return widened(basis, forward(declared.union(&ui), PortSource::Declared));
    }
    let ports = table.with_roles(&owner.kind, client_roles);
    let said_by = if ports.is_empty() { PortSource::Nothing } else { PortSource::WellKnown };
    widened(basis, forward(ports, said_by))
}

/// At level `standard` a link also opens its target's other client and ui ports, and the Service ports that stand for
/// any of them.
fn widened(basis: &Basis, link: LinkPorts) -> LinkPorts {
    if basis.level != Level::Standard || link.ports.is_empty() {
        return link;
    }
    let table = &basis.catalog.exceptions.ports;
    let owner = &basis.stack.owner(link.to).kind;
    let pods = link.ports.union(&table.with_roles(owner, &[Role::Client, Role::Ui]));
    let rows = table.rows(owner).iter().filter(|row| pods.contains(row.port()));
    let services = rows.flat_map(|row| row.service_ports.iter().map(|number| Port::tcp(*number)));
    let ports = pods.iter().chain(services).collect();
    LinkPorts { ports, ..link }
}
