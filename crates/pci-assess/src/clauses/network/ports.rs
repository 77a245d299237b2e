//! Ports: whether each rule names its own (1.2.5), and services known to be insecure (1.2.6, 2.2.5).

use netpol_reach::{Port, Ports, Protocol};
use pci_policy::{
    RulePorts,
    declared::{End, Flow},
    proof::EndName,
};
use pci_stack::{Change, Component, ComponentId};

use super::phrases::{declared_by, none_lacking, nothing, shown, types_of};
use crate::{Answer, Case, EvidenceKind, Missing, condition::is_said};

/// Services that send what they carry in clear, by the ports that they are known by: FTP, Telnet, SMTP, TFTP, HTTP,
/// POP3, `NetBIOS`, IMAP, SNMP, LDAP, SMB, the r-commands, rsync, MQTT, NFS, VNC, Redis, memcached.
const INSECURE: [u16; 24] = [
    20, 21, 23, 25, 69, 80, 110, 137, 138, 139, 143, 161, 389, 445, 512, 513, 514, 873, 1883, 2049, 5900, 5901, 6379,
    11211,
];

/// The fact that states what makes up for an insecure service, of the component that offers it, or, where that is
/// outside, of the one that uses it.
const SAFEGUARD: &str = "insecure_service_safeguard";

/// Every rule names its ports and protocols.
pub(super) fn exact(case: &Case) -> Answer {
    let rules = &case.grounds.rules.rules;
    if rules.is_empty() {
        return nothing("there are no rules");
    }
    let wide = rules.iter().filter(|rule| rule.ports == RulePorts::All).map(|rule| {
        let subject = format!("{}/{}", rule.namespace, rule.name.object);
        let what = format!("the rule {subject} is for all ports");
        Missing::disproved(what, subject).remedied_by(case.set_level())
    });
    none_lacking(wide.collect(), || {
        shown(
            EvidenceKind::Policy,
            "rules",
            format!("all {} rules name their ports and protocols, or allow nothing", rules.len()),
        )
    })
}

/// Of services known to be insecure, each has a stated safeguard, or there is none.
pub(super) fn insecure_services_mitigated(case: &Case) -> Answer {
    if case.grounds.flows.is_empty() {
        return nothing("no flow is declared");
    }
    let insecure = insecure(case);
    let lacking = insecure.iter().filter(|one| !one.is_mitigated()).map(|Insecure { flow, ports, parties }| {
        let unguarded: Vec<ComponentId> =
            parties.iter().filter(|(_, safeguard)| safeguard.is_none()).map(|(id, _)| *id).collect();
        let (from, to) = (EndName::of_declared(&flow.from), EndName::of_declared(&flow.to));
        let by = if flow.sources.is_empty() { String::new() } else { format!(" ({})", declared_by(flow)) };
        let what = format!("{from} -> {to}{by} may carry what it says in clear on {ports}, and no safeguard is stated");
        let subject = unguarded.first().map_or_else(|| format!("{from} -> {to}"), |id| case.name(*id).to_owned());
        let types = unguarded.iter().map(|id| &case.component(*id).kind);
        let missing = Missing::not_known(what, subject).of_types(types).of_types(types_of(case, flow));
        let safeguard = "(what makes up for it, such as TLS)";
        let changes = unguarded.iter().map(|id| Change::set_fact(case.name(*id), SAFEGUARD, safeguard));
        changes.fold(missing, Missing::remedied_by)
    });
    none_lacking(lacking.collect(), || {
        let says = if insecure.is_empty() {
            format!("none of {} flows is on a port of a service known to be insecure", case.grounds.flows.len())
        } else {
            format!("each of {} flows on ports of insecure services has a stated safeguard", insecure.len())
        };
        shown(EvidenceKind::Flow, "flows", says)
    })
}

/// A declared flow on ports of services known to be insecure.
pub(crate) struct Insecure<'a> {
    /// The flow.
    pub(crate) flow: &'a Flow,
    /// Its ports of such services.
    pub(crate) ports: Ports,
    /// Who offers them, or, where that is outside, uses them, each with what is stated to make up for it.
    pub(crate) parties: Vec<(ComponentId, Option<&'a str>)>,
}

impl Insecure<'_> {
    fn is_mitigated(&self) -> bool {
        !self.parties.is_empty() && self.parties.iter().all(|(_, safeguard)| safeguard.is_some())
    }
}

/// The declared flows on ports of services known to be insecure.
pub(crate) fn insecure<'a>(case: &Case<'a>) -> Vec<Insecure<'a>> {
    let flows = case.grounds.flows.iter().map(|flow| (flow, insecure_ports(flow)));
    let flows = flows.filter(|(_, ports)| !ports.is_empty());
    flows
        .map(|(flow, ports)| {
            let parties = offering(case, flow, &ports).into_iter().map(|id| (id, safeguard(case, id)));
            Insecure { flow, parties: parties.collect(), ports }
        })
        .collect()
}

/// The components that offer the insecure services of `flow`, or, where these are outside, that use them. Within a
/// namespace these are the ones that such a port is known of.
fn offering(case: &Case, flow: &Flow, insecure: &Ports) -> Vec<ComponentId> {
    let basis = case.grounds.basis;
    let End::Namespace(namespace) = &flow.to else { return flow.from_components.clone() };
    if !flow.to_components.is_empty() {
        return flow.to_components.clone();
    }
    let table = &basis.catalog.exceptions.ports;
    let offers = |id: ComponentId, component: &Component| {
        let known: Ports = table.of_type(&component.kind).chain(basis.declared_ports(id).iter()).collect();
        !known.intersection(insecure).is_empty()
    };
    basis.components_of(namespace).filter(|(id, component)| offers(*id, component)).map(|(id, _)| id).collect()
}

/// The ports of `flow` that insecure services are known by.
fn insecure_ports(flow: &Flow) -> Ports {
    let RulePorts::Exact(ports) = &flow.ports else { return Ports::default() };
    let is_insecure = |port: &Port| port.protocol != Protocol::Sctp && INSECURE.contains(&port.number.get());
    ports.iter().filter(is_insecure).collect()
}

/// What somebody states to make up for the insecure services of `id`, or of what it is a part of.
fn safeguard<'a>(case: &Case<'a>, id: ComponentId) -> Option<&'a str> {
    let names = [case.name(id).to_owned(), case.stack().owner(id).name.to_string()];
    names.iter().find_map(|name| {
        let fact = case.fact(name, SAFEGUARD)?;
        let says_something = is_said(&fact.value, &fact.place)
            && !["none", "no", "false"].contains(&fact.value.trim().to_ascii_lowercase().as_str());
        let is_signed = fact.stated_by.as_deref().is_some_and(|who| is_said(who, &fact.place));
        (says_something && is_signed).then_some(fact.value.as_str())
    })
}
