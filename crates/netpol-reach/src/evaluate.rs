//! Policies → what every end may reach and be reached by.
//!
//! The rules are the Kubernetes API's. A pod that no policy selects in a direction is unrestricted in it ("non-isolated
//! by default"); else what any policy that selects it allows is allowed ("policies do not conflict; they are
//! additive"). A connection needs both its ends ("both the egress policy on the source pod and the ingress policy on
//! the destination pod need to allow the connection"), and replies are part of it. Addresses outside are restricted by
//! nobody.

use std::{
    borrow::{Borrow, Cow},
    sync::Arc,
};

use roaring::RoaringBitmap;

use super::{
    EndId, Ends, InputError, Place, Policy, PortName, PortSet, Reading, Settings, World,
    classes::PodClass,
    compile::{CompiledPolicy, CompiledRule, Compiler},
    meter::{Limited, Meter, OverBudget, Unlimited},
    of_manifests,
    partition::{Row, by_end, gathered, partition},
    union::union,
};
use crate::{Direction, Keys, Protocol, Table, both};

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
    /// Peers by the ports on which they are allowed, each once.
    allowed: Row,
    /// Peer → the policies with a rule that names it and few others.
    narrow: ByPeer,
    /// The policies with a rule that names many.
    wide: Vec<u32>,
}

/// Peer → policies.
type ByPeer = Table<u32, Vec<u32>>;

/// A rule of up to this many peers is found by each of them.
const NARROW: u64 = 4;

impl Side {
    /// The policies that may have a rule for any of `peers`, ascending: all that have one, and some others.
    fn about(&self, peers: &RoaringBitmap) -> Cow<'_, [u32]> {
        if peers.len() > NARROW {
            return Cow::Borrowed(&self.policies);
        }
        let narrow = peers.iter().filter_map(|peer| self.narrow.get(&peer)).flatten();
        let mut policies: Vec<u32> = narrow.chain(&self.wide).copied().collect();
        policies.sort_unstable();
        policies.dedup();
        Cow::Owned(policies)
    }
}

/// Two lists of parts up to this many pairs are crossed pair by pair, others end by end.
const FEW_PAIRS: usize = 4096;

impl Evaluation {
    /// Evaluates `policies` over `world`.
    pub fn of<P: Borrow<Policy>>(world: &World, policies: &[P], settings: Settings, reading: Reading) -> Self {
        let Ok(evaluation) = Self::metered(world, policies, settings, reading, &Unlimited);
        evaluation
    }

    /// The same, given up once it takes more than the budget of an evaluation: an error at the policy that says most.
    pub fn within<P: Borrow<Policy>>(
        world: &World,
        policies: &[P],
        settings: Settings,
        reading: Reading,
    ) -> Result<Self, InputError> {
        let budget = of_manifests::EVALUATION;
        let meter = Limited::to(u64::try_from(budget.most).unwrap_or(u64::MAX));
        Self::metered(world, policies, settings, reading, &meter).map_err(|OverBudget| {
            let largest = policies.iter().map(Borrow::borrow).max_by_key(|policy| policy.size());
            let place = largest.map_or_else(|| Place::whole("manifests"), |policy| policy.place.clone());
            budget.exceeded("too many", place)
        })
    }

    fn metered<P: Borrow<Policy>, M: Meter>(
        world: &World,
        policies: &[P],
        settings: Settings,
        reading: Reading,
        meter: &M,
    ) -> Result<Self, M::Refusal> {
        let policies: Vec<&Policy> = policies.iter().map(Borrow::borrow).collect();
        let (ends, indices) = Ends::of(world, &policies, settings);
        let side = |direction| {
            let mut compiler = Compiler::new(world, &ends, &indices, reading, meter);
            let found: Result<Vec<_>, _> = policies.iter().map(|policy| compiler.policy(policy, direction)).collect();
            Sides::of(&ends, found?, direction, reading, meter)
        };
        let (ingress, egress) = both(policies.len(), || side(Direction::Ingress), || side(Direction::Egress));
        let (ingress, egress) = (ingress?, egress?);
        let open = (0..ends.len()).filter(|end| ingress.side(*end).is_none()).collect();
        let mut evaluation = Self { ends, ingress, egress, let_in: Vec::new(), let_in_of: Vec::new(), open, reading };
        evaluation.turn_around(meter)?;
        Ok(evaluation)
    }

