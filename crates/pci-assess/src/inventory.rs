//! The inventory of system components (12.5.1): what runs where, what for, in which zone, in which version.

use netpol_reach::Namespace;
use pci_stack::{Component, FactValue};

use super::{Case, Zone, clauses::network::stated};

/// A component of the stack, without its parts.
#[derive(Debug, Clone)]
pub struct Item<'a> {
    /// The component.
    pub component: &'a Component,
    /// Where its pods run.
    pub namespace: Option<&'a Namespace>,
    /// Its namespace's zone.
    pub zone: Option<Zone>,
    /// What it is for, as somebody states.
    pub function: Option<&'a str>,
    /// Its versions, by the attribute that says so; `None` for one that does not look like a version and is not shown.
    pub versions: Vec<(&'a str, Option<&'a str>)>,
}

/// All components of this stack, the nearest to account data first.
pub fn inventory<'a>(case: &Case<'a>) -> Vec<Item<'a>> {
    let components = case.stack().with_ids();
    let components = components.filter(|(_, component)| component.parent.is_none() && !component.is_external);
    let mut items: Vec<Item> = components
        .map(|(id, component)| Item {
            component,
            namespace: case.grounds.basis.home(id),
            zone: case.zone(id),
            function: stated(case, id, "function"),
            versions: versions(component),
        })
        .collect();
    items.sort_by(|one, other| {
        let key = |item: &Item<'a>| (item.zone.is_none(), item.zone, item.namespace, &item.component.name);
        key(one).cmp(&key(other))
    });
    items
}

fn versions(component: &Component) -> Vec<(&str, Option<&str>)> {
    let is_version = |name: &str| name.split('_').any(|word| word == "version");
    let facts = component.facts.iter().filter(|(name, _)| is_version(name));
    facts
        .filter_map(|(name, fact)| match &fact.value {
            FactValue::Text(text) => Some((name.as_ref(), Some(text.as_str()))),
            FactValue::Misfit => Some((name.as_ref(), None)),
            _ => None,
        })
        .collect()
}
