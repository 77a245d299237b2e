//! What open controls lack, and the changes that would settle it: counted, not tried.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    engine::Snapshot,
    terms::{Change, ControlId, Op, TypeName},
};

/// The open controls that lack something.
pub(super) type Controls<'s> = BTreeSet<&'s ControlId>;

/// Types that the stack has none of, each with the open controls that ask for one; those that most ask for first. Parts
/// of a component count where the stack has that component.
pub(super) fn types(snapshot: &Snapshot) -> Vec<(TypeName, Controls<'_>)> {
    let words = snapshot.catalog().vocabulary();
    let types = &snapshot.catalog().types;
    let stack = &snapshot.stack;
    let own = stack.with_ids().filter(|(id, _)| !stack.owner(*id).is_external);
    let present: BTreeSet<&TypeName> = own.map(|(_, component)| &component.kind).collect();
    let is_addable = |kind: &TypeName| {
        let known = types.get(kind);
        known.is_some_and(|known| known.parent.as_ref().is_none_or(|parent| present.contains(parent)))
    };
    let mut asked: BTreeMap<TypeName, Controls> = BTreeMap::new();
    for (control, change) in remedies(snapshot).filter(|(_, change)| change.op == Op::AddComponent) {
        let kind = change.r#type.as_ref().map(|kind| words.canonical(kind));
        if let Some(kind) = kind.filter(|kind| !present.contains(kind) && is_addable(kind)) {
            asked.entry(kind).or_default().insert(control);
        }
    }
    most_first(asked)
}

/// What people would state or set, and link, each with the open controls that lack it; what most lack first.
pub(super) fn changes(snapshot: &Snapshot) -> Vec<(String, Controls<'_>)> {
    let mut asked: BTreeMap<String, Controls> = BTreeMap::new();
    for (control, change) in remedies(snapshot).filter(|(_, change)| change.op != Op::AddComponent) {
        asked.entry(change.to_string()).or_default().insert(control);
    }
    most_first(asked)
}

/// What would settle what the open controls lack.
fn remedies(snapshot: &Snapshot) -> impl Iterator<Item = (&ControlId, &Change)> {
    let open = snapshot.assessment().iter().filter(|(_, result)| result.is_gap());
    open.flat_map(|(control, result)| {
        result.missing.iter().flat_map(|missing| &missing.remedy).map(|change| (&control.id, change))
    })
}

fn most_first<T: Ord>(asked: BTreeMap<T, Controls<'_>>) -> Vec<(T, Controls<'_>)> {
    let mut wanted: Vec<_> = asked.into_iter().collect();
    wanted.sort_by_key(|(_, controls)| std::cmp::Reverse(controls.len()));
    wanted
}
