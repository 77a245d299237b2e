//! What a question is asked of: the stack as it is, or as changes would make it.

use std::sync::Arc;

use pci_engine::{Snapshot, change};
use pci_stack::{Change, Date};
use serde::{Deserialize, Deserializer};

use super::{AskError, Context, whole_difference::WholeDifference};

/// Reads changes; null is none.
pub(super) fn or_none<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<Change>, D::Error> {
    Option::<Vec<Change>>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// What a question is asked of.
pub(super) struct Subject {
    /// The stack as the question takes it.
    pub(super) snapshot: Arc<Snapshot>,
    /// The stack as it is, where the question takes it otherwise.
    before: Option<Arc<Snapshot>>,
}

impl Subject {
    /// The stack `name`, with statements held against `as_of`, after the changes of `what_if` or of the shell.
    pub(super) fn of(
        context: &Context,
        name: Option<&str>,
        as_of: Option<Date>,
        what_if: &[Change],
    ) -> Result<Self, AskError> {
        let mut snapshot = context.fleet.snapshot(name)?;
        if let Some(day) = as_of {
            snapshot = snapshot.on(day);
        }
        snapshot.settle(context.watch)?;
        let changes = if what_if.is_empty() { context.what_if } else { what_if };
        if changes.is_empty() {
            return Ok(Self { snapshot, before: None });
        }
        let after = change::asked(&snapshot, changes).map_err(|error| AskError::Argument(error.to_string()))?;
        after.settle(context.watch)?;
        Ok(Self { snapshot: after, before: Some(snapshot) })
    }

    /// Whether the stack is taken otherwise than it is.
    pub(super) fn is_what_if(&self) -> bool {
        self.before.is_some()
    }

    /// What the changes make of the stack, where there are any.
    pub(super) fn difference(&self) -> Option<WholeDifference> {
        self.before.as_ref().map(|before| WholeDifference::of(before, &self.snapshot))
    }
}
