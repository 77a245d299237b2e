//! Stores of account data: how far they are from outside (1.4.4), who reaches them (7.2.6), and the links that carry
//! account data (1.2.4).

use netpol_reach::{Place, named};
use pci_policy::declared::Flow;
use pci_stack::{ComponentId, Link, catalog::AccountDataRole};

use super::phrases::{NAMED, described, none_lacking, nothing, shown, types_of};
use crate::{
    Answer, Case, Evidence, EvidenceKind, Missing,
    case::{Openness, owner},
};

/// Types by which people look into stores.
const USER_INTERFACES: [&str; 6] = ["grafana", "pgadmin", "adminer", "metabase", "superset", "jupyterhub"];

/// The components that keep account data as the profile says, or, if it does not, all of a store's type in this stack.
pub(crate) fn stores(case: &Case) -> Vec<ComponentId> {
    let types = &case.grounds.basis.catalog.types;
    let stated = case.grounds.profile.account_data.as_ref().map(|data| {
        let stores = data.components.iter().filter(|(_, role, _)| *role == AccountDataRole::Stores);
        stores.map(|(name, ..)| name.as_str()).collect::<Vec<_>>()
    });
    let is_store = |id: ComponentId| match &stated {
        Some(names) => names.contains(&case.name(id)),
        None => !is_elsewhere(case, id) && types.is_data_store(&case.component(id).kind),
    };
    let mut stores: Vec<ComponentId> = case.stack().with_ids().map(|(id, _)| id).filter(|id| is_store(*id)).collect();
    stores = stores.into_iter().map(|id| owner(case.stack(), id)).collect();
    stores.sort_unstable();
    stores.dedup();
    stores
}

/// Whether `id` is of another stack, whose policies nothing here shows.
fn is_elsewhere(case: &Case, id: ComponentId) -> bool {
    case.stack().owner(id).is_external
}

/// What is not known of stores in other stacks.
fn elsewhere(case: &Case, stores: &[ComponentId]) -> Vec<Missing> {
    let outside = stores.iter().filter(|id| is_elsewhere(case, **id));
    let missing = outside.map(|id| {
        let component = case.component(*id);
        let what = format!("`{}` is of another stack: who reaches it does not show here", case.name(*id));
        Missing::not_known(what, case.name(*id)).of_types([&component.kind]).at(&component.place)
    });
    missing.collect()
}

/// Stores whose namespace gets no policies, so that nothing restricts who reaches them.
fn unguarded(case: &Case, stores: &[ComponentId]) -> Vec<Missing> {
    let basis = case.grounds.basis;
    let missing = stores.iter().filter_map(|id| {
        let home = basis.home(*id).filter(|home| !basis.manages(home))?;
        let component = case.component(*id);
        let what =
            format!("`{}` runs in `{home}`, which gets no policies: nothing restricts who reaches it", case.name(*id));
        Some(Missing::disproved(what, case.name(*id)).of_types([&component.kind]).at(&component.place))
    });
    missing.collect()
}

/// The flows into the namespace of `id`.
fn into<'a>(case: &Case<'a>, id: ComponentId) -> impl Iterator<Item = &'a Flow> {
    let home = case.grounds.basis.home(id);
    home.into_iter().flat_map(|home| case.flows_into(home)).map(|(flow, _)| flow)
}

/// No store of account data is one step from outside; a gateway's route to a store counts as direct.
pub(super) fn not_public(case: &Case) -> Answer {
    let stores = stores(case);
    if stores.is_empty() {
        return nothing("no component is known to store account data");
    }
    let types = &case.grounds.basis.catalog.types;
    let mut lacking = elsewhere(case, &stores);
    lacking.extend(unguarded(case, &stores));
    for id in &stores {
        let component = case.component(*id);
        for flow in into(case, *id).filter(|flow| flow.from.is_outside()) {
            let what = format!("`{}` is reached from outside: {}", case.name(*id), described(flow));
            lacking.push(Missing::disproved(what, case.name(*id)).of_types([&component.kind]).at(&component.place));
        }
        for link in case.links_to(*id) {
            let source = case.stack().owner(link.source);
            if types.is_gateway(&source.kind) {
                let what = format!("the gateway `{}` publishes the store `{}`", source.name, case.name(*id));
                let missing = Missing::disproved(what, link.id.as_str()).of_types([&source.kind, &component.kind]);
                lacking.push(missing.at(&link.place));
            }
        }
    }
    none_lacking(lacking, || {
        let names: Vec<String> = stores.iter().map(|id| format!("`{}`", case.name(*id))).collect();
        shown(
            EvidenceKind::Flow,
            "stores",
            format!("no flow and no route leads from outside to {}", named(&names, NAMED, ", ")),
        )
    })
}