    /// Sorts what is let in by the pods that are let in. Addresses are restricted by nobody: what comes from them is a
    /// matter of the pod that they reach, see [`Self::incoming`].
    fn turn_around<M: Meter>(&mut self, meter: &M) -> Result<(), M::Refusal> {
        let mut pods = RoaringBitmap::new();
        pods.insert_range(0..self.ends.pods());
        let mut by_sources: Table<Vec<Range>, Table<&PortSet, Vec<&RoaringBitmap>>> = Table::default();
        for side in &self.ingress.kinds {
            for (ports, sources) in side.allowed.iter().filter(|(_, sources)| !sources.is_disjoint(&pods)) {
                let runs = ranges(sources, self.ends.pods());
                by_sources.entry(runs).or_default().entry(ports).or_default().push(&side.members);
            }
        }
        self.let_in_of = vec![Vec::new(); self.ends.pods() as usize];
        for ((sources, to), id) in by_sources.into_iter().zip(0..) {
            for source in sources.into_iter().flatten() {
                meter.take(4)?;
                self.let_in_of[source as usize].push(id);
            }
            self.let_in.push(to.into_iter().map(|(ports, members)| (ports.clone(), union(members))).collect());
        }
        Ok(())
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
        let allowed = side.allowed.iter().find(|(_, peers)| peers.contains(peer.0));
        allowed.map(|(ports, _)| ports.clone()).unwrap_or_default()
    }

    /// The policies that allow `own` any of `ports` to or from `peer`, as indices into those evaluated.
    pub fn policies(&self, own: EndId, peer: EndId, direction: Direction, ports: &PortSet) -> Vec<usize> {
        self.policies_for(own, &RoaringBitmap::from_iter([peer.0]), direction, ports).collect()
    }

