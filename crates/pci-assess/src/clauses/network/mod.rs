//! What the proven flows answer: predicates of the network, each with the namespaces, flows and rules that it rests on.
//! A new predicate is one more line in [`ALL`], and a function.

mod approval;
mod closed;
mod outside;
mod phrases;
mod ports;
mod stores;
mod zones;

pub(crate) use approval::{connections, needs};
pub(crate) use phrases::described;
pub(crate) use ports::{Insecure, insecure};
pub(crate) use stores::stores as stores_of_account_data;
pub(crate) use zones::stated;

use crate::{Answer, Case, Missing, controls::NetworkPredicate as Predicate};

/// Answers a predicate.
type Answers = fn(&Case) -> Answer;

/// Every predicate, and what answers it.
pub(crate) static ALL: &[(Predicate, Answers)] = &[
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

/// What `predicate` comes to.
pub(crate) fn answer(case: &Case, predicate: Predicate) -> Answer {
    if case.is_open() {
        let what = "nothing is enforced at this level";
        return Answer::lacking(Missing::disproved(what, "the stack").remedied_by(case.set_level()));
    }
    let found = ALL.iter().find(|(name, _)| *name == predicate);
    found.map_or_else(
        || Answer::lacking(Missing::not_known("nothing here answers this", "the stack")),
        |(_, answer)| answer(case),
    )
}
