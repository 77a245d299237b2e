//! Changes to a stack, as answers propose them: one flat object each, so that every client can pass it on.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Op {
    /// Adds a link.
    AddLink,
    /// Sets an attribute of a component, or, with `from` and `to`, of a link.
    SetAttribute,
    /// Adds an exception, or replaces the one of this id.
    SetException,
}

/// One change.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Change {
    /// What it does.
    pub op: Op,
    /// The id of an exception.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The fields of an exception.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attributes: Option<Map<String, Value>>,
    /// Where a link starts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Where a link ends.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<String>,
    /// The port of a link.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub port: Option<u16>,
    /// The attribute that is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// What it is set to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
}

impl Change {
    fn of(op: Op) -> Self {
        Self { op, name: None, attributes: None, from: None, to: None, port: None, attribute: None, value: None }
    }

    /// A link from `from` to `to` on `port`, or on the ports that the target is known for.
    pub fn add_link(from: &str, to: &str, port: Option<u16>) -> Self {
        Self { from: Some(from.to_owned()), to: Some(to.to_owned()), port, ..Self::of(Op::AddLink) }
    }

    /// The attribute `attribute` of the link from `from` to `to`.
    pub fn of_link(from: &str, to: &str, attribute: &str, value: String) -> Self {
        let (from, to, attribute) = (from.to_owned(), to.to_owned(), attribute.to_owned());
        Self {
            from: Some(from),
            to: Some(to),
            attribute: Some(attribute),
            value: Some(value),
            ..Self::of(Op::SetAttribute)
        }
    }

    /// The exception `id` with `fields`.
    pub fn set_exception(id: String, fields: Map<String, Value>) -> Self {
        Self { name: Some(id), attributes: Some(fields), ..Self::of(Op::SetException) }
    }
}
