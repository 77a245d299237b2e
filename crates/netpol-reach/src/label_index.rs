//! Which of many labelled things a selector matches, as bit sets: a selector costs what its requirements do, however
//! many things there are.

use std::sync::{Arc, OnceLock};

use roaring::RoaringBitmap;

use super::{Condition, LabelSelector, Labels, Requirement};
use crate::{Keys, Table};

/// The keys and values that selectors name. Nothing else about labels can make a difference.
#[derive(Debug, Default)]
pub(super) struct Vocabulary<'p> {
    values: Table<&'p str, Keys<&'p str>>,
}

impl<'p> Vocabulary<'p> {
    /// Adds what `selector` names.
    pub(super) fn add(&mut self, selector: &'p LabelSelector) {
        for requirement in selector.requirements() {
            let values = self.values.entry(requirement.key.as_ref()).or_default();
            values.extend(requirement.values().map(AsRef::as_ref));
        }
    }

    /// What of `labels` selectors can tell: keys that are named, and their values if these are named too.
    pub(super) fn told<'l>(&self, labels: &'l Labels) -> Told<'l> {
        let told = labels.known.iter().filter_map(|(key, value)| {
            let named = self.values.get(key.as_ref())?;
            Some((key.as_ref(), named.contains(value.as_ref()).then_some(value.as_ref())))
        });
        Told { labels: told.collect(), is_partial: labels.is_partial }
    }
}

/// Labels as selectors see them.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Told<'l> {
    labels: Vec<(&'l str, Option<&'l str>)>,
    is_partial: bool,
}

/// Things by their labels.
#[derive(Debug, Default)]
pub(super) struct LabelIndex {
    all: RoaringBitmap,
    partial: RoaringBitmap,
    keys: Table<Arc<str>, Key>,
}

#[derive(Debug, Default)]
struct Key {
    holders: RoaringBitmap,
    values: Table<Arc<str>, RoaringBitmap>,
    /// Those that may have the key or not, once somebody asks and all things are there.
    silent: OnceLock<RoaringBitmap>,
}

/// What a selector matches: for certain, and possibly, where labels aren't known.
#[derive(Debug, Clone, Default)]
pub(super) struct Selection {
    pub(super) certain: RoaringBitmap,
    pub(super) possible: RoaringBitmap,
}

impl LabelIndex {
    /// Adds a thing. Ids must ascend.
    pub(super) fn push(&mut self, id: u32, told: &Told) {
        self.all.insert(id);
        if told.is_partial {
            self.partial.insert(id);
        }
        for (key, value) in &told.labels {
            let key = self.keys.entry((*key).into()).or_default();
            key.holders.insert(id);
            if let Some(value) = value {
                key.values.entry((*value).into()).or_default().insert(id);
            }
        }
    }

    /// What `selector` matches.
    pub(super) fn select(&self, selector: &LabelSelector) -> Selection {
        let each = selector.requirements().iter().map(|requirement| self.matched(requirement));
        let both = each.reduce(|one, other| Selection {
            certain: one.certain & other.certain,
            possible: one.possible & other.possible,
        });
        both.unwrap_or_else(|| Selection { certain: self.all.clone(), possible: self.all.clone() })
    }

    fn matched(&self, requirement: &Requirement) -> Selection {
        let none = Key::default();
        let key = self.keys.get(&requirement.key).unwrap_or(&none);
        let silent = key.silent.get_or_init(|| &self.partial - &key.holders);
        let holders_of_values = || {
            let values = requirement.values().filter_map(|value| key.values.get(value));
            values.fold(RoaringBitmap::new(), |all, value| all | value)
        };
        // Of those that may have the key or not, any requirement may hold.
        let (certain, possible) = match &requirement.condition {
            Condition::In(_) => {
                let holders = holders_of_values();
                (holders.clone(), holders | silent)
            }
            Condition::Exists => (key.holders.clone(), &key.holders | silent),
            Condition::NotIn(_) => {
                let others = &self.all - holders_of_values();
                (&others - silent, others)
            }
            Condition::DoesNotExist => {
                let others = &self.all - &key.holders;
                (&others - silent, others)
            }
        };
        Selection { certain, possible }
    }
}
