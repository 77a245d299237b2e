//! What the proven flows answer: predicates of the network, each with the namespaces, flows and rules that it rests on.
//! A new predicate is one more line in [`ALL`], and a function.

mod approval;
mod closed;
mod outside;
mod ports;
mod stores;
mod zones;

pub(in crate::assess) use approval::{connections, needs};
pub(in crate::assess) use ports::{Insecure, insecure};
pub(in crate::assess) use stores::stores as stores_of_account_data;
pub(in crate::assess) use zones::stated;

use std::sync::Arc;

use crate::{
    assess::{Answer, Case, Evidence, EvidenceKind, Missing},
    controls::NetworkPredicate as Predicate,
    policy::{
        RulePorts,
        declared::{End, Flow, Outside},
    },
    terms::{ComponentRef, Ports, TypeName, named},
};

/// Answers a predicate.
type Answers = fn(&Case) -> Answer;

/// Every predicate, and what answers it.
pub(in crate::assess) static ALL: &[(Predicate, Answers)] = &[
    (Predicate::DenyAllEverywhere, closed::everywhere),
    (Predicate::CdeDeniesIngress, closed::cde_ingress),
    (Predicate::CdeDeniesEgress, closed::cde_egress),
    (Predicate::AllowedIsDeclared, closed::allowed_is_declared),
    (Predicate::ExactPorts, ports::exact),
    (Predicate::InsecureServicesMitigated, ports::insecure_services_mitigated),
    (Predicate::InternetByExceptionOnly, outside::by_exception_only),
    (Predicate::NoBlanketEgressFromCde, outside::no_blanket_egress_from_cde),
    (Predicate::IngressByGatewayOnly, outside::ingress_by_gateway_only),
    (Predicate::PublishedPortsOnly, outside::published_ports_only),
    (Predicate::StoresNotPublic, stores::not_public),
    (Predicate::StoresReachedByProgramsOnly, stores::reached_by_programs_only),
    (Predicate::AccountDataLinksAllowed, stores::account_data_links_allowed),
    (Predicate::ReasonForEach, approval::reason_for_each),
    (Predicate::ApproverForEach, approval::approver_for_each),
    (Predicate::ZonesKnown, zones::known),
    (Predicate::ZonesApart, zones::apart),
    (Predicate::EnvironmentsApart, zones::environments_apart),
    (Predicate::InventoryComplete, zones::inventory_complete),
    (Predicate::ScopeConfirmed, zones::scope_confirmed),
];

/// What `predicate` comes to; computed once, since several controls ask the same.
pub(super) fn answer(case: &Case, predicate: Predicate) -> Answer {
    let compute = || {
        if case.is_open() {
            let what = "nothing is enforced at this level";
            return Answer::lacking(Missing::disproved(what, "the stack").remedied_by(case.set_level()));
        }
        let found = ALL.iter().find(|(name, _)| *name == predicate);
        found.map_or_else(
            || Answer::lacking(Missing::not_known("nothing here answers this", "the stack")),
            |(_, answer)| answer(case),
        )
    };
    case.network.get(&predicate).map_or_else(compute, |cell| cell.get_or_init(compute).clone())
}

/// Whether `end` is outside the cluster, in networks that nobody vouches for or that an exception names.
pub(in crate::assess) fn is_outside(end: &End) -> bool {
    matches!(end, End::Addresses(Outside::Internet | Outside::LoadBalancer | Outside::Addresses, _))
}

/// Whether `flow` is open on all of `ports`.
pub(in crate::assess) fn covers(flow: &Flow, ports: &Ports) -> bool {
    match &flow.ports {
        RulePorts::All => true,
        RulePorts::None => false,
        RulePorts::Exact(open) => ports.minus(open).is_empty(),
    }
}

/// It holds: `says`.
fn shown(kind: EvidenceKind, subject: &str, says: impl Into<Arc<str>>) -> Answer {
    Answer::shown_by(Evidence::new(kind, subject, says, None))
}

/// There is nothing to judge, so that nothing is shown.
fn nothing(what: &str) -> Answer {
    Answer::lacking(Missing::not_known(format!("{what}: nothing to judge"), "the stack"))
}

/// All of `lacking`, or, if there are none, that it holds.
fn none_lacking(lacking: Vec<Missing>, otherwise: impl FnOnce() -> Answer) -> Answer {
    if lacking.is_empty() {
        return otherwise();
    }
    Answer::all(lacking.into_iter().map(Answer::lacking), || Missing::not_known("", ""))
}

/// How many names a sentence has.
const NAMED: usize = 5;
/// How many ports of a flow a sentence has.
const PORTS: usize = 20;

/// A flow as people read it: `ns:shop -> ns:cards on 8443/TCP`.
pub(in crate::assess) fn described(flow: &Flow) -> String {
    let (from, to) = (crate::proof::EndName::of_declared(&flow.from), crate::proof::EndName::of_declared(&flow.to));
    format!("{from} -> {to} on {}", named(&flow.ports.texts(), PORTS, ", "))
}

/// What declares `flow`.
fn declared_by(flow: &Flow) -> String {
    let sources: Vec<&str> = flow.sources.iter().map(AsRef::as_ref).collect();
    named(&sources, NAMED, "; ")
}

/// The types at both ends of `flow`.
fn types_of<'a>(case: &Case<'a>, flow: &Flow) -> Vec<&'a TypeName> {
    let parties = flow.from_components.iter().chain(&flow.to_components);
    parties.map(|id| &case.component(*id).kind).collect()
}

/// Names, the first few of them.
fn listed<'n>(names: impl ExactSizeIterator<Item = &'n ComponentRef>) -> String {
    const MOST: usize = 5;
    let count = names.len();
    let mut list: Vec<String> = names.take(MOST).map(|name| format!("`{name}`")).collect();
    if count > MOST {
        list.push(format!("{} more", count - MOST));
    }
    list.join(", ")
}
