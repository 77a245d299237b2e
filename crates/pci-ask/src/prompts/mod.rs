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
mod prompt;
mod review_exceptions;
mod wanted;

pub use complete::complete;
pub use prompt::{Argument, Prompt};

/// Every prompt.
pub static ALL: &[Prompt] = &[
    assess_stack::PROMPT,
    close_gaps::PROMPT,
    prepare_evidence::PROMPT,
    explore_what_if::PROMPT,
    review_exceptions::PROMPT,
];
