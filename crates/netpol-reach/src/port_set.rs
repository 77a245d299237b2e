//! Sets of ports as intervals, so that "all ports" costs no more than one.

use std::fmt;

use smallvec::SmallVec;

use crate::{Port, Ports, Protocol};

/// Neighbouring ports up to this many are shown one by one: policies list them so.
const LISTED: u16 = 8;

type Interval = (Protocol, u16, u16);

/// As many as all ports of all protocols are, and almost every rule has.
type Intervals = SmallVec<[Interval; 3]>;

/// A set of ports: disjoint intervals by protocol, ascending, none adjacent to the next.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PortSet(Intervals);

impl PortSet {
    /// Every port of every protocol.
    pub fn all() -> Self {
        Self([Protocol::Tcp, Protocol::Udp, Protocol::Sctp].map(|protocol| (protocol, 1, u16::MAX)).into())
    }

    /// `first` to `last` of `protocol`.
    pub fn interval(protocol: Protocol, first: u16, last: u16) -> Self {
        Self::normal([(protocol, first, last)].into_iter().collect())
    }

    /// The intervals: protocol, first and last port, ascending.
    pub fn intervals(&self) -> impl Iterator<Item = Interval> {
        self.0.iter().copied()
    }

    /// Whether the set is empty.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// How many ports there are.
    pub fn len(&self) -> u64 {
        self.0.iter().map(|(_, first, last)| u64::from(last - first) + 1).sum()
    }

    /// Whether `port` is one of the set.
    pub fn contains(&self, port: Port) -> bool {
        let (protocol, number) = (port.protocol, port.number.get());
        let index = self.0.partition_point(|interval| (interval.0, interval.2) < (protocol, number));
        self.0.get(index).is_some_and(|interval| interval.0 == protocol && interval.1 <= number)
    }

    /// Whether the sets share a port.
    pub fn meets(&self, other: &Self) -> bool {
        !self.intersection(other).is_empty()
    }

    /// Adds the ports of `other`.
    pub fn extend(&mut self, other: &Self) {
        if self.0 != other.0 {
            let mut both = std::mem::take(&mut self.0);
            both.extend_from_slice(&other.0);
            *self = Self::normal(both);
        }
    }

    /// Adds the ports of all of `others`: in one pass, where adding one after the other would sort again and again.
    pub fn extend_by_all<'s>(&mut self, others: impl IntoIterator<Item = &'s Self>) {
        let mut all = std::mem::take(&mut self.0);
        others.into_iter().for_each(|other| all.extend_from_slice(&other.0));
        *self = Self::normal(all);
    }

    /// The ports of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        let mut common = Intervals::new();
        let (mut a, mut b) = (self.0.iter().peekable(), other.0.iter().peekable());
        while let (Some(&&(pa, fa, la)), Some(&&(pb, fb, lb))) = (a.peek(), b.peek()) {
            if pa == pb && fa.max(fb) <= la.min(lb) {
                common.push((pa, fa.max(fb), la.min(lb)));
            }
            if (pa, la) <= (pb, lb) {
                a.next()
            } else {
                b.next()
            };
        }
        Self(common)
    }

    /// The ports of `self` that `other` lacks.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        let mut left = Intervals::new();
        // Both ascend: holes that end before an interval end before all that follow.
        let mut holes = other.0.as_slice();
        for &(protocol, first, last) in &self.0 {
            let gone = holes.partition_point(|hole| (hole.0, hole.2) < (protocol, first));
            holes = &holes[gone..];
            let mut next = u32::from(first);
            for &(_, hole_first, hole_last) in holes.iter().take_while(|hole| (hole.0, hole.1) <= (protocol, last)) {
                push(&mut left, protocol, next, u32::from(hole_first).saturating_sub(1));
                next = u32::from(hole_last) + 1;
            }
            push(&mut left, protocol, next, u32::from(last));
        }
        Self(left)
    }

    fn normal(mut intervals: Intervals) -> Self {
        intervals.sort_unstable();
        let mut merged = Intervals::with_capacity(intervals.len());
        for (protocol, first, last) in intervals.into_iter().filter(|(_, first, last)| first <= last) {
            match merged.last_mut() {
                Some(open) if open.0 == protocol && u32::from(first) <= u32::from(open.2) + 1 => {
                    open.2 = open.2.max(last);
                }
                _ => merged.push((protocol, first, last)),
            }
        }
        // Thousands of ports may be one interval.
        merged.shrink_to_fit();
        Self(merged)
    }
}

fn push(intervals: &mut Intervals, protocol: Protocol, first: u32, last: u32) {
    if let (Ok(first), Ok(last)) = (u16::try_from(first), u16::try_from(last))
        && first <= last
    {
        intervals.push((protocol, first, last));
    }
}

impl From<&Ports> for PortSet {
    fn from(ports: &Ports) -> Self {
        Self::normal(ports.iter().map(|port| (port.protocol, port.number.get(), port.number.get())).collect())
    }
}

impl fmt::Display for PortSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::all() {
            return f.write_str("all ports");
        }
        let mut comma = "";
        for &(protocol, first, last) in &self.0 {
            if last - first < LISTED {
                for number in first..=last {
                    write!(f, "{comma}{number}/{protocol}")?;
                    comma = ", ";
                }
            } else {
                write!(f, "{comma}{first}-{last}/{protocol}")?;
                comma = ", ";
            }
        }
        Ok(())
    }
}
