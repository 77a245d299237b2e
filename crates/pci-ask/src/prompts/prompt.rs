//! A prompt and its arguments.

use std::collections::BTreeMap;

use pci_engine::fleet::Fleet;
use pci_stack::Watch;

use crate::tools::AskError;

/// A prompt.
#[derive(Debug)]
pub struct Prompt {
    /// Its name.
    pub name: &'static str,
    /// A title for people.
    pub title: &'static str,
    /// What it is for.
    pub description: &'static str,
    /// What it takes.
    pub arguments: &'static [Argument],
    /// What it says, given its arguments by name; one that is blank counts as left out. Somebody waits for it.
    pub text: Text,
}

/// What a prompt says of a fleet, given its arguments, for somebody who waits.
type Text = fn(&Fleet, &BTreeMap<String, String>, &Watch) -> Result<String, AskError>;

/// What a prompt takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argument {
    /// Its name.
    pub name: &'static str,
    /// What it may be.
    pub description: &'static str,
    /// Whether the prompt says nothing without it.
    pub required: bool,
}

/// Which stack; every prompt takes it.
pub(super) const STACK: Argument =
    Argument { name: "stack", description: "The stack's id, if several are loaded", required: false };
