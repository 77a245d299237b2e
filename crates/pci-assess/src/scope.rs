//! Which namespaces are in scope of PCI DSS, and why (12.5.2; guidance on scoping and segmentation).
//!
//! The unit is the namespace: what shares one shares its openings, so every component takes its namespace's zone. The
//! cardholder data environment (CDE) is where account data is, and what is open to it on all ports. Connected is what
//! has a declared flow from or to it, or a directed path into it. What guards either is security-impacting.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use netpol_reach::Namespace;
use pci_policy::{
    Basis, RulePorts,
    declared::{End, Flow},
};
use pci_stack::{
    ComponentRef, Level,
    catalog::{Profile, SecurityRole},
};
use serde::Serialize;

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

impl Zone {
    /// All zones, the nearest first.
    pub const ALL: [Self; 4] = [Self::Cde, Self::Connected, Self::SecurityImpacting, Self::OutOfScope];

    /// The zone as fields write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cde => "cde",
            Self::Connected => "connected",
            Self::SecurityImpacting => "security_impacting",
            Self::OutOfScope => "out_of_scope",
        }
    }

    /// The zone as people read it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Cde => "CDE",
            Self::Connected => "connected to the CDE",
            Self::SecurityImpacting => "security-impacting",
            Self::OutOfScope => "out of scope",
        }
    }
}

/// Why a namespace is in its zone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Why {
    /// Nobody says where account data is, so it may be here.
    NotStated,
    /// At this level nothing restricts what flows in and out.
    NothingEnforced,
    /// These components have account data.
    Holds(Vec<ComponentRef>),
    /// Every port is open between it and this namespace, which has account data.
    OpenTo(Namespace),
    /// The way into the CDE, namespace by namespace.
    LeadsTo(Vec<Namespace>),
    /// This namespace of the CDE may talk to it.
    ReachedFrom(Namespace),
    /// This component does something for the security of others.
    Guards(ComponentRef, SecurityRole),
    /// No flow leads from it to the CDE, or from there to it.
    Apart,
}

impl Why {
    /// The zone that follows.
    fn zone(&self) -> Zone {
        match self {
            Self::NotStated | Self::NothingEnforced | Self::Holds(_) | Self::OpenTo(_) => Zone::Cde,
            Self::LeadsTo(_) | Self::ReachedFrom(_) => Zone::Connected,
            Self::Guards(..) => Zone::SecurityImpacting,
            Self::Apart => Zone::OutOfScope,
        }
    }
}

/// The zones of a stack's namespaces.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scope {
    /// Namespace → why it is in its zone.
    pub namespaces: BTreeMap<Namespace, Why>,
    /// Whether the profile says where account data is. If not, it may be anywhere, and everything counts as the CDE.
    pub is_stated: bool,
}

impl Scope {
    /// The zone of `namespace`.
    pub fn zone(&self, namespace: &Namespace) -> Option<Zone> {
        self.namespaces.get(namespace).map(Why::zone)
    }
}

/// The scope of the stack of `basis`, whose declared flows are `flows`.
pub fn scope(basis: &Basis, profile: &Profile, flows: &[Flow]) -> Scope {
    let all: BTreeSet<&Namespace> = basis.all_namespaces().collect();
    let all_in_cde = |why: &Why, is_stated| {
        let namespaces = all.iter().map(|namespace| ((*namespace).clone(), why.clone())).collect();
        Scope { namespaces, is_stated }
    };
    let Some(holders) = holders(basis, profile) else { return all_in_cde(&Why::NotStated, false) };
    if basis.level == Level::None && !holders.is_empty() {
        return all_in_cde(&Why::NothingEnforced, true);
    }
    let between = Between::of(flows);
    // The first reason found is the one that counts most.
    let mut zones: BTreeMap<Namespace, Why> = BTreeMap::new();
    for (namespace, components) in &holders {
        zones.insert((*namespace).clone(), Why::Holds(components.iter().copied().cloned().collect()));
    }
    for (one, other) in &between.wide {
        let pairs = [(*one, *other), (*other, *one)];
        for (near, far) in pairs.into_iter().filter(|(near, _)| holders.contains_key(near)) {
            zones.entry(far.clone()).or_insert_with(|| Why::OpenTo(near.clone()));
        }
    }
    let cde: BTreeSet<Namespace> = zones.keys().cloned().collect();
    for (namespace, path) in between.paths_into(&cde) {
        zones.entry(namespace).or_insert(Why::LeadsTo(path));
    }
    for (from, to) in between.all.iter().filter(|(from, to)| cde.contains(*from) && !cde.contains(*to)) {
        zones.entry((*to).clone()).or_insert_with(|| Why::ReachedFrom((*from).clone()));
    }
    for namespace in &all {
        zones.entry((*namespace).clone()).or_insert_with(|| guards(basis, namespace).unwrap_or(Why::Apart));
    }
    zones.retain(|namespace, _| all.contains(namespace));
    Scope { namespaces: zones, is_stated: true }
}

/// The component of `namespace` that does something for the security of others, if one does.
fn guards(basis: &Basis, namespace: &Namespace) -> Option<Why> {
    basis.components_of(namespace).find_map(|(_, component)| {
        let role = basis.catalog.types.get(&component.kind)?.security_role?;
        Some(Why::Guards(component.name.clone(), role))
    })
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
