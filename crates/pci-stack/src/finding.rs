//! Findings: what an input or its policies have that a person should know of, with its place and its remedy.

use netpol_reach::Place;
use serde::Serialize;

/// How much a finding matters, worst first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum))]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Severity {
    /// Voids the policies or exposes account data.
    Critical,
    /// Opens what should be closed, or closes what the stack needs.
    High,
    /// Weakens a control.
    Medium,
    /// Worth mending.
    Low,
    /// Good to know.
    Info,
}

/// A kind of finding: its id is stable, and is its anchor in the documentation.
#[derive(Debug)]
pub struct FindingKind {
    /// Stable, in kebab case.
    pub id: &'static str,
    /// The severity, unless a finding says otherwise.
    pub severity: Severity,
    /// What it means.
    pub what: &'static str,
    /// Why it matters.
    pub why: &'static str,
    /// What to do.
    pub fix: &'static str,
}

/// One finding.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Finding {
    /// How much it matters.
    pub severity: Severity,
    /// Its kind.
    #[schemars(with = "String")]
    pub id: &'static str,
    /// What was found.
    pub message: String,
    /// Where, if it stands in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#where: Option<Place>,
    /// What to do.
    pub fix: String,
}

impl Finding {
    /// A finding of `kind`.
    pub fn new(kind: &FindingKind, message: impl Into<String>, place: Option<Place>) -> Self {
        Self { severity: kind.severity, id: kind.id, message: message.into(), r#where: place, fix: kind.fix.to_owned() }
    }

    /// The same, with a remedy that names what is concerned.
    #[must_use]
    pub fn fix(mut self, fix: impl Into<String>) -> Self {
        self.fix = fix.into();
        self
    }

    /// The same, of another severity than its kind's.
    #[must_use]
    pub fn severity(mut self, severity: Severity) -> Self {
        self.severity = severity;
        self
    }
}
