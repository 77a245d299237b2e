//! What a change gives, read as if it stood in a stack file. One reader for both: what holds there of ports, of flags
//! and of secrets holds here.

use netpol_reach::InputError;
use pci_stack::{
    Component, ComponentId, Fact, FactValue, Finding, Link, Reading, Stack, TypeName, findings, read::stacktic,
};
use serde_json::{Map, Value, json};

use super::draft::Draft;

/// Attributes, by name.
pub(super) type Attributes = Map<String, Value>;

/// Something that was read, and what was noticed.
pub(super) type Read<T> = (T, Vec<Finding>);

impl Draft {
    /// The component `name` with `attributes`, as a component without a parent.
    pub(super) fn read_component(
        &self,
        name: &str,
        kind: &TypeName,
        attributes: &Attributes,
    ) -> Result<Read<Component>, InputError> {
        let entry = json!({"type": kind, "name": name, "attributes": attributes});
        let (stack, findings) = self.read(&Map::from_iter([(name.to_owned(), entry)]))?;
        let unread = || self.wrong(format!("a component of type `{kind}` is not read"));
        let mut component = stack.components.into_iter().next().ok_or_else(unread)?;
        component.place = self.place.clone();
        component.facts.values_mut().for_each(|fact| self.own(fact));
        Ok((component, findings))
    }

    /// The link from `source` to `target` with `attributes`.
    pub(super) fn read_link(
        &self,
        source: ComponentId,
        target: ComponentId,
        attributes: &Attributes,
    ) -> Result<Read<Link>, InputError> {
        let (from, to) = (self.stack().component(source), self.stack().component(target));
        let (from_name, to_name) = (from.name.to_string(), to.name.to_string());
        let end = |kind: &TypeName, links: Value| json!({"type": kind, "attributes": {"namespace": "what-if"}, "links_to": links});
        let links = json!({&to_name: {"attributes": attributes}});
        let ends = [(from_name, end(&from.kind, links)), (to_name, end(&to.kind, json!({})))];
        let (stack, findings) = self.read(&Map::from_iter(ends))?;
        let unread = || self.wrong("the link is not read");
        let mut link = stack.links.into_iter().next().ok_or_else(unread)?;
        (link.source, link.target, link.place) = (source, target, self.place.clone());
        link.facts.values_mut().for_each(|fact| self.own(fact));
        Ok((link, findings))
    }

    fn read(&self, components: &Attributes) -> Result<Read<Stack>, InputError> {
        let document = json!({"components": components, "configuration": {"system_name": "what-if"}});
        let words = self.premises.tables.catalog.vocabulary();
        let here = self.stack();
        let is_namespace = |name: &str| here.has_namespace(name);
        let mut stack = stacktic::read_part(&self.place.file, &document.to_string(), words, &is_namespace)?;
        let mut found = std::mem::take(&mut stack.findings);
        // The others are about the ends of a link, which are known already.
        found.retain(|finding| finding.id == findings::DOUBTFUL_FLAG.id);
        for finding in &mut found {
            finding.r#where = Some(self.place.clone());
        }
        Ok((stack, found))
    }

    /// Puts `fact` to where the change stands. Of a secret not even the shape is kept: secrets are compared within one
    /// file only.
    fn own(&self, fact: &mut Fact) {
        fact.place = self.place.clone();
        if matches!(fact.value, FactValue::Secret(_)) {
            fact.value = FactValue::Present;
        }
    }
}

/// `text` as a file would write it: flags without quotes.
pub(super) fn scalar(text: &str, reading: Option<&Reading>) -> Value {
    match (reading, text.trim()) {
        (Some(Reading::Flag), "true") => Value::Bool(true),
        (Some(Reading::Flag), "false") => Value::Bool(false),
        _ => Value::String(text.to_owned()),
    }
}
