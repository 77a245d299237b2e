//! Prompts: what somebody picks to begin a conversation with. A prompt carries facts of the loaded stack, with file and
//! line, then says in a sentence or two what is asked of them and which tools go on from there.
//!
//! Each is a file of its own and a line in [`ALL`]. What comes from files or from the person is data: escaped, quoted, and
//! never phrased as what to do. Each takes at most about 2,500 tokens, whatever the stack.

mod arguments;
mod assess_stack;
mod close_gaps;
mod complete;
mod explore_what_if;
mod page;
mod prepare_evidence;
mod review_exceptions;
mod wanted;

use std::collections::BTreeMap;

pub use complete::complete;

use crate::{fleet::Fleet, terms::Watch, tools::AskError};

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

/// Every prompt.
pub static ALL: &[Prompt] = &[
    assess_stack::PROMPT,
    close_gaps::PROMPT,
    prepare_evidence::PROMPT,
    explore_what_if::PROMPT,
    review_exceptions::PROMPT,
];

/// Which stack; every prompt takes it.
const STACK: Argument =
    Argument { name: "stack", description: "The stack's id, if several are loaded", required: false };
