//! What is there, against what is declared: a folder of manifests, or a dump of a cluster's policies.
//!
//! Two questions. What the given policies do alone: which declared flows they block, which undeclared ones they allow.
//! And what they do beside ours: policies add up, so that one wide policy that is left over re-opens what ours close. A
//! dump holds no pods. A rule by the labels of pods is taken to match some pod of its namespace: it may re-open, and
//! never counts as allowing what is declared.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    sync::Arc,
};

use netpol_reach::{
    Direction, EndId, InputError, Labels, Manifests, Namespace, Place, Policy, PortSet, Reading, Row, by_end,
};
use pci_stack::{MANAGED_BY, StackId};
use roaring::RoaringBitmap;
use serde::Serialize;

use super::{
    Difference, EndName, Ground, Scene,
    compare::{missing, undeclared},
    tuples::Piece,
};
use crate::Kind;

/// What is there, against what is declared.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Against {
    /// Declared, and blocked by the given policies.
    pub blocked: Vec<Difference>,
    /// Allowed by the given policies, and not declared.
    pub undeclared: Vec<Difference>,
    /// Policies of ours that are not there.
    pub missing: Vec<Listed>,
    /// Policies of ours that are there and say something else.
    pub changed: Vec<Listed>,
    /// Policies of an earlier run of ours that are no longer generated.
    pub leftover: Vec<Leftover>,
    /// What given policies open beside ours.
    pub reopened: Vec<Reopened>,
    /// Objects that restrict or open traffic in ways that are not evaluated.
    pub not_evaluated: Vec<String>,
    /// What is read otherwise than its author may think.
    pub notices: Vec<String>,
}

/// A policy of ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Listed {
    /// Its kind.
    pub kind: Kind,
    /// The policy, as `namespace/name`.
    pub policy: String,
    /// The file that `generate` writes it to.
    pub file: String,
    /// Where what differs stands, if it is there at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub r#where: Option<Place>,
}

/// A policy of an earlier run.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Leftover {
    /// The policy, as `namespace/name`.
    pub policy: String,
    /// Where it stands.
    pub r#where: Place,
    /// What to do.
    pub change: String,
}

/// A connection that a given policy opens beside ours.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Reopened {
    /// The connection: `FROM -> TO on PORTS`.
    pub flow: String,
    /// The policy, as `namespace/name`.
    pub policy: String,
    /// Where it stands.
    pub r#where: Place,
    /// Whether that depends on labels that aren't known.
    pub possible: bool,
    /// What to do.
    pub change: String,
}

impl Against {
    /// Whether what is there is what we generate, and nothing beside it opens more.
    pub fn holds(&self) -> bool {
        self.blocked.is_empty()
            && self.undeclared.is_empty()
            && self.missing.is_empty()
            && self.changed.is_empty()
            && self.leftover.is_empty()
            && self.reopened.is_empty()
    }
}

/// A policy of ours as it was read back, its kind and its file.
#[derive(Debug, Clone, Copy)]
pub struct Given<'a> {
    /// The policy.
    pub policy: &'a Arc<Policy>,
    /// Its kind.
    pub kind: Kind,
    /// Its file.
    pub file: &'a str,
}

/// Holds `theirs` against the flows of `scene` and against our policies for the stack `id`.
///
/// # Errors
///
/// Evaluating `theirs` takes more than the budget of an evaluation.
pub fn against(scene: Scene, ours: &[Given], theirs: &Manifests, id: &StackId) -> Result<Against, InputError> {
    let labels: BTreeMap<Namespace, Labels> =
        theirs.namespaces.iter().map(|object| (object.name.clone(), object.labels.clone())).collect();
    let names: HashSet<_> = ours.iter().map(|given| key(given.policy)).collect();
    // Namespaces that are not ours to close are unrestricted: a policy there restricts what nobody declared.
    let acting = theirs.policies.iter().filter(|policy| scene.closed.contains(&policy.namespace));
    let acting: Vec<Arc<Policy>> = acting.cloned().map(Arc::new).collect();
    let beside = acting.iter().filter(|policy| !names.contains(&key(policy)));
    let both: Vec<Arc<Policy>> = ours.iter().map(|given| given.policy).chain(beside).cloned().collect();
    let (missing_ones, changed) = compared(ours, theirs);
    let (blocked, undeclared) = {
        let alone = Both::of(scene, &acting, &labels)?;
        (alone.blocked(scene), alone.undeclared(scene))
    };
    // Only now, so that no more than one of the two is in memory.
    let together = Both::of(scene, &both, &labels)?;
    let mut against = Against {
        blocked,
        undeclared,
        missing: missing_ones,
        changed,
        leftover: leftover(theirs, &names, id),
        reopened: together.reopened(scene, &names),
        not_evaluated: theirs.not_evaluated.iter().map(ToString::to_string).collect(),
        notices: theirs.notices.iter().map(ToString::to_string).collect(),
    };
    against.undeclared.sort_by(|a, b| (&a.from, &a.to, &a.ports).cmp(&(&b.from, &b.to, &b.ports)));
    against.undeclared.dedup();
    Ok(against)
}

