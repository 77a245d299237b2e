//! Default-deny, read back from the generated policies (1.2.1, 1.3.1, 1.3.2), and the proof as a whole.

use netpol_reach::{Direction, Namespace};

use super::phrases::{none_lacking, nothing, shown};
use crate::{Answer, Case, EvidenceKind, Missing, Zone};

/// Every namespace refuses all that no rule allows, both ways.
pub(super) fn everywhere(case: &Case) -> Answer {
    of_namespaces(case, case.grounds.basis.all_namespaces().collect(), &[Direction::Ingress, Direction::Egress])
}

/// Every namespace of the CDE refuses all that no rule allows to enter.
pub(super) fn cde_ingress(case: &Case) -> Answer {
    of_namespaces(case, cde(case), &[Direction::Ingress])
}

/// Every namespace of the CDE refuses all that no rule allows to leave.
pub(super) fn cde_egress(case: &Case) -> Answer {
    of_namespaces(case, cde(case), &[Direction::Egress])
}

pub(super) fn cde<'a>(case: &Case<'a>) -> Vec<&'a Namespace> {
    let zones = &case.grounds.scope.namespaces;
    zones.keys().filter(|namespace| case.grounds.scope.zone(namespace) == Some(Zone::Cde)).collect()
}

fn of_namespaces(case: &Case, mut namespaces: Vec<&Namespace>, directions: &[Direction]) -> Answer {
    namespaces.sort_unstable();
    namespaces.dedup();
    if namespaces.is_empty() {
        return nothing("no namespace is concerned");
    }
    let ground = &case.grounds.evidence.ground;
    let is_closed = |namespace: &Namespace| {
        let end = ground.namespace(namespace);
        ground.is_closed(end) && directions.iter().all(|way| ground.evaluation.is_isolated(end, *way))
    };
    let open = namespaces.iter().filter(|namespace| !is_closed(namespace)).map(|namespace| {
        let types = case.grounds.basis.components_of(namespace).map(|(_, component)| &component.kind);
        let what = format!("`{namespace}` has no default-deny");
        Missing::disproved(what, namespace.as_str()).of_types(types)
    });
    none_lacking(open.collect(), || {
        let ways: Vec<&str> = directions.iter().map(|way| way.as_str()).collect();
        let says = format!("default-deny, {}, in all {} namespaces concerned", ways.join(" and "), namespaces.len());
        shown(EvidenceKind::Policy, "default-deny", says)
    })
}

/// What is allowed is what is declared.
pub(super) fn allowed_is_declared(case: &Case) -> Answer {
    let proof = &case.grounds.evidence.proof;
    if proof.declared == 0 {
        return nothing("no flow is declared");
    }
    let differences = proof.missing.iter().map(|one| (one, "is declared and not allowed"));
    let differences = differences.chain(proof.excess.iter().map(|one| (one, "is allowed and not declared")));
    let basis = case.grounds.basis;
    let unmanaged = basis.all_namespaces().filter(|namespace| !basis.manages(namespace)).map(|namespace| {
        let types = basis.components_of(namespace).map(|(_, component)| &component.kind);
        let what = format!("`{namespace}` gets no policies, so that what is allowed there is not proven");
        Missing::not_known(what, namespace.as_str()).of_types(types)
    });
    let lacking = differences.map(|(one, how)| {
        let subject = format!("{} -> {}", one.from, one.to);
        Missing::disproved(format!("{subject} on {} {how}: {}", one.ports, one.change), subject)
    });
    none_lacking(lacking.chain(unmanaged).collect(), || {
        let says = format!("{} connections are declared, and the policies allow these and no others", proof.declared);
        shown(EvidenceKind::Policy, "proof", says)
    })
}