/// Stores of account data are reached by declared programs alone, and by no user interface.
pub(super) fn reached_by_programs_only(case: &Case) -> Answer {
    let stores = stores(case);
    if stores.is_empty() {
        return nothing("no component is known to store account data");
    }
    let types = &case.grounds.basis.catalog.types;
    let is_interface = |id: &&ComponentId| {
        let kind = &case.stack().owner(**id).kind;
        types.is_gateway(kind) || USER_INTERFACES.contains(&kind.as_str())
    };
    let mut lacking = elsewhere(case, &stores);
    lacking.extend(unguarded(case, &stores));
    for id in &stores {
        let component = case.component(*id);
        for flow in into(case, *id) {
            let interface = flow.from_components.iter().find(is_interface);
            let who = match interface {
                Some(interface) => format!("`{}`", case.name(*interface)),
                None if flow.from.is_outside() => "networks outside".to_owned(),
                None => continue,
            };
            let what = format!("{who} reaches the store `{}`: {}", case.name(*id), described(flow));
            let missing = Missing::disproved(what, case.name(*id)).of_types(types_of(case, flow));
            lacking.push(missing.of_types([&component.kind]).at(&component.place));
        }
    }
    none_lacking(lacking, || {
        let says = format!("{} stores of account data are reached by declared programs alone", stores.len());
        shown(EvidenceKind::Flow, "stores", says)
    })
}

/// The profile says which links carry account data, and each of these is allowed.
pub(super) fn account_data_links_allowed(case: &Case) -> Answer {
    let stated = case.grounds.profile.account_data.as_ref().map_or(&[][..], |data| &data.links);
    let nothing =
        || Missing::not_known("nobody says which links carry account data (`account_data.links`)", "the stack");
    let answers = stated.iter().map(|(id, place)| {
        let Some(link) = case.stack().links.iter().find(|link| link.id.as_str() == id) else {
            let what = format!("`{id}` is said to carry account data, and no such link is declared");
            return Answer::lacking(Missing::disproved(what, id.as_str()).at(place));
        };
        match case.openness(link) {
            Openness::Allowed => {
                let says = "carries account data, and is declared and allowed";
                Answer::shown_by(Evidence::new(EvidenceKind::Flow, id.as_str(), says, Some(&link.place)))
            }
            other => Answer::lacking(case.refused_link(link, other)),
        }
    });
    let answer = Answer::all(answers, nothing);
    disagreements(case).into_iter().fold(answer, |answer, missing| answer.and(Answer::lacking(missing)))
}

/// Where what the profile says of components and what it says of links do not fit: an end of a link that carries account
/// data and has no part in it, a component that has some and no link that brings it.
fn disagreements(case: &Case) -> Vec<Missing> {
    let Some(data) = case.grounds.profile.account_data.as_ref().filter(|data| !data.links.is_empty()) else {
        return Vec::new();
    };
    let stack = case.stack();
    let having: Vec<&str> = data.components.iter().map(|(name, ..)| name.as_str()).collect();
    let is_named = |id: ComponentId| having.contains(&case.name(id)) || having.contains(&case.name(owner(stack, id)));
    let carrying: Vec<(&Link, &Place)> = data
        .links
        .iter()
        .filter_map(|(id, place)| Some((stack.links.iter().find(|link| link.id.as_str() == id)?, place)))
        .collect();
    let mut missing = Vec::new();
    for (link, place) in &carrying {
        for end in [link.source, link.target].into_iter().filter(|end| !is_named(*end)) {
            let what =
                format!("`{}` carries account data, and nobody says what `{}` does with it", link.id, case.name(end));
            missing.push(Missing::not_known(what, case.name(end)).of_types([&case.component(end).kind]).at(place));
        }
    }
    for (name, _, place) in &data.components {
        let is_it = |end: ComponentId| case.name(end) == name || case.name(owner(stack, end)) == name;
        let is_reached = carrying.iter().any(|(link, _)| is_it(link.source) || is_it(link.target));
        if !is_reached && stack.components.iter().any(|component| component.name.to_string() == *name) {
            let what = format!("`{name}` has account data, and no link is said to carry it there or away");
            missing.push(Missing::not_known(what, name.as_str()).at(place));
        }
    }
    missing
}
