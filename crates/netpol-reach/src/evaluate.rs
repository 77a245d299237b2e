//! Policies → what every end may reach and be reached by.
//!
//! The rules are the Kubernetes API's. A pod that no policy selects in a direction is unrestricted in it ("non-isolated
//! by default"); else what any policy that selects it allows is allowed ("policies do not conflict; they are
//! additive"). A connection needs both its ends ("both the egress policy on the source pod and the ingress policy on
//! the destination pod need to allow the connection"), and replies are part of it. Addresses outside are restricted by
//! nobody.

use std::borrow::{Borrow, Cow};

use roaring::RoaringBitmap;

use super::{
    EndId, Ends, Policy, PortName, PortSet, Reading, Settings, World,
    classes::PodClass,
    compile::{CompiledPolicy, CompiledRule, Compiler},
    union::union,
};
use crate::{Direction, Protocol, Table, both};

/// Policies, evaluated.
#[derive(Debug)]
pub struct Evaluation {
    /// The ends.
    pub ends: Ends,
    ingress: Sides,
    egress: Sides,
    /// Ends that some rules let in, as one set, and whom they let in to on which ports: by source, not destination.
    let_in: Vec<Table<PortSet, RoaringBitmap>>,
    /// Which of these each end is in.
    let_in_of: Vec<Vec<u32>>,
    /// Ends that take connections from all.
    open: RoaringBitmap,
    reading: Reading,
}

/// One direction of all pods.
#[derive(Debug, Default)]
struct Sides {
    policies: Vec<Option<CompiledPolicy>>,
    /// The side of each class of pods; `None` if nothing isolates it.
    of_class: Vec<Option<u32>>,
    kinds: Vec<Side>,
}

/// What pods that are selected alike are allowed in one direction.
#[derive(Debug)]
struct Side {
    members: RoaringBitmap,
    /// The policies that allow something.
    policies: Vec<u32>,
    /// Peers by the ports on which they are allowed; a peer may stand at several.
    allowed: Vec<(PortSet, RoaringBitmap)>,
}

/// What one end may open connections to: each destination once, by its ports.
pub type Row = Vec<(PortSet, RoaringBitmap)>;

impl Evaluation {
    /// Evaluates `policies` over `world`.
    pub fn of<P: Borrow<Policy>>(world: &World, policies: &[P], settings: Settings, reading: Reading) -> Self {
        let policies: Vec<&Policy> = policies.iter().map(Borrow::borrow).collect();
        let (ends, indices) = Ends::of(world, &policies, settings);
        let side = |direction| {
            let mut compiler = Compiler::new(world, &ends, &indices, reading);
            let found: Vec<_> = policies.iter().map(|policy| compiler.policy(policy, direction)).collect();
            Sides::of(&ends, found, direction, reading)
        };
        let (ingress, egress) = both(policies.len(), || side(Direction::Ingress), || side(Direction::Egress));
        let open = (0..ends.len()).filter(|end| ingress.side(*end).is_none()).collect();
        let mut evaluation = Self { ends, ingress, egress, let_in: Vec::new(), let_in_of: Vec::new(), open, reading };
        evaluation.turn_around();
        evaluation
    }

    /// Sorts what is let in by who is let in.
    fn turn_around(&mut self) {
        let mut by_sources: Table<Vec<Range>, Table<&PortSet, Vec<&RoaringBitmap>>> = Table::default();
        for side in &self.ingress.kinds {
            for (ports, sources) in &side.allowed {
                by_sources.entry(ranges(sources)).or_default().entry(ports).or_default().push(&side.members);
            }
        }
        self.let_in_of = vec![Vec::new(); self.ends.len() as usize];
        for ((sources, to), id) in by_sources.into_iter().zip(0..) {
            sources.into_iter().flatten().for_each(|source| self.let_in_of[source as usize].push(id));
            self.let_in.push(to.into_iter().map(|(ports, members)| (ports.clone(), union(members))).collect());
        }
    }

    /// Whether the policy at `index` selects any pod.
    pub fn selects_any(&self, index: usize) -> bool {
        let selected = |sides: &Sides| {
            let policy = sides.policies.get(index).and_then(Option::as_ref);
            policy.is_some_and(|policy| !policy.isolates.is_empty() || !policy.allows.is_empty())
        };
        selected(&self.ingress) || selected(&self.egress)
    }

