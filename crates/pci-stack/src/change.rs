//! Changes to a stack, as answers propose them and what-ifs take them: one flat object each, so that every client can
//! pass it on.

use std::fmt;

use netpol_reach::clean;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

/// What a change does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Op {
    /// Adds a component.
    AddComponent,
    /// Takes a component away, with its sub-components and links.
    RemoveComponent,
    /// Adds a link.
    AddLink,
    /// Takes a link away.
    RemoveLink,
    /// Sets an attribute of a component, or, with `from` and `to`, of a link.
    SetAttribute,
    /// Adds an exception, or replaces the one of this id.
    SetException,
    /// States a fact of a component.
    SetFact,
    /// Attests a control.
    SetAttestation,
    /// Sets the level.
    SetLevel,
}

impl Op {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::AddComponent,
        Self::RemoveComponent,
        Self::AddLink,
        Self::RemoveLink,
        Self::SetAttribute,
        Self::SetException,
        Self::SetFact,
        Self::SetAttestation,
        Self::SetLevel,
    ];

    /// The op as a change writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::AddComponent => "add_component",
            Self::RemoveComponent => "remove_component",
            Self::AddLink => "add_link",
            Self::RemoveLink => "remove_link",
            Self::SetAttribute => "set_attribute",
            Self::SetException => "set_exception",
            Self::SetFact => "set_fact",
            Self::SetAttestation => "set_attestation",
            Self::SetLevel => "set_level",
        }
    }
}

impl fmt::Display for Op {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One change.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(inline)]
pub struct Change {
    /// What it does.
    pub op: Op,
    /// The type of a component that is added.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// A component (`NAME` or `PARENT/NAME`), the id of an exception, or the number of a control.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Where a component that is added runs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// The attributes of a component or link that is added, the fields of an exception or of an attestation.
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
    /// The attribute or fact that is set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attribute: Option<String>,
    /// What it is set to; text, a number, true or false.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "scalar")]
    pub value: Option<String>,
}

impl Change {
    fn of(op: Op) -> Self {
        Self {
            op,
            r#type: None,
            name: None,
            namespace: None,
            attributes: None,
            from: None,
            to: None,
            port: None,
            attribute: None,
            value: None,
        }
    }

    /// A component `name` of type `kind`, with `attributes`.
    pub fn add_component(kind: &str, name: &str, attributes: Map<String, Value>) -> Self {
        let attributes = (!attributes.is_empty()).then_some(attributes);
        Self { r#type: Some(kind.to_owned()), name: Some(name.to_owned()), attributes, ..Self::of(Op::AddComponent) }
    }

    /// The component `name` no more.
    pub fn remove_component(name: &str) -> Self {
        Self { name: Some(name.to_owned()), ..Self::of(Op::RemoveComponent) }
    }

    /// A link from `from` to `to` on `port`, or on the ports that the target is known for.
    pub fn add_link(from: &str, to: &str, port: Option<u16>) -> Self {
        Self { from: Some(from.to_owned()), to: Some(to.to_owned()), port, ..Self::of(Op::AddLink) }
    }

    /// The attribute `attribute` of the component `name`.
    pub fn of_component(name: &str, attribute: &str, value: impl Into<String>) -> Self {
        Self {
            name: Some(name.to_owned()),
            attribute: Some(attribute.to_owned()),
            value: Some(value.into()),
            ..Self::of(Op::SetAttribute)
        }
    }

    /// The attribute `attribute` of the link from `from` to `to`.
    pub fn of_link(from: &str, to: &str, attribute: &str, value: impl Into<String>) -> Self {
        Self {
            from: Some(from.to_owned()),
            to: Some(to.to_owned()),
            attribute: Some(attribute.to_owned()),
            value: Some(value.into()),
            ..Self::of(Op::SetAttribute)
        }
    }

    /// The exception `id` with `fields`.
    pub fn set_exception(id: impl Into<String>, fields: Map<String, Value>) -> Self {
        Self { name: Some(id.into()), attributes: Some(fields), ..Self::of(Op::SetException) }
    }

    /// The fact `fact` of the component `name`.
    pub fn set_fact(name: &str, fact: &str, value: impl Into<String>) -> Self {
        Self {
            name: Some(name.to_owned()),
            attribute: Some(fact.to_owned()),
            value: Some(value.into()),
            ..Self::of(Op::SetFact)
        }
    }

    /// The control `control`, attested with `fields`.
    pub fn set_attestation(control: &str, fields: Map<String, Value>) -> Self {
        Self { name: Some(control.to_owned()), attributes: Some(fields), ..Self::of(Op::SetAttestation) }
    }

    /// Returns the change in words, without the value that it gives.
    pub fn without_value(&self) -> String {
        const HIDDEN: &str = "a value that is not shown";
        let text = Self { value: Some(HIDDEN.to_owned()), ..self.clone() }.to_string();
        text.replace(&format!("`{HIDDEN}`"), HIDDEN)
    }

    /// The level `level`.
    pub fn set_level(level: &str) -> Self {
        Self { value: Some(level.to_owned()), ..Self::of(Op::SetLevel) }
    }
}

/// Reads text, a number or a flag as text; null as nothing.
fn scalar<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    match Option::<Value>::deserialize(deserializer)? {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(Value::Bool(flag)) => Ok(Some(flag.to_string())),
        Some(Value::Number(number)) => Ok(Some(number.to_string())),
        Some(Value::Array(_) | Value::Object(_)) => {
            Err(serde::de::Error::custom("a value is text, a number, true or false"))
        }
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A change is text of whoever asks: without what would end its code span.
        let of = |field: &Option<String>| field.as_deref().map(clean).unwrap_or_default();
        let ends = || format!("`{} -> {}`", of(&self.from), of(&self.to));
        let subject = || if self.from.is_some() { ends() } else { format!("`{}`", of(&self.name)) };
        match (self.op, &self.value) {
            (Op::AddComponent, _) => match &self.name {
                Some(name) => write!(f, "add `{name}` ({})", of(&self.r#type)),
                None => write!(f, "add a `{}`", of(&self.r#type)),
            },
            (Op::RemoveComponent, _) => write!(f, "remove `{}`", of(&self.name)),
            (Op::AddLink, _) => match self.port {
                Some(port) => write!(f, "link {} on {port}", ends()),
                None => write!(f, "link {}", ends()),
            },
            (Op::RemoveLink, _) => write!(f, "remove the link {}", ends()),
            (Op::SetAttribute, Some(value)) => {
                write!(f, "set `{}` of {} to `{}`", of(&self.attribute), subject(), clean(value))
            }
            (Op::SetAttribute, None) => write!(f, "remove `{}` of {}", of(&self.attribute), subject()),
            (Op::SetException, _) => {
                let fields = self.attributes.iter().flat_map(Map::keys).map(|field| format!("`{}`", clean(field)));
                write!(f, "set {} of the exception `{}`", fields.collect::<Vec<_>>().join(", "), of(&self.name))
            }
            (Op::SetFact, Some(value)) => {
                write!(f, "state `{}` of {}: `{}`", of(&self.attribute), subject(), clean(value))
            }
            (Op::SetFact, None) => write!(f, "state `{}` of {} no more", of(&self.attribute), subject()),
            (Op::SetAttestation, _) if self.attributes.is_some() => write!(f, "attest {}", of(&self.name)),
            (Op::SetAttestation, _) => write!(f, "attest {} no more", of(&self.name)),
            (Op::SetLevel, _) => write!(f, "set the level to `{}`", of(&self.value)),
        }
    }
}
