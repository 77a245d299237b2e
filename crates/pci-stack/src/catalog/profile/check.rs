//! Refuses two statements of one sort about the same thing.

use std::collections::{BTreeMap, btree_map::Entry};

use netpol_reach::{InputError, Place};

use super::Profile;

/// Refuses two statements of one sort about the same.
pub(super) fn statements_once(profile: &Profile) -> Result<(), InputError> {
    once(profile.attestations.iter().map(|one| (&one.control, &one.place)), "attested")?;
    once(profile.not_applicable.iter().map(|one| (&one.control, &one.place)), "not applicable")?;
    once(profile.inherited.iter().map(|one| (&one.control, &one.place)), "inherited")?;
    once(profile.facts.iter().map(|one| ((&one.component, &one.fact), &one.place)), "stated")?;
    once(profile.flows.iter().map(|one| (&one.link, &one.place)), "given a reason")
}

fn once<'p, K: Ord>(entries: impl Iterator<Item = (K, &'p Place)>, what: &str) -> Result<(), InputError> {
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
