//! What is kept of attributes: by allow-list, and nothing else. This is where secrets end.

use std::{collections::BTreeMap, sync::Arc};

use netpol_reach::{InputError, PortNumber, clean};

use super::{
    raw::{Attribute, Value},
    reader::Reader,
    secrets::Owner,
};
use crate::{Fact, FactValue, Finding, Reading, Shape, findings, is_flag_word, secrets::names};

/// Attributes as they are kept.
#[derive(Debug, Default)]
pub(super) struct Kept {
    pub(super) ports: BTreeMap<Arc<str>, PortNumber>,
    pub(super) facts: BTreeMap<Arc<str>, Fact>,
}

/// Whether `value` says nothing.
pub(super) fn is_blank(value: &Value) -> bool {
    matches!(value, Value::Null) || value.text().is_some_and(|text| text.trim().is_empty())
}

/// Whether `value` is on: `true`, or the text of it.
pub(super) fn is_true(value: &Value) -> bool {
    matches!(value, Value::Bool(true)) || value.text().is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
}

/// Keeps of `attributes` what `reading` lets through; they are those of `owner`.
pub(super) fn keep<'w>(
    reader: &mut Reader,
    owner: &Owner,
    attributes: &[Attribute],
    reading: impl Fn(&str) -> Option<&'w Reading>,
) -> Result<Kept, InputError> {
    let mut kept = Kept::default();
    let whose = owner.name.as_str();
    for attribute in attributes {
        let name = attribute.name.as_str();
        if name == "namespace" {
            continue;
        }
        let how = reading(name);
        if how == Some(&Reading::Port) {
            if !is_blank(&attribute.value) {
                let number = attribute.value.text().unwrap_or_default().parse();
                let number = number.map_err(|error: String| {
                    reader.error(attribute.at, format!("`{name}` of `{whose}` holds no port")).help(error)
                })?;
                kept.ports.insert(name.into(), number);
            }
            continue;
        }
        let value = match how {
            Some(Reading::Flag) => flag(&attribute.value),
            Some(Reading::Text(shape)) => text(reader, shape, &attribute.value),
            _ => unread(reader, owner, attribute),
        };
        let place = reader.place(attribute.at);
        if let FactValue::Doubtful(literal) = &value {
            let message = match literal.as_str() {
                "" => format!("`{name}` of `{whose}` has a value that is neither true nor false"),
                "false" => format!("`{name}` of `{whose}` is the text \"false\", which templates take for on"),
                _ => format!("`{name}` of `{whose}` is `{literal}`, which is neither true nor false"),
            };
            reader.findings.push(Finding::new(&findings::DOUBTFUL_FLAG, message, Some(place.clone())));
        }
        kept.facts.insert(clean(name).into(), Fact { value, place });
    }
    Ok(kept)
}

/// What is kept of an attribute that is not read: that it is there, and the shape of a secret.
fn unread(reader: &mut Reader, owner: &Owner, attribute: &Attribute) -> FactValue {
    let text = attribute.value.text().filter(|_| names::is_secret(attribute.name.as_str()));
    let shape = text.and_then(|text| reader.secrets.shape(text, owner));
    shape.map_or(FactValue::Present, FactValue::Secret)
}

/// What is kept of a value that is to have `shape`.
fn text(reader: &Reader, shape: &Shape, value: &Value) -> FactValue {
    match value {
        Value::Null => FactValue::Present,
        Value::Text(text) => {
            let fit = shape.fit(text.as_str(), &|name| reader.is_namespace(name));
            fit.map_or(FactValue::Misfit, |text| FactValue::Text(clean(&text)))
        }
        Value::Bool(_) | Value::List(_) | Value::Map => FactValue::Misfit,
    }
}

/// The three readings of a flag.
fn flag(value: &Value) -> FactValue {
    match value {
        Value::Bool(true) => FactValue::True,
        Value::Bool(false) | Value::Null => FactValue::False,
        Value::Text(text) if text.as_str().trim().eq_ignore_ascii_case("true") => FactValue::True,
        Value::Text(text) if text.as_str().trim().is_empty() => FactValue::False,
        Value::Text(text) => {
            FactValue::Doubtful(if is_flag_word(text.as_str()) { clean(text.as_str()) } else { String::new() })
        }
        Value::List(_) | Value::Map => FactValue::Doubtful("a list".to_owned()),
    }
}
