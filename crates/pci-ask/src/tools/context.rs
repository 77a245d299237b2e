//! What an answer may be computed from, how much it says, and where it may write.

use std::path::PathBuf;

use netpol_reach::Manifests;
use pci_engine::{Snapshot, fleet::Fleet, output};
use pci_stack::{Change, LevelSource, StackId, Watch};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::AskError;

/// What an answer may be computed from, and where it may write.
#[derive(Debug)]
pub struct Context<'a> {
    /// The stacks.
    pub fleet: &'a Fleet,
    /// Where files may be written.
    pub write_to: WriteTo,
    /// How much to say where the request doesn't. Where that is all, no request is for a chat, and nothing is cut.
    pub detail: Detail,
    /// Manifests that a question is to hold something against.
    pub given: Option<&'a Manifests>,
    /// Changes to ask under, where the request brings none.
    pub what_if: &'a [Change],
    /// Whoever waits for the answer.
    pub watch: &'a Watch<'a>,
}

/// Where files may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteTo {
    /// Nowhere.
    Nowhere,
    /// To this folder.
    Folder(PathBuf),
    /// To a folder named after the stack, in this one.
    Under(PathBuf),
}

impl WriteTo {
    /// Writes `files` of the stack `id`, and says where.
    pub(super) fn put<'a>(
        &self,
        id: &StackId,
        files: impl Iterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<PathBuf, AskError> {
        match self {
            Self::Nowhere => Err(AskError::NowhereToWrite),
            Self::Folder(folder) => {
                output::replace(folder, files)?;
                Ok(folder.clone())
            }
            Self::Under(parent) => {
                output::replace_within(parent, id.as_str(), files)?;
                Ok(parent.join(id.as_str()))
            }
        }
    }
}

/// How much an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// What matters first, in a short answer.
    #[default]
    Summary,
    /// Everything; in a chat a long page of it.
    Full,
}

/// An error if nobody said a level: what would be allowed depends on it.
pub(super) fn with_level(snapshot: &Snapshot) -> Result<(), AskError> {
    if snapshot.level_source() == LevelSource::NotSet { Err(AskError::LevelNotSet) } else { Ok(()) }
}
