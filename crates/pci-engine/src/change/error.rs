//! Why changes can't be made.

use netpol_reach::InputError;
use pci_stack::Op;

use super::fields;

/// How many changes are taken at once.
pub const MOST: usize = 50;

/// Why changes can't be made. It names the change and what to write instead, and quotes no value of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    /// There are more than are taken.
    #[error("{found} changes, and at most {MOST} are taken at once")]
    TooMany {
        /// How many there are.
        found: usize,
    },
    /// One of them can't be made.
    #[error(
        "change {number} (`{op}`): {what}{}; {}",
        .help.as_ref().map(|help| format!(" ({help})")).unwrap_or_default(),
        fields::taken_by(*.op)
    )]
    Refused {
        /// Which, from 1.
        number: u32,
        /// What it does.
        op: Op,
        /// What is wrong.
        what: String,
        /// What to do about it, if there is something to add.
        help: Option<String>,
    },
}

impl ChangeError {
    /// The change `number` can't be made, for the reason that a reader of files would give.
    pub(super) fn refused(number: u32, op: Op, error: InputError) -> Self {
        Self::Refused { number, op, what: error.what, help: error.help }
    }
}
