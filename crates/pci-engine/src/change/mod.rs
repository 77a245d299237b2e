//! What-if: a snapshot and changes → another snapshot, and the difference of the two.
//!
//! Changes edit the stack, the exceptions and the profile, and the engine computes the rest as it does for files: there
//! is no second way from a stack to its answers. Policies that stay as they were are not written and read back again,
//! and the changes that were last asked about are kept for the next question; no answer depends on either. What a
//! change makes stands at the place `what-if`,
//! with the change's number for a line.

mod attributes;
mod block;
mod components;
mod controls;
mod described;
mod difference;
mod document;
mod draft;
mod error;
mod exceptions;
mod fields;
mod gaps;
mod layer;
mod links;
mod reading;
mod statements;

use std::sync::Arc;

pub use block::{Block, block};
pub use controls::{ControlChange, ControlsDifference, controls};
pub use described::described;
pub use difference::{Connection, Difference, difference};
pub use document::read_document;
use draft::Draft;
pub use error::{ChangeError, MOST};
pub use fields::taken_by;
pub use gaps::gaps;
pub use layer::Layer;
use netpol_reach::InputError;
use pci_stack::{Change, Op};

use crate::{Premises, Snapshot};

/// What `snapshot` would be after `changes`, one after the other.
///
/// # Errors
///
/// There are more than 50 changes, or one of them can't be made; none is made then.
pub fn apply(snapshot: &Snapshot, changes: &[Change]) -> Result<Snapshot, ChangeError> {
    if changes.len() > MOST {
        return Err(ChangeError::TooMany { found: changes.len() });
    }
    apply_all(snapshot, changes)
}

/// What [`apply`] makes, kept for whoever asks about these changes next.
///
/// # Errors
///
/// As [`apply`].
pub fn asked(snapshot: &Snapshot, changes: &[Change]) -> Result<Arc<Snapshot>, ChangeError> {
    snapshot.under_changes(changes, || apply(snapshot, changes))
}

/// The same of changes that were worked out from the stack, however many they are.
///
/// # Errors
///
/// One of them can't be made: a name in it is taken, or what it links to is no party.
pub fn derived(snapshot: &Snapshot, changes: &[Change]) -> Result<Arc<Snapshot>, ChangeError> {
    snapshot.under_changes(changes, || apply_all(snapshot, changes))
}

fn apply_all(snapshot: &Snapshot, changes: &[Change]) -> Result<Snapshot, ChangeError> {
    let mut draft = Draft::of(snapshot);
    let mut deepest = Layer::Statements;
    for (number, change) in (1..).zip(changes) {
        draft.at(number);
        let layer = make(&mut draft, change).map_err(|error| ChangeError::refused(number, change.op, error))?;
        deepest = deepest.min(layer);
    }
    let Premises { stack, tables, profile, .. } = &draft.premises;
    // What is changed asks for no more than a file may.
    if let Some((number, change)) = (1..).zip(changes).last() {
        let within = pci_policy::budget::check(stack, &tables.catalog, &profile.cluster, "pci-profile.yaml");
        within.map_err(|error| ChangeError::refused(number, change.op, error))?;
    }
    if !Arc::ptr_eq(&draft.premises.stack, &snapshot.stack) {
        draft.stack_mut().notice_secrets_anew();
    }
    Ok(snapshot.under(draft.premises, deepest > Layer::Topology))
}

fn make(draft: &mut Draft, change: &Change) -> Result<Layer, InputError> {
    fields::check(change).map_err(|what| draft.wrong(what))?;
    // Before the change is made: afterwards what it removes can't be looked up.
    let layer = Layer::of(&draft.premises, change);
    match change.op {
        Op::AddComponent => draft.add_component(change)?,
        Op::RemoveComponent => draft.remove_component(change)?,
        Op::AddLink => draft.add_link(change)?,
        Op::RemoveLink => draft.remove_link(change)?,
        Op::SetAttribute if change.from.is_some() => draft.set_link_attribute(change)?,
        Op::SetAttribute => draft.set_attribute(change)?,
        Op::SetException => draft.set_exception(change)?,
        Op::SetFact => draft.set_fact(change)?,
        Op::SetAttestation => draft.set_attestation(change)?,
        Op::SetLevel => draft.set_level(change)?,
    }
    Ok(layer)
}
