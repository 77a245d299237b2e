//! What two snapshots of a stack differ in, as far as policies go: policies, declared flows, exposure, scope.

use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
};

use netpol_reach::Ports;
use pci_assess::{Scope, Zone};
use pci_policy::{Rule, RulePorts, declared::Flow, proof::EndName};
use schemars::JsonSchema;
use serde::Serialize;

use crate::Snapshot;

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
    let (flows_added, flows_removed) = connections(before.flows(), after.flows());
    let exposed = |flows: &[Connection]| flows.iter().filter(|flow| flow.is_exposed()).cloned().collect();
    let (policies_added, policies_removed) = policies(&before.rules().rules, &after.rules().rules);
    let (scope_added, scope_removed) = moved(before.scope(), after.scope());
    Difference {
        policies_added,
        policies_removed,
        exposure_added: exposed(&flows_added),
        exposure_removed: exposed(&flows_removed),
        flows_added,
        flows_removed,
        scope_added,
        scope_removed,
    }
}

/// Those of `first` and of `second`, both ascending by `order`, that the other lacks: most are in both.
fn lone<'a, T, K: Ord>(first: &'a [T], second: &'a [T], order: impl Fn(&'a T) -> K) -> [Vec<&'a T>; 2] {
    let mut lone = [Vec::new(), Vec::new()];
    let (mut first, mut second) = (first.iter().peekable(), second.iter().peekable());
    loop {
        let which = match (first.peek(), second.peek()) {
            (None, None) => return lone,
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (Some(one), Some(other)) => order(one).cmp(&order(other)),
        };
        match which {
            Ordering::Less => lone[0].extend(first.next()),
            Ordering::Greater => lone[1].extend(second.next()),
            Ordering::Equal => drop((first.next(), second.next())),
        }
    }
}

/// The names of the policies that only `after` has, and of those that only `before` has. A policy whose name stays is
/// neither, whatever it says.
fn policies(before: &[Rule], after: &[Rule]) -> (Vec<String>, Vec<String>) {
    let [gone, new] = lone(before, after, |rule| (rule.order(), &rule.name));
    let names = |rules: Vec<&Rule>| -> BTreeSet<String> {
        rules.into_iter().map(|rule| format!("{}/{}", rule.namespace, rule.name.object)).collect()
    };
    let (gone, new) = (names(gone), names(new));
    (new.difference(&gone).cloned().collect(), gone.difference(&new).cloned().collect())
}

/// The connections that only `after` declares, and those that only `before` does.
fn connections(before: &[Flow], after: &[Flow]) -> (Vec<Connection>, Vec<Connection>) {
    let ends = |flow: &Flow| (EndName::of_declared(&flow.from), EndName::of_declared(&flow.to));
    let touched: BTreeSet<_> = lone(before, after, Flow::order).into_iter().flatten().map(ends).collect();
    let declared = |flows| {
        let mut declared = Declared::new();
        for flow in flows {
            let ends = ends(flow);
            if touched.contains(&ends) {
                declared.entry(ends).or_default().push(flow);
            }
        }
        declared
    };
    let (before, after) = (declared(before), declared(after));
    (without(&after, &before), without(&before, &after))
}

/// Declared flows by their ends as people call them.
type Declared<'f> = BTreeMap<(EndName, EndName), Vec<&'f Flow>>;

/// What is declared in `one` and not in `other`.
fn without(one: &Declared, other: &Declared) -> Vec<Connection> {
    let more = one.iter().filter_map(|(ends, flows)| {
        let known = other.get(ends).map_or(RulePorts::None, |flows| together(flows));
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
            Ordering::Less => nearer.push(text()),
            Ordering::Greater => farther.push(text()),
            Ordering::Equal => {}
        }
    }
    (nearer, farther)
}

fn name(zone: Option<Zone>) -> &'static str {
    zone.map_or("absent", Zone::as_str)
}
