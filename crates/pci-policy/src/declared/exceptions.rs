//! What exceptions declare.

use std::sync::Arc;

use netpol_reach::{Direction, Namespace, Ports};
use pci_stack::{
    ComponentId,
    catalog::{Exception, ExceptionPeer, ExceptionPorts, Section, Subject},
};

use super::{End, Flow, Gathered, Half, Outside, flow, merged::Flows, needed_by};
use crate::{Kind, RulePorts};

impl Gathered<'_> {
    /// What `entry` declares.
    pub(super) fn exception(&mut self, entry: &Exception) {
        let basis = self.basis;
        match &entry.subject {
            Subject::EveryNamespace => {
                for namespace in self.managed.clone() {
                    self.opening(entry, &End::Namespace(namespace), None);
                }
            }
            Subject::Type(name) => {
                for (id, component) in basis.stack.of_type(name) {
                    if !entry.is_about(&component.kind, &component.name) {
                        continue;
                    }
                    if let Some(home) = self.home(id) {
                        self.opening(entry, &home, Some(id));
                    }
                }
            }
        }
    }

    /// What `entry` declares for its subject, which runs at `home`.
    fn opening(&mut self, entry: &Exception, home: &End, own: Option<ComponentId>) {
        let basis = self.basis;
        let kind = match entry.section {
            Section::Component => Kind::ComponentException,
            Section::System => Kind::System,
            Section::Internet => Kind::Internet,
        };
        let source = &entry.id;
        let egress = entry.direction == Direction::Egress;
        let one_sided = |far: End, own: Option<ComponentId>, ports| {
            let (from, to) = turned(egress, home.clone(), far);
            needed_by(flow(from, to, ports, kind, Some(Arc::clone(source))), turned(egress, own, None))
        };
        let far = match &entry.peer {
            ExceptionPeer::ComponentType(_) | ExceptionPeer::Stack => {
                for (id, component) in basis.stack.with_ids() {
                    let client = matches!(entry.peer, ExceptionPeer::Stack).then(|| basis.client_ports(id));
                    let is_peer = match &entry.peer {
                        ExceptionPeer::ComponentType(name) => component.kind == *name,
                        _ => basis.catalog.types.is_on_network(&component.kind),
                    };
                    let arrives_at = if egress { Some(id) } else { own };
                    let ports =
                        client.map_or_else(|| self.ports(entry, arrives_at), |ports| Some(RulePorts::Exact(ports)));
                    let ports = ports.filter(|ports| *ports != RulePorts::Exact(Ports::default()));
                    let far = self.home(id).filter(|far| self.is_managed(far) || self.is_managed(home));
                    if let (Some(far), Some(ports), true) = (far, ports, is_peer) {
                        let (from, to) = turned(egress, home.clone(), far);
                        let declared = flow(from, to, ports, kind, Some(Arc::clone(source)));
                        self.add(needed_by(declared, turned(egress, own, Some(id))));
                    }
                }
                return;
            }
            ExceptionPeer::Namespace(namespace) => End::Namespace(namespace.clone()),
            ExceptionPeer::KubeApi => End::Namespace(Namespace::default_namespace()),
            ExceptionPeer::Dns => End::Namespace(Namespace::kube_system()),
            ExceptionPeer::External if egress => End::Addresses(Outside::Internet, basis.internet()),
            ExceptionPeer::External if basis.cluster.load_balancer_sources.is_empty() => {
                End::Addresses(Outside::Internet, basis.outside())
            }
            ExceptionPeer::External => End::Addresses(Outside::LoadBalancer, basis.outside()),
            ExceptionPeer::Addresses(block) => End::Addresses(Outside::Addresses, [block.clone()].into()),
        };
        let Some(ports) = self.ports(entry, own.filter(|_| !egress)) else { return };
        if !self.is_managed(home) {
            return;
        }
        let is_half = self.is_managed(&far) && far != *home;
        let declared = one_sided(far, own, ports);
        if is_half {
            self.halves.push(Half { direction: entry.direction, flow: declared });
        } else {
            self.add(declared);
        }
    }

    fn ports(&self, entry: &Exception, arrives_at: Option<ComponentId>) -> Option<RulePorts> {
        let listed = match &entry.ports {
            ExceptionPorts::AllOr(_) if !self.basis.is_strict() => return Some(RulePorts::All),
            ExceptionPorts::AllOr(ports) | ExceptionPorts::Exact(ports) => ports.clone(),
            ExceptionPorts::ClientPortsOfPeer => return None,
        };
        let target = arrives_at.map(|id| self.basis.stack.owner(id));
        let ports = target.map_or_else(|| listed.clone(), |target| self.basis.with_pod_ports(target, &listed));
        (!ports.is_empty()).then_some(RulePorts::Exact(ports))
    }

    /// Two exceptions that each open one side of the same connection declare it together.
    pub(super) fn matching_halves(&mut self) {
        // Those of many components alike are one, or each of many would be held against each of many.
        let (mut out, mut into) = (Flows::default(), Flows::default());
        for Half { direction, flow } in std::mem::take(&mut self.halves) {
            if direction == Direction::Egress { out.add(flow) } else { into.add(flow) }
        }
        for leaving in &out.list {
            for arriving in into.list.iter().filter(|half| half.from == leaving.from && half.to == leaving.to) {
                let ports = match (&leaving.ports, &arriving.ports) {
                    (RulePorts::All, other) | (other, RulePorts::All) => other.clone(),
                    (RulePorts::Exact(a), RulePorts::Exact(b)) => RulePorts::Exact(a.intersection(b)),
                    _ => RulePorts::None,
                };
                if matches!(&ports, RulePorts::None) || ports == RulePorts::Exact(Ports::default()) {
                    continue;
                }
                let mut both = Flow { ports, ..leaving.clone() };
                both.sources.extend(arriving.sources.iter().cloned());
                both.to_components.extend(arriving.to_components.iter().copied());
                self.add(both);
            }
        }
    }
}

/// Own end and far end as start and end of a connection.
fn turned<T>(is_egress: bool, own: T, far: T) -> (T, T) {
    if is_egress { (own, far) } else { (far, own) }
}
