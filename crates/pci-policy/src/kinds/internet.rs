//! Internet rules: who may talk to networks outside the cluster. In strict mode an allowlist and nothing else; at
//! level `standard` web ports for everything but data stores.
//!
//! PCI DSS v4 1.4.1 and 1.4.2: traffic between trusted and untrusted networks is restricted to what is authorised.

use std::collections::BTreeSet;

use netpol_reach::{Direction, Ports};
use pci_stack::{
    ComponentId, Finding, Level,
    catalog::{Exception, ExceptionPeer, Section, Subject},
};

use super::{Made, exception};
use crate::{Basis, Intent, Kind, Peer, PeerLabel, RulePorts, findings};

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

fn web_for_all(basis: &Basis, made: &mut Made) {
    for (namespace, components) in basis.inhabited() {
        let is_store = |id: &ComponentId| basis.catalog.types.is_data_store(&basis.stack.component(*id).kind);
        if !components.iter().all(is_store) {
            let (peer, ports) = (Peer::Addresses(basis.internet()), RulePorts::Exact(Ports::web()));
            let intent = Intent::allowing(namespace, Kind::Internet, Direction::Egress, peer, ports);
            let intent = intent.labelled(PeerLabel::Any).from_source("level: standard".into());
            made.intents.push(intent.because(Some("the level `standard` lets all but data stores out".into())));
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
                && entry.subject != Subject::EveryNamespace
                && entry.is_about(&component.kind, &component.name)
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
    let stack = basis.stack;
    let of_type = |id: ComponentId| &stack.owner(id).kind;
    let links: BTreeSet<_> =
        stack.links.iter().map(|link| (&stack.owner(link.source).name, of_type(link.target))).collect();
    for component in &stack.components {
        let need = basis.catalog.types.get(&component.kind).and_then(|known| known.needs_internet.as_ref());
        let Some(need) = need.filter(|_| !component.is_external) else { continue };
        let is_declared = need.when.as_ref().is_none_or(|when| component.facts.contains_key(when.as_str()));
        let lets_out = |entry: &&Exception| entry.is_about(&component.kind, &component.name);
        let lets_out_on = |port| {
            let port: Ports = [port].into_iter().collect();
            let mut entries = basis.catalog.exceptions.entries.iter().filter(lets_out);
            let by_level = basis.level == Level::Standard && !basis.catalog.types.is_data_store(&component.kind);
            entries.any(|entry| entry.lets_out_on(&port)) || (by_level && port.minus(&Ports::web()).is_empty())
        };
        let closed: Ports = need.ports.iter().filter(|port| !lets_out_on(*port)).collect();
        let is_met_within = need.met_by.iter().any(|kind| links.contains(&(&component.name, kind)));
        if is_declared && !is_met_within && !closed.is_empty() {
            let message =
                format!("`{}` may not reach the internet on {closed}, which it needs for {}", component.name, need.why);
            let within = match need.met_by.as_slice() {
                [] => "serve it from within".to_owned(),
                types => {
                    let types: Vec<String> = types.iter().map(|known| format!("`{known}`")).collect();
                    format!("link it to what serves this from within ({})", types.join(", "))
                }
            };
            let fix = format!("{within}, or add an internet exception for `{}`", component.name);
            let place = Some(component.place.clone());
            made.findings.push(Finding::new(&findings::INTERNET_CUT_OFF, message, place).fix(fix));
        }
    }
}
