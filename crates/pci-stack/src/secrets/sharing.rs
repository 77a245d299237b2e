//! Secrets that several parties share.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::{Keys, Table};

use super::{HeldSecret, names};
use crate::{ComponentId, Stack};

/// A component with its sub-components, or the configuration.
type Party = Option<ComponentId>;

/// Whom each party links to.
type Targets = Table<Party, Keys<Party>>;

impl Stack {
    /// Secrets that parties share, each with all who have it in the order of the file. What a client logs in to its
    /// server with, both have: that is one credential, not a shared one. An administrator's is nobody else's.
    pub fn shared_secrets(&self) -> Vec<Vec<HeldSecret<'_>>> {
        let mut groups: BTreeMap<u32, Vec<HeldSecret>> = BTreeMap::new();
        for secret in self.secrets() {
            groups.entry(secret.shape.group).or_default().push(secret);
        }
        let targets = self.targets();
        let mut shared: Vec<Vec<HeldSecret>> =
            groups.into_values().filter(|held| held.len() > 1 && self.is_shared(held, &targets)).collect();
        for held in &mut shared {
            held.sort_by_key(|secret| secret.place);
        }
        shared
    }

    fn party(&self, holder: Option<ComponentId>) -> Party {
        holder.map(|id| self.component(id).parent.unwrap_or(id))
    }

    fn targets(&self) -> Targets {
        let mut targets = Targets::default();
        for link in &self.links {
            let (source, target) = (self.party(Some(link.source)), self.party(Some(link.target)));
            if source != target {
                targets.entry(source).or_default().insert(target);
            }
        }
        targets
    }

    /// Whether the parties that have `held` are more than one owner of it and the clients of that owner.
    fn is_shared(&self, held: &[HeldSecret], targets: &Targets) -> bool {
        let party = |secret: &HeldSecret| self.party(secret.holder);
        let parties: BTreeSet<Party> = held.iter().map(party).collect();
        let administrators: BTreeSet<Party> =
            held.iter().filter(|secret| secret.is_administrators()).map(party).collect();
        if parties.len() < 2 || administrators.len() > 1 {
            return parties.len() > 1;
        }
        let mut within = among(&parties, targets);
        // Components fetch the stack's sources as its configuration says: in that they are clients of it.
        if held.iter().any(|secret| secret.holder.is_none() && names::is_of_git(secret.attribute)) {
            for secret in held.iter().filter(|secret| secret.holder.is_some() && names::is_of_git(secret.attribute)) {
                within.entry(party(secret)).or_default().push(None);
            }
        }
        let owners = parties.iter().filter(|party| !within.contains_key(party)).count();
        owners > 1 || !is_joined(&parties, &within)
    }
}

/// Who of `parties` links to whom of them.
fn among(parties: &BTreeSet<Party>, targets: &Targets) -> BTreeMap<Party, Vec<Party>> {
    let mut within = BTreeMap::new();
    for party in parties {
        let Some(all) = targets.get(party) else { continue };
        // The fewer are gone through: neither many holders nor many links may make this slow.
        let met: Vec<Party> = if all.len() < parties.len() {
            all.iter().filter(|target| parties.contains(target)).copied().collect()
        } else {
            parties.iter().filter(|target| all.contains(target)).copied().collect()
        };
        if !met.is_empty() {
            within.insert(*party, met);
        }
    }
    within
}

/// Whether the links `within` join all of `parties`, whichever way they go.
fn is_joined(parties: &BTreeSet<Party>, within: &BTreeMap<Party, Vec<Party>>) -> bool {
    let mut beside: BTreeMap<Party, Vec<Party>> = BTreeMap::new();
    for (source, targets) in within {
        for target in targets {
            beside.entry(*source).or_default().push(*target);
            beside.entry(*target).or_default().push(*source);
        }
    }
    let mut next: Vec<Party> = parties.first().copied().into_iter().collect();
    let mut reached: BTreeSet<Party> = next.iter().copied().collect();
    while let Some(party) = next.pop() {
        let more = beside.get(&party).into_iter().flatten();
        next.extend(more.filter(|party| reached.insert(**party)));
    }
    reached.len() == parties.len()
}
