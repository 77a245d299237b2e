//! What a snapshot is made from, and the digests that say what an answer was computed from.

use serde::Serialize;

use crate::terms::{Date, Digest, Level};

/// A document: its name as the caller knows it, and its text.
#[derive(Clone, Copy)]
pub struct Source<'a> {
    /// How places name it.
    pub name: &'a str,
    /// What it says.
    pub text: &'a str,
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
    /// `component-types.yaml` and `pci-exceptions.yaml` in place of the shipped ones.
    pub catalog: Option<[Source<'a>; 2]>,
    /// The level that the caller asks for, over the file's.
    pub level: Option<Level>,
    /// The day that statements are held against; without it no attestation counts.
    pub as_of: Option<Date>,
    /// Whether this is the embedded demo.
    pub is_demo: bool,
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