type Key<'p> = (&'p Namespace, &'p str);

fn key(policy: &Policy) -> Key<'_> {
    (&policy.namespace, &policy.name)
}

/// Policies in both readings.
struct Both {
    certain: Ground,
    possible: Ground,
}

impl Both {
    fn of(scene: Scene, policies: &[Arc<Policy>], labels: &BTreeMap<Namespace, Labels>) -> Result<Self, InputError> {
        let ground = |reading| Ground::within(scene, policies.to_vec(), labels, reading);
        Ok(Self { certain: ground(Reading::Certain)?, possible: ground(Reading::Possible)? })
    }

    /// What is declared and not allowed for certain.
    fn blocked(&self, scene: Scene) -> Vec<Difference> {
        let ground = &self.certain;
        let between = ground.between(scene.flows);
        missing(ground, scene.flows, &between, &ground.declared(&between), &ground.allowed())
    }

    /// What may be allowed beyond what is declared.
    fn excess(&self, scene: Scene) -> Vec<Piece> {
        let declared = self.possible.declared(&self.possible.between(scene.flows));
        self.possible.allowed().minus(&declared)
    }

    /// What `pod` opens for certain, or takes from addresses.
    fn certain_row(&self, pod: EndId, opens: bool) -> Row {
        if opens { self.certain.evaluation.row(pod) } else { self.certain.evaluation.incoming(pod) }
    }

    /// What may be allowed beyond what is declared. A namespace that nothing isolates is one entry.
    fn undeclared(&self, scene: Scene) -> Vec<Difference> {
        let ground = &self.possible;
        let is_open = |end, direction| !ground.evaluation.is_isolated(end, direction);
        let mut found = Vec::new();
        for namespace in scene.closed {
            let end = ground.namespace(namespace);
            let own = EndName::Namespace(namespace.clone());
            let some_pods = |direction| self.certain.evaluation.is_isolated(end, direction);
            if is_open(end, Direction::Egress) {
                let possible = some_pods(Direction::Egress);
                found.push(unrestricted((own.clone(), EndName::Anywhere), "leaves", namespace, possible));
            }
            if is_open(end, Direction::Ingress) {
                let possible = some_pods(Direction::Ingress);
                found.push(unrestricted((EndName::Anywhere, own), "enters", namespace, possible));
            }
        }
        let takes_all = ground.evaluation.open(Direction::Ingress);
        for pieces in self.excess(scene).chunk_by(is_of_one) {
            let Some(Piece { pod, opens, .. }) = pieces.first() else { continue };
            let is_open = is_open(*pod, if *opens { Direction::Egress } else { Direction::Ingress });
            if !opens && is_open {
                continue;
            }
            let certain = self.certain_row(*pod, *opens);
            for piece in pieces {
                let far = if is_open { &piece.far - &takes_all } else { piece.far.clone() };
                for (part, possible) in apart(Piece { far, ports: piece.ports.clone(), ..*piece }, &certain) {
                    let named = undeclared(ground, &part).into_iter();
                    found.extend(named.map(|(_, difference)| Difference { possible, ..difference }));
                }
            }
        }
        found
    }

