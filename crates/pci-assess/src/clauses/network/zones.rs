//! Zones: whether they are known, and what shares one (2.2.3, 6.5.3, 12.5.1, 12.5.2).

use std::collections::BTreeSet;

use netpol_reach::{Namespace, Table};
use pci_policy::declared::End;
use pci_stack::{Change, ComponentId, ControlId};

use super::phrases::{described, listed, none_lacking, nothing, shown};
use crate::{Answer, Case, Evidence, EvidenceKind, Missing, Why, Zone, condition::is_said};

/// The profile says which components have account data, and the stack has them.
pub(super) fn known(case: &Case) -> Answer {
    let scope = case.grounds.scope;
    let count = scope.namespaces.values().filter(|why| matches!(why, Why::Holds(_))).count();
    if !scope.is_stated || count == 0 {
        let what = "nobody says which components have account data (`account_data.components` of the profile)";
        return Answer::lacking(Missing::not_known(what, "the stack"));
    }
    shown(
        EvidenceKind::Fact,
        "account data",
        format!("it is stated which components have account data: {count} namespaces"),
    )
}

/// Components of different zones share no namespace: what has account data has none beside it that has not.
pub(super) fn apart(case: &Case) -> Answer {
    let scope = case.grounds.scope;
    if !scope.is_stated {
        let what = "zones are not known, since nobody says which components have account data";
        return Answer::lacking(Missing::not_known(what, "the stack"));
    }
    let holders = scope.namespaces.iter().filter_map(|(namespace, why)| match why {
        Why::Holds(components) => Some((namespace, components)),
        _ => None,
    });
    let holders: Vec<_> = holders.collect();
    if holders.is_empty() {
        return nothing("no component has account data");
    }
    let lacking = holders.iter().filter_map(|(namespace, having)| {
        let is_apart = |id: ComponentId| {
            let name = &case.component(id).name;
            !having.iter().any(|one| one == name || one.parent.as_ref() == Some(&name.name))
        };
        let others = case.grounds.basis.components_of(namespace).filter(|(id, _)| is_apart(*id));
        let others: Vec<_> = others.map(|(_, component)| component).collect();
        let first = others.first()?;
        let what = format!(
            "{} shares `{namespace}` with {}, which has account data",
            listed(others.iter().map(|component| &component.name)),
            listed(having.iter())
        );
        let types = others.iter().map(|component| &component.kind);
        Some(Missing::disproved(what, first.name.to_string()).of_types(types).at(&first.place))
    });
    none_lacking(lacking.collect(), || {
        let says = format!("{} namespaces have account data, and hold nothing else", holders.len());
        shown(EvidenceKind::Flow, "zones", says)
    })
}

/// What is stated of `id` as `fact`, by somebody who is named.
pub(crate) fn stated<'a>(case: &Case<'a>, id: ComponentId, fact: &str) -> Option<&'a str> {
    let fact = case.fact(case.name(id), fact)?;
    let is_signed = fact.stated_by.as_deref().is_some_and(|who| is_said(who, &fact.place));
    Some(fact.value.as_str()).filter(|value| is_signed && is_said(value, &fact.place))
}

/// Production and what is not production have no flow between them, as far as somebody says which is which.
pub(super) fn environments_apart(case: &Case) -> Answer {
    const FACT: &str = "environment";
    let components: Vec<ComponentId> = case.in_scope().map(|(id, _)| id).collect();
    let unsaid = components.iter().filter(|id| stated(case, **id, FACT).is_none()).map(|id| {
        let component = case.component(*id);
        let what = format!("nobody says to which environment it belongs (the fact `{FACT}`)");
        let change = Change::set_fact(case.name(*id), FACT, "production");
        Missing::not_known(what, case.name(*id)).of_types([&component.kind]).at(&component.place).remedied_by(change)
    });
    let unsaid: Vec<Missing> = unsaid.collect();
    if components.is_empty() {
        return nothing("nothing is in scope");
    }
    let basis = case.grounds.basis;
    let stated_in = |namespace: &Namespace| -> BTreeSet<bool> {
        let stated = basis.components_of(namespace).filter_map(|(id, _)| stated(case, id, FACT));
        stated.map(|environment| environment.to_ascii_lowercase().starts_with("prod")).collect()
    };
    let known: Table<_, _> = basis.all_namespaces().map(|namespace| (namespace, stated_in(namespace))).collect();
    let none = BTreeSet::new();
    let of = |end: &_| match end {
        End::Namespace(namespace) => known.get(namespace).unwrap_or(&none),
        End::Addresses(..) => &none,
    };
    let crossing = case.grounds.flows.iter().filter(|flow| {
        let (from, to) = (of(&flow.from), of(&flow.to));
        (from.contains(&true) && to.contains(&false)) || (from.contains(&false) && to.contains(&true))
    });
    let mut lacking: Vec<Missing> = crossing
        .map(|flow| Missing::disproved(format!("{} joins two environments", described(flow)), described(flow)))
        .collect();
    lacking.extend(unsaid);
    none_lacking(lacking, || {
        let says = format!("no flow joins production with what is not, among {} components in scope", components.len());
        shown(EvidenceKind::Flow, "environments", says)
    })
}

/// Each component in scope has a stated function.
pub(super) fn inventory_complete(case: &Case) -> Answer {
    const FACT: &str = "function";
    let components: Vec<ComponentId> = case.in_scope().map(|(id, _)| id).collect();
    if components.is_empty() {
        return nothing("nothing is in scope");
    }
    let unsaid = components.iter().filter(|id| stated(case, **id, FACT).is_none()).map(|id| {
        let component = case.component(*id);
        let what = format!("nobody says what it is for (the fact `{FACT}`)");
        let change = Change::set_fact(case.name(*id), FACT, "(what it is for)");
        Missing::not_known(what, case.name(*id)).of_types([&component.kind]).at(&component.place).remedied_by(change)
    });
    none_lacking(unsaid.collect(), || {
        let says = format!("{} components are in scope, each with its function", components.len());
        shown(EvidenceKind::Fact, "inventory", says)
    })
}

/// Somebody has confirmed the scope, and that has not lapsed: an attestation of 12.5.2, or of 12.5.2.1.
pub(super) fn scope_confirmed(case: &Case) -> Answer {
    let nothing = || {
        let what = "nobody has confirmed the scope (an attestation of 12.5.2 whose term has not ended)";
        Missing::not_known(what, "12.5.2")
    };
    if !case.in_scope().any(|(id, _)| case.zone(id) == Some(Zone::Cde)) {
        return Answer::lacking(nothing());
    }
    let controls = case.grounds.controls;
    let is_about = |id: &ControlId| matches!(id.to_string().as_str(), "12.5.2" | "12.5.2.1");
    let attestations = case.grounds.profile.attestations.iter().filter(|one| is_about(&one.control));
    let answers = attestations.filter_map(|one| {
        let control = controls.iter().find(|control| control.id == one.control)?;
        let holds = crate::attested::holds(one, control, case.grounds.as_of, &case.grounds.stack_digest);
        let says = format!("the scope was confirmed by {}, {}", one.who, one.date);
        let evidence = Evidence::new(EvidenceKind::Attestation, one.control.to_string(), says, Some(&one.place));
        Some(match holds {
            Ok(()) => Answer::shown_by(evidence),
            Err(why) => Answer::lacking(
                Missing::not_known(format!("the scope was confirmed, but {why}"), "12.5.2").at(&one.place),
            ),
        })
    });
    Answer::any(answers, nothing)
}
