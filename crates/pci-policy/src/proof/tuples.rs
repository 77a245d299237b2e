//! Connections between ends, with their ports.

use netpol_reach::{EndId, PortSet};

/// Two ends: where connections start, and where they end.
pub(super) type Pair = (EndId, EndId);

/// Connections between ends, with their ports: each pair once, ascending.
#[derive(Debug, Default)]
pub(super) struct Tuples(Vec<(Pair, PortSet)>);

impl Tuples {
    /// What `parts` come to: a pair may stand in several.
    pub(super) fn of<'p>(parts: impl IntoIterator<Item = (Pair, &'p PortSet)>) -> Self {
        let mut parts: Vec<(Pair, &PortSet)> = parts.into_iter().collect();
        parts.sort_unstable_by_key(|(pair, _)| *pair);
        let mut tuples: Vec<(Pair, PortSet)> = Vec::with_capacity(parts.len());
        for (pair, ports) in parts {
            match tuples.last_mut() {
                Some((last, known)) if *last == pair => known.extend(ports),
                _ => tuples.push((pair, ports.clone())),
            }
        }
        Self(tuples)
    }

    /// The ports between two ends, if there are any.
    pub(super) fn get(&self, pair: Pair) -> Option<&PortSet> {
        let index = self.0.binary_search_by_key(&pair, |(pair, _)| *pair).ok()?;
        self.0.get(index).map(|(_, ports)| ports)
    }

    /// Those of `ports` that are not there between two ends.
    pub(super) fn lacking(&self, pair: Pair, ports: &PortSet) -> PortSet {
        self.get(pair).map_or_else(|| ports.clone(), |known| ports.minus(known))
    }

    /// Each pair of ends, ascending, and its ports.
    pub(super) fn iter(&self) -> impl Iterator<Item = (Pair, &PortSet)> {
        self.0.iter().map(|(pair, ports)| (*pair, ports))
    }

    /// How many (source, destination, protocol, port) there are.
    pub(super) fn count(&self) -> u64 {
        self.0.iter().map(|(_, ports)| ports.len()).sum()
    }
}

impl FromIterator<(Pair, PortSet)> for Tuples {
    /// Of pairs that stand in it once each.
    fn from_iter<I: IntoIterator<Item = (Pair, PortSet)>>(pairs: I) -> Self {
        let mut tuples: Vec<(Pair, PortSet)> = pairs.into_iter().collect();
        tuples.sort_unstable_by_key(|(pair, _)| *pair);
        Self(tuples)
    }
}
