//! Flows as they come, those of the same ends and ports as one.

use netpol_reach::Table;
use pci_stack::ComponentId;
use rayon::prelude::*;

use super::{End, Flow};
use crate::{RulePorts, gather, settle};

/// Flows, those of the same ends and ports as one, of the kind that came first.
#[derive(Default)]
pub(super) struct Flows {
    /// In the order in which they came.
    pub(super) list: Vec<Flow>,
    known: Table<(End, End, RulePorts), usize>,
}

impl Flows {
    pub(super) fn add(&mut self, flow: Flow) {
        let next = self.list.len();
        let key = (flow.from.clone(), flow.to.clone(), flow.ports.clone());
        match self.list.get_mut(*self.known.entry(key).or_insert(next)) {
            None => self.list.push(flow),
            Some(known) => {
                gather(&mut known.sources, flow.sources);
                needed_by_both(&mut known.from_components, flow.from_components);
                needed_by_both(&mut known.to_components, flow.to_components);
            }
        }
    }

    /// All of them in order, and so what each lists.
    pub(super) fn settled(self) -> Vec<Flow> {
        let mut flows = self.list;
        flows.par_sort_by(|one, other| one.order().cmp(&other.order()));
        for flow in &mut flows {
            settle(&mut flow.sources);
            settle(&mut flow.from_components);
            settle(&mut flow.to_components);
        }
        flows
    }
}

/// Adds those who need the flow for another reason. Where the namespace as such needs it, all its components do.
fn needed_by_both(known: &mut Vec<ComponentId>, more: Vec<ComponentId>) {
    if known.is_empty() || more.is_empty() {
        known.clear();
    } else {
        gather(known, more);
    }
}
