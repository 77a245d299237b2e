//! Internet rules: who may talk to networks outside the cluster. In strict mode an allowlist and nothing else; at
//! level `standard` web ports for everything but data stores.
//!
//! PCI DSS v4 1.4.1 and 1.4.2: traffic between trusted and untrusted networks is restricted to what is authorised.

use super::{Kind, Made, exception};
use crate::{
    catalog::{ExceptionPeer, ExceptionPorts, Section, Subject},
    policy::{Basis, Intent, Peer, PeerLabel, RulePorts, findings},
    stack::ComponentId,
    terms::{Direction, Finding, Level, Port, PortNumber, Ports},
};

/// The rules of the section `internet-exceptions` and, at level `standard`, web ports.
pub(super) fn make(basis: &Basis, made: &mut Made) {
    if basis.namespaces().is_empty() {
        return;
    }
    for entry in basis.catalog.exceptions.section(Section::Internet) {
        exception::make(basis, Kind::Internet, entry, made);
    }
    if basis.level == Level::Standard {
        web_for_all(basis, made);
    }
    gateways(basis, made);
    cut_off(basis, made);
}

/// HTTP and HTTPS.
pub(in crate::policy) fn web_ports() -> Ports {
    [80, 443].into_iter().filter_map(|number| PortNumber::try_from(number).ok()).map(Port::tcp).collect()
}

fn web_for_all(basis: &Basis, made: &mut Made) {
    for (namespace, components) in basis.inhabited() {
        let is_store = |id: &ComponentId| basis.catalog.types.is_data_store(&basis.stack.component(*id).kind);
        if !components.iter().all(is_store) {
            let (peer, ports) = (Peer::Addresses(basis.internet()), RulePorts::Exact(web_ports()));
            let intent = Intent::allowing(namespace, Kind::Internet, Direction::Egress, peer, ports);
            let intent = intent.labelled(PeerLabel::Any).from_source("level: standard".into());
            made.intents.push(intent.because(Some("the level `standard` lets all but data stores out")));
        }
    }
}

fn gateways(basis: &Basis, made: &mut Made) {
    if !basis.cluster.load_balancer_sources.is_empty() {
        return;
    }
    for component in &basis.stack.components {
        let mut entries = basis.catalog.exceptions.entries.iter();
        let is_open = entries.any(|entry| {
            entry.direction == Direction::Ingress
                && entry.peer == ExceptionPeer::External
                && entry.subject == Subject::Type(component.kind.clone())
        });
        if is_open && !component.is_external {
            let message = format!("connections to `{}` may come from any address", component.name);
            let place = Some(component.place.clone());
            made.findings.push(Finding::new(&findings::GATEWAY_SOURCE_UNKNOWN, message, place));
        }
    }
}

/// Components that usually fetch from outside, and may not.
fn cut_off(basis: &Basis, made: &mut Made) {
    for component in &basis.stack.components {
        let need = basis.catalog.types.get(&component.kind).and_then(|known| known.needs_internet.as_ref());
        let Some(need) = need.filter(|_| !component.is_external) else { continue };
        let is_declared = need.when.as_ref().is_none_or(|when| component.facts.contains_key(when.as_str()));
        let mut open = Ports::default();
        for entry in &basis.catalog.exceptions.entries {
            let lets_out = entry.direction == Direction::Egress && entry.peer == ExceptionPeer::External;
            if let ExceptionPorts::Exact(ports) | ExceptionPorts::AllOr(ports) = &entry.ports
                && lets_out
                && entry.subject == Subject::Type(component.kind.clone())
            {
                open = open.union(ports);
            }
        }
        if basis.level == Level::Standard && !basis.catalog.types.is_data_store(&component.kind) {
            open = open.union(&web_ports());
        }
        let closed = need.ports.minus(&open);
        if is_declared && !closed.is_empty() {
            let message = format!("`{}` may not reach the internet on {closed}, which it needs for {}", component.name, need.why);
            let fix = format!("serve it from within, or add an internet exception for the type `{}`", component.kind);
            let place = Some(component.place.clone());
            made.findings.push(Finding::new(&findings::INTERNET_CUT_OFF, message, place).fix(fix));
        }
    }
}
