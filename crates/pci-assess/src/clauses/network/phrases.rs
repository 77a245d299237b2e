//! What the predicates have in common: answers for nothing to judge, flows and names as people read them.

use std::sync::Arc;

use netpol_reach::named;
use pci_policy::{declared::Flow, proof::EndName};
use pci_stack::{ComponentRef, TypeName};

use crate::{Answer, Case, Evidence, EvidenceKind, Missing};

/// It holds: `says`.
pub(super) fn shown(kind: EvidenceKind, subject: &str, says: impl Into<Arc<str>>) -> Answer {
    Answer::shown_by(Evidence::new(kind, subject, says, None))
}

/// There is nothing to judge, so that nothing is shown.
pub(super) fn nothing(what: &str) -> Answer {
    Answer::lacking(Missing::not_known(format!("{what}: nothing to judge"), "the stack"))
}

/// All of `lacking`, or, if there are none, that it holds.
pub(super) fn none_lacking(lacking: Vec<Missing>, otherwise: impl FnOnce() -> Answer) -> Answer {
    if lacking.is_empty() {
        return otherwise();
    }
    Answer::all(lacking.into_iter().map(Answer::lacking), || Missing::not_known("", ""))
}

/// How many names a sentence has.
pub(super) const NAMED: usize = 5;

/// How many ports of a flow a sentence has.
const PORTS: usize = 20;

/// A flow as people read it: `ns:shop -> ns:cards on 8443/TCP`.
pub(crate) fn described(flow: &Flow) -> String {
    let (from, to) = (EndName::of_declared(&flow.from), EndName::of_declared(&flow.to));
    format!("{from} -> {to} on {}", named(&flow.ports.texts(), PORTS, ", "))
}

/// What declares `flow`.
pub(super) fn declared_by(flow: &Flow) -> String {
    let sources: Vec<&str> = flow.sources.iter().map(AsRef::as_ref).collect();
    named(&sources, NAMED, "; ")
}

/// The types at both ends of `flow`.
pub(super) fn types_of<'a>(case: &Case<'a>, flow: &Flow) -> Vec<&'a TypeName> {
    let parties = flow.from_components.iter().chain(&flow.to_components);
    parties.map(|id| &case.component(*id).kind).collect()
}

/// Names, the first few of them.
pub(super) fn listed<'n>(names: impl ExactSizeIterator<Item = &'n ComponentRef>) -> String {
    const MOST: usize = 5;
    let count = names.len();
    let mut list: Vec<String> = names.take(MOST).map(|name| format!("`{name}`")).collect();
    if count > MOST {
        list.push(format!("{} more", count - MOST));
    }
    list.join(", ")
}
