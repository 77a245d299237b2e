//! Declared against allowed.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use netpol_reach::{Direction, EndId, InputError, Keys, Namespace, Policy, PortSet, Reading, Table, both};
use rayon::prelude::*;
use roaring::RoaringBitmap;

use super::{
    Difference, EndName, Ground, Proof, ProvenFlow, Scene, Verdict,
    ground::{Between, Named},
    tuples::{Piece, Tuples},
};
use crate::declared::Flow;

/// How many files one thread reads at least.
const SHARE: usize = 500;

/// How many policies, links and exceptions are named at most as what allows or declares something. Rules for all
/// addresses but a few allow each other's flows: all of them by all would be more than anybody reads or memory holds.
const MOST_NAMED: usize = 100;

/// What a proof rests on.
#[derive(Debug)]
pub struct Evidence {
    /// Whether both sets agree.
    pub proof: Proof,
    /// Whether each of the declared flows is allowed, in their order.
    pub verdicts: Vec<Verdict>,
    /// The policies as they were read back, evaluated.
    pub ground: Ground,
    allowed: Tuples,
    by_name: OnceLock<BTreeMap<(EndName, EndName), PortSet>>,
}

/// A file with a policy.
#[derive(Debug, Clone)]
pub struct PolicyBytes<'f> {
    /// How places name it.
    pub name: &'f str,
    /// What is in it.
    pub bytes: &'f [u8],
    /// The policy in it, if these bytes were read before.
    pub read: Option<Arc<Policy>>,
}

impl PolicyBytes<'_> {
    fn policy(&self) -> Result<Arc<Policy>, InputError> {
        self.read.clone().map_or_else(|| netpol_reach::read_policy(self.name, self.bytes).map(Arc::new), Ok)
    }
}

/// Holds what `files` allow against the flows of `scene`, whose closed namespaces are those that are
/// to have policies.
pub fn prove<'f>(scene: Scene, files: impl IntoIterator<Item = PolicyBytes<'f>>) -> Evidence {
    let files: Vec<PolicyBytes> = files.into_iter().collect();
    let read: Vec<_> = files.par_iter().with_min_len(SHARE).map(PolicyBytes::policy).collect();
    let mut policies = Vec::with_capacity(read.len());
    let mut unread = Vec::new();
    for policy in read {
        match policy {
            Ok(policy) => policies.push(policy),
            Err(error) => unread.push(unreadable(&error)),
        }
    }
    let mut closed: Vec<Namespace> = scene.closed.to_vec();
    // Policies come by namespace, so that this is about as many.
    let by_namespace = policies.chunk_by(|one, other| one.namespace == other.namespace);
    closed.extend(by_namespace.filter_map(|together| together.first()).map(|policy| policy.namespace.clone()));
    closed.sort_unstable();
    closed.dedup();
    let scene = Scene { closed: &closed, ..scene };
    // Policies of ours depend on no label; should one, what is missing would be a question of what is certain.
    let certain = policies.par_iter().with_min_len(SHARE).any(|policy| policy.depends_on_labels()).then(|| {
        let ground = Ground::of(scene, policies.clone(), &BTreeMap::new(), Reading::Certain);
        let between = ground.between(scene.flows);
        missing(&ground, scene.flows, &between, &ground.declared(&between), &ground.allowed())
    });
    let ground = Ground::of(scene, policies, &BTreeMap::new(), Reading::Possible);
    let declared = || {
        let between = ground.between(scene.flows);
        (ground.declared(&between), between)
    };
    let ((declared, between), allowed) = both(scene.flows.len(), declared, || ground.allowed());
    let differences = || {
        let missing = certain.unwrap_or_else(|| missing(&ground, scene.flows, &between, &declared, &allowed));
        (missing, excess(&ground, &declared, &allowed))
    };
    let verdicts = || verdicts(&ground, &between, &declared, &allowed);
    let ((missing, mut excess), verdicts) = both(scene.flows.len(), differences, verdicts);
    excess.extend(unread);
    let proof = Proof {
        declared: declared.count(),
        allowed: allowed.count(),
        holds: missing.is_empty() && excess.is_empty(),
        missing,
        excess,
        dead_letters: Vec::new(),
    };
    Evidence { proof, verdicts, ground, allowed, by_name: OnceLock::new() }
}

