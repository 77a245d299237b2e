//! The declared stack itself.

use std::{collections::BTreeMap, sync::Arc};

use netpol_reach::{Namespace, Place};

use crate::{Component, ComponentId, Fact, Finding, Level, Link, StackId, TypeName, Vocabulary};

/// What of a stack as a whole may be read and set; all of them flags.
pub const SETTINGS: [&str; 1] = ["sops_enabled"];

/// A declared stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stack {
    /// Its id, for files, labels and URIs.
    pub id: StackId,
    /// Its name as its people write it.
    pub name: String,
    /// The declared level and its place, if the file says one.
    pub level: Option<(Level, Place)>,
    /// Where images are built, if the file says so; outside of all components.
    pub build_namespace: Option<(Namespace, Place)>,
    /// Settings of the stack as a whole, by name: what of `configuration` may be read.
    pub configuration: BTreeMap<Arc<str>, Fact>,
    /// Components and, each after its parent, sub-components; in the order of the file.
    pub components: Vec<Component>,
    /// Links, each once, by source and target in the order of the components.
    pub links: Vec<Link>,
    /// What the reader noticed.
    pub findings: Vec<Finding>,
}

impl Stack {
    /// The component or sub-component `id`.
    pub fn component(&self, id: ComponentId) -> &Component {
        &self.components[id.index()]
    }

    /// The component that `id` belongs to: its parent, or itself.
    pub fn owner(&self, id: ComponentId) -> &Component {
        let component = self.component(id);
        component.parent.map_or(component, |parent| self.component(parent))
    }

    /// Where the pods of `id` run; `None` only for a component of another stack.
    pub fn namespace(&self, id: ComponentId) -> Option<&Namespace> {
        self.owner(id).namespace.as_ref()
    }

    /// Whether a component says that it runs in a namespace `name`.
    pub fn has_namespace(&self, name: &str) -> bool {
        self.components.iter().any(|one| one.namespace.as_ref().is_some_and(|namespace| namespace.as_str() == name))
    }

    /// Components and sub-components with their ids.
    pub fn with_ids(&self) -> impl Iterator<Item = (ComponentId, &Component)> {
        self.components.iter().enumerate().map(|(index, component)| (ComponentId::new(index), component))
    }

    /// The components and sub-components of type `name`.
    pub fn of_type<'a>(&'a self, name: &'a TypeName) -> impl Iterator<Item = (ComponentId, &'a Component)> {
        self.with_ids().filter(move |(_, component)| component.kind == *name)
    }

    /// The components that somebody may mean who calls them by their type `text`: "`dashboards`", or nothing.
    pub fn meant_by_type(&self, words: &Vocabulary, text: &str) -> Option<String> {
        /// How many are named.
        const NAMED: usize = 5;
        let kind = words.canonical(text.trim());
        let names: Vec<String> = self.of_type(&kind).map(|(_, component)| format!("`{}`", component.name)).collect();
        let more = names.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!names.is_empty()).then(|| format!("of type `{kind}`: {}{more}", names[..names.len().min(NAMED)].join(", ")))
    }
}
