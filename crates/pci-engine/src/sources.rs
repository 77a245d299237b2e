//! What a snapshot is made from, and the digests that say what an answer was computed from.

use pci_stack::{Date, Digest, Level};
use serde::Serialize;

use crate::{Source, Tables};

/// What a snapshot is made from.
#[derive(Clone, Copy)]
pub struct Sources<'a> {
    /// The stack.
    pub stack: Source<'a>,
    /// A user's exceptions over ours.
    pub exceptions: Option<Source<'a>>,
    /// What a topology can't say.
    pub profile: Option<Source<'a>>,
    /// What it is judged by.
    pub tables: &'a Tables,
    /// The level that the caller asks for, over the file's.
    pub level: Option<Level>,
    /// The day that statements are held against; without it no attestation counts.
    pub as_of: Option<Date>,
    /// Whether this is the embedded demo.
    pub is_demo: bool,
    /// Who reads it.
    pub program: Program,
}

/// The program that reads and answers, as reports and manifests name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Its version.
    pub version: &'static str,
}

/// SHA-256 of what an answer was computed from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Inputs {
    /// The stack file.
    pub stack: Digest,
    /// The user's exceptions.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exceptions: Option<Digest>,
    /// The profile.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<Digest>,
    /// The tables that rules are made by.
    pub catalog: Digest,
}
