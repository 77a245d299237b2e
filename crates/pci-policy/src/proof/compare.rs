//! Declared against allowed.

use std::{
    collections::BTreeMap,
    sync::{Arc, OnceLock},
};

use netpol_reach::{Direction, EndId, InputError, Namespace, Policy, PortSet, Reading, both};
use rayon::prelude::*;

use super::{
    Difference, EndName, Ground, Proof, ProvenFlow, Scene, Verdict,
    ground::{self, Between, port_set},
    tuples::{Pair, Tuples},
};
use crate::declared::Flow;

/// How many files one thread reads at least.
const SHARE: usize = 500;

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
        missing(&ground, scene.flows, &ground.declared(scene.flows), &Tuples::default())
    });
    let ground = Ground::of(scene, policies, &BTreeMap::new(), Reading::Possible);
    let declared = || {
        let between: Vec<Between> = scene.flows.iter().map(|flow| ground.between(flow)).collect();
        (ground::declared(&between), between)
    };
    let ((declared, between), allowed) = both(scene.flows.len(), declared, || ground.allowed());
    let differences = || {
        let missing = certain.unwrap_or_else(|| missing(&ground, scene.flows, &declared, &allowed));
        (missing, excess(&ground, &declared, &allowed))
    };
    let verdicts = || between.iter().map(|flow| verdict(flow, &allowed)).collect();
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

/// What is declared and not allowed; `known` is what is known to be allowed, where it is all between two ends.
pub(super) fn missing(ground: &Ground, flows: &[Flow], declared: &Tuples, known: &Tuples) -> Vec<Difference> {
    let left = |((from, to), ports): (Pair, &PortSet)| {
        let known = known.get((from, to)).map(|allowed| ports.minus(allowed));
        let left = known.unwrap_or_else(|| ports.minus(&ground.ports(from, to)));
        (!left.is_empty()).then_some((from, to, left))
    };
    let left: Vec<_> = declared.iter().filter_map(left).collect();
    let mut between: BTreeMap<Pair, Vec<&Flow>> = BTreeMap::new();
    for flow in flows.iter().filter(|_| !left.is_empty()) {
        for pair in ground.between(flow).pairs {
            between.entry(pair).or_default().push(flow);
        }
    }
    let describe = |(from, to, ports): (EndId, EndId, PortSet)| {
        let lacks = |own, peer, direction| !ports.minus(&ground.evaluation.ports(own, peer, direction)).is_empty();
        let (egress, ingress) = (lacks(from, to, Direction::Egress), lacks(to, from, Direction::Ingress));
        let (start, end) = (ground.name(from), ground.name(to));
        let change = match (egress, ingress) {
            (true, true) => format!("no policy lets it leave {start} or enter {end}: add a rule on both sides"),
            (true, false) => format!("no policy lets it leave {start}: add an egress rule there"),
            (false, _) => format!("no policy lets it enter {end}: add an ingress rule there"),
        };
        let concerned = between.get(&(from, to)).into_iter().flatten();
        let concerned = concerned.filter(|flow| port_set(&flow.ports).meets(&ports));
        let because = concerned.flat_map(|flow| flow.sources.iter().map(ToString::to_string)).collect();
        Difference {
            from: start,
            to: end,
            ports: ports.to_string(),
            because,
            files: Vec::new(),
            change,
            possible: false,
        }
    };
    left.into_iter().map(describe).collect()
}

/// What is allowed and not declared.
fn excess(ground: &Ground, declared: &Tuples, allowed: &Tuples) -> Vec<Difference> {
    let mut excess = Vec::new();
    for ((from, to), ports) in allowed.iter() {
        let left = declared.lacking((from, to), ports);
        if !left.is_empty() {
            excess.push(undeclared(ground, from, to, &left));
        }
    }
    excess
}

/// Connections that are allowed and not declared, and why.
pub(super) fn undeclared(ground: &Ground, from: EndId, to: EndId, ports: &PortSet) -> Difference {
    let policies = allowing(ground, from, to, ports);
    let because: Vec<String> = policies.iter().map(ToString::to_string).collect();
    let files = policies.iter().map(|policy| policy.place.file.to_string()).collect();
    let change = if because.is_empty() {
        "no policy isolates these namespaces: a default-deny is missing".to_owned()
    } else {
        "nothing declares it: remove the rule, or declare a link or an exception".to_owned()
    };
    let (from, to) = (ground.name(from), ground.name(to));
    Difference { from, to, ports: ports.to_string(), because, files, change, possible: false }
}

/// The policies that allow any of `ports`, on either side.
fn allowing<'g>(ground: &'g Ground, from: EndId, to: EndId, ports: &PortSet) -> Vec<&'g Policy> {
    let sides = [Direction::Egress, Direction::Ingress];
    sides.into_iter().flat_map(|direction| ground.policies(from, to, direction, ports)).collect()
}

/// Whether `flow` is allowed between all its ends.
fn verdict(flow: &Between, allowed: &Tuples) -> Verdict {
    let is_allowed =
        |pair: &Pair| allowed.get(*pair).map_or(flow.ports.is_empty(), |known| flow.ports.minus(known).is_empty());
    if flow.pairs.iter().all(is_allowed) { Verdict::Allowed } else { Verdict::Denied }
}

impl Evidence {
    /// What the policies allow, by the names of the ends: put together when it is first asked for, as by who draws it.
    pub fn allowed(&self) -> &BTreeMap<(EndName, EndName), PortSet> {
        self.by_name.get_or_init(|| {
            let mut by_name: BTreeMap<(EndName, EndName), PortSet> = BTreeMap::new();
            for ((from, to), ports) in self.allowed.iter() {
                by_name.entry((self.ground.name(from), self.ground.name(to))).or_default().extend(ports);
            }
            by_name
        })
    }

    /// The declared `flows`, with the policies that allow them: those that the evidence was made of.
    pub fn proven(&self, flows: &[Flow]) -> Vec<ProvenFlow> {
        flows.iter().zip(&self.verdicts).map(|(flow, verdict)| self.allowed_by(flow, *verdict)).collect()
    }

    fn allowed_by(&self, flow: &Flow, verdict: Verdict) -> ProvenFlow {
        let Between { pairs, ports } = self.ground.between(flow);
        let allowing = pairs.into_iter().flat_map(|(from, to)| allowing(&self.ground, from, to, &ports));
        let mut allowed_by: Vec<String> = allowing.map(ToString::to_string).collect();
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
