//! Interned sets of small numbers: a sweep over a line toggles one member after the other, and asks at every stop
//! which set it is. Equal sets are the same number, and n toggles of n members take O(n log n) time and memory,
//! however large the sets between them are.

use crate::Table;

/// The set without members, at any height of a tree.
const EMPTY: u32 = 0;
/// A member that is there.
const PRESENT: u32 = 1;
/// The first interned node.
const FIRST: u32 = 2;

/// Sets of numbers below a bound as binary tries that share their equal parts. Each distinct subtree exists once, so
/// that two sets are equal exactly if their roots are the same.
#[derive(Debug)]
pub(super) struct InternedSets {
    /// How many levels of nodes a trie has.
    height: u32,
    nodes: Vec<(u32, u32)>,
    known: Table<(u32, u32), u32>,
}

impl InternedSets {
    /// Sets of numbers below `bound`.
    pub(super) fn below(bound: usize) -> Self {
        let height = bound.max(1).next_power_of_two().trailing_zeros();
        Self { height, nodes: Vec::new(), known: Table::default() }
    }

    /// The set without members.
    pub(super) fn empty() -> u32 {
        EMPTY
    }

    /// `set` with `member` if it lacks it, else without.
    pub(super) fn toggled(&mut self, set: u32, member: u32) -> u32 {
        self.toggled_at(set, member, self.height)
    }

    fn toggled_at(&mut self, node: u32, member: u32, height: u32) -> u32 {
        let Some(below) = height.checked_sub(1) else {
            return if node == EMPTY { PRESENT } else { EMPTY };
        };
        let (mut low, mut high) = if node == EMPTY { (EMPTY, EMPTY) } else { self.nodes[(node - FIRST) as usize] };
        if member >> below & 1 == 0 {
            low = self.toggled_at(low, member, below);
        } else {
            high = self.toggled_at(high, member, below);
        }
        if (low, high) == (EMPTY, EMPTY) {
            return EMPTY;
        }
        let next = FIRST + u32::try_from(self.nodes.len()).unwrap_or(u32::MAX - FIRST);
        let nodes = &mut self.nodes;
        *self.known.entry((low, high)).or_insert_with(|| {
            nodes.push((low, high));
            next
        })
    }

    /// The members of `set`, ascending.
    pub(super) fn members(&self, set: u32) -> Vec<u32> {
        let mut members = Vec::new();
        self.gather(set, 0, self.height, &mut members);
        members
    }

    fn gather(&self, node: u32, from: u32, height: u32, members: &mut Vec<u32>) {
        match height.checked_sub(1) {
            _ if node == EMPTY => {}
            None => members.push(from),
            Some(below) => {
                let (low, high) = self.nodes[(node - FIRST) as usize];
                self.gather(low, from, below, members);
                self.gather(high, from | 1 << below, below, members);
            }
        }
    }

    /// How many nodes there are: what all sets together take.
    pub(super) fn len(&self) -> usize {
        self.nodes.len()
    }
}
