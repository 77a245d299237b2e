//! Address blocks → classes of addresses that no block tells apart. Policies can't tell two addresses of one class
//! apart either, so a class is one end.

use std::{collections::BTreeMap, net::IpAddr};

use ipnet::IpNet;

use crate::terms::AddressBlock;

/// Addresses that the same blocks contain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressClass {
    /// First and last address of each run, ascending.
    pub ranges: Vec<(IpAddr, IpAddr)>,
    /// The blocks that contain the class, as indices.
    blocks: Vec<usize>,
}

/// The classes of some blocks.
#[derive(Debug, Clone, Default)]
pub struct AddressClasses {
    blocks: BTreeMap<AddressBlock, Vec<usize>>,
    classes: Vec<AddressClass>,
}

impl AddressClasses {
    /// The classes that `blocks` divide all addresses into; the class that none contains is left out.
    pub fn of<'a>(blocks: impl IntoIterator<Item = &'a AddressBlock>) -> Self {
        let mut known: BTreeMap<AddressBlock, Vec<usize>> =
            blocks.into_iter().map(|block| (block.clone(), Vec::new())).collect();
        let mut by_blocks: BTreeMap<Vec<usize>, Vec<(IpAddr, IpAddr)>> = BTreeMap::new();
        for (first, last) in pieces(known.keys()) {
            let inside = known.keys().enumerate().filter(|(_, block)| block.contains(first));
            let inside: Vec<usize> = inside.map(|(index, _)| index).collect();
            if !inside.is_empty() {
                add(by_blocks.entry(inside).or_default(), first, last);
            }
        }
        let classes: Vec<AddressClass> =
            by_blocks.into_iter().map(|(blocks, ranges)| AddressClass { ranges, blocks }).collect();
        for (index, of_block) in known.values_mut().enumerate() {
            of_block.extend((0..classes.len()).filter(|class| classes[*class].blocks.contains(&index)));
        }
        Self { blocks: known, classes }
    }

    /// The classes, in a fixed order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &AddressClass> {
        self.classes.iter()
    }

    /// The indices of the classes that make up `block`; none if the block was not among those divided by.
    pub fn of_block(&self, block: &AddressBlock) -> &[usize] {
        self.blocks.get(block).map_or(&[], Vec::as_slice)
    }
}

/// Adds a run, to the last one if it goes on there.
fn add(ranges: &mut Vec<(IpAddr, IpAddr)>, first: IpAddr, last: IpAddr) {
    match ranges.last_mut() {
        Some(open) if next(open.1) == Some(first) => open.1 = last,
        _ => ranges.push((first, last)),
    }
}

/// All addresses, cut wherever a block or a hole begins or ends.
fn pieces<'a>(blocks: impl Iterator<Item = &'a AddressBlock>) -> Vec<(IpAddr, IpAddr)> {
    let mut starts: Vec<IpAddr> = Vec::new();
    let mut ends: BTreeMap<bool, IpAddr> = BTreeMap::new();
    for block in blocks {
        for net in std::iter::once(&block.cidr).chain(&block.except) {
            starts.push(net.network());
            starts.extend(next(net.broadcast()));
        }
        let whole = match block.cidr {
            IpNet::V4(_) => IpAddr::from([255; 4]),
            IpNet::V6(_) => IpAddr::from([255; 16]),
        };
        ends.insert(whole.is_ipv6(), whole);
    }
    starts.sort_unstable();
    starts.dedup();
    let mut pieces = Vec::with_capacity(starts.len());
    for (index, first) in starts.iter().enumerate() {
        let following = starts.get(index + 1).filter(|following| following.is_ipv4() == first.is_ipv4());
        let last = following.and_then(|following| previous(*following)).or_else(|| ends.get(&first.is_ipv6()).copied());
        pieces.extend(last.map(|last| (*first, last)));
    }
    pieces
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
