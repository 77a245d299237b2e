//! Address blocks → classes of addresses that no block tells apart. Policies can't tell two addresses of one class
//! apart either, so a class is one end.
//!
//! One sweep over all addresses keeps the set of blocks that hold the current one as an [`InternedSets`] number: n
//! blocks and holes take O(n log n), although the sets themselves may have n members each. Classes are numbered by
//! their first address, so that a block is a few runs of numbers.

use std::{collections::BTreeMap, net::IpAddr, ops::Range};

use ipnet::IpNet;
use roaring::RoaringBitmap;

use crate::{AddressBlock, Table, sets::InternedSets};

/// Addresses that the same blocks contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressClass {
    /// First and last address of each run, ascending.
    pub ranges: Vec<(IpAddr, IpAddr)>,
}

/// The classes of some blocks.
#[derive(Debug, Clone, Default)]
pub struct AddressClasses {
    classes: Vec<AddressClass>,
    /// Block → the classes that make it up, as runs of their numbers.
    blocks: Table<AddressBlock, Vec<Range<u32>>>,
    /// First address of a run → its class. Runs leave no gap.
    runs: BTreeMap<IpAddr, u32>,
    /// How many nodes the sweep interned.
    interned: usize,
}

impl AddressClasses {
    /// The classes that `blocks` divide all addresses into.
    pub fn of<'a>(blocks: impl IntoIterator<Item = &'a AddressBlock>) -> Self {
        let mut blocks: Vec<&AddressBlock> = blocks.into_iter().collect();
        blocks.sort_unstable();
        blocks.dedup();
        let starts = starts(&blocks);
        let mut toggles: Vec<(u32, u32)> = Vec::new();
        for (index, block) in blocks.iter().enumerate() {
            let ends = runs_of(&starts, block).into_iter().flat_map(|run| [run.start, run.end]);
            toggles.extend(ends.map(|run| (number(run), number(index))));
        }
        toggles.sort_unstable();
        let mut sets = InternedSets::below(blocks.len());
        let mut holders = InternedSets::empty();
        let mut toggles = toggles.into_iter().peekable();
        let mut known: Table<(bool, u32), u32> = Table::default();
        let mut classes = Self::default();
        // By class, ascending.
        let mut first_runs: Vec<u32> = Vec::new();
        for (run, (index, first)) in (0_u32..).zip(starts.iter().enumerate()) {
            while let Some((_, block)) = toggles.next_if(|(at, _)| *at <= run) {
                holders = sets.toggled(holders, block);
            }
            let last = last_of_run(&starts, index);
            let class = *known.entry((first.is_ipv4(), holders)).or_insert_with(|| {
                classes.classes.push(AddressClass { ranges: Vec::new() });
                first_runs.push(run);
                number(classes.classes.len() - 1)
            });
            add(&mut classes.classes[class as usize].ranges, *first, last);
            classes.runs.insert(*first, class);
        }
        // All runs of a class are held by the same blocks: its first one decides.
        let class_at = |run: usize| number(first_runs.partition_point(|first| (*first as usize) < run));
        let of_block = |block: &AddressBlock| {
            let mut numbers: Vec<Range<u32>> = Vec::new();
            for run in runs_of(&starts, block) {
                let run = class_at(run.start)..class_at(run.end);
                match numbers.last_mut() {
                    Some(last) if last.end == run.start => last.end = run.end,
                    _ if run.is_empty() => {}
                    _ => numbers.push(run),
                }
            }
            numbers
        };
        classes.blocks = blocks.iter().map(|block| ((*block).clone(), of_block(block))).collect();
        classes.interned = sets.len();
        classes
    }

    /// The classes, by their first address.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &AddressClass> {
        self.classes.iter()
    }

    /// The class at `index`.
    pub fn get(&self, index: usize) -> Option<&AddressClass> {
        self.classes.get(index)
    }

    /// How many entries all tables hold together: what the classes cost.
    pub fn size(&self) -> usize {
        let ranges: usize = self.classes.iter().map(|class| class.ranges.len()).sum();
        let numbers: usize = self.blocks.values().map(Vec::len).sum();
        ranges + numbers + self.runs.len() + self.interned
    }

    /// The indices of the classes that `block` meets. They make it up if it is among those divided by; any other may
    /// be a part of them only, of which nothing holds that does not hold of all of the class.
    pub fn of_block(&self, block: &AddressBlock) -> RoaringBitmap {
        let Some(known) = self.blocks.get(block) else { return self.met_by(block) };
        let mut classes = RoaringBitmap::new();
        for run in known {
            classes.insert_range(run.clone());
        }
        classes
    }

    fn met_by(&self, block: &AddressBlock) -> RoaringBitmap {
        let starts = starts(&[block]);
        let met = |run: usize| {
            let first = starts[run];
            let last = last_of_run(&starts, run);
            self.of_address(first).into_iter().chain(self.runs.range(first..=last).map(|(_, class)| *class))
        };
        runs_of(&starts, block).into_iter().flatten().flat_map(met).collect()
    }

    /// The index of the class that `address` is of.
    pub fn of_address(&self, address: IpAddr) -> Option<u32> {
        let (first, class) = self.runs.range(..=address).next_back()?;
        (first.is_ipv4() == address.is_ipv4()).then_some(*class)
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}

