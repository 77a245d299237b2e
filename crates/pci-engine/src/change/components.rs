//! Components that come and go.

use netpol_reach::{InputError, clean};
use pci_stack::{Change, Component, ComponentId, ComponentRef, TypeName, catalog::ComponentType};
use serde_json::Value;

use super::{
    draft::{Draft, said},
    reading::Attributes,
};

impl Draft {
    pub(super) fn add_component(&mut self, change: &Change) -> Result<(), InputError> {
        let known = self.known_type(said(change.r#type.as_ref()))?;
        let name = match change.name.as_deref().map(str::trim) {
            Some(name) => name.to_owned(),
            None => self.free_name(&known.name),
        };
        let (parent, own_name) = self.parent_of(&name, &known)?;
        let mut attributes = change.attributes.clone().unwrap_or_default();
        if parent.is_some() && (change.namespace.is_some() || attributes.contains_key("namespace")) {
            return Err(self.wrong(format!("`{}` runs where its parent does and takes no namespace", clean(&name))));
        }
        self.with_namespace(&mut attributes, change, &known, &own_name)?;
        let (mut component, findings) = self.read_component(&own_name, &known.name, &attributes)?;
        if let Some(parent) = parent {
            let parent_name = ComponentRef::clone(&self.stack().component(parent).name).name;
            component.name.parent = Some(parent_name);
            (component.parent, component.namespace) = (Some(parent), None);
        }
        self.is_free(&component)?;
        let place = self.place.clone();
        let stack = self.stack_mut();
        stack.add_component(component);
        stack.notice(findings, &place);
        Ok(())
    }

    pub(super) fn remove_component(&mut self, change: &Change) -> Result<(), InputError> {
        let id = self.component(said(change.name.as_ref()))?;
        let place = self.place.clone();
        let stack = self.stack_mut();
        stack.remove_component(id);
        stack.notice([], &place);
        Ok(())
    }

    /// What is known of the type that `text` names, by its own name or by another.
    fn known_type(&self, text: &str) -> Result<ComponentType, InputError> {
        let words = self.premises.tables.catalog.vocabulary();
        let kind = words.canonical(text);
        let known = self.premises.tables.catalog.types.get(&kind).cloned();
        known.ok_or_else(|| self.wrong_name(format!("`{kind}` is no component type"), kind.as_str(), words.names()))
    }

    /// The first name after `kind` that no component bears: `redis`, `redis-2` …
    fn free_name(&self, kind: &TypeName) -> String {
        let stem = kind.as_str().replace('_', "-");
        let is_free = |name: &String| {
            let mut names = self.stack().components.iter().map(|component| &component.name);
            !names.any(|taken| taken.parent.is_none() && *taken.name == **name)
        };
        let numbered = (2..).map(|number| format!("{stem}-{number}"));
        std::iter::once(stem.clone()).chain(numbered).find(is_free).unwrap_or_default()
    }

    /// The parent that `name` begins with, and the rest of it.
    fn parent_of(&self, name: &str, known: &ComponentType) -> Result<(Option<ComponentId>, String), InputError> {
        let Some((parent, own_name)) = name.split_once('/') else {
            return match &known.parent {
                None => Ok((None, name.to_owned())),
                Some(kind) => Err(self.orphan(known, kind)),
            };
        };
        let id = self.component(parent)?;
        let component = self.stack().component(id);
        if component.parent.is_some() || own_name.contains('/') {
            let what = format!("`{}` would be part of a sub-component, which has no parts", clean(name));
            return Err(self.wrong(what).help("say PARENT/NAME"));
        }
        match &known.parent {
            Some(kind) if *kind != component.kind => {
                let what = format!(
                    "a `{}` is part of a `{kind}`, and `{}` is a `{}`",
                    known.name, component.name, component.kind
                );
                Err(self.wrong(what).help(self.parents(kind)))
            }
            None => {
                let what = format!("a `{}` stands alone, and is no part of `{}`", known.name, component.name);
                Err(self.wrong(what).help("leave the part before the slash out"))
            }
            Some(_) => Ok((Some(id), own_name.to_owned())),
        }
    }

    fn orphan(&self, known: &ComponentType, parent: &TypeName) -> InputError {
        let what = format!("a `{}` is part of a `{parent}`, and `name` does not say of which", known.name);
        self.wrong(what).help(self.parents(parent))
    }

    /// Which components of type `kind` there are to be part of.
    fn parents(&self, kind: &TypeName) -> String {
        let names: Vec<String> = self.stack().of_type(kind).map(|(_, one)| format!("`{}/…`", one.name)).collect();
        match names.as_slice() {
            [] => format!("add a `{kind}` first; the name is then PARENT/NAME"),
            names => format!("say {}", names.join(" or ")),
        }
    }

    /// Adds the namespace: the one asked for, else the type's usual one, else one of the component's own.
    fn with_namespace(
        &self,
        attributes: &mut Attributes,
        change: &Change,
        known: &ComponentType,
        name: &str,
    ) -> Result<(), InputError> {
        if attributes.contains_key("namespace") {
            let is_twice = change.namespace.is_some();
            return if is_twice { Err(self.wrong("`namespace` is said twice").help("keep one")) } else { Ok(()) };
        }
        let is_external = match attributes.get("is_external") {
            Some(Value::Bool(flag)) => *flag,
            Some(Value::String(text)) => text.trim().eq_ignore_ascii_case("true"),
            _ => false,
        };
        let usual = known.default_namespace.as_ref().map_or_else(|| clean(name), ToString::to_string);
        let namespace = change.namespace.clone().or_else(|| (!is_external).then_some(usual));
        if let Some(namespace) = namespace {
            attributes.insert("namespace".to_owned(), Value::String(namespace));
        }
        Ok(())
    }

    fn is_free(&self, component: &Component) -> Result<(), InputError> {
        match self.stack().components.iter().find(|known| known.name == component.name) {
            Some(taken) => {
                let what = format!("there is a component `{}` already, at {}", taken.name, taken.place);
                Err(self.wrong(what).help("say another `name`, or leave it out"))
            }
            None => Ok(()),
        }
    }
}
