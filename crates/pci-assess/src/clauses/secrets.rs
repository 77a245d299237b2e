//! Shapes that no secret may have: one that suppliers set, one that another component has too. The secrets themselves
//! end where the file is read.

use std::collections::BTreeSet;

use pci_stack::{ComponentId, HeldSecret};

use super::asked::Asked;
use crate::{Answer, Case, Evidence, EvidenceKind, Missing, case::owner, controls::ValueShape};

/// Whether no secret of the subjects and their parts has `shape`.
pub(super) fn none_of(case: &Case, asked: Asked, shape: ValueShape) -> Answer {
    let stack = case.stack();
    let is_asked = |id: ComponentId| asked.subjects.contains(&owner(stack, id));
    let held: Vec<(ComponentId, HeldSecret)> =
        stack.secrets().filter_map(|secret| Some((secret.holder.filter(|id| is_asked(*id))?, secret))).collect();
    if held.is_empty() {
        let what = format!("{}: it declares no secret, so there is nothing to judge", asked.says);
        let subject = asked.subjects.first().map_or(asked.kind_name(), |id| case.name(*id));
        return Answer::lacking(Missing::not_known(what, subject).of_types(asked.kind));
    }
    let shared: BTreeSet<u32> = match shape {
        ValueShape::DefaultSecret => BTreeSet::new(),
        ValueShape::SharedSecret => stack.shared_secrets().iter().flatten().map(|secret| secret.shape.group).collect(),
    };
    let bad = held.iter().filter_map(|(id, secret)| {
        let how = match shape {
            ValueShape::DefaultSecret if secret.shape.is_default => "is a default",
            ValueShape::SharedSecret if shared.contains(&secret.shape.group) => "is a secret of others too",
            _ => return None,
        };
        let what = format!("{}: `{}` of `{}` {how}", asked.says, secret.attribute, case.name(*id));
        let missing = Missing::disproved(what, case.name(*id)).of_types([&case.component(*id).kind]);
        Some(Answer::lacking(missing.at(secret.place)))
    });
    let bad: Vec<Answer> = bad.collect();
    if bad.is_empty() {
        let says = format!("{}, of {} that are declared", asked.says, held.len());
        return Answer::shown_by(Evidence::new(EvidenceKind::Fact, asked.kind_name(), says, None));
    }
    Answer::all(bad, || Missing::not_known("", ""))
}
