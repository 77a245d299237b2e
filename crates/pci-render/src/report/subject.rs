//! What the parts of the report are made from.

use pci_assess::{Assessment, Case};
use pci_engine::Snapshot;

/// What the parts are made from.
pub(super) struct Subject<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) assessment: &'a Assessment,
    pub(super) case: Case<'a>,
}
