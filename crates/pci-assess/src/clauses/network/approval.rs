//! Business needs and approvals (1.2.5): what people state of each link and each exception. No text of ours counts.

use std::{collections::HashMap, sync::Arc};

use pci_stack::{
    Change, Link,
    catalog::{Exception, FlowReason, Origin},
};
use serde_json::Map;

use super::phrases::{none_lacking, nothing, shown};
use crate::{
    Answer, Case, EvidenceKind, Missing,
    clauses::exceptions::{lacking, said, to_state},
    condition::is_said,
    controls::ApprovalField,
};

/// Each link and each exception has its business need.
pub(super) fn reason_for_each(case: &Case) -> Answer {
    for_each(case, ApprovalField::Reason, "reason", "a business need", |stated| stated.reason.as_deref())
}

/// Each link and each exception has its approver.
pub(super) fn approver_for_each(case: &Case) -> Answer {
    for_each(case, ApprovalField::ApprovedBy, "approved_by", "an approver", |stated| stated.approved_by.as_deref())
}

fn shipped(entry: &Exception) -> Missing {
    let what = "its reason is the one that came with the program, and nobody here has stated their own";
    let own = Map::from_iter([("reason".to_owned(), to_state("reason").into())]);
    let change = Change::set_exception(&*entry.id, own);
    Missing::disproved(what, &*entry.id).at(&entry.place).remedied_by(change)
}

/// The links that stand for connections.
pub(crate) fn connections<'a>(case: &Case<'a>) -> impl Iterator<Item = &'a Link> {
    let basis = case.grounds.basis;
    let stack = basis.stack;
    stack.links.iter().filter(move |link| {
        basis.catalog.types.is_on_network(&stack.component(link.target).kind) && !stack.owner(link.source).is_external
    })
}

/// What is stated of links, by their ids.
pub(crate) fn needs<'a>(case: &Case<'a>) -> HashMap<&'a str, &'a FlowReason> {
    case.grounds.profile.flows.iter().map(|flow| (flow.link.as_str(), flow)).collect()
}

fn for_each(
    case: &Case,
    field: ApprovalField,
    attribute: &str,
    noun: &str,
    of: impl Fn(&FlowReason) -> Option<&str>,
) -> Answer {
    let stated = needs(case);
    let (links, exceptions) = (connections(case).collect::<Vec<_>>(), case.exceptions_in_use());
    if links.is_empty() && exceptions.is_empty() {
        return nothing("no link and no exception is in use");
    }
    let is_said = |link: &Link| {
        let stated = stated.get(link.id.as_str());
        stated.is_some_and(|stated| of(stated).is_some_and(|text| is_said(text, &stated.place)))
    };
    let what: Arc<str> = format!("nobody states {noun} of the link").into();
    let mut absent: Vec<Missing> = links
        .iter()
        .filter(|link| !is_said(link))
        .map(|link| {
            let (from, to) = (case.name(link.source), case.name(link.target));
            let types = [link.source, link.target].map(|end| &case.component(end).kind);
            let change = Change::of_link(from, to, attribute, to_state(attribute));
            Missing::disproved(Arc::clone(&what), link.id.as_str()).of_types(types).at(&link.place).remedied_by(change)
        })
        .collect();
    let asked = format!("{noun} is asked of each exception");
    absent.extend(exceptions.iter().filter_map(|entry| match said(case, entry, field) {
        None => Some(lacking(case, &asked, entry, &[field])),
        // What came with the program is no need of the entity's.
        Some(_) if field == ApprovalField::Reason && entry.origin != Origin::User => Some(shipped(entry)),
        Some(_) => None,
    }));
    none_lacking(absent, || {
        let says = format!("{noun} is stated for all {} links and {} exceptions in use", links.len(), exceptions.len());
        shown(EvidenceKind::Fact, "approvals", says)
    })
}