fn unreadable(error: &InputError) -> Difference {
    let nothing = || EndName::Addresses("unknown".into());
    Difference {
        from: nothing(),
        to: nothing(),
        ports: "unknown".to_owned(),
        because: Vec::new(),
        files: vec![error.place.file.to_string()],
        change: format!("what this file allows can't be told: {error}"),
        possible: false,
    }
}

/// What of `declared`, the connections of `flows`, which run `between` ends, is not `allowed`.
pub(super) fn missing(
    ground: &Ground,
    flows: &[Flow],
    between: &[Between],
    declared: &Tuples,
    allowed: &Tuples,
) -> Vec<Difference> {
    let pieces = declared.minus(allowed);
    let mut flows_of: Table<u32, Vec<usize>> = Table::default();
    for (index, flow) in between.iter().enumerate().filter(|_| !pieces.is_empty()) {
        let outside = ground.evaluation.ends.all_outside();
        for end in (&*flow.from | &*flow.to) - outside {
            flows_of.entry(end).or_default().push(index);
        }
    }
    let describe = |piece: &Piece, named: Named| {
        let Named { from, to, far } = named;
        let is_concerned = |index: &&usize| {
            let flow = &between[**index];
            let (own, other) = if piece.opens { (&flow.from, &flow.to) } else { (&flow.to, &flow.from) };
            own.contains(piece.pod.into()) && !other.is_disjoint(&far) && flow.ports.meets(&piece.ports)
        };
        let concerned = flows_of.get(&piece.pod.into()).into_iter().flatten().filter(is_concerned);
        let because = concerned.flat_map(|index| flows[*index].sources.iter().map(ToString::to_string));
        let first = far.min().map_or(piece.pod, EndId::from);
        let (start, end) = if piece.opens { (piece.pod, first) } else { (first, piece.pod) };
        let lacks =
            |own, peer, direction| !piece.ports.minus(&ground.evaluation.ports(own, peer, direction)).is_empty();
        let change = match (lacks(start, end, Direction::Egress), lacks(end, start, Direction::Ingress)) {
            (true, true) => format!("no policy lets it leave {from} or enter {to}: add a rule on both sides"),
            (true, false) => format!("no policy lets it leave {from}: add an egress rule there"),
            (false, _) => format!("no policy lets it enter {to}: add an ingress rule there"),
        };
        let because = because.take(MOST_NAMED).collect();
        let ports = piece.ports.to_string();
        ((start, end), Difference { from, to, ports, because, files: Vec::new(), change, possible: false })
    };
    let named = pieces.iter().flat_map(|piece| ground.named(piece).into_iter().map(move |named| (piece, named)));
    let mut missing: Vec<_> = named.map(|(piece, named)| describe(piece, named)).collect();
    missing.sort_by_key(|(ends, _)| *ends);
    missing.into_iter().map(|(_, difference)| difference).collect()
}

/// What is allowed and not declared.
fn excess(ground: &Ground, declared: &Tuples, allowed: &Tuples) -> Vec<Difference> {
    let pieces = allowed.minus(declared);
    let mut excess: Vec<_> = pieces.iter().flat_map(|piece| undeclared(ground, piece)).collect();
    excess.sort_by_key(|(ends, _)| *ends);
    excess.into_iter().map(|(_, difference)| difference).collect()
}

