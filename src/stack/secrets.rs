//! Secrets that several parties of a stack share. The secrets themselves ended where the file was read: what is left of
//! each is its shape, by which equal ones are known.

use std::collections::BTreeMap;

use super::{ComponentId, FactValue, SecretShape, Stack};
use crate::terms::Place;

/// A secret, as far as it may be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSecret<'s> {
    /// Who has it; absent for the stack's own configuration.
    pub holder: Option<ComponentId>,
    /// The attribute.
    pub attribute: &'s str,
    /// Where it stands.
    pub place: &'s Place,
    /// Its shape.
    pub shape: SecretShape,
}

impl Stack {
    /// All secrets, in the order of the file: those of components, then those of the configuration.
    pub fn secrets(&self) -> impl Iterator<Item = HeldSecret<'_>> {
        let of_components =
            self.with_ids().flat_map(|(id, component)| component.facts.iter().map(move |fact| (Some(id), fact)));
        let of_configuration = self.configuration.iter().map(|fact| (None, fact));
        of_components.chain(of_configuration).filter_map(|(holder, (attribute, fact))| match fact.value {
            FactValue::Secret(shape) => Some(HeldSecret { holder, attribute, place: &fact.place, shape }),
            _ => None,
        })
    }

    /// Secrets that parties share which no link joins, each with all who have it. What one logs in to the other with,
    /// both ends of a link have: that is one credential, not a shared one.
    pub fn shared_secrets(&self) -> Vec<Vec<HeldSecret<'_>>> {
        let mut groups: BTreeMap<u32, Vec<HeldSecret>> = BTreeMap::new();
        for secret in self.secrets() {
            groups.entry(secret.shape.group).or_default().push(secret);
        }
        groups.into_values().filter(|held| held.len() > 1 && !self.are_joined(held)).collect()
    }

    /// Whether links among the holders of `held` join them all.
    fn are_joined(&self, held: &[HeldSecret]) -> bool {
        let owner = |id: ComponentId| self.component(id).parent.unwrap_or(id);
        let mut parties: Vec<Option<ComponentId>> = held.iter().map(|secret| secret.holder.map(owner)).collect();
        parties.sort_unstable();
        parties.dedup();
        let linked = |one: ComponentId, other: ComponentId| {
            self.links.iter().any(|link| {
                let ends = (owner(link.source), owner(link.target));
                ends == (one, other) || ends == (other, one)
            })
        };
        let Some((first, rest)) = parties.split_first() else { return true };
        let (mut reached, mut left) = (vec![*first], rest.to_vec());
        while let Some(party) = reached.pop() {
            let (next, still): (Vec<_>, Vec<_>) = left.into_iter().partition(|other| match (party, other) {
                (Some(party), Some(other)) => linked(party, *other),
                _ => false,
            });
            reached.extend(next);
            left = still;
        }
        left.is_empty()
    }
}