    /// The policies that allow `own` any of `ports` to or from any of `peers`, as indices into those evaluated, as they
    /// are found.
    pub fn policies_for<'e>(
        &'e self,
        own: EndId,
        peers: &'e RoaringBitmap,
        direction: Direction,
        ports: &'e PortSet,
    ) -> impl Iterator<Item = usize> + use<'e> {
        let sides = self.sides(direction);
        let about = sides.side(own.0).map(|side| side.about(peers)).unwrap_or_default();
        let candidates = (0..about.len()).map(move |index| about[index] as usize);
        candidates.filter(move |index| {
            let policy = sides.policies.get(*index).and_then(Option::as_ref);
            policy.is_some_and(|policy| policy.rules.iter().any(|rule| self.opens(rule, own, peers, direction, ports)))
        })
    }

    /// Whether `rule` allows `own` any of `ports` to or from any of `peers`.
    fn opens(
        &self,
        rule: &CompiledRule,
        own: EndId,
        peers: &RoaringBitmap,
        direction: Direction,
        ports: &PortSet,
    ) -> bool {
        if rule.names.is_empty() || direction == Direction::Ingress {
            return !rule.peers.is_disjoint(peers) && self.ports_of(rule, own.0).meets(ports);
        }
        (&*rule.peers & peers).iter().any(|peer| self.ports_of(rule, peer).meets(ports))
    }

    /// The ports on which the policy at `index` allows `own` connections to or from `peer`.
    pub fn ports_by(&self, index: usize, own: EndId, peer: EndId, direction: Direction) -> PortSet {
        let by_end = self.opened_by(index, own, &RoaringBitmap::from_iter([peer.0]), direction);
        by_end.into_iter().next().map(|(ports, _)| ports).unwrap_or_default()
    }

    /// What the policy at `index` allows `own` to or from `peers`: each of these once, by its ports.
    pub fn opened_by(&self, index: usize, own: EndId, peers: &RoaringBitmap, direction: Direction) -> Row {
        let policy = self.sides(direction).policies.get(index).and_then(Option::as_ref);
        let Some(policy) = policy.filter(|policy| policy.allows.contains(own.0)) else { return Row::new() };
        let mut opened = Row::new();
        for rule in policy.rules.iter().filter(|rule| !rule.peers.is_disjoint(peers)) {
            let met = &*rule.peers & peers;
            if rule.names.is_empty() || direction == Direction::Ingress {
                opened.push((self.ports_of(rule, own.0), met));
            } else {
                opened.extend(met.iter().map(|peer| (self.ports_of(rule, peer), RoaringBitmap::from_iter([peer]))));
            }
        }
        by_end(opened)
    }

    /// The pods that nothing isolates in `direction`, and all addresses.
    pub fn open(&self, direction: Direction) -> RoaringBitmap {
        match direction {
            Direction::Ingress => self.open.clone(),
            Direction::Egress => (0..self.ends.len()).filter(|end| self.egress.side(*end).is_none()).collect(),
        }
    }

    fn ports_of(&self, rule: &CompiledRule, destination: u32) -> PortSet {
        let named = rule.names.iter().map(|name| resolved(name, self.ends.pod_class(destination), self.reading));
        let named: Vec<PortSet> = named.collect();
        let mut ports = rule.ports.clone();
        if !named.is_empty() {
            ports.extend_by_all(&named);
        }
        ports
    }

    /// What `source` may open connections to. Pairs of two addresses are left out.
    pub fn row(&self, source: EndId) -> Row {
        let everything = PortSet::all();
        let Some(let_in) = self.let_in_of.get(source.0 as usize) else { return self.row_of_addresses(source) };
        let mut takers: Table<&PortSet, Vec<&RoaringBitmap>> = [(&everything, vec![&self.open])].into_iter().collect();
        for (ports, to) in let_in.iter().flat_map(|id| &self.let_in[*id as usize]) {
            takers.entry(ports).or_default().push(to);
        }
        // Each end is in one of them: an open one in the first, an isolated one where its side has the source.
        let taken: Row = takers.into_iter().map(|(ports, takers)| (ports.clone(), union(takers))).collect();
        match self.egress.side(source.0) {
            None => gathered(taken),
            Some(side) => gathered(crossed(&side.allowed, &taken)),
        }
    }

    /// Of `sources` one of each group that may open the same connections.
    pub(super) fn distinct(&self, sources: &[EndId]) -> Vec<EndId> {
        let mut known = Keys::default();
        let likeness = |source: &EndId| {
            let egress = self.egress.of_class.get(source.0 as usize).copied().flatten();
            (egress, self.let_in_of.get(source.0 as usize))
        };
        sources.iter().filter(|source| known.insert(likeness(source))).copied().collect()
    }

    /// What the addresses `source` may open connections to.
    fn row_of_addresses(&self, source: EndId) -> Row {
        let mut open = self.open.clone();
        open.remove_range(self.ends.pods()..);
        let mut row = vec![(PortSet::all(), open)];
        for side in &self.ingress.kinds {
            let allowed = side.allowed.iter().find(|(_, sources)| sources.contains(source.0));
            row.extend(allowed.map(|(ports, _)| (ports.clone(), side.members.clone())));
        }
        gathered(row)
    }

    /// The addresses from which `to` takes connections, by ports: each once. Nothing, unless `to` is pods.
    pub fn incoming(&self, to: EndId) -> Row {
        if to.0 >= self.ends.pods() {
            return Row::new();
        }
        let outside = self.ends.all_outside();
        match self.ingress.side(to.0) {
            None => vec![(PortSet::all(), outside)],
            Some(side) => gathered(side.allowed.iter().map(|(ports, from)| (ports.clone(), from & &outside)).collect()),
        }
    }

    fn sides(&self, direction: Direction) -> &Sides {
        match direction {
            Direction::Ingress => &self.ingress,
            Direction::Egress => &self.egress,
        }
    }
}

type Range = std::ops::RangeInclusive<u32>;

/// The runs of `set` below `bound`, which tell it from every other set there.
fn ranges(set: &RoaringBitmap, bound: u32) -> Vec<Range> {
    let mut iter = set.range(..bound);
    std::iter::from_fn(|| iter.next_range()).collect()
}

