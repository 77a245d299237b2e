//! Rules: intents that ask for the same thing, as one, named and in order.

use std::sync::Arc;

use netpol_reach::{Direction, Namespace, Ports, Table};
use pci_stack::{Finding, catalog::ExceptionPorts};
use rayon::prelude::*;

use super::{
    Basis, Dormant, Intent, Kind, Peer, PeerLabel, PolicyName, Reach, RulePorts, findings, gather,
    kinds::{self, Made},
    name::{Parts, names},
    settle,
};

/// How many of its sources a rule's reason names.
const NAMED_SOURCES: usize = 3;

/// One rule, to become one policy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// Its names.
    pub name: PolicyName,
    /// Whose pods.
    pub namespace: Namespace,
    /// What kind; where several ask for the same, the first.
    pub kind: Kind,
    /// Which way.
    pub direction: Direction,
    /// To or from whom.
    pub peer: Peer,
    /// What names call the peer.
    pub label: PeerLabel,
    /// On which ports.
    pub ports: RulePorts,
    /// The links and exceptions that ask for it: ascending, each once.
    pub sources: Vec<Arc<str>>,
    /// The business needs that exceptions state: ascending, each once.
    pub needs: Vec<Arc<str>>,
    /// PCI DSS requirements that it serves.
    pub requirements: &'static [&'static str],
    /// The ports on which it may match nothing.
    pub dormant: Vec<Dormant>,
}

impl Rule {
    /// Whether the rule can match traffic on any of its ports.
    pub fn reach(&self) -> Reach {
        let (RulePorts::Exact(ports), false) = (&self.ports, self.dormant.is_empty()) else { return Reach::Live };
        let reach = |port| {
            let asleep = self.dormant.iter().find(|dormant| dormant.ports.contains(port));
            asleep.map_or(Reach::Live, |dormant| dormant.reach)
        };
        ports.iter().map(reach).min().unwrap_or(Reach::Live)
    }

    /// Whether the link or exception `id` asks for it.
    pub fn is_asked_for_by(&self, id: &str) -> bool {
        self.sources.binary_search_by(|source| (**source).cmp(id)).is_ok()
    }

    /// What rules are in order of.
    pub fn order(&self) -> impl Ord {
        (&self.namespace, self.kind, self.direction, self.label, &self.peer, &self.ports)
    }

    /// Why the rule is there, in a line.
    pub fn reason(&self) -> String {
        if self.kind == Kind::DefaultDeny {
            return "All traffic is refused unless a link or an exception allows it.".to_owned();
        }
        if self.kind == Kind::Link {
            let named: Vec<&str> = self.sources.iter().take(NAMED_SOURCES).map(AsRef::as_ref).collect();
            let more = self.sources.len() - named.len();
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            return format!("Declared: {}{more}.", named.join("; "));
        }
        self.needs.iter().map(AsRef::as_ref).collect::<Vec<_>>().join(" ")
    }
}

/// All rules of a stack at a level.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PolicySet {
    /// The rules, by namespace, kind, direction, peer and ports.
    pub rules: Vec<Rule>,
    /// What making them noticed.
    pub findings: Vec<Finding>,
}

/// What makes two intents the same rule.
type Identity<'i> = (&'i Namespace, &'i Peer, Direction, &'i RulePorts);

/// The rules that the stack's level asks for.
pub fn rules(basis: &Basis) -> PolicySet {
    let mut made = Made::default();
    for make in kinds::ALL {
        make(basis, &mut made);
    }
    if !basis.namespaces().is_empty() {
        let wide =
            basis.catalog.exceptions.entries.iter().filter(|entry| matches!(entry.ports, ExceptionPorts::AllOr(_)));
        made.findings.extend(wide.filter(|_| basis.is_strict()).map(|entry| {
            let message = format!("the exception `{}` asks for all ports, which strict mode ignores", entry.id);
            Finding::new(&findings::ALLOW_ALL_IGNORED, message, Some(entry.place.clone()))
        }));
        let silent = basis.catalog.exceptions.entries.iter().filter(|entry| entry.reason.is_none());
        made.findings.extend(silent.map(|entry| {
            let message = format!("the exception `{}` states no business need", entry.id);
            Finding::new(&findings::WITHOUT_REASON, message, Some(entry.place.clone()))
        }));
    }
    let mut rules = merged(made.intents);
    rules.par_sort_by(|a, b| a.order().cmp(&b.order()));
    name(basis, &mut rules);
    made.findings.sort();
    made.findings.dedup();
    PolicySet { rules, findings: made.findings }
}

