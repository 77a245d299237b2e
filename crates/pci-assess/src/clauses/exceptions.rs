//! What exceptions say of their approval (1.2.5): those that open anything in this stack.

use pci_stack::{Change, Date, catalog::Exception};
use serde_json::Map;

use super::asked::Asked;
use crate::{Answer, Case, Evidence, EvidenceKind, Missing, condition::is_said, controls::ApprovalField};

/// Whether all exceptions in use have `fields`.
pub(super) fn all_say(case: &Case, asked: Asked, fields: &[ApprovalField]) -> Answer {
    let in_use = case.exceptions_in_use();
    let lacks = |entry: &&Exception| fields.iter().any(|field| said(case, entry, *field).is_none());
    let lacking: Vec<Answer> = in_use
        .iter()
        .filter(|entry| lacks(entry))
        .map(|entry| Answer::lacking(lacking(case, asked.says, entry, fields)))
        .collect();
    if in_use.is_empty() {
        return Answer::lacking(Missing::not_known(format!("{}: no exception is in use", asked.says), "the stack"));
    }
    let count = in_use.len();
    let shown = || Missing::not_known("", "");
    if lacking.is_empty() {
        let says = format!("{count} exceptions in use: {}", asked.says);
        return Answer::shown_by(Evidence::new(EvidenceKind::Fact, "exceptions", says, None));
    }
    Answer::all(lacking, shown)
}

/// What `entry` says as `field`, if that is more than a placeholder.
/// A day of review that is past is none.
pub(crate) fn said<'e>(case: &Case, entry: &'e Exception, field: ApprovalField) -> Option<&'e str> {
    let text = match field {
        ApprovalField::Reason => entry.reason.as_deref(),
        ApprovalField::ApprovedBy => entry.approval.approved_by.as_deref(),
        ApprovalField::ReviewBy => entry.approval.review_by.as_deref(),
        ApprovalField::Ticket => entry.approval.ticket.as_deref(),
    };
    let is_due = |text: &str| match text.parse::<Date>() {
        Ok(day) => case.grounds.as_of.is_none_or(|as_of| as_of <= day),
        // A what-if tries what a day would bring, and knows none.
        Err(_) => text.starts_with('('),
    };
    text.filter(|text| is_said(text, &entry.place) && (field != ApprovalField::ReviewBy || is_due(text)))
}

fn name(field: ApprovalField) -> &'static str {
    match field {
        ApprovalField::Reason => "reason",
        ApprovalField::ApprovedBy => "approved_by",
        ApprovalField::ReviewBy => "review_by",
        ApprovalField::Ticket => "ticket",
    }
}

/// What is missing of `entry`, and the change that states it; what to write there, people know.
pub(crate) fn lacking(case: &Case, says: &str, entry: &Exception, fields: &[ApprovalField]) -> Missing {
    let absent: Vec<&str> =
        fields.iter().filter(|field| said(case, entry, **field).is_none()).map(|field| name(*field)).collect();
    let what = format!("{says}: the exception lacks {}", absent.join(", "));
    let stated: Map<_, _> = absent.iter().map(|field| ((*field).to_owned(), to_state(field).into())).collect();
    let change = Change::set_exception(&*entry.id, stated);
    Missing::disproved(what, &*entry.id).at(&entry.place).remedied_by(change)
}

/// What stands for a statement that only people can make, in a change that shows what it would bring.
pub(crate) fn to_state(field: &str) -> &'static str {
    match field {
        "reason" => "(your business need)",
        "approved_by" => "(who approves it)",
        "review_by" => "(the day of its review)",
        _ => "(where it stands)",
    }
}
