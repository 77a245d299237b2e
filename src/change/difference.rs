//! What two snapshots of a stack differ in, as far as policies go: policies, declared flows, exposure, scope.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use crate::{
    assess::{Scope, Zone},
    engine::Snapshot,
    policy::{RulePorts, declared::Flow},
    proof::EndName,
    terms::Ports,
};

/// What two snapshots differ in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Difference {
    /// Policies that only the second has, as `namespace/name`.
    pub policies_added: Vec<String>,
    /// Policies that only the first has.
    pub policies_removed: Vec<String>,
    /// Connections that only the second declares.
    pub flows_added: Vec<Connection>,
    /// Connections that only the first declares.
    pub flows_removed: Vec<Connection>,
    /// Those of `flows_added` from or to networks outside the cluster.
    pub exposure_added: Vec<Connection>,
    /// Those of `flows_removed` from or to networks outside the cluster.
    pub exposure_removed: Vec<Connection>,
    /// Namespaces that come nearer to account data, as `namespace: zone before → zone after`.
    pub scope_added: Vec<String>,
    /// Namespaces that get farther from it.
    pub scope_removed: Vec<String>,
}

/// Connections between two ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub struct Connection {
    /// Where they start.
    pub from: EndName,
    /// Where they end.
    pub to: EndName,
    /// On which ports; `all` for every one.
    pub ports: Vec<String>,
    /// The links and exceptions that declare them.
    pub sources: Vec<String>,
}

impl Connection {
    /// Whether one end is in networks that the cluster does not hold.
    fn is_exposed(&self) -> bool {
        let is_outside =
            |end: &EndName| matches!(end, EndName::Internet | EndName::LoadBalancer | EndName::Addresses(_));
        is_outside(&self.from) || is_outside(&self.to)
    }
}

/// What `after` has that `before` lacks, and the other way round.
pub fn difference(before: &Snapshot, after: &Snapshot) -> Difference {
    let (first, second) = (Declared::of(before.flows()), Declared::of(after.flows()));
    let (flows_added, flows_removed) = (second.without(&first), first.without(&second));
    let exposed = |flows: &[Connection]| flows.iter().filter(|flow| flow.is_exposed()).cloned().collect();
    let (held, holds) = (policies(before), policies(after));
    let lacking = |all: &BTreeSet<String>, known: &BTreeSet<String>| all.difference(known).cloned().collect();
    let (scope_added, scope_removed) = moved(before.scope(), after.scope());
    Difference {
        policies_added: lacking(&holds, &held),
        policies_removed: lacking(&held, &holds),
        exposure_added: exposed(&flows_added),
        exposure_removed: exposed(&flows_removed),
        flows_added,
        flows_removed,
        scope_added,
        scope_removed,
    }
}

fn policies(snapshot: &Snapshot) -> BTreeSet<String> {
    snapshot.rules().rules.iter().map(|rule| format!("{}/{}", rule.namespace, rule.name.object)).collect()
}

/// Declared flows by their ends as people call them.
struct Declared<'f>(BTreeMap<(EndName, EndName), Vec<&'f Flow>>);

impl<'f> Declared<'f> {
    fn of(flows: &'f [Flow]) -> Self {
        let mut declared: BTreeMap<_, Vec<&Flow>> = BTreeMap::new();
        for flow in flows {
            let ends = (EndName::of_declared(&flow.from), EndName::of_declared(&flow.to));
            declared.entry(ends).or_default().push(flow);
        }
        Self(declared)
    }

    /// What is declared here and not in `other`.
    fn without(&self, other: &Self) -> Vec<Connection> {
        let more = self.0.iter().filter_map(|(ends, flows)| {
            let known = other.0.get(ends).map_or(RulePorts::None, |flows| together(flows));
            let ports = beyond(&together(flows), &known);
            let declares = |flow: &&&Flow| beyond(&ports, &flow.ports) != ports;
            let sources = flows.iter().filter(declares).flat_map(|flow| &flow.sources);
            let sources: BTreeSet<String> = sources.map(ToString::to_string).collect();
            let (from, to) = ends.clone();
            let connection = Connection { from, to, ports: ports.texts(), sources: sources.into_iter().collect() };
            (ports != RulePorts::None).then_some(connection)
        });
        more.collect()
    }
}

/// The ports of all of `flows`.
fn together(flows: &[&Flow]) -> RulePorts {
    let mut all = Ports::default();
    for flow in flows {
        match &flow.ports {
            RulePorts::All => return RulePorts::All,
            RulePorts::Exact(ports) => all = all.union(ports),
            RulePorts::None => {}
        }
    }
    if all.is_empty() { RulePorts::None } else { RulePorts::Exact(all) }
}

/// The ports of `ports` that `known` lacks. Of all ports but some, all are said to be lacking.
fn beyond(ports: &RulePorts, known: &RulePorts) -> RulePorts {
    match (ports, known) {
        (RulePorts::None, _) | (_, RulePorts::All) => RulePorts::None,
        (RulePorts::Exact(ports), RulePorts::Exact(known)) => match ports.minus(known) {
            rest if rest.is_empty() => RulePorts::None,
            rest => RulePorts::Exact(rest),
        },
        (ports, _) => ports.clone(),
    }
}

/// The namespaces that come nearer to account data, and those that get farther.
fn moved(before: &Scope, after: &Scope) -> (Vec<String>, Vec<String>) {
    let (mut nearer, mut farther) = (Vec::new(), Vec::new());
    let namespaces: BTreeSet<_> = before.namespaces.keys().chain(after.namespaces.keys()).collect();
    for namespace in namespaces {
        let (first, second) = (before.zone(namespace), after.zone(namespace));
        let rank = |zone: Option<Zone>| zone.unwrap_or(Zone::OutOfScope);
        let text = || format!("{namespace}: {} → {}", name(first), name(second));
        match rank(second).cmp(&rank(first)) {
            std::cmp::Ordering::Less => nearer.push(text()),
            std::cmp::Ordering::Greater => farther.push(text()),
            std::cmp::Ordering::Equal => {}
        }
    }
    (nearer, farther)
}

fn name(zone: Option<Zone>) -> &'static str {
    zone.map_or("absent", Zone::as_str)
}
