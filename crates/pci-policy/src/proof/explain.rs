//! One connection: whether it is allowed, and which policies of either side say so.

use netpol_reach::{Direction, EndId, Port, PortSet};
use roaring::RoaringBitmap;
use serde::Serialize;

use super::{EndName, Ground, Verdict};

/// What the policies of one side say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum SideVerdict {
    /// A policy allows it.
    Allowed,
    /// The side is isolated, and no policy allows it, or not all of it.
    Denied,
    /// No policy isolates the side.
    Unrestricted,
}

/// One side of a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Side {
    /// What its policies say.
    pub verdict: SideVerdict,
    /// Those that allow it, as `namespace/name`.
    pub policies: Vec<String>,
}

/// One connection, explained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Whether it is allowed, all of it.
    pub verdict: Verdict,
    /// The side that opens it.
    pub egress: Side,
    /// The side that takes it.
    pub ingress: Side,
    /// Of several ends, those between which it is allowed, if that is not all.
    pub only: Vec<(EndName, EndName)>,
}

/// Whether each of `from` may open connections to each of `to` on `port`, or on any at all, and why.
pub fn explain(ground: &Ground, from: &[EndId], to: &[EndId], port: Option<Port>) -> Explanation {
    let one = |port: Port| PortSet::interval(port.protocol, port.number.get(), port.number.get());
    let asked = port.map_or_else(PortSet::all, one);
    let (mut only, mut pairs) = (Vec::new(), 0);
    for from in from {
        for to in to {
            pairs += 1;
            if ground.ports(*from, *to).meets(&asked) {
                only.push((ground.name(*from), ground.name(*to)));
            }
        }
    }
    // Between no ends nothing is allowed.
    let verdict = if only.len() == pairs && pairs > 0 { Verdict::Allowed } else { Verdict::Denied };
    if verdict == Verdict::Allowed {
        only.clear();
    }
    only.sort_unstable();
    only.dedup();
    let side = |direction| side(ground, from, to, direction, &asked);
    Explanation { verdict, egress: side(Direction::Egress), ingress: side(Direction::Ingress), only }
}

fn side(ground: &Ground, from: &[EndId], to: &[EndId], direction: Direction, asked: &PortSet) -> Side {
    let (own, peers) = if direction == Direction::Egress { (from, to) } else { (to, from) };
    let all: RoaringBitmap = peers.iter().map(|end| u32::from(*end)).collect();
    let (mut policies, mut is_isolated, mut is_allowed) = (Vec::new(), false, true);
    for own in own.iter().filter(|_| !peers.is_empty()) {
        is_isolated |= ground.evaluation.is_isolated(*own, direction);
        is_allowed &= peers.iter().all(|peer| ground.evaluation.ports(*own, *peer, direction).meets(asked));
        policies.extend(ground.policies_for(*own, &all, direction, asked).map(ToString::to_string));
    }
    policies.sort_unstable();
    policies.dedup();
    let verdict = match (is_isolated, is_allowed) {
        (false, _) => SideVerdict::Unrestricted,
        (true, true) => SideVerdict::Allowed,
        (true, false) => SideVerdict::Denied,
    };
    Side { verdict, policies }
}
