//! `overview --bulk`: where each control of each stack stands, as documents for OpenSearch.

use std::io::{self, Write};

use pci_engine::fleet::Fleet;
use pci_render::siem::documents;

use super::AskError;

/// Why documents can't be had.
#[derive(Debug, thiserror::Error)]
pub enum BulkError {
    /// Something is wrong with what was asked.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// They can't be written.
    #[error("can't write: {0}")]
    Write(#[from] io::Error),
}

/// Writes the assessment of each stack of `fleet` to `out` as the bulk interface takes it, one stack after the other.
///
/// The day that statements are held against is the documents' time, so that it must be said.
pub fn bulk(fleet: &Fleet, out: &mut impl Write) -> Result<(), BulkError> {
    // Half of a fleet would look like all of it.
    for (_, member) in fleet.members() {
        member.snapshot().map_err(|error| AskError::Fleet(error.clone().into()))?;
    }
    for snapshot in fleet.snapshots() {
        let Some(day) = snapshot.day() else {
            let what =
                "`--bulk` needs `--as-of DATE`: it is the time of the documents, and which day it is nobody here knows";
            return Err(AskError::Argument(what.to_owned()).into());
        };
        // A snapshot computes and keeps all of its parts; of hundreds that would be gigabytes.
        let one = snapshot.as_of(day);
        out.write_all(documents::bulk(&one, day).as_bytes())?;
    }
    Ok(out.flush()?)
}
