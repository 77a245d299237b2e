//! What may stand for the parts of a template, found by what was typed so far.

use std::{collections::BTreeMap, sync::Arc};

use pci_engine::{Snapshot, fleet::Fleet};

use super::{Offer, TEMPLATES};

/// What may stand for the variable `argument` of the template `template_uri`, given what was `typed` of it and the
/// `others`: those that begin so, then those that hold it, then those that are found by it in another way. All of
/// them: the protocol takes a hundred at a time.
pub fn complete(
    fleet: &Fleet,
    template_uri: &str,
    argument: &str,
    typed: &str,
    others: &BTreeMap<String, String>,
) -> Vec<String> {
    let Some(template) = TEMPLATES.iter().find(|template| template.uri == template_uri) else { return Vec::new() };
    if argument == "stack" {
        return matching(stacks(fleet), typed);
    }
    let Some(variable) = template.variables.iter().find(|variable| variable.name == argument) else {
        return Vec::new();
    };
    let stack = others.get("stack").filter(|stack| !stack.is_empty());
    let meant: Vec<Arc<Snapshot>> = match stack {
        Some(stack) => fleet.snapshot(Some(stack)).into_iter().collect(),
        None => fleet.snapshots().cloned().collect(),
    };
    matching(meant.iter().flat_map(|snapshot| (variable.values)(snapshot, others)), typed)
}

/// The ids of the stacks that could be read, and what their people call them.
pub(crate) fn stacks(fleet: &Fleet) -> Vec<Offer> {
    let offer = |snapshot: &Arc<Snapshot>| Offer::found_by(snapshot.stack.id.to_string(), &snapshot.stack.name);
    fleet.snapshots().map(offer).collect()
}

/// Those of `offers` that begin with what was `typed`, then those that hold it, then those that are found by it; each
/// once, in their order.
pub(crate) fn matching(offers: impl IntoIterator<Item = Offer>, typed: &str) -> Vec<String> {
    let typed = typed.trim().to_lowercase();
    let rank = |offer: &Offer| {
        let value = offer.value.to_lowercase();
        if value.starts_with(&typed) {
            Some(0)
        } else if value.contains(&typed) {
            Some(1)
        } else {
            offer.also.to_lowercase().contains(&typed).then_some(2)
        }
    };
    let mut known = std::collections::HashSet::new();
    let mut ranked: Vec<(u8, String)> =
        offers.into_iter().filter_map(|offer| Some((rank(&offer)?, offer.value))).collect();
    ranked.sort_by_key(|(rank, _)| *rank);
    ranked.into_iter().map(|(_, value)| value).filter(|value| known.insert(value.clone())).collect()
}

impl Offer {
    /// A value that is found by itself alone.
    pub(crate) fn new(value: impl Into<String>) -> Self {
        Self { value: value.into(), also: String::new() }
    }

    /// A value that is found by another word too.
    pub(crate) fn found_by(value: impl Into<String>, also: impl Into<String>) -> Self {
        Self { value: value.into(), also: also.into() }
    }
}
