//! What is wrong with an input, where, and what would have been right.

use std::fmt;

use super::Place;

/// Why an input can't be used. It names a place and what to do, and never quotes a value of the file: the value may
/// be a secret.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputError {
    /// Where.
    pub place: Place,
    /// What is wrong there.
    pub what: String,
    /// What to do about it, if there is something to add.
    pub help: Option<String>,
}

impl InputError {
    /// `what` is wrong at `place`.
    pub fn new(place: Place, what: impl Into<String>) -> Self {
        Self { place, what: what.into(), help: None }
    }

    /// The same, with what to do about it.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for InputError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.place, self.what)?;
        if let Some(help) = &self.help {
            write!(f, " ({help})")?;
        }
        Ok(())
    }
}

impl std::error::Error for InputError {}
