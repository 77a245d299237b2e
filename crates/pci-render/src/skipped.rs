//! What an answer about manifests leaves out, so that nobody takes it for more than it is.

use std::{collections::BTreeMap, io};

use netpol_reach::{Manifests, Notice};
use serde::Serialize;

/// What an answer about manifests leaves out.
#[derive(Debug, Clone, Default, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Skipped {
    /// Objects that restrict or open traffic in ways that are not evaluated, each with its place.
    pub not_evaluated: Vec<String>,
    /// How many objects of each other kind play no part.
    pub skipped: BTreeMap<String, usize>,
    /// What is read otherwise than its author may think, each with its place.
    pub notices: Vec<String>,
}

impl Skipped {
    /// What `manifests` hold that is left out.
    pub fn of(manifests: &Manifests) -> Self {
        Self {
            not_evaluated: manifests.not_evaluated.iter().map(ToString::to_string).collect(),
            skipped: manifests.skipped.clone(),
            notices: Vec::new(),
        }
    }

    /// The same, and these notices.
    #[must_use]
    pub fn noticing(mut self, notices: &[Notice]) -> Self {
        self.notices = notices.iter().map(ToString::to_string).collect();
        self
    }

    /// Writes it for people, if there is anything.
    pub fn write_text(&self, out: &mut impl io::Write) -> io::Result<()> {
        if !self.notices.is_empty() {
            writeln!(out, "\nTo know:")?;
            self.notices.iter().try_for_each(|notice| writeln!(out, "- {notice}"))?;
        }
        if !self.not_evaluated.is_empty() {
            writeln!(out, "\nNot evaluated, though these too restrict or open traffic:")?;
            self.not_evaluated.iter().try_for_each(|object| writeln!(out, "- {object}"))?;
        }
        if !self.skipped.is_empty() {
            let counts: Vec<String> = self.skipped.iter().map(|(kind, count)| format!("{count} {kind}")).collect();
            writeln!(out, "\nSkipped: {}.", counts.join(", "))?;
        }
        Ok(())
    }
}
