//! Attributes of components, of links and of the stack as a whole. Only those that are read can be set: setting
//! another would silently do nothing.

use std::sync::Arc;

use netpol_reach::{InputError, clean};
use pci_stack::{Change, Component, Fact, FactValue, Finding, Reading, SETTINGS, Stack};
use serde_json::{Map, Value};

use super::{
    draft::{Draft, said},
    reading::{self, Attributes},
};

/// The name that stands for the stack as a whole.
const CONFIGURATION: &str = "configuration";

/// What of a link is stated in the profile.
pub(super) const OF_FLOWS: [&str; 3] = ["reason", "approved_by", "review_by"];

/// Whether the profile states `attribute` of links.
pub(super) fn is_of_flow(attribute: &str) -> bool {
    OF_FLOWS.contains(&attribute)
}

/// Whether `change` is about the stack as a whole, and not about a component that bears that name.
pub(super) fn is_configuration(stack: &Stack, change: &Change) -> bool {
    change.name.as_deref() == Some(CONFIGURATION)
        && (SETTINGS.contains(&said(change.attribute.as_ref())) || stack.named(CONFIGURATION).is_empty())
}

impl Draft {
    /// Sets an attribute of a component, or of the stack as a whole.
    pub(super) fn set_attribute(&mut self, change: &Change) -> Result<(), InputError> {
        if is_configuration(self.stack(), change) {
            return self.set_setting(change);
        }
        let id = self.component(said(change.name.as_ref()))?;
        let component = self.stack().component(id).clone();
        let name = said(change.attribute.as_ref());
        self.is_settable(&component, name)?;
        let mut attributes = beside(&component);
        match &change.value {
            Some(value) => {
                let how = self.premises.tables.catalog.vocabulary().reading(&component.kind, name);
                attributes.insert(name.to_owned(), reading::scalar(value, how))
            }
            None => attributes.remove(name),
        };
        let owner = component.name.to_string();
        let (mut read, findings) = self.read_component(&owner, &component.kind, &attributes)?;
        self.forget(name, &owner, component.facts.get(name));
        let place = self.place.clone();
        let stack = self.stack_mut();
        let changed = stack.component_mut(id);
        changed.is_external = read.is_external;
        if changed.parent.is_none() {
            changed.namespace = read.namespace;
        }
        changed.declared_ports.remove(name);
        changed.declared_ports.extend(read.declared_ports.remove_entry(name));
        changed.facts.remove(name);
        if name != "is_external" || change.value.is_some() {
            changed.facts.extend(read.facts.remove_entry(name));
        }
        stack.notice(findings, &place);
        Ok(())
    }

    fn is_settable(&self, component: &Component, name: &str) -> Result<(), InputError> {
        if name == "namespace" && component.parent.is_some() {
            let what = format!("`{}` runs where its parent does", component.name);
            return Err(self.wrong(what).help("set the parent's `namespace`"));
        }
        let words = self.premises.tables.catalog.vocabulary();
        let kind = &component.kind;
        let typed = ["namespace", "is_external"]
            .into_iter()
            .filter(|typed| component.parent.is_none() || *typed != "namespace");
        let mut known: Vec<&str> = words.attributes(kind).chain(typed).collect();
        known.sort_unstable();
        known.dedup();
        if known.contains(&name) {
            return Ok(());
        }
        let what = format!("`{}` is not read of `{}`, a `{kind}`", clean(name), component.name);
        Err(self.not_read(what, name, &known))
    }

    fn not_read(&self, what: String, name: &str, known: &[&str]) -> InputError {
        let near = netpol_reach::nearest(name, known.iter().copied());
        let near = near.map(|near| format!("did you mean `{near}`? ")).unwrap_or_default();
        let known: Vec<String> = known.iter().map(|name| format!("`{name}`")).collect();
        self.wrong(what).help(format!("{near}read are {}", known.join(", ")))
    }

    /// Drops what was noticed about the attribute `name` of `owner`, which stood there as `fact`.
    fn forget(&mut self, name: &str, owner: &str, fact: Option<&Fact>) {
        let Some(fact) = fact else { return };
        let about = format!("`{name}` of `{owner}` ");
        let is_about =
            |finding: &Finding| finding.r#where.as_ref() == Some(&fact.place) && finding.message.starts_with(&about);
        self.stack_mut().findings.retain(|finding| !is_about(finding));
    }

    fn set_setting(&mut self, change: &Change) -> Result<(), InputError> {
        let name = said(change.attribute.as_ref());
        if !SETTINGS.contains(&name) {
            let what = format!("`{}` of the configuration can't be set", clean(name));
            let error = self.wrong_name(what, name, SETTINGS);
            return Err(if error.help.is_some() {
                error
            } else {
                error.help("`sops_enabled` can; `set_level` sets the level")
            });
        }
        let value = match change.value.as_deref().map(str::trim) {
            Some("true") => Some(FactValue::True),
            Some("false") => Some(FactValue::False),
            Some(_) => return Err(self.wrong(format!("`{name}` is true or false"))),
            None => None,
        };
        let place = self.place.clone();
        let configuration = &mut self.stack_mut().configuration;
        configuration.remove(name);
        configuration.extend(value.map(|value| (Arc::from(name), Fact { value, place })));
        Ok(())
    }

    /// Sets an attribute of a link, or what the profile states of it.
    pub(super) fn set_link_attribute(&mut self, change: &Change) -> Result<(), InputError> {
        let index = self.link(change)?;
        let link = self.stack().links[index].clone();
        let name = said(change.attribute.as_ref());
        if is_of_flow(name) {
            return self.set_flow_reason(link.id.as_str(), name, change.value.as_deref());
        }
        let source = self.stack().component(link.source).kind.clone();
        let words = self.premises.tables.catalog.vocabulary();
        let how = words.link_reading(&source, name);
        if how.is_none() {
            let mut known: Vec<&str> = words.link_attributes(&source).chain(OF_FLOWS).collect();
            known.sort_unstable();
            known.dedup();
            let what = format!("`{}` is not read of links of a `{source}`, such as `{}`", clean(name), link.id);
            return Err(self.not_read(what, name, &known));
        }
        let is_port = how == Some(&Reading::Port);
        let value = change.value.as_deref().map(|value| (name.to_owned(), reading::scalar(value, how)));
        let (mut read, findings) = self.read_link(link.source, link.target, &value.into_iter().collect())?;
        self.forget(name, link.id.as_str(), link.facts.get(name));
        let place = self.place.clone();
        let stack = self.stack_mut();
        let changed = &mut stack.links[index];
        if is_port {
            changed.port = read.port;
        }
        changed.facts.remove(name);
        changed.facts.extend(read.facts.remove_entry(name));
        stack.notice(findings, &place);
        Ok(())
    }
}

/// What a reader must know of `component` besides the attribute that is set.
fn beside(component: &Component) -> Attributes {
    let mut attributes = Map::new();
    let namespace = match component.parent {
        None => component.namespace.as_ref().map(ToString::to_string),
        // Its parent's counts; the reader asks for one.
        Some(_) => Some("what-if".to_owned()),
    };
    attributes.extend(namespace.map(|namespace| ("namespace".to_owned(), Value::String(namespace))));
    attributes.extend(component.is_external.then(|| ("is_external".to_owned(), Value::Bool(true))));
    attributes
}
