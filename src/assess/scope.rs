//! Which namespaces are in scope of PCI DSS, and why (12.5.2; guidance on scoping and segmentation).
//!
//! The unit is the namespace: what shares one shares its openings, so every component takes its namespace's zone. The
//! cardholder data environment (CDE) is where account data is, and what is open to it on all ports. Connected is what
//! has a declared flow from or to it, or a directed path into it. What guards either is security-impacting.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use serde::Serialize;

use crate::{
    catalog::Profile,
    policy::{
        Basis, RulePorts,
        declared::{End, Flow},
    },
    terms::{ComponentRef, Level, Namespace},
};

/// How a namespace stands to account data, the nearest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Zone {
    /// Account data is here, or may flow in and out at will.
    Cde,
    /// It may talk to the CDE, or there is a way from it into the CDE.
    Connected,
    /// It guards the CDE or what is connected.
    SecurityImpacting,
    /// None of these: its traffic counts as untrusted.
    OutOfScope,
}

/// The zone of a namespace, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Zoned {
    /// The zone.
    pub zone: Zone,
    /// Why, in a line.
    pub because: String,
    /// The way into the CDE, namespace by namespace, if there is one.
    pub path: Vec<Namespace>,
}

/// The zones of a stack's namespaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Namespace → its zone.
    pub namespaces: BTreeMap<Namespace, Zoned>,
    /// Whether the profile says where account data is. If not, it may be anywhere, and everything counts as the CDE.
    pub is_stated: bool,
}

impl Scope {
    /// The zone of `namespace`.
    pub fn zone(&self, namespace: &Namespace) -> Option<Zone> {
        self.namespaces.get(namespace).map(|zoned| zoned.zone)
    }
}

/// The scope of the stack of `basis`, whose declared flows are `flows`.
pub fn scope(basis: &Basis, profile: &Profile, flows: &[Flow]) -> Scope {
    let all: BTreeSet<&Namespace> = basis.all_namespaces().collect();
    let all_in_cde = |because: &str, is_stated| {
        let zoned = Zoned { zone: Zone::Cde, because: because.to_owned(), path: Vec::new() };
        Scope { namespaces: all.iter().map(|namespace| ((*namespace).clone(), zoned.clone())).collect(), is_stated }
    };
    let Some(holders) = holders(basis, profile) else {
        return all_in_cde("the profile does not say where account data is, so it may be here", false);
    };
    if basis.level == Level::None && !holders.is_empty() {
        return all_in_cde("at this level every port is open between it and the namespaces of account data", true);
    }
    let between = Between::of(flows);
    let mut zones: BTreeMap<Namespace, Zoned> = BTreeMap::new();
    for (namespace, components) in &holders {
        let names: Vec<String> = components.iter().map(|name| format!("`{name}`")).collect();
        let because = format!("account data is in {}", names.join(", "));
        zones.insert((*namespace).clone(), Zoned { zone: Zone::Cde, because, path: Vec::new() });
    }
    for (one, other) in &between.wide {
        let pairs = [(one, other), (other, one)];
        for (near, far) in pairs.into_iter().filter(|(near, _)| holders.contains_key(*near)) {
            let because = format!("every port is open between it and `{near}`");
            zones.entry((*far).clone()).or_insert(Zoned { zone: Zone::Cde, because, path: Vec::new() });
        }
    }
    let cde: BTreeSet<Namespace> = zones.keys().cloned().collect();
    for (namespace, path) in between.paths_into(&cde) {
        let because = if path.len() > 1 { "there is a way from it into the CDE" } else { "it may talk to the CDE" };
        zones.entry(namespace).or_insert(Zoned { zone: Zone::Connected, because: because.to_owned(), path });
    }
    for (from, to) in between.all.iter().filter(|(from, to)| cde.contains(*from) && !cde.contains(*to)) {
        let because = format!("`{from}` may talk to it");
        zones.entry((*to).clone()).or_insert(Zoned { zone: Zone::Connected, because, path: Vec::new() });
    }
    for namespace in &all {
        let guards = basis.components_of(namespace).find_map(|(_, component)| {
            let role = basis.catalog.types.get(&component.kind)?.security_role?;
            Some(format!("`{}` is in charge of {}", component.name, role.as_str()))
        });
        let (zone, because) = match guards {
            Some(because) => (Zone::SecurityImpacting, because),
            None => (Zone::OutOfScope, "no flow leads from it to the CDE, or from there to it".to_owned()),
        };
        zones.entry((*namespace).clone()).or_insert(Zoned { zone, because, path: Vec::new() });
    }
    zones.retain(|namespace, _| all.contains(namespace));
    Scope { namespaces: zones, is_stated: true }
}

/// The namespaces of components that have account data, with these; `None` if nobody says.
fn holders<'b>(basis: &Basis<'b>, profile: &Profile) -> Option<BTreeMap<&'b Namespace, Vec<&'b ComponentRef>>> {
    let account_data = profile.account_data.as_ref()?;
    let named: BTreeSet<&str> = account_data.components.iter().map(|(name, ..)| name.as_str()).collect();
    let mut holders: BTreeMap<&Namespace, Vec<&ComponentRef>> = BTreeMap::new();
    for (id, component) in basis.stack.with_ids() {
        if named.contains(component.name.to_string().as_str())
            && let Some(namespace) = basis.home(id)
        {
            holders.entry(namespace).or_default().push(&component.name);
        }
    }
    Some(holders)
}

/// Which namespaces have a declared flow between them.
struct Between<'f> {
    all: BTreeSet<(&'f Namespace, &'f Namespace)>,
    /// Those on all ports.
    wide: BTreeSet<(&'f Namespace, &'f Namespace)>,
}

impl<'f> Between<'f> {
    fn of(flows: &'f [Flow]) -> Self {
        let mut between = Self { all: BTreeSet::new(), wide: BTreeSet::new() };
        for flow in flows {
            if let (End::Namespace(from), End::Namespace(to)) = (&flow.from, &flow.to)
                && from != to
            {
                between.all.insert((from, to));
                if flow.ports == RulePorts::All {
                    between.wide.insert((from, to));
                }
            }
        }
        between
    }

    /// The shortest way into `cde` from every namespace outside that has one, without its start.
    fn paths_into(&self, cde: &BTreeSet<Namespace>) -> Vec<(Namespace, Vec<Namespace>)> {
        let mut callers: BTreeMap<&Namespace, Vec<&Namespace>> = BTreeMap::new();
        for (from, to) in &self.all {
            callers.entry(to).or_default().push(from);
        }
        let mut next: BTreeMap<&Namespace, &Namespace> = BTreeMap::new();
        let mut open: VecDeque<&Namespace> = cde.iter().collect();
        while let Some(reached) = open.pop_front() {
            for caller in callers.get(reached).into_iter().flatten() {
                if !cde.contains(*caller) && !next.contains_key(caller) {
                    next.insert(caller, reached);
                    open.push_back(caller);
                }
            }
        }
        let way = |start: &Namespace| {
            let steps = std::iter::successors(next.get(start).copied(), |step| next.get(*step).copied());
            steps.cloned().collect::<Vec<_>>()
        };
        next.keys().map(|start| ((*start).clone(), way(start))).collect()
    }
}