    /// What policies other than those named `ours` open beyond what is declared.
    fn reopened(&self, scene: Scene, ours: &HashSet<Key>) -> Vec<Reopened> {
        let evaluation = &self.possible.evaluation;
        let outside = evaluation.ends.all_outside();
        let mut found = Vec::new();
        for pieces in self.excess(scene).chunk_by(is_of_one) {
            let Some(Piece { pod, opens, .. }) = pieces.first() else { continue };
            let certain = self.certain_row(*pod, *opens);
            let mut note = |index: usize, opened: Row| {
                let policy = self.possible.policies.get(index).filter(|policy| !ours.contains(&key(policy)));
                for (ports, far) in policy.iter().flat_map(|_| by_end(opened.clone())) {
                    for (part, possible) in apart(Piece { pod: *pod, opens: *opens, far, ports }, &certain) {
                        found.extend(policy.into_iter().flat_map(|policy| self.note(&part, policy, possible)));
                    }
                }
            };
            let (mut all, mut ports) = (RoaringBitmap::new(), PortSet::default());
            for piece in pieces {
                all |= &piece.far;
            }
            ports.extend_by_all(pieces.iter().map(|piece| &piece.ports));
            let direction = if *opens { Direction::Egress } else { Direction::Ingress };
            for index in evaluation.policies_for(*pod, &all, direction, &ports) {
                note(index, common(&evaluation.opened_by(index, *pod, &all, direction), pieces));
            }
            // What a pod takes from another is that one's to open.
            let own = RoaringBitmap::from_iter([u32::from(*pod)]);
            for piece in pieces.iter().filter(|_| *opens) {
                for end in &piece.far - &outside {
                    let taken = RoaringBitmap::from_iter([end]);
                    for index in evaluation.policies_for(end.into(), &own, Direction::Ingress, &piece.ports) {
                        let opened = evaluation.ports_by(index, end.into(), *pod, Direction::Ingress);
                        note(index, vec![(opened.intersection(&piece.ports), taken.clone())]);
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
        found
    }

    /// That `policy` opens `piece`, by what people call its ends.
    fn note(&self, piece: &Piece, policy: &Policy, possible: bool) -> Vec<Reopened> {
        let named = self.possible.named(piece).into_iter();
        let reopened = named.map(|named| Reopened {
            flow: format!("{} -> {} on {}", named.from, named.to, piece.ports),
            policy: policy.to_string(),
            r#where: policy.place.clone(),
            possible,
            change: format!("delete it: kubectl delete networkpolicy -n {} {}", policy.namespace, policy.name),
        });
        reopened.collect()
    }
}

/// Whether both pieces are what one pod opens, or what it takes.
fn is_of_one(one: &Piece, other: &Piece) -> bool {
    (one.pod, one.opens) == (other.pod, other.opens)
}

/// What `opened` and `pieces` have in common.
fn common(opened: &Row, pieces: &[Piece]) -> Row {
    let mut both = Row::new();
    for (ports, ends) in opened {
        for piece in pieces.iter().filter(|piece| !piece.far.is_disjoint(ends)) {
            both.push((ports.intersection(&piece.ports), &piece.far & ends));
        }
    }
    both
}

/// `piece`, apart what is open for `certain` and what is only possible, and whether it is. Ends are the same in both
/// readings.
fn apart(piece: Piece, certain: &Row) -> Vec<(Piece, bool)> {
    let (mut open, mut possible, mut rest) = (Vec::new(), Vec::new(), piece.far);
    for (ports, ends) in certain {
        if rest.is_empty() {
            break;
        }
        if !rest.is_disjoint(ends) {
            let common = &rest & ends;
            rest -= &common;
            possible.push((piece.ports.minus(ports), common.clone()));
            open.push((piece.ports.intersection(ports), common));
        }
    }
    possible.push((piece.ports, rest));
    let (pod, opens) = (piece.pod, piece.opens);
    let parts = by_end(open).into_iter().map(|part| (part, false));
    let parts = parts.chain(by_end(possible).into_iter().map(|part| (part, true)));
    parts.map(|((ports, far), is_possible)| (Piece { pod, opens, far, ports }, is_possible)).collect()
}

/// What is open since nothing isolates `namespace`, or `some` of its pods only.
fn unrestricted((from, to): (EndName, EndName), what: &str, namespace: &Namespace, some: bool) -> Difference {
    let change = if some {
        format!("given policies isolate some pods of `{namespace}` in what {what} it, not all: apply the default-deny")
    } else {
        format!("no given policy isolates `{namespace}` in what {what} it: apply the default-deny")
    };
    Difference {
        from,
        to,
        ports: PortSet::all().to_string(),
        because: Vec::new(),
        files: Vec::new(),
        change,
        possible: some,
    }
}

/// Our policies that are not among theirs, and those that say something else there.
fn compared(ours: &[Given], theirs: &Manifests) -> (Vec<Listed>, Vec<Listed>) {
    let there: HashMap<Key, &Policy> = theirs.policies.iter().map(|policy| (key(policy), policy)).collect();
    let (mut missing, mut changed) = (Vec::new(), Vec::new());
    for given in ours {
        let listed = |place| Listed {
            kind: given.kind,
            policy: given.policy.to_string(),
            file: given.file.to_owned(),
            r#where: place,
        };
        match there.get(&key(given.policy)) {
            None => missing.push(listed(None)),
            Some(same) if same.says_the_same_as(given.policy) => {}
            Some(other) => changed.push(listed(Some(other.place.clone()))),
        }
    }
    missing.sort_unstable();
    changed.sort_unstable();
    (missing, changed)
}

/// Their policies that bear our label and are not ours any more.
fn leftover(theirs: &Manifests, ours: &HashSet<Key>, id: &StackId) -> Vec<Leftover> {
    let is_part = |policy: &&Policy| {
        let label = |key: &str| policy.labels.known.get(key).map(AsRef::as_ref);
        label("app.kubernetes.io/managed-by") == Some(MANAGED_BY)
            && label("app.kubernetes.io/part-of") == Some(id.as_str())
    };
    let gone = theirs.policies.iter().filter(|policy| !ours.contains(&key(policy))).filter(is_part);
    let note = |policy: &Policy| Leftover {
        policy: policy.to_string(),
        r#where: policy.place.clone(),
        change: format!("delete it: kubectl delete networkpolicy -n {} {}", policy.namespace, policy.name),
    };
    let mut leftover: Vec<Leftover> = gone.map(note).collect();
    leftover.sort_unstable();
    leftover
}
