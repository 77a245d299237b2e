//! What crosses the edge of the cluster: egress to networks outside (1.3.2, 1.4.1) and what comes in by gateways
//! (1.4.1, 1.4.2).

use ipnet::IpNet;
use netpol_reach::{Namespace, Port, Ports, named};
use pci_policy::{
    RulePorts,
    declared::{End, Flow, Outside},
};
use pci_stack::{Component, ComponentId};

use super::{
    closed::cde,
    phrases::{NAMED, declared_by, described, listed, none_lacking, nothing, shown, types_of},
};
use crate::{Answer, Case, EvidenceKind, Missing};

/// Networks outside are reached by exceptions alone.
pub(super) fn by_exception_only(case: &Case) -> Answer {
    if case.grounds.flows.is_empty() {
        return nothing("no flow is declared");
    }
    let entries = &case.grounds.basis.catalog.exceptions.entries;
    let is_exception = |flow: &Flow| flow.sources.iter().any(|source| entries.iter().any(|entry| entry.id == *source));
    let crossing: Vec<&Flow> =
        case.grounds.flows.iter().filter(|flow| flow.from.is_outside() || flow.to.is_outside()).collect();
    let without = crossing.iter().filter(|flow| !is_exception(flow)).map(|flow| {
        let what = format!("{} is open without an exception ({})", described(flow), declared_by(flow));
        Missing::disproved(what, described(flow)).of_types(types_of(case, flow)).remedied_by(case.set_level())
    });
    none_lacking(without.collect(), || {
        let says = format!("{} flows cross the edge of the cluster, each by an exception", crossing.len());
        shown(EvidenceKind::Flow, "flows", says)
    })
}

/// No namespace of the CDE reaches networks outside on a whole.
pub(super) fn no_blanket_egress_from_cde(case: &Case) -> Answer {
    let cde = cde(case);
    if cde.is_empty() {
        return nothing("no namespace counts as the CDE");
    }
    let is_cde = |end: &End| matches!(end, End::Namespace(namespace) if cde.contains(&namespace));
    let is_wide = |end: &End| match end {
        End::Addresses(Outside::Internet, _) => true,
        End::Addresses(Outside::Addresses, blocks) => blocks.iter().any(|block| is_broad(case, block.cidr)),
        End::Addresses(..) | End::Namespace(_) => false,
    };
    let is_blanket = |flow: &&Flow| is_wide(&flow.to) && is_cde(&flow.from);
    let blanket = case.grounds.flows.iter().filter(is_blanket).map(|flow| {
        let what = format!(
            "{}: the CDE may reach any address outside ({}); name the addresses that it needs",
            described(flow),
            declared_by(flow)
        );
        let entries = &case.grounds.basis.catalog.exceptions.entries;
        let entry = flow.sources.iter().find_map(|source| entries.iter().find(|entry| entry.id == *source));
        let subject = entry.map_or_else(|| described(flow), |entry| entry.id.to_string());
        let missing = Missing::disproved(what, subject).of_types(types_of(case, flow));
        match entry {
            Some(entry) => missing.at(&entry.place),
            None => missing,
        }
    });
    none_lacking(blanket.collect(), || {
        let says = format!("no exception lets any of {} CDE namespaces out to networks as a whole", cde.len());
        shown(EvidenceKind::Flow, "egress of the CDE", says)
    })
}

/// Whether `range` is more of the networks outside than any party needs: wider than a /16, or a /32 of IPv6, and not
/// within what is private.
fn is_broad(case: &Case, range: IpNet) -> bool {
    let widest = if matches!(range, IpNet::V4(_)) { 16 } else { 32 };
    let internet = case.grounds.basis.internet();
    let is_private = internet.iter().flat_map(|block| &block.except).any(|private| private.contains(&range));
    range.prefix_len() < widest && !is_private
}

