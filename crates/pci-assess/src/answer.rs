//! What a clause of a rule comes to: true, false, or not known; what shows it, and what is missing.

use std::{collections::BTreeMap, sync::Arc};

use netpol_reach::Place;
use pci_stack::{Change, TypeName};
use serde::Serialize;

/// Whether something holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Truth {
    /// It does not.
    False,
    /// Nobody says, or what is said is neither.
    Unknown,
    /// It does.
    True,
}

/// What kind of thing shows something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum EvidenceKind {
    /// A component of the stack.
    Component,
    /// An attribute, or a fact that somebody stated.
    Fact,
    /// A policy, or all of them.
    Policy,
    /// A flow that is declared and, where policies are, allowed.
    Flow,
    /// A person's statement.
    Attestation,
}

/// Something that shows something.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Evidence {
    /// What kind of thing it is.
    pub kind: EvidenceKind,
    /// What it is about: a component, a link, a policy.
    #[schemars(with = "String")]
    pub subject: Arc<str>,
    /// What it shows.
    #[schemars(with = "String")]
    pub says: Arc<str>,
    /// Where it stands, if in a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

impl Evidence {
    /// `subject`, of `kind`, shows what it `says`.
    pub fn new(
        kind: EvidenceKind,
        subject: impl Into<Arc<str>>,
        says: impl Into<Arc<str>>,
        place: Option<&Place>,
    ) -> Self {
        Self { kind, subject: subject.into(), says: says.into(), place: place.cloned() }
    }

    /// What it shows, with its subject where it is not named anyway.
    pub fn said(&self) -> String {
        said(&self.subject, &self.says)
    }
}

/// `what` of `subject`, which is left out where it is named anyway, or is everything.
fn said(subject: &str, what: &str) -> String {
    let is_everything = matches!(subject, "the stack" | "the cluster");
    if is_everything || what.contains(subject) { what.to_owned() } else { format!("`{subject}`: {what}") }
}

/// Something that would have to be otherwise.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Missing {
    /// What does not hold, or is not known to.
    #[schemars(with = "String")]
    pub what: Arc<str>,
    /// Of which component, link, exception or control.
    #[schemars(with = "String")]
    pub subject: Arc<str>,
    /// The component types that are concerned.
    #[schemars(with = "Vec<String>")]
    pub subject_types: Vec<TypeName>,
    /// Where that stands, if in a file.
    #[serde(rename = "where", skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// Whether it is known not to hold, or just not known.
    pub state: Truth,
    /// Whether it decides; if not, it would complete what others show.
    pub decides: bool,
    /// What would settle it, where a change of the stack or the profile would.
    #[serde(skip)]
    pub remedy: Vec<Arc<Change>>,
}

impl Missing {
    /// `what` does not hold of `subject`.
    pub fn disproved(what: impl Into<Arc<str>>, subject: impl Into<Arc<str>>) -> Self {
        Self::new(what, subject, Truth::False)
    }

    /// Whether `what` holds of `subject` is not known.
    pub fn not_known(what: impl Into<Arc<str>>, subject: impl Into<Arc<str>>) -> Self {
        Self::new(what, subject, Truth::Unknown)
    }

    fn new(what: impl Into<Arc<str>>, subject: impl Into<Arc<str>>, state: Truth) -> Self {
        Self {
            what: what.into(),
            subject: subject.into(),
            subject_types: Vec::new(),
            place: None,
            state,
            decides: false,
            remedy: Vec::new(),
        }
    }

    /// The same, which concerns these types.
    #[must_use]
    pub fn of_types<'t>(mut self, types: impl IntoIterator<Item = &'t TypeName>) -> Self {
        for name in types {
            if !self.subject_types.contains(name) {
                self.subject_types.push(name.clone());
            }
        }
        self
    }

    /// The same, which stands at `place`.
    #[must_use]
    pub fn at(mut self, place: &Place) -> Self {
        self.place = Some(place.clone());
        self
    }

    /// What is missing, with its subject where it is not named anyway.
    pub fn said(&self) -> String {
        said(&self.subject, &self.what)
    }

    /// The same, on which the control's standing depends.
    #[must_use]
    pub fn deciding(mut self) -> Self {
        self.decides = true;
        self
    }

    /// The same, which `change` would settle.
    #[must_use]
    pub fn remedied_by(mut self, change: Change) -> Self {
        self.remedy.push(Arc::new(change));
        self
    }
}

/// What is missing of several subjects alike, each sort where it first stood.
pub fn alike(missing: &[Missing]) -> Vec<Vec<&Missing>> {
    let mut sorts: Vec<Vec<&Missing>> = Vec::new();
    let mut known: BTreeMap<(&str, bool), usize> = BTreeMap::new();
    for one in missing {
        let index = *known.entry((&one.what, one.decides)).or_insert(sorts.len());
        match sorts.get_mut(index) {
            Some(sort) => sort.push(one),
            None => sorts.push(vec![one]),
        }
    }
    sorts
}

/// What a clause comes to. What is not true says what is missing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Whether it holds.
    pub truth: Truth,
    /// What shows it.
    pub evidence: Vec<Evidence>,
    /// What is missing, if it does not hold or is not known to.
    pub missing: Vec<Missing>,
}

impl Answer {
    /// It holds, and this shows it.
    pub fn shown_by(evidence: Evidence) -> Self {
        Self { truth: Truth::True, evidence: vec![evidence], missing: Vec::new() }
    }

    /// It does not hold, or is not known to.
    pub fn lacking(missing: Missing) -> Self {
        Self { truth: missing.state, evidence: Vec::new(), missing: vec![missing] }
    }

    /// What holds if all of `answers` do; with none of them, what `nothing` says.
    pub fn all(answers: impl IntoIterator<Item = Self>, nothing: impl FnOnce() -> Missing) -> Self {
        let mut answers = answers.into_iter();
        let Some(first) = answers.next() else { return Self::lacking(nothing()) };
        answers.fold(first, Self::and)
    }

    /// What holds if any of `answers` does; with none of them, what `nothing` says.
    pub fn any(answers: impl IntoIterator<Item = Self>, nothing: impl FnOnce() -> Missing) -> Self {
        let mut best: Option<Self> = None;
        for answer in answers {
            match &best {
                Some(known) if known.truth >= answer.truth => {}
                _ => best = Some(answer),
            }
        }
        best.unwrap_or_else(|| Self::lacking(nothing()))
    }

    /// What holds if both do.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.truth = self.truth.min(other.truth);
        self.evidence.extend(other.evidence);
        self.missing.extend(other.missing);
        self
    }
}