/// Where all addresses are cut: at the start of either family, and wherever a block or a hole begins or has ended.
fn starts(blocks: &[&AddressBlock]) -> Vec<IpAddr> {
    let mut starts = vec![IpAddr::from([0; 4]), IpAddr::from([0; 16])];
    for block in blocks {
        for net in std::iter::once(&block.cidr).chain(&block.except) {
            starts.push(net.network());
            starts.extend(next(net.broadcast()));
        }
    }
    starts.sort_unstable();
    starts.dedup();
    starts
}

/// The last address before the next of `starts`, or else of its family.
fn last_of_run(starts: &[IpAddr], run: usize) -> IpAddr {
    let first = starts[run];
    let following = starts.get(run + 1).filter(|following| following.is_ipv4() == first.is_ipv4());
    following.and_then(|following| previous(*following)).unwrap_or_else(|| last_of(first))
}

/// The runs, as ranges of indices into `starts`, that `block` holds: ascending, none empty, none adjacent.
fn runs_of(starts: &[IpAddr], block: &AddressBlock) -> Vec<Range<usize>> {
    let span = |net: &IpNet| {
        let from = starts.partition_point(|start| *start < net.network());
        let to = starts.partition_point(|start| *start <= net.broadcast());
        from..to
    };
    let mut runs = Vec::new();
    let whole = span(&block.cidr);
    let mut from = whole.start;
    // Holes ascend; one may lie in another.
    for hole in block.except.iter().map(span) {
        if from < hole.start {
            runs.push(from..hole.start);
        }
        from = from.max(hole.end);
    }
    if from < whole.end {
        runs.push(from..whole.end);
    }
    runs
}

/// Adds a run, to the last one if it goes on there.
fn add(ranges: &mut Vec<(IpAddr, IpAddr)>, first: IpAddr, last: IpAddr) {
    match ranges.last_mut() {
        Some(open) if next(open.1) == Some(first) => open.1 = last,
        _ => ranges.push((first, last)),
    }
}

/// `ranges`, which ascend, those joined that touch.
pub(super) fn joined(ranges: Vec<(IpAddr, IpAddr)>) -> Vec<(IpAddr, IpAddr)> {
    let mut joined = Vec::with_capacity(ranges.len());
    for (first, last) in ranges {
        add(&mut joined, first, last);
    }
    joined
}

/// The last address of the family of `address`.
fn last_of(address: IpAddr) -> IpAddr {
    if address.is_ipv4() { IpAddr::from([255; 4]) } else { IpAddr::from([255; 16]) }
}

fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_add(1).map(|next| IpAddr::V4(next.into())),
        IpAddr::V6(address) => u128::from(address).checked_add(1).map(|next| IpAddr::V6(next.into())),
    }
}

fn previous(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(address) => u32::from(address).checked_sub(1).map(|previous| IpAddr::V4(previous.into())),
        IpAddr::V6(address) => u128::from(address).checked_sub(1).map(|previous| IpAddr::V6(previous.into())),
    }
}

impl std::fmt::Display for AddressClass {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let shown = 2;
        for (index, (first, last)) in self.ranges.iter().take(shown).enumerate() {
            let comma = if index > 0 { ", " } else { "" };
            if first == last { write!(f, "{comma}{first}")? } else { write!(f, "{comma}{first}-{last}")? }
        }
        match self.ranges.len().saturating_sub(shown) {
            0 => Ok(()),
            more => write!(f, " and {more} more ranges"),
        }
    }
}