/// The intents as rules: those that ask for the same are one.
fn merged(intents: Vec<Intent>) -> Vec<Rule> {
    let mut known: Table<Identity, usize> = Table::default();
    known.reserve(intents.len());
    let mut numbers = Vec::with_capacity(intents.len());
    for Intent { namespace, peer, direction, ports, .. } in &intents {
        let next = known.len();
        numbers.push(*known.entry((namespace, peer, *direction, ports)).or_insert(next));
    }
    let mut rules: Vec<Rule> = Vec::with_capacity(known.len());
    for (intent, number) in intents.into_iter().zip(numbers) {
        match rules.get_mut(number) {
            // Kinds come in their order of precedence, so the first one stays.
            Some(rule) => {
                gather(&mut rule.sources, intent.source);
                gather(&mut rule.needs, intent.reason);
                rule.dormant = asleep_in_both(&rule.dormant, &intent.dormant);
            }
            None => rules.push(fresh(intent)),
        }
    }
    for rule in &mut rules {
        settle(&mut rule.sources);
        settle(&mut rule.needs);
    }
    rules
}

fn fresh(intent: Intent) -> Rule {
    Rule {
        name: PolicyName { object: String::new(), file: String::new() },
        namespace: intent.namespace,
        kind: intent.kind,
        direction: intent.direction,
        peer: intent.peer,
        label: intent.label,
        ports: intent.ports,
        sources: intent.source.into_iter().collect(),
        needs: intent.reason.into_iter().collect(),
        requirements: intent.kind.requirements(intent.direction),
        dormant: intent.dormant,
    }
}

/// What matches nothing for either reason: a port that is live for one is live.
fn asleep_in_both(one: &[Dormant], other: &[Dormant]) -> Vec<Dormant> {
    let all: Ports = other.iter().flat_map(|dormant| dormant.ports.iter()).collect();
    let still = one.iter().map(|dormant| Dormant { ports: dormant.ports.intersection(&all), ..dormant.clone() });
    still.filter(|dormant| !dormant.ports.is_empty()).collect()
}

fn name(basis: &Basis, rules: &mut [Rule]) {
    let all: Vec<Parts> = rules.iter().map(parts).collect();
    let names = names(&basis.stack.id, &all, |index| identity(&rules[index].peer, &rules[index].ports));
    for (rule, name) in rules.iter_mut().zip(names) {
        rule.name = name;
    }
}

/// What the names of `rule` are made of.
fn parts(rule: &Rule) -> Parts<'_> {
    let peer = match &rule.peer {
        Peer::Namespace(namespace) => Some(namespace),
        _ => None,
    };
    let Rule { namespace, kind, label, direction, ports, .. } = rule;
    Parts { namespace, kind: *kind, label: *label, peer, direction: *direction, ports }
}

/// What tells rules apart whose names would read the same.
fn identity(peer: &Peer, ports: &RulePorts) -> String {
    let ports = match ports {
        RulePorts::Exact(ports) => ports.to_string(),
        RulePorts::All => "all".to_owned(),
        RulePorts::None => "none".to_owned(),
    };
    let peer = match peer {
        Peer::Nobody => String::new(),
        Peer::Namespace(namespace) => namespace.to_string(),
        Peer::Addresses(blocks) => blocks.iter().map(ToString::to_string).collect::<Vec<_>>().join(", "),
    };
    format!("{peer} {ports}")
}
