//! Rules that overlap → ends, each once, with all its ports.

use roaring::RoaringBitmap;

use crate::{
    PortSet, Table,
    meter::{Meter, Unlimited},
    sets::InternedSets,
    union::union,
};

/// Ends by their ports: each once.
pub type Row = Vec<(PortSet, RoaringBitmap)>;

/// Up to this many rules are told apart one by one, which is quicker for few.
const FEW: usize = 2;

/// `rules`, in any order, as ends by their ports: each end once, with the ports of all rules that name it. Ascending by
/// ports, each set of ports once.
pub fn by_end(rules: Vec<(PortSet, RoaringBitmap)>) -> Row {
    let Ok(row) = partition(rules, &Unlimited);
    row
}

/// The same, if `meter` has enough left for it.
pub(super) fn partition<M: Meter>(rules: Vec<(PortSet, RoaringBitmap)>, meter: &M) -> Result<Row, M::Refusal> {
    let rules = gathered(rules);
    let row = if rules.len() <= FEW {
        let mut row = Row::new();
        for (ports, ends) in rules {
            add(&mut row, ports, ends);
        }
        row
    } else {
        swept(&rules, meter)?
    };
    let row = gathered(row);
    for (ports, ends) in &row {
        meter.take_ports(ports)?;
        meter.take_set(ends)?;
    }
    Ok(row)
}

/// `parts`, those of the same ports as one.
pub(super) fn gathered(parts: Row) -> Row {
    let mut by_ports: Table<PortSet, Vec<RoaringBitmap>> = Table::default();
    for (ports, ends) in parts.into_iter().filter(|(ports, ends)| !ports.is_empty() && !ends.is_empty()) {
        by_ports.entry(ports).or_default().push(ends);
    }
    let mut row: Row = by_ports.into_iter().map(|(ports, ends)| (ports, union(&ends))).collect();
    row.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    row
}

/// Adds `ports` to the ends `to`. Those that had other ports get both.
fn add(row: &mut Row, ports: PortSet, mut to: RoaringBitmap) {
    if ports.is_empty() {
        return;
    }
    let mut both = Row::new();
    for (known, there) in row.iter_mut() {
        if to.is_empty() {
            break;
        }
        if there.is_disjoint(&to) {
            continue;
        }
        let common = &*there & &to;
        to -= &common;
        let mut union = known.clone();
        union.extend(&ports);
        if union != *known {
            *there -= &common;
            both.push((union, common));
        }
    }
    row.retain(|(_, there)| !there.is_empty());
    row.append(&mut both);
    if !to.is_empty() {
        row.push((ports, to));
    }
}

/// The same of many rules, by a sweep over the ends that several of them name.
fn swept<M: Meter>(rules: &Row, meter: &M) -> Result<Row, M::Refusal> {
    let (mut seen, mut shared) = (RoaringBitmap::new(), RoaringBitmap::new());
    for (_, ends) in rules {
        if !seen.is_disjoint(ends) {
            shared |= &seen & ends;
        }
        seen |= ends;
    }
    // End, and the rule that begins or ceases to name it and what follows.
    let mut toggles: Vec<(u64, u32)> = Vec::new();
    let mut row = Row::new();
    for (rule, (ports, ends)) in (0..).zip(rules) {
        let in_several = ends & &shared;
        let mut members = in_several.iter();
        while let Some(run) = members.next_range() {
            meter.take(24)?;
            toggles.extend([(u64::from(*run.start()), rule), (u64::from(*run.end()) + 1, rule)]);
        }
        let alone = if in_several.is_empty() { ends.clone() } else { ends - &in_several };
        if !alone.is_empty() {
            row.push((ports.clone(), alone));
        }
    }
    toggles.sort_unstable();
    let mut sets = InternedSets::below(rules.len());
    let mut known: Table<u32, usize> = Table::default();
    let mut set = InternedSets::empty();
    let mut toggles = toggles.into_iter().peekable();
    while let Some((at, rule)) = toggles.next() {
        set = sets.toggled(set, rule);
        let Some((next, _)) = toggles.peek().copied().filter(|(next, _)| *next > at) else { continue };
        if set == InternedSets::empty() {
            continue;
        }
        let index = if let Some(index) = known.get(&set) {
            *index
        } else {
            let mut members = sets.members(set).into_iter().filter_map(|rule| rules.get(rule as usize));
            let mut ports = members.next().map(|(ports, _)| ports.clone()).unwrap_or_default();
            let others: Vec<&PortSet> = members.map(|(ports, _)| ports).collect();
            meter.take(u64::try_from(others.len()).unwrap_or(u64::MAX))?;
            ports.extend_by_all(others);
            meter.take_ports(&ports)?;
            known.insert(set, row.len());
            row.push((ports, RoaringBitmap::new()));
            row.len() - 1
        };
        let number = |end: u64| u32::try_from(end).unwrap_or(u32::MAX);
        if let Some((_, ends)) = row.get_mut(index) {
            ends.insert_range(number(at)..number(next));
        }
    }
    Ok(row)
}