/// Connections that are allowed and not declared, by what people call their ends, and why; each with the first of these
/// ends.
pub(super) fn undeclared(ground: &Ground, piece: &Piece) -> Vec<((EndId, EndId), Difference)> {
    let difference = |named: Named| {
        let Named { from, to, far } = named;
        let direction = if piece.opens { Direction::Egress } else { Direction::Ingress };
        let first = far.min().map_or(piece.pod, EndId::from);
        let start = RoaringBitmap::from_iter([u32::from(piece.pod)]);
        let own = ground.policies_for(piece.pod, &far, direction, &piece.ports).take(MOST_NAMED);
        let mut policies: Vec<&Policy> = own.collect();
        if piece.opens && ground.evaluation.ends.addresses(first).is_none() {
            policies.extend(ground.policies_for(first, &start, Direction::Ingress, &piece.ports).take(MOST_NAMED));
        }
        let because: Vec<String> = policies.iter().map(ToString::to_string).collect();
        let files = policies.iter().map(|policy| policy.place.file.to_string()).collect();
        let change = if because.is_empty() {
            "no policy isolates these namespaces: a default-deny is missing".to_owned()
        } else {
            "nothing declares it: remove the rule, or declare a link or an exception".to_owned()
        };
        let ends = if piece.opens { (piece.pod, first) } else { (first, piece.pod) };
        let ports = piece.ports.to_string();
        (ends, Difference { from, to, ports, because, files, change, possible: false })
    };
    ground.named(piece).into_iter().map(difference).collect()
}

/// Whether each flow is allowed between all its ends.
fn verdicts(ground: &Ground, between: &[Between], declared: &Tuples, allowed: &Tuples) -> Vec<Verdict> {
    let outside = ground.evaluation.ends.all_outside();
    // Whose connections are as declared needs no look at each flow.
    let differing = declared.iter().filter(|(pod, opens, row)| allowed.row(*pod, *opens) != row.as_slice());
    let differing: Keys<(EndId, bool)> = differing.map(|(pod, opens, _)| (pod, opens)).collect();
    let holds = |pods: RoaringBitmap, opens: bool, far: &RoaringBitmap, ports: &PortSet| {
        let mut doubtful = pods.into_iter().map(EndId::from).filter(|pod| differing.contains(&(*pod, opens)));
        doubtful.all(|pod| allowed.covers(pod, opens, far, ports))
    };
    let verdict = |flow: &Between| {
        let addresses = &*flow.from & &outside;
        let is_allowed = holds(&*flow.from - &outside, true, &flow.to, &flow.ports)
            && (addresses.is_empty() || holds(&*flow.to - &outside, false, &addresses, &flow.ports));
        if is_allowed { Verdict::Allowed } else { Verdict::Denied }
    };
    between.iter().map(verdict).collect()
}

impl Evidence {
    /// What the policies allow, by the names of the ends: put together when it is first asked for, as by who draws it.
    pub fn allowed(&self) -> &BTreeMap<(EndName, EndName), PortSet> {
        self.by_name.get_or_init(|| {
            let mut by_name: BTreeMap<(EndName, EndName), PortSet> = BTreeMap::new();
            for (pod, opens, row) in self.allowed.iter() {
                let own = self.ground.name(pod);
                for (ports, far) in row {
                    for (name, _) in self.ground.by_name_of(far) {
                        let ends = if opens { (own.clone(), name) } else { (name, own.clone()) };
                        by_name.entry(ends).or_default().extend(ports);
                    }
                }
            }
            by_name
        })
    }

    /// The declared `flows`, with the policies that allow them, at most a hundred of each side: those that the evidence
    /// was made of.
    pub fn proven(&self, flows: &[Flow]) -> Vec<ProvenFlow> {
        let between = self.ground.between(flows);
        let all = flows.iter().zip(&between).zip(&self.verdicts);
        all.map(|((flow, between), verdict)| self.allowed_by(flow, between, *verdict)).collect()
    }

    fn allowed_by(&self, flow: &Flow, between: &Between, verdict: Verdict) -> ProvenFlow {
        let outside = self.ground.evaluation.ends.all_outside();
        let mut allowed_by: Vec<String> = Vec::new();
        let sides = [(&between.from, &between.to, Direction::Egress), (&between.to, &between.from, Direction::Ingress)];
        for (own, far, direction) in sides {
            for pod in &**own - &outside {
                let policies = self.ground.policies_for(pod.into(), far, direction, &between.ports);
                allowed_by.extend(policies.take(MOST_NAMED).map(ToString::to_string));
            }
        }
        allowed_by.sort_unstable();
        allowed_by.dedup();
        ProvenFlow {
            from: EndName::of_declared(&flow.from),
            to: EndName::of_declared(&flow.to),
            ports: flow.ports.texts(),
            sources: flow.sources.iter().map(ToString::to_string).collect(),
            allowed_by,
            verdict,
        }
    }
}
