//! What every answer about a stack begins with.

use pci_engine::{Inputs, Snapshot};
use pci_stack::{Level, LevelSource, StackId};
use serde::Serialize;

/// What every answer about a stack begins with.
#[derive(Debug, Clone, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Header {
    /// The stack's id.
    pub stack: StackId,
    /// The stack's name as its people write it.
    pub system_name: String,
    /// Whether this is the embedded demo.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub demo: bool,
    /// The level.
    pub level: Level,
    /// Who set it.
    pub level_source: LevelSource,
    /// SHA-256 of the inputs.
    pub inputs: Inputs,
    /// Why the newest files can't be used, where the answer is of earlier ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stale: Option<String>,
}

impl Header {
    /// The header of `snapshot`'s answers.
    pub fn of(snapshot: &Snapshot) -> Self {
        Self {
            stack: snapshot.stack.id.clone(),
            system_name: snapshot.stack.name.clone(),
            demo: snapshot.is_demo,
            level: snapshot.level(),
            level_source: snapshot.level_source(),
            inputs: snapshot.inputs.clone(),
            stale: None,
        }
    }
}
