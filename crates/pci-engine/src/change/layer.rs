//! What a change touches: what policies are made from, what else a stack declares, or what people state. Only the
//! first makes another proof necessary.

use pci_stack::{Change, ComponentId, Op, Reading, Stack};

use super::attributes::{is_configuration, is_of_flow};
use crate::Premises;

/// What a change touches, the deepest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Layer {
    /// What rules, flows and scope are made from: components, links, namespaces, ports, exceptions, the level.
    Topology,
    /// Other attributes: no rule reads them.
    Facts,
    /// What people state: facts, attestations, reasons of flows.
    Statements,
}

impl Layer {
    /// What `change` touches. What can't be made out counts as the deepest: that is never wrong, only slow.
    pub fn of(premises: &Premises, change: &Change) -> Self {
        match change.op {
            Op::AddComponent | Op::RemoveComponent | Op::AddLink | Op::RemoveLink | Op::SetException | Op::SetLevel => {
                Self::Topology
            }
            Op::SetFact | Op::SetAttestation => Self::Statements,
            Op::SetAttribute => Self::of_attribute(premises, change),
        }
    }

    fn of_attribute(premises: &Premises, change: &Change) -> Self {
        let words = premises.tables.catalog.vocabulary();
        let attribute = change.attribute.as_deref().unwrap_or_default();
        if let Some(from) = &change.from {
            return match only(&premises.stack, from).map(|id| &premises.stack.component(id).kind) {
                _ if is_of_flow(attribute) => Self::Statements,
                Some(kind) if attribute != "port" && words.link_reading(kind, attribute) != Some(&Reading::Port) => {
                    Self::Facts
                }
                _ => Self::Topology,
            };
        }
        if is_configuration(&premises.stack, change) {
            return Self::Facts;
        }
        let Some(id) = only(&premises.stack, change.name.as_deref().unwrap_or_default()) else { return Self::Topology };
        let kind = &premises.stack.component(id).kind;
        // A need for the internet may hang on an attribute being there, and what is not met is a finding of the rules.
        let need = premises.tables.catalog.types.get(kind).and_then(|known| known.needs_internet.as_ref());
        let decides = need.and_then(|need| need.when.as_deref()) == Some(attribute);
        let is_read_by_rules = matches!(attribute, "namespace" | "is_external" | "port");
        if decides || is_read_by_rules || words.reading(kind, attribute) == Some(&Reading::Port) {
            Self::Topology
        } else {
            Self::Facts
        }
    }
}

fn only(stack: &Stack, name: &str) -> Option<ComponentId> {
    match stack.named(name.trim()).as_slice() {
        [only] => Some(*only),
        _ => None,
    }
}
