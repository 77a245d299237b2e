//! A type's `recommended` block as changes of a stack: what to add, set, link and state so that what the type can show
//! is shown. True of nothing until somebody does it.

use std::collections::BTreeMap;

use pci_stack::{
    Change, Component, ComponentId, ComponentRef, FactValue, Stack, TypeName,
    catalog::{ComponentType, Recommended},
};
use serde_json::{Map, Value};

use crate::Snapshot;

/// The block of a type, for one stack.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Block {
    /// What adds the component alone; empty if the stack has one.
    pub bare: Vec<Change>,
    /// What the block adds to that.
    pub assumed: Vec<Change>,
    /// The components of the type that the stack has.
    pub present: Vec<String>,
}

impl Block {
    /// All changes.
    pub fn changes(&self) -> Vec<Change> {
        self.bare.iter().chain(&self.assumed).cloned().collect()
    }
}

/// What would bring `kind` into the stack of `snapshot` as its block says; where it is there, what of the block it
/// lacks.
pub fn block(snapshot: &Snapshot, kind: &ComponentType) -> Block {
    let stack = &*snapshot.stack;
    let own = |id: ComponentId| !stack.owner(id).is_external;
    let present: Vec<ComponentId> = stack.of_type(&kind.name).map(|(id, _)| id).filter(|id| own(*id)).collect();
    let nothing = Recommended::default();
    let recommended = kind.recommended.as_ref().unwrap_or(&nothing);
    let mut block = Block::default();
    let subjects: Vec<String> = if present.is_empty() {
        let name = free_name(stack, kind);
        block.bare.push(Change::add_component(kind.name.as_str(), &name, Map::new()));
        vec![name]
    } else {
        present.iter().map(|id| stack.component(*id).name.to_string()).collect()
    };
    for (index, subject) in subjects.iter().enumerate() {
        let component = present.get(index).map(|id| (*id, stack.component(*id)));
        attributes(component.map(|(_, component)| component), subject, &recommended.attributes, &mut block.assumed);
        parts(stack, component.map(|(id, _)| id), subject, recommended, &mut block.assumed);
        links(stack, component.map(|(id, _)| id), subject, recommended, &mut block.assumed);
        facts(snapshot, subject, &recommended.facts, &mut block.assumed);
    }
    if !present.is_empty() {
        block.present = subjects;
    }
    block
}

/// A name that no component of the stack has.
fn free_name(stack: &Stack, kind: &ComponentType) -> String {
    let plain = kind.name.as_str().replace('_', "-");
    let plain = match kind.parent.as_ref().and_then(|parent| first_of(stack, std::slice::from_ref(parent))) {
        Some(parent) => format!("{parent}/{plain}"),
        None => plain,
    };
    let is_taken = |name: &str| stack.components.iter().any(|component| component.name.to_string() == name);
    let numbered = (2_u32..).map(|number| format!("{plain}-{number}"));
    std::iter::once(plain.clone()).chain(numbered).find(|name| !is_taken(name)).unwrap_or(plain)
}

/// Attributes that the component does not declare, or declares with a value that says nothing.
fn attributes(
    component: Option<&Component>,
    subject: &str,
    wanted: &BTreeMap<String, String>,
    changes: &mut Vec<Change>,
) {
    for (name, value) in wanted {
        let declared = component.and_then(|component| component.facts.get(name.as_str()));
        let says_something =
            declared.is_some_and(|fact| !matches!(fact.value, FactValue::Doubtful(_) | FactValue::Misfit));
        if !says_something {
            changes.push(Change::of_component(subject, name, value.clone()));
        }
    }
}

/// Sub-components of types that the component has none of; of those that it has, what they lack.
fn parts(stack: &Stack, id: Option<ComponentId>, subject: &str, recommended: &Recommended, changes: &mut Vec<Change>) {
    for part in &recommended.sub_components {
        let is_there = |component: &&Component| component.parent == id && component.kind == part.kind;
        let there = id.and_then(|_| stack.components.iter().find(is_there));
        let name = if let Some(component) = there {
            let name = component.name.to_string();
            attributes(Some(component), &name, &part.attributes, changes);
            name
        } else {
            let name = format!("{subject}/{}", part.name);
            let attributes: Map<String, Value> =
                part.attributes.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect();
            changes.push(Change::add_component(part.kind.as_str(), &name, attributes));
            name
        };
        changes.extend(part.facts.iter().map(|(fact, value)| Change::set_fact(&name, fact, value.clone())));
    }
}

/// Links to and from parties that the stack has, unless one of the group is linked already.
fn links(stack: &Stack, id: Option<ComponentId>, subject: &str, recommended: &Recommended, changes: &mut Vec<Change>) {
    let owner = |end: ComponentId| stack.component(end).parent.unwrap_or(end);
    let is_of = |end: ComponentId, kinds: &[TypeName]| {
        kinds.contains(&stack.component(end).kind) || kinds.contains(&stack.owner(end).kind)
    };
    for group in &recommended.links_to {
        let linked = stack.links.iter().any(|link| Some(owner(link.source)) == id && is_of(link.target, group));
        if let Some(far) = first_of(stack, group).filter(|_| !linked) {
            let far = far.to_string();
            changes.push(Change::add_link(subject, &far, None));
            let set = recommended.link_attributes.iter();
            changes.extend(set.map(|(name, value)| Change::of_link(subject, &far, name, value.clone())));
        }
    }
    for group in &recommended.links_from {
        let linked = stack.links.iter().any(|link| Some(owner(link.target)) == id && is_of(link.source, group));
        if let Some(far) = first_of(stack, group).filter(|_| !linked) {
            changes.push(Change::add_link(&far.to_string(), subject, None));
        }
    }
}

/// The first component of the first of `kinds` that the stack has.
fn first_of<'s>(stack: &'s Stack, kinds: &[TypeName]) -> Option<&'s ComponentRef> {
    kinds.iter().find_map(|kind| {
        let is_own =
            |(id, component): &(ComponentId, &Component)| component.kind == *kind && !stack.owner(*id).is_external;
        stack.with_ids().find(is_own).map(|(_, component)| &component.name)
    })
}

/// Facts that nobody states of the component.
fn facts(snapshot: &Snapshot, subject: &str, wanted: &BTreeMap<String, String>, changes: &mut Vec<Change>) {
    let stated = &snapshot.profile().facts;
    let is_stated = |fact: &str| stated.iter().any(|one| one.component == subject && one.fact == fact);
    let unstated = wanted.iter().filter(|(fact, _)| !is_stated(fact));
    changes.extend(unstated.map(|(fact, value)| Change::set_fact(subject, fact, value.clone())));
}