    /// Whether any policy isolates `end` in `direction`.
    pub fn is_isolated(&self, end: EndId, direction: Direction) -> bool {
        self.sides(direction).side(end.0).is_some()
    }

    /// The ports on which `own` is allowed connections to or from `peer`, as far as its own side says.
    pub fn ports(&self, own: EndId, peer: EndId, direction: Direction) -> PortSet {
        let Some(side) = self.sides(direction).side(own.0) else { return PortSet::all() };
        let mut ports = PortSet::default();
        side.allowed.iter().filter(|(_, peers)| peers.contains(peer.0)).for_each(|(more, _)| ports.extend(more));
        ports
    }

    /// The policies that allow `own` any of `ports` to or from `peer`, as indices into those evaluated.
    pub fn policies(&self, own: EndId, peer: EndId, direction: Direction, ports: &PortSet) -> Vec<usize> {
        let sides = self.sides(direction);
        let Some(side) = sides.side(own.0) else { return Vec::new() };
        let destination = if direction == Direction::Ingress { own } else { peer };
        let allows =
            |rule: &CompiledRule| rule.peers.contains(peer.0) && self.ports_of(rule, destination.0).meets(ports);
        let allowing = side.policies.iter().map(|policy| *policy as usize).filter(|policy| {
            sides.policies[*policy].as_ref().is_some_and(|compiled| compiled.rules.iter().any(allows))
        });
        allowing.collect()
    }

    /// The ports on which the policy at `index` allows `own` connections to or from `peer`.
    pub fn ports_by(&self, index: usize, own: EndId, peer: EndId, direction: Direction) -> PortSet {
        let destination = if direction == Direction::Ingress { own } else { peer };
        let policy = self.sides(direction).policies.get(index).and_then(Option::as_ref);
        let mut ports = PortSet::default();
        if let Some(policy) = policy.filter(|policy| policy.allows.contains(own.0)) {
            for rule in policy.rules.iter().filter(|rule| rule.peers.contains(peer.0)) {
                ports.extend(&self.ports_of(rule, destination.0));
            }
        }
        ports
    }

    fn ports_of(&self, rule: &CompiledRule, destination: u32) -> PortSet {
        let mut ports = rule.ports.clone();
        for name in &rule.names {
            ports.extend(&resolved(name, self.ends.pod_class(destination), self.reading));
        }
        ports
    }

    /// What `source` may open connections to. Pairs of two addresses are left out.
    pub fn row(&self, source: EndId) -> Row {
        let everything = PortSet::all();
        let mut open = self.open.clone();
        if source.0 >= self.ends.pods() {
            open.remove_range(self.ends.pods()..);
        }
        let mut takers: Table<&PortSet, Vec<&RoaringBitmap>> = [(&everything, vec![&open])].into_iter().collect();
        for id in &self.let_in_of[source.0 as usize] {
            for (ports, to) in &self.let_in[*id as usize] {
                takers.entry(ports).or_default().push(to);
            }
        }
        let taken = takers.into_iter().map(|(ports, takers)| (ports, union(takers)));
        let mut row = Row::new();
        match self.egress.side(source.0) {
            None => taken.for_each(|(ports, to)| add(&mut row, ports.clone(), to)),
            Some(side) => {
                let taken: Vec<_> = taken.collect();
                for (sent, to) in &side.allowed {
                    for (ports, takers) in &taken {
                        let ports = sent.intersection(ports);
                        if !ports.is_empty() && !to.is_disjoint(takers) {
                            add(&mut row, ports, to & takers);
                        }
                    }
                }
            }
        }
        let mut whole: Table<PortSet, RoaringBitmap> = Table::default();
        for (ports, to) in row {
            *whole.entry(ports).or_default() |= to;
        }
        let mut row: Row = whole.into_iter().collect();
        row.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        row
    }

    fn sides(&self, direction: Direction) -> &Sides {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }
}

type Range = std::ops::RangeInclusive<u32>;

/// The runs of `set`, which tell it from every other set.
fn ranges(set: &RoaringBitmap) -> Vec<Range> {
    let mut iter = set.iter();
    std::iter::from_fn(|| iter.next_range()).collect()
}

/// Adds `ports` to the destinations `to`. Those that had other ports get both.
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

