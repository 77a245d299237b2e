//! Declared against allowed.

use std::collections::BTreeMap;

use super::{Difference, EndName, Proof, ProvenFlow, Verdict, names};
use crate::{
    policy::{
        RulePorts,
        declared::{End, Flow},
    },
    reach::{self, EndId, Ends, Evaluation, Policy, PortSet},
    terms::{AddressBlock, Direction, Namespace},
};

/// What a proof rests on.
#[derive(Debug, Clone, Default)]
pub struct Evidence {
    /// Whether both sets agree.
    pub proof: Proof,
    /// The declared flows, with the policies that allow them.
    pub flows: Vec<ProvenFlow>,
    /// What the policies allow, by the names of the ends.
    pub allowed: BTreeMap<(EndName, EndName), PortSet>,
}

type Tuples = BTreeMap<(EndId, EndId), PortSet>;

/// Holds what `files` (name, bytes) allow against `flows`. `managed` are the namespaces that are to be closed,
/// `internet` is what counts as such.
pub fn prove<'f>(
    managed: &[Namespace],
    internet: &[AddressBlock],
    flows: &[Flow],
    files: impl IntoIterator<Item = (&'f str, &'f [u8])>,
) -> Evidence {
    let mut policies = Vec::new();
    let mut unread = Vec::new();
    for (file, bytes) in files {
        match reach::read(bytes) {
            Ok(policy) => policies.push(policy),
            Err(error) => unread.push(unreadable(file, &error.to_string())),
        }
    }
    let mut closed = managed.to_vec();
    closed.extend(policies.iter().map(|policy| policy.namespace.clone()));
    closed.sort_unstable();
    closed.dedup();
    let evaluation = Evaluation::of(ends(&closed, internet, flows, &policies), &policies);
    let names = names::of_ends(&evaluation.ends, flows, internet);
    let declared = declared(&evaluation.ends, flows);
    let closed: Vec<EndId> = closed.iter().filter_map(|ns| evaluation.ends.namespace(ns.as_str())).collect();
    let allowed = evaluation.allowed(&closed);
    let context = Context { evaluation: &evaluation, policies: &policies, names: &names, flows };
    let missing = context.differences(&declared, &allowed, Context::missing);
    let mut excess = context.differences(&allowed, &declared, Context::excess);
    excess.extend(unread);
    let count = |tuples: &Tuples| tuples.values().map(PortSet::len).sum();
    let proof = Proof {
        declared: count(&declared),
        allowed: count(&allowed),
        holds: missing.is_empty() && excess.is_empty(),
        missing,
        excess,
        dead_letters: Vec::new(),
    };
    let mut by_name: BTreeMap<(EndName, EndName), PortSet> = BTreeMap::new();
    for ((from, to), ports) in &allowed {
        by_name.entry((names[from].clone(), names[to].clone())).or_default().extend(ports);
    }
    Evidence { proof, flows: flows.iter().map(|flow| context.proven(flow, &allowed)).collect(), allowed: by_name }
}

fn unreadable(file: &str, error: &str) -> Difference {
    let nothing = || EndName::Addresses("unknown".into());
    Difference {
        from: nothing(),
        to: nothing(),
        ports: "unknown".to_owned(),
        because: vec![file.to_owned()],
        change: format!("what this file allows can't be told: {error}"),
    }
}

fn ends(closed: &[Namespace], internet: &[AddressBlock], flows: &[Flow], policies: &[Policy]) -> Ends {
    let mut namespaces: Vec<Namespace> = closed.to_vec();
    let mut blocks: Vec<AddressBlock> = internet.to_vec();
    for end in flows.iter().flat_map(|flow| [&flow.from, &flow.to]) {
        match end {
            End::Namespace(namespace) => namespaces.push(namespace.clone()),
            End::Addresses(_, listed) => blocks.extend(listed.iter().cloned()),
        }
    }
    let sides = policies.iter().flat_map(|policy| [&policy.ingress, &policy.egress]).flatten().flatten();
    for peer in sides.flat_map(|rule| &rule.peers) {
        match peer {
            reach::PolicyPeer::Addresses(block) => blocks.push(block.clone()),
            reach::PolicyPeer::Namespaces(reach::NamespaceSelector::Named(name)) => namespaces.extend(name.parse()),
            _ => {}
        }
    }
    Ends::new(&namespaces, &blocks)
}

/// The ends that a declared end is made of.
fn parts(ends: &Ends, end: &End) -> Vec<EndId> {
    match end {
        End::Namespace(namespace) => ends.namespace(namespace.as_str()).into_iter().collect(),
        End::Addresses(_, blocks) => blocks.iter().flat_map(|block| ends.of_block(block)).collect(),
    }
}

