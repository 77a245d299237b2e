//! What every answer about a stack begins with.

use schemars::JsonSchema;
use serde::Serialize;

use super::AskError;
use crate::{
    engine::{Inputs, Snapshot},
    terms::{Level, LevelSource, StackId},
};

/// What every answer about a stack begins with.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Header {
    /// The stack's id.
    pub(super) stack: StackId,
    /// The stack's name as its people write it.
    pub(super) system_name: String,
    /// Whether this is the embedded demo.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) demo: bool,
    /// The level.
    pub(super) level: Level,
    /// Who set it.
    pub(super) level_source: LevelSource,
    /// SHA-256 of the inputs.
    pub(super) inputs: Inputs,
}

impl Header {
    pub(super) fn of(snapshot: &Snapshot) -> Self {
        Self {
            stack: snapshot.stack.id.clone(),
            system_name: snapshot.stack.name.clone(),
            demo: snapshot.is_demo,
            level: snapshot.level(),
            level_source: snapshot.level_source(),
            inputs: snapshot.inputs.clone(),
        }
    }
}

/// An error if nobody said a level: what would be allowed depends on it.
pub(super) fn with_level(snapshot: &Snapshot) -> Result<(), AskError> {
    if snapshot.level_source() == LevelSource::NotSet { Err(AskError::LevelNotSet) } else { Ok(()) }
}
