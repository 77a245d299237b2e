//! A text that is read, by the name that its errors have.

use std::fmt;

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