/// What `one` and `other` have in common; in each of them an end stands once.
fn crossed(one: &Row, other: &Row) -> Row {
    let mut common = Row::new();
    if one.len() * other.len() <= FEW_PAIRS {
        for (ports, ends) in one {
            for (others, there) in other {
                let ports = ports.intersection(others);
                if !ports.is_empty() && !ends.is_disjoint(there) {
                    common.push((ports, ends & there));
                }
            }
        }
        return common;
    }
    let mut part_of: Table<u32, usize> = Table::default();
    for (part, (_, ends)) in other.iter().enumerate() {
        part_of.extend(ends.iter().map(|end| (end, part)));
    }
    for (ports, ends) in one {
        let mut by_part: Table<usize, Vec<u32>> = Table::default();
        for end in ends {
            if let Some(part) = part_of.get(&end) {
                by_part.entry(*part).or_default().push(end);
            }
        }
        // Ascending, as they came.
        common.extend(
            by_part.into_iter().map(|(part, ends)| (ports.intersection(&other[part].0), ends.into_iter().collect())),
        );
    }
    common
}

impl Sides {
    fn of<M: Meter>(
        ends: &Ends,
        policies: Vec<Option<CompiledPolicy>>,
        direction: Direction,
        reading: Reading,
        meter: &M,
    ) -> Result<Self, M::Refusal> {
        let pods = ends.pods() as usize;
        let isolated = union(policies.iter().flatten().map(|policy| &*policy.isolates));
        let mut selecting: Vec<Vec<u32>> = vec![Vec::new(); pods];
        for (policy, index) in policies.iter().zip(0..) {
            let Some(policy) = policy else { continue };
            if !policy.rules.is_empty() {
                meter.take(policy.allows.len().saturating_mul(4))?;
                policy.allows.iter().for_each(|class| selecting[class as usize].push(index));
            }
        }
        let mut numbers = Numbers { ends, reading, known: Table::default() };
        // Pods that the same policies select are one side, unless a port's name means another number for them.
        let mut known: Table<(&[u32], Option<u32>), u32> = Table::default();
        let mut sides = Self { of_class: vec![None; pods], ..Self::default() };
        for class in &isolated {
            let selecting = &selecting[class as usize];
            let names_ports = |policy: &u32| {
                policies[*policy as usize].iter().flat_map(|policy| &policy.rules).any(|rule| !rule.names.is_empty())
            };
            let own = (direction == Direction::Ingress && selecting.iter().any(names_ports)).then_some(class);
            let side = if let Some(side) = known.get(&(selecting.as_slice(), own)) {
                *side
            } else {
                let rules = selecting.iter().filter_map(|policy| policies[*policy as usize].as_ref());
                let rules = rules.flat_map(|policy| &policy.rules);
                let allowed = allowed(&mut numbers, rules, class, direction, meter)?;
                meter.take(4 * u64::try_from(selecting.len()).unwrap_or(u64::MAX))?;
                let members = RoaringBitmap::new();
                let (narrow, wide) = by_width(&policies, selecting, meter)?;
                sides.kinds.push(Side { members, policies: selecting.clone(), allowed, narrow, wide });
                let side = u32::try_from(sides.kinds.len() - 1).unwrap_or(u32::MAX);
                known.insert((selecting, own), side);
                side
            };
            sides.kinds[side as usize].members.insert(class);
            sides.of_class[class as usize] = Some(side);
        }
        drop(numbers);
        sides.policies = policies;
        Ok(sides)
    }

    fn side(&self, end: u32) -> Option<&Side> {
        let side = self.of_class.get(end as usize).copied().flatten()?;
        self.kinds.get(side as usize)
    }
}

/// Of the policies `selecting` those with rules for few peers, by these, and those with rules for many.
fn by_width<M: Meter>(
    policies: &[Option<CompiledPolicy>],
    selecting: &[u32],
    meter: &M,
) -> Result<(ByPeer, Vec<u32>), M::Refusal> {
    let (mut narrow, mut wide) = (ByPeer::default(), Vec::new());
    for index in selecting {
        let rules = policies[*index as usize].iter().flat_map(|policy| &policy.rules);
        for peers in rules.map(|rule| &rule.peers) {
            if peers.len() > NARROW {
                if wide.last() != Some(index) {
                    meter.take(4)?;
                    wide.push(*index);
                }
                continue;
            }
            for peer in &**peers {
                meter.take(16)?;
                narrow.entry(peer).or_default().push(*index);
            }
        }
    }
    Ok((narrow, wide))
}

