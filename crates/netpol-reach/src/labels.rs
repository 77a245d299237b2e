//! Labels, and the selectors that match them (Kubernetes API, `LabelSelector`).

use std::{collections::BTreeMap, sync::Arc};

/// The labels of a pod or a namespace, as far as they are known.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Labels {
    /// Key → value.
    pub known: BTreeMap<Arc<str>, Arc<str>>,
    /// Whether there may be others, of which nothing is known.
    pub is_partial: bool,
}

impl Labels {
    /// Labels of which nothing is known.
    pub fn unknown() -> Self {
        Self { known: BTreeMap::new(), is_partial: true }
    }

    /// The same, and this one.
    #[must_use]
    pub fn with(mut self, key: &str, value: &str) -> Self {
        self.known.insert(key.into(), value.into());
        self
    }
}

/// What labels must be: all of its requirements hold. "An empty label selector matches all objects."
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct LabelSelector {
    /// What is required, each once, ascending.
    requirements: Vec<Requirement>,
}

/// One requirement of a selector: a key, and what its value must be.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Requirement {
    /// The label's key.
    pub key: Arc<str>,
    /// What must hold of it.
    pub condition: Condition,
}

/// What must hold of a label. `matchLabels` is `In` with one value.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Condition {
    /// It is there, with one of these values: ascending, each once.
    In(Vec<Arc<str>>),
    /// It isn't there, or has none of these values: ascending, each once.
    NotIn(Vec<Arc<str>>),
    /// It is there.
    Exists,
    /// It isn't there.
    DoesNotExist,
}

impl LabelSelector {
    /// The selector of these requirements.
    pub fn new(requirements: impl IntoIterator<Item = Requirement>) -> Self {
        let mut requirements: Vec<Requirement> = requirements.into_iter().collect();
        requirements.sort_unstable();
        requirements.dedup();
        requirements.shrink_to_fit();
        Self { requirements }
    }

    /// Whether every object is selected.
    pub fn is_empty(&self) -> bool {
        self.requirements.is_empty()
    }

    /// What is required.
    pub fn requirements(&self) -> &[Requirement] {
        &self.requirements
    }
}

impl Requirement {
    /// The values that the requirement names.
    pub fn values(&self) -> impl Iterator<Item = &Arc<str>> {
        let named = match &self.condition {
            Condition::In(values) | Condition::NotIn(values) => Some(values),
            Condition::Exists | Condition::DoesNotExist => None,
        };
        named.into_iter().flatten()
    }
}
