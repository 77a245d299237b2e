//! Where a picture of each end would be too large to read: ends that are alike become one box. Finely at first, by zone
//! and component type; then by zone and what the components do; then by zone alone.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::{Namespace, PortSet};
use pci_assess::Zone;
use pci_policy::proof::EndName;

use super::drawing::{Drawing, Flow, Shown};

/// What still can be read in one picture.
pub(super) const MOST_ENDS: usize = 64;
pub(super) const MOST_FLOWS: usize = 160;
/// How many boxes there may be where groups are drawn: they say more each.
const MOST_GROUPS: usize = 26;
/// Namespaces without policies, and ranges of addresses, are drawn one by one up to so many.
const MOST_OTHERS: usize = 10;

/// How finely ends are grouped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fineness {
    Type,
    Role,
    Zone,
}

/// A box of a grouped picture.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Unit {
    /// An end by itself.
    One(EndName),
    /// Several, that have a zone and something else in common.
    Group(Option<Zone>, String),
}

/// What runs between two units.
#[derive(Debug, Clone, Default)]
pub(super) struct Between {
    pub(super) ports: PortSet,
    /// How many pairs of ends.
    pub(super) pairs: usize,
}

/// What a picture shows: units with their ends, and what runs between them.
#[derive(Debug, Default)]
pub(super) struct Grouped {
    pub(super) units: BTreeMap<Unit, Vec<EndName>>,
    pub(super) between: BTreeMap<(Unit, Unit), Between>,
}

impl Grouped {
    /// What `shown` is drawn as, with each of `own` by itself whatever there is.
    pub(super) fn of(drawing: &Drawing, shown: &Shown, own: &BTreeSet<EndName>) -> Self {
        if shown.ends.len() <= MOST_ENDS && shown.flows.len() <= MOST_FLOWS {
            return Self::by(shown, |end| Unit::One(end.clone()));
        }
        let mut grouped = Self::default();
        for fineness in [Fineness::Type, Fineness::Role, Fineness::Zone] {
            grouped = Self::by(shown, |end| {
                if own.contains(end) { Unit::One(end.clone()) } else { unit(drawing, shown, end, fineness) }
            });
            if grouped.units.len() <= MOST_GROUPS + own.len() && grouped.between.len() <= MOST_FLOWS {
                break;
            }
        }
        grouped
    }

    fn by(shown: &Shown, unit: impl Fn(&EndName) -> Unit) -> Self {
        let mut members: BTreeMap<Unit, Vec<EndName>> = BTreeMap::new();
        for end in &shown.ends {
            members.entry(unit(end)).or_default().push(end.clone());
        }
        // A group of one is that one.
        let mut of: BTreeMap<EndName, Unit> = BTreeMap::new();
        let mut units = BTreeMap::new();
        for (unit, ends) in members {
            let unit = match ends.as_slice() {
                [one] => Unit::One(one.clone()),
                _ => unit,
            };
            of.extend(ends.iter().map(|end| (end.clone(), unit.clone())));
            units.insert(unit, ends);
        }
        let mut between: BTreeMap<(Unit, Unit), Between> = BTreeMap::new();
        for (from, to, ports) in &shown.flows {
            if let (Some(from), Some(to)) = (of.get(from), of.get(to)) {
                let entry = between.entry((from.clone(), to.clone())).or_default();
                entry.ports.extend(ports);
                entry.pairs += 1;
            }
        }
        Self { units, between }
    }

    /// Whether any box stands for several ends.
    pub(super) fn has_groups(&self) -> bool {
        self.units.keys().any(|unit| matches!(unit, Unit::Group(..)))
    }
}

/// The unit that `end` belongs to.
fn unit(drawing: &Drawing, shown: &Shown, end: &EndName, fineness: Fineness) -> Unit {
    let is_managed = |end: &EndName| matches!(end, EndName::Namespace(namespace) if drawing.basis.manages(namespace));
    let many = |is_one: &dyn Fn(&EndName) -> bool| shown.ends.iter().filter(|end| is_one(end)).count() > MOST_OTHERS;
    match end {
        EndName::Namespace(namespace) if drawing.basis.manages(namespace) => {
            let common = match fineness {
                Fineness::Type => main_type(drawing, namespace),
                Fineness::Role => role(drawing, namespace).to_owned(),
                Fineness::Zone => "namespaces".to_owned(),
            };
            Unit::Group(drawing.zone(namespace), common)
        }
        EndName::Namespace(_) if many(&|end| matches!(end, EndName::Namespace(_)) && !is_managed(end)) => {
            Unit::Group(None, "without policies".to_owned())
        }
        EndName::Addresses(_) if many(&|end| matches!(end, EndName::Addresses(_))) => {
            Unit::Group(None, "address ranges".to_owned())
        }
        end => Unit::One(end.clone()),
    }
}

/// The type that most components of `namespace` have; of several, the first by name.
fn main_type(drawing: &Drawing, namespace: &Namespace) -> String {
    let mut types: BTreeMap<&str, usize> = BTreeMap::new();
    for (_, component) in drawing.basis.components_of(namespace) {
        *types.entry(component.kind.as_str()).or_default() += 1;
    }
    let most = types.values().max().copied();
    types.into_iter().find(|(_, times)| Some(*times) == most).map_or("no component", |(kind, _)| kind).to_owned()
}

/// What the components of `namespace` do.
fn role(drawing: &Drawing, namespace: &Namespace) -> &'static str {
    let types = &drawing.basis.catalog.types;
    let any = |is_one: &dyn Fn(&pci_stack::TypeName) -> bool| {
        drawing.basis.components_of(namespace).any(|(_, component)| is_one(&component.kind))
    };
    if any(&|kind| types.is_gateway(kind)) {
        "gateways"
    } else if any(&|kind| types.get(kind).is_some_and(|known| known.security_role.is_some())) {
        "security and operations"
    } else if any(&|kind| types.is_data_store(kind)) {
        "data stores"
    } else {
        "applications"
    }
}

/// How many flows each end has.
pub(super) fn degrees<'a>(flows: &[Flow<'a>]) -> BTreeMap<&'a EndName, usize> {
    let mut degrees = BTreeMap::new();
    for (from, to, _) in flows {
        *degrees.entry(*from).or_default() += 1;
        *degrees.entry(*to).or_default() += 1;
    }
    degrees
}
