//! Connections between ends, with their ports, as sets: what one pod may open, and from which addresses it takes.
//!
//! Nothing is kept by pairs. A rule for all addresses but one tells as many classes of addresses apart as there are
//! such rules, and each of these names all classes but one.

use std::collections::BTreeMap;

use netpol_reach::{EndId, PortSet, Row, by_end};
use roaring::RoaringBitmap;

/// Connections between ends, with their ports.
#[derive(Debug, Default)]
pub(super) struct Tuples {
    /// Pods → where they may open connections to: each destination once.
    out: BTreeMap<EndId, Row>,
    /// Pods → the addresses from which they take connections: each once.
    from_outside: BTreeMap<EndId, Row>,
}

/// Rules that may overlap, from which [`Tuples`] are made.
#[derive(Debug, Default)]
pub(super) struct Gathering {
    out: BTreeMap<EndId, Row>,
    from_outside: BTreeMap<EndId, Row>,
}

/// Connections of one pod that are in one set and not in another.
#[derive(Debug)]
pub(super) struct Piece {
    /// The pod.
    pub(super) pod: EndId,
    /// Whether it opens them; else it takes them, from addresses.
    pub(super) opens: bool,
    /// The other ends.
    pub(super) far: RoaringBitmap,
    /// The ports.
    pub(super) ports: PortSet,
}

impl Gathering {
    /// Adds connections from each of `from` to each of `to`; `outside` are the ends that are addresses. Those between
    /// two addresses are left out.
    pub(super) fn add(&mut self, from: &RoaringBitmap, to: &RoaringBitmap, ports: &PortSet, outside: &RoaringBitmap) {
        for pod in from - outside {
            self.out.entry(pod.into()).or_default().push((ports.clone(), to.clone()));
        }
        let addresses = from & outside;
        if !addresses.is_empty() {
            for pod in to - outside {
                self.from_outside.entry(pod.into()).or_default().push((ports.clone(), addresses.clone()));
            }
        }
    }

    /// All of them, each once.
    pub(super) fn tuples(self) -> Tuples {
        let whole = |rules: BTreeMap<EndId, Row>| {
            let rows = rules.into_iter().map(|(pod, rules)| (pod, by_end(rules)));
            rows.filter(|(_, row)| !row.is_empty()).collect()
        };
        Tuples { out: whole(self.out), from_outside: whole(self.from_outside) }
    }
}

impl Tuples {
    /// Connections by the pods that open them, and those from addresses by the pods that take them.
    pub(super) fn new(
        out: impl IntoIterator<Item = (EndId, Row)>,
        from_outside: impl IntoIterator<Item = (EndId, Row)>,
    ) -> Self {
        let telling = |(_, row): &(EndId, Row)| !row.is_empty();
        Self {
            out: out.into_iter().filter(telling).collect(),
            from_outside: from_outside.into_iter().filter(telling).collect(),
        }
    }

    /// How many (source, destination, protocol, port) there are.
    pub(super) fn count(&self) -> u64 {
        let rows = self.out.values().chain(self.from_outside.values()).flatten();
        rows.map(|(ports, ends)| ports.len().saturating_mul(ends.len())).fold(0, u64::saturating_add)
    }

    /// All of them, pod by pod: what each opens, then what it takes.
    pub(super) fn iter(&self) -> impl Iterator<Item = (EndId, bool, &Row)> {
        let out = self.out.iter().map(|(pod, row)| (*pod, true, row));
        out.chain(self.from_outside.iter().map(|(pod, row)| (*pod, false, row)))
    }

    /// What `pod` opens, or takes from addresses.
    pub(super) fn row(&self, pod: EndId, opens: bool) -> &[(PortSet, RoaringBitmap)] {
        let rows = if opens { &self.out } else { &self.from_outside };
        rows.get(&pod).map(Vec::as_slice).unwrap_or_default()
    }

    /// What `other` lacks of it.
    pub(super) fn minus(&self, other: &Self) -> Vec<Piece> {
        let mut pieces = Vec::new();
        for (pod, opens, row) in self.iter() {
            let known = other.row(pod, opens);
            if row != known {
                let left = row_minus(row, known).into_iter();
                pieces.extend(left.map(|(ports, far)| Piece { pod, opens, far, ports }));
            }
        }
        pieces
    }

    /// Whether it holds all connections of `ports` between `pod` and `far`.
    pub(super) fn covers(&self, pod: EndId, opens: bool, far: &RoaringBitmap, ports: &PortSet) -> bool {
        let mut left = far.clone();
        for (known, ends) in self.row(pod, opens).iter().filter(|(_, ends)| !ends.is_disjoint(far)) {
            if !ports.minus(known).is_empty() {
                return false;
            }
            left -= ends;
        }
        left.is_empty() || ports.is_empty()
    }
}

/// What `other` lacks of `row`.
fn row_minus(row: &[(PortSet, RoaringBitmap)], other: &[(PortSet, RoaringBitmap)]) -> Row {
    let mut left = Row::new();
    for (ports, ends) in row {
        let mut rest = ends.clone();
        for (known, there) in other {
            if rest.is_empty() {
                break;
            }
            let common = &rest & there;
            if !common.is_empty() {
                rest -= &common;
                left.push((ports.minus(known), common));
            }
        }
        left.push((ports.clone(), rest));
    }
    by_end(left)
}
