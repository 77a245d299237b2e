//! Refuses two statements of one sort about the same thing.

use std::collections::{BTreeMap, btree_map::Entry};

use netpol_reach::{InputError, Place};

/// Refuses two of `entries` with the same key; `what` says what each of them is.
pub(super) fn once<'p, K: Ord>(entries: impl Iterator<Item = (K, &'p Place)>, what: &str) -> Result<(), InputError> {
    let mut known: BTreeMap<K, &Place> = BTreeMap::new();
    for (key, place) in entries {
        match known.entry(key) {
            Entry::Vacant(free) => drop(free.insert(place)),
            Entry::Occupied(first) => {
                let what = format!("this is {what} twice, first at {}", first.get());
                return Err(InputError::new(place.clone(), what).help("keep one"));
            }
        }
    }
    Ok(())
}
