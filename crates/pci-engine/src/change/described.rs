//! Changes in words. A value that a change gives is said only as far as the reader would keep it.

use netpol_reach::Namespace;
use pci_stack::{Change, ComponentId, Op, SETTINGS, is_flag_word, statement};

use super::attributes::{is_configuration, is_of_flow};
use crate::Snapshot;

/// Returns `change` in words. `after` is a snapshot with the change made.
pub fn described(after: &Snapshot, change: &Change) -> String {
    let Some(value) = &change.value else { return change.to_string() };
    let shown = match change.op {
        Op::SetAttribute => attribute(after, change, value),
        Op::SetFact => Some(statement(value)),
        _ => Some(value.clone()),
    };
    match shown {
        Some(value) => Change { value: Some(value), ..change.clone() }.to_string(),
        None => change.without_value(),
    }
}

/// What is shown of the `value` that `change` gives an attribute.
fn attribute(after: &Snapshot, change: &Change, value: &str) -> Option<String> {
    let stack = &after.stack;
    let name = change.attribute.as_deref().unwrap_or_default();
    if change.from.is_some() && is_of_flow(name) {
        return Some(statement(value));
    }
    if is_configuration(stack, change) && SETTINGS.contains(&name) {
        return is_flag_word(value).then(|| value.to_owned());
    }
    if name == "namespace" {
        return value.parse::<Namespace>().ok().map(|namespace| namespace.to_string());
    }
    let subject = change.from.as_ref().or(change.name.as_ref())?;
    // What a later change takes away is not there any more, and its value is not said.
    let [id]: [ComponentId; 1] = stack.named(subject.trim()).try_into().ok()?;
    let kind = &stack.component(id).kind;
    let words = after.catalog().vocabulary();
    let reading = if change.from.is_some() { words.link_reading(kind, name) } else { words.reading(kind, name) };
    match name {
        "is_external" => is_flag_word(value).then(|| value.to_owned()),
        _ => reading?.shown(value, &|name| stack.has_namespace(name)),
    }
}