impl Sides {
    fn of(ends: &Ends, policies: Vec<Option<CompiledPolicy>>, direction: Direction, reading: Reading) -> Self {
        let pods = ends.pods() as usize;
        let isolated = union(policies.iter().flatten().map(|policy| &*policy.isolates));
        let mut selecting: Vec<Vec<u32>> = vec![Vec::new(); pods];
        for (policy, index) in policies.iter().zip(0..) {
            let Some(policy) = policy else { continue };
            if !policy.rules.is_empty() {
                policy.allows.iter().for_each(|class| selecting[class as usize].push(index));
            }
        }
        // Pods that the same policies select are one side, unless a port's name means another number for them.
        let mut known: Table<(&[u32], Option<u32>), u32> = Table::default();
        let mut sides = Self { of_class: vec![None; pods], ..Self::default() };
        for class in &isolated {
            let selecting = &selecting[class as usize];
            let names_ports = |policy: &u32| {
                policies[*policy as usize].iter().flat_map(|policy| &policy.rules).any(|rule| !rule.names.is_empty())
            };
            let own = (direction == Direction::Ingress && selecting.iter().any(names_ports)).then_some(class);
            let side = *known.entry((selecting, own)).or_insert_with(|| {
                let rules = selecting.iter().filter_map(|policy| policies[*policy as usize].as_ref());
                let allowed = allowed(ends, rules.flat_map(|policy| &policy.rules), class, direction, reading);
                sides.kinds.push(Side { members: RoaringBitmap::new(), policies: selecting.clone(), allowed });
                u32::try_from(sides.kinds.len() - 1).unwrap_or(u32::MAX)
            });
            sides.kinds[side as usize].members.insert(class);
            sides.of_class[class as usize] = Some(side);
        }
        sides.policies = policies;
        sides
    }

    fn side(&self, end: u32) -> Option<&Side> {
        let side = self.of_class.get(end as usize).copied().flatten()?;
        self.kinds.get(side as usize)
    }
}

/// What `rules` allow pods like `class`.
fn allowed<'r>(
    ends: &Ends,
    rules: impl Iterator<Item = &'r CompiledRule>,
    class: u32,
    direction: Direction,
    reading: Reading,
) -> Vec<(PortSet, RoaringBitmap)> {
    let mut allowed: Table<Cow<PortSet>, Vec<Cow<RoaringBitmap>>> = Table::default();
    let mut allow = |ports: Cow<'r, PortSet>, peers: Cow<'r, RoaringBitmap>| {
        if !ports.is_empty() && !peers.is_empty() {
            allowed.entry(ports).or_default().push(peers);
        }
    };
    for rule in rules {
        let peers = || Cow::Borrowed(&*rule.peers);
        allow(Cow::Borrowed(&rule.ports), peers());
        for name in &rule.names {
            match direction {
                Direction::Ingress => allow(Cow::Owned(resolved(name, ends.pod_class(class), reading)), peers()),
                Direction::Egress => {
                    let mut by_ports: Table<PortSet, RoaringBitmap> = Table::default();
                    for peer in rule.peers.iter().take_while(|peer| *peer < ends.pods()) {
                        let ports = resolved(name, ends.pod_class(peer), reading);
                        by_ports.entry(ports).or_default().insert(peer);
                    }
                    for (ports, peers) in by_ports {
                        allow(Cow::Owned(ports), Cow::Owned(peers));
                    }
                }
            }
        }
    }
    let whole = |(ports, peers): (Cow<PortSet>, Vec<Cow<RoaringBitmap>>)| {
        (ports.into_owned(), union(peers.iter().map(AsRef::as_ref)))
    };
    let mut allowed: Vec<_> = allowed.into_iter().map(whole).collect();
    allowed.sort_unstable_by(|a, b| a.0.cmp(&b.0));
    allowed
}

/// The number that a port's name stands for on pods like `destination`: "named port on a pod". It has none on
/// addresses, and none on pods without a port of that name and protocol.
fn resolved(name: &PortName, destination: Option<&PodClass>, reading: Reading) -> PortSet {
    let interval = |protocol: Protocol, first, last| PortSet::interval(protocol, first, last);
    match destination.map(|class| class.ports.as_deref()) {
        Some(None) if reading == Reading::Possible => interval(name.protocol, 1, u16::MAX),
        Some(Some(ports)) => {
            let found = ports.iter().find(|port| port.name == *name);
            found.map_or_else(PortSet::default, |port| interval(name.protocol, port.number, port.number))
        }
        None | Some(None) => PortSet::default(),
    }
}
