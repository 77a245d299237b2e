//! What the parts of the report are made from.

use crate::{
    assess::{Assessment, Case},
    engine::Snapshot,
};

/// What the parts are made from.
pub(super) struct Subject<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) assessment: &'a Assessment,
    pub(super) case: Case<'a>,
}
