//! What a snapshot is made from, and the digests that say what an answer was computed from.

use std::fmt;

use pci_stack::{Date, Digest, Level};
use serde::Serialize;

use super::Tables;

/// A document: its name as the caller knows it, and its text.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// How places name it.
    pub name: &'a str,
    /// What it says.
    pub text: &'a str,
}

/// Without the text, which may hold secrets.
impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Source").field("name", &self.name).finish_non_exhaustive()
    }
}

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