/// The flows that come in from outside, each with the namespace that they enter.
fn inbound<'a>(case: &Case<'a>) -> Vec<(&'a Flow, &'a Namespace)> {
    let entering = case.grounds.flows.iter().filter(|flow| flow.from.is_outside());
    entering
        .filter_map(|flow| match &flow.to {
            End::Namespace(namespace) => Some((flow, namespace)),
            End::Addresses(..) => None,
        })
        .collect()
}

fn is_gateway(case: &Case, id: ComponentId) -> bool {
    case.grounds.basis.catalog.types.is_gateway(&case.stack().owner(id).kind)
}

/// What comes from outside enters by gateways alone. A namespace is open as a whole, so a gateway's neighbours are
/// open with it.
pub(super) fn ingress_by_gateway_only(case: &Case) -> Answer {
    let inbound = inbound(case);
    if inbound.is_empty() {
        return nothing("nothing comes in from outside");
    }
    let lacking = inbound.iter().filter_map(|(flow, namespace)| {
        let others = case.grounds.basis.components_of(namespace).filter(|(id, _)| !is_gateway(case, *id));
        let others: Vec<_> = others.map(|(_, component)| component).collect();
        let first = others.first()?;
        let names = listed(others.iter().map(|component| &component.name));
        let what = format!("{} ({}) opens {names}, which is no gateway", described(flow), declared_by(flow));
        let missing = Missing::disproved(what, first.name.to_string()).of_types(types_of(case, flow));
        Some(missing.of_types(others.iter().map(|component| &component.kind)).at(&first.place))
    });
    none_lacking(lacking.collect(), || {
        let gateways: Vec<&str> = inbound.iter().map(|(_, namespace)| namespace.as_str()).collect();
        shown(
            EvidenceKind::Flow,
            "ingress",
            format!("what comes from outside enters {} alone", named(&gateways, NAMED, ", ")),
        )
    })
}

/// From outside, gateways are reached on the ports that they publish alone.
pub(super) fn published_ports_only(case: &Case) -> Answer {
    let inbound = inbound(case);
    if inbound.is_empty() {
        return nothing("nothing comes in from outside");
    }
    let lacking = inbound.iter().filter_map(|(flow, namespace)| {
        let basis = case.grounds.basis;
        let published: Ports = basis
            .components_of(namespace)
            .filter(|(id, _)| is_gateway(case, *id))
            .flat_map(|(id, component)| published(case, id, component, &flow.ports))
            .collect();
        let beyond = match &flow.ports {
            RulePorts::All => "all ports".to_owned(),
            RulePorts::None => String::new(),
            RulePorts::Exact(ports) => {
                let beyond = ports.minus(&published);
                if beyond.is_empty() { String::new() } else { beyond.to_string() }
            }
        };
        let what = format!("{} is open from outside on {beyond}, which no gateway there publishes", described(flow));
        let missing = Missing::disproved(what, namespace.as_str()).of_types(types_of(case, flow));
        (!beyond.is_empty()).then_some(missing)
    });
    none_lacking(lacking.collect(), || {
        let ways: Vec<String> = inbound.iter().map(|(flow, _)| described(flow)).collect();
        shown(EvidenceKind::Flow, "ingress", format!("published ports alone: {}", named(&ways, NAMED, "; ")))
    })
}

/// Of `ports`, those that the gateway publishes: its client ports, and those of its Service that lead to them.
fn published(case: &Case, id: ComponentId, component: &Component, ports: &RulePorts) -> Vec<Port> {
    let basis = case.grounds.basis;
    let client = basis.with_pod_ports(component, &basis.client_ports(id));
    let RulePorts::Exact(ports) = ports else { return client.iter().collect() };
    let leads_to_client = |port: &Port| {
        let asked: Ports = [*port].into_iter().collect();
        let behind = basis.with_pod_ports(component, &asked).minus(&asked);
        !behind.is_empty() && behind.minus(&client).is_empty()
    };
    ports.iter().filter(|port| client.contains(*port) || leads_to_client(port)).collect()
}