/// Peers by the number that a port's name is on them.
type ByNumber = Arc<Vec<(PortSet, RoaringBitmap)>>;

/// What names of ports stand for on peers, each asked once: policies that say the same share it.
struct Numbers<'e> {
    ends: &'e Ends,
    reading: Reading,
    /// By the peers, which the compiler made once for each selector, and the name.
    known: Table<(*const RoaringBitmap, PortName), ByNumber>,
}

impl Numbers<'_> {
    fn of<M: Meter>(&mut self, peers: &Arc<RoaringBitmap>, name: &PortName, meter: &M) -> Result<ByNumber, M::Refusal> {
        let key = (Arc::as_ptr(peers), name.clone());
        if let Some(known) = self.known.get(&key) {
            return Ok(Arc::clone(known));
        }
        let mut by_ports: Table<PortSet, Vec<u32>> = Table::default();
        for peer in peers.iter().take_while(|peer| *peer < self.ends.pods()) {
            let ports = resolved(name, self.ends.pod_class(peer), self.reading);
            if !ports.is_empty() {
                meter.take(4)?;
                by_ports.entry(ports).or_default().push(peer);
            }
        }
        let found: ByNumber =
            Arc::new(by_ports.into_iter().map(|(ports, peers)| (ports, peers.into_iter().collect())).collect());
        self.known.insert(key, Arc::clone(&found));
        Ok(found)
    }
}

/// What `rules` allow pods like `class`.
fn allowed<'r, M: Meter>(
    numbers: &mut Numbers,
    rules: impl Iterator<Item = &'r CompiledRule>,
    class: u32,
    direction: Direction,
    meter: &M,
) -> Result<Row, M::Refusal> {
    let mut allowed: Table<Cow<PortSet>, Vec<Arc<RoaringBitmap>>> = Table::default();
    for rule in rules.filter(|rule| !rule.peers.is_empty()) {
        meter.take(16)?;
        if !rule.ports.is_empty() {
            allowed.entry(Cow::Borrowed(&rule.ports)).or_default().push(Arc::clone(&rule.peers));
        }
        for name in &rule.names {
            meter.take(16)?;
            if direction == Direction::Ingress {
                let ports = resolved(name, numbers.ends.pod_class(class), numbers.reading);
                if !ports.is_empty() {
                    allowed.entry(Cow::Owned(ports)).or_default().push(Arc::clone(&rule.peers));
                }
                continue;
            }
            for (ports, peers) in &*numbers.of(&rule.peers, name, meter)? {
                meter.take(16)?;
                allowed.entry(Cow::Owned(ports.clone())).or_default().push(Arc::new(peers.clone()));
            }
        }
    }
    let whole = |(ports, peers): (Cow<PortSet>, Vec<Arc<RoaringBitmap>>)| {
        (ports.into_owned(), union(peers.iter().map(AsRef::as_ref)))
    };
    partition(allowed.into_iter().map(whole).collect(), meter)
}

/// The number that a port's name stands for on pods like `destination`: "named port on a pod". It has none on
/// addresses, and none on pods without a port of that name and protocol.
fn resolved(name: &PortName, destination: Option<&PodClass>, reading: Reading) -> PortSet {
    let interval = |protocol: Protocol, first, last| PortSet::interval(protocol, first, last);
    match destination.map(|class| class.ports.as_deref()) {
        Some(None) if reading == Reading::Possible => interval(name.protocol, 1, u16::MAX),
        Some(Some(ports)) => {
            // By name, each once.
            let found = ports.binary_search_by(|port| port.name.cmp(name)).ok().and_then(|index| ports.get(index));
            found.map_or_else(PortSet::default, |port| interval(name.protocol, port.number, port.number))
        }
        None | Some(None) => PortSet::default(),
    }
}