fn declared(ends: &Ends, flows: &[Flow]) -> Tuples {
    let mut declared = Tuples::new();
    for flow in flows {
        let ports = port_set(&flow.ports);
        for from in parts(ends, &flow.from) {
            for to in parts(ends, &flow.to) {
                declared.entry((from, to)).or_default().extend(&ports);
            }
        }
    }
    declared
}

fn port_set(ports: &RulePorts) -> PortSet {
    match ports {
        RulePorts::None => PortSet::default(),
        RulePorts::Exact(ports) => ports.into(),
        RulePorts::All => PortSet::all(),
    }
}

struct Context<'a> {
    evaluation: &'a Evaluation,
    policies: &'a [Policy],
    names: &'a BTreeMap<EndId, EndName>,
    flows: &'a [Flow],
}

impl Context<'_> {
    /// What `one` has over `other`.
    fn differences(
        &self,
        one: &Tuples,
        other: &Tuples,
        describe: impl Fn(&Self, EndId, EndId, &PortSet) -> (Vec<String>, String),
    ) -> Vec<Difference> {
        let mut differences = Vec::new();
        for ((from, to), ports) in one {
            let left = other.get(&(*from, *to)).map_or_else(|| ports.clone(), |known| ports.minus(known));
            if !left.is_empty() {
                let (because, change) = describe(self, *from, *to, &left);
                let (from, to) = (self.names[from].clone(), self.names[to].clone());
                differences.push(Difference { from, to, ports: left.to_string(), because, change });
            }
        }
        differences
    }

    /// The policies that allow any of `ports` from `from` to `to`, on one side.
    fn policies(&self, from: EndId, to: EndId, direction: Direction, ports: &PortSet) -> Vec<String> {
        let (own, peer) = if direction == Direction::Egress { (from, to) } else { (to, from) };
        let side = self.evaluation.side(own, direction);
        let towards = side.map_or(&[][..], |side| side.towards(peer));
        let named = |index: usize| format!("{}/{}", self.policies[index].namespace, self.policies[index].name);
        towards.iter().filter(|known| known.ports.meets(ports)).map(|known| named(known.policy)).collect()
    }

    fn missing(&self, from: EndId, to: EndId, ports: &PortSet) -> (Vec<String>, String) {
        let lacks = |own, peer, direction| {
            let side = self.evaluation.side(own, direction);
            side.is_some_and(|side| !ports.minus(&side.ports(peer)).is_empty())
        };
        let (egress, ingress) = (lacks(from, to, Direction::Egress), lacks(to, from, Direction::Ingress));
        let change = match (egress, ingress) {
            (true, true) => format!("no policy lets it leave {} or enter {}", self.names[&from], self.names[&to]),
            (true, false) => format!("no policy lets it leave {}: add an egress rule there", self.names[&from]),
            (false, _) => format!("no policy lets it enter {}: add an ingress rule there", self.names[&to]),
        };
        let concerned = self.flows.iter().filter(|flow| {
            let meets = port_set(&flow.ports).meets(ports);
            meets
                && parts(&self.evaluation.ends, &flow.from).contains(&from)
                && parts(&self.evaluation.ends, &flow.to).contains(&to)
        });
        (concerned.flat_map(|flow| flow.sources.iter().map(ToString::to_string)).collect(), change)
    }

    fn excess(&self, from: EndId, to: EndId, ports: &PortSet) -> (Vec<String>, String) {
        let mut because = self.policies(from, to, Direction::Egress, ports);
        because.extend(self.policies(from, to, Direction::Ingress, ports));
        let change = if because.is_empty() {
            "no policy isolates these namespaces: a default-deny is missing".to_owned()
        } else {
            "nothing declares it: remove the rule, or declare a link or an exception".to_owned()
        };
        (because, change)
    }

    fn proven(&self, flow: &Flow, allowed: &Tuples) -> ProvenFlow {
        let ports = port_set(&flow.ports);
        let ends = &self.evaluation.ends;
        let (mut allowed_by, mut verdict) = (Vec::new(), Verdict::Allowed);
        for from in parts(ends, &flow.from) {
            for to in parts(ends, &flow.to) {
                allowed_by.extend(self.policies(from, to, Direction::Egress, &ports));
                allowed_by.extend(self.policies(from, to, Direction::Ingress, &ports));
                let known = allowed.get(&(from, to)).cloned().unwrap_or_default();
                if !ports.minus(&known).is_empty() {
                    verdict = Verdict::Denied;
                }
            }
        }
        allowed_by.sort_unstable();
        allowed_by.dedup();
        let ports = match &flow.ports {
            RulePorts::Exact(ports) => ports.iter().map(|port| port.to_string()).collect(),
            RulePorts::All => vec!["all".to_owned()],
            RulePorts::None => Vec::new(),
        };
        ProvenFlow {
            from: EndName::of_declared(&flow.from),
            to: EndName::of_declared(&flow.to),
            ports,
            sources: flow.sources.iter().map(ToString::to_string).collect(),
            allowed_by,
            verdict,
        }
    }
}
