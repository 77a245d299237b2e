//! Address blocks → classes of addresses that no block tells apart. Policies can't tell two addresses of one class
//! apart either, so a class is one end.

use std::{borrow::Cow, collections::BTreeMap, net::IpAddr};

use ipnet::IpNet;

use crate::{AddressBlock, Table};

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
    /// Block → the classes that make it up.
    blocks: Table<AddressBlock, Vec<u32>>,
    /// First address of a run → its class. Runs leave no gap.
    runs: BTreeMap<IpAddr, u32>,
}

impl AddressClasses {
    /// The classes that `blocks` divide all addresses into.
    pub fn of<'a>(blocks: impl IntoIterator<Item = &'a AddressBlock>) -> Self {
        let mut blocks: Vec<&AddressBlock> = blocks.into_iter().collect();
        blocks.sort_unstable();
        blocks.dedup();
        let starts = starts(&blocks);
        let mut holders: Vec<Vec<u32>> = vec![Vec::new(); starts.len()];
        for (index, block) in blocks.iter().enumerate() {
            for run in runs_of(&starts, block) {
                holders[run].push(number(index));
            }
        }
        let mut known: Table<(bool, &[u32]), u32> = Table::default();
        let mut classes = Self::default();
        for (index, first) in starts.iter().enumerate() {
            let last = last_of_run(&starts, index);
            let class = *known.entry((first.is_ipv4(), &holders[index])).or_insert_with(|| {
                classes.classes.push(AddressClass { ranges: Vec::new() });
                number(classes.classes.len() - 1)
            });
            add(&mut classes.classes[class as usize].ranges, *first, last);
            classes.runs.insert(*first, class);
        }
        classes.blocks = blocks.iter().map(|block| ((*block).clone(), Vec::new())).collect();
        for ((_, holders), class) in known {
            for holder in holders {
                if let Some(of_block) = classes.blocks.get_mut(blocks[*holder as usize]) {
                    of_block.push(class);
                }
            }
        }
        classes.blocks.values_mut().for_each(|of_block| of_block.sort_unstable());
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

    /// The indices of the classes that `block` meets, ascending. They make it up if it is among those divided by; any
    /// other may be a part of them only, of which nothing holds that does not hold of all of the class.
    pub fn of_block(&self, block: &AddressBlock) -> Cow<'_, [u32]> {
        self.blocks.get(block).map_or_else(|| self.met_by(block).into(), Into::into)
    }

    fn met_by(&self, block: &AddressBlock) -> Vec<u32> {
        let starts = starts(&[block]);
        let met = |run: usize| {
            let first = starts[run];
            let last = last_of_run(&starts, run);
            self.of_address(first).into_iter().chain(self.runs.range(first..=last).map(|(_, class)| *class))
        };
        let mut classes: Vec<u32> = runs_of(&starts, block).into_iter().flat_map(met).collect();
        classes.sort_unstable();
        classes.dedup();
        classes
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

/// The runs, as indices into `starts`, that `block` holds.
fn runs_of(starts: &[IpAddr], block: &AddressBlock) -> Vec<usize> {
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
        runs.extend(from..hole.start);
        from = from.max(hole.end);
    }
    runs.extend(from..whole.end);
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
