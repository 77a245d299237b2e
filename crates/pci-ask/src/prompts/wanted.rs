//! What open controls lack, and the changes that would settle it: counted, not tried.

use std::collections::{BTreeMap, BTreeSet};

use pci_engine::Snapshot;
use pci_stack::{Change, ControlId, Op, TypeName};

use super::page::and_others;

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

/// What people would set, state and link, each with the open controls that lack it; what most lack first. The same of
/// several components or links is one, told of the first of them.
pub(super) fn changes(snapshot: &Snapshot) -> Vec<(String, Controls<'_>)> {
    let mut asked: BTreeMap<String, Alike> = BTreeMap::new();
    for (control, change) in remedies(snapshot).filter(|(_, change)| change.op != Op::AddComponent) {
        let whatever = Change { name: None, from: None, to: None, ..change.clone() };
        let alike = asked.entry(format!("{whatever:?}")).or_default();
        alike.subjects.entry([&change.name, &change.from, &change.to]).or_insert(change);
        alike.controls.insert(control);
    }
    let told = asked.into_values().filter_map(|alike| {
        let first = alike.subjects.values().next()?;
        Some((format!("{first}{}", and_others(alike.subjects.len() - 1)), alike.controls))
    });
    most_first(told.collect())
}

/// Changes that do the same to different components or links.
#[derive(Default)]
struct Alike<'s> {
    /// By component, or by both ends.
    subjects: BTreeMap<[&'s Option<String>; 3], &'s Change>,
    controls: Controls<'s>,
}

/// What would settle what the open controls lack.
fn remedies(snapshot: &Snapshot) -> impl Iterator<Item = (&ControlId, &Change)> {
    let open = snapshot.assessment().iter().filter(|(_, result)| result.is_gap());
    open.flat_map(|(control, result)| {
        result.missing.iter().flat_map(|missing| &missing.remedy).map(|change| (&control.id, &**change))
    })
}

fn most_first<T: Ord>(asked: BTreeMap<T, Controls<'_>>) -> Vec<(T, Controls<'_>)> {
    let mut wanted: Vec<_> = asked.into_iter().collect();
    wanted.sort_by_key(|(_, controls)| std::cmp::Reverse(controls.len()));
    wanted
}
