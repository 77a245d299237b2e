//! Labels and `LabelSelector`, with what the API server checks of them.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Deserializer, de};

use super::strict::Text;
use crate::{Condition, LabelSelector, Requirement};

/// `labels` and `matchLabels`.
#[derive(Debug, Default, Deserialize)]
#[serde(try_from = "BTreeMap<Text, Option<Text>>")]
pub(super) struct LabelMap(pub(super) BTreeMap<Arc<str>, Arc<str>>);

impl TryFrom<BTreeMap<Text, Option<Text>>> for LabelMap {
    type Error = &'static str;

    fn try_from(raw: BTreeMap<Text, Option<Text>>) -> Result<Self, Self::Error> {
        // A value that is nothing is an empty one, as the API reads it.
        let label = |(key, value): (Text, Option<Text>)| {
            Ok((checked_key(key)?, value.map_or_else(|| Ok("".into()), checked_value)?))
        };
        raw.into_iter().map(label).collect::<Result<_, _>>().map(Self)
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawSelector {
    match_labels: Option<LabelMap>,
    match_expressions: Option<Vec<RawRequirement>>,
}

#[derive(Debug, Deserialize)]
struct RawRequirement {
    key: Text,
    operator: Operator,
    values: Option<Vec<Text>>,
}

#[derive(Debug, Deserialize)]
enum Operator {
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

impl<'de> Deserialize<'de> for LabelSelector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = RawSelector::deserialize(deserializer)?;
        let labels = raw.match_labels.into_iter().flat_map(|labels| labels.0);
        let labels = labels.map(|(key, value)| Ok(Requirement { key, condition: Condition::In(vec![value]) }));
        let expressions = raw.match_expressions.into_iter().flatten().map(requirement);
        labels.chain(expressions).collect::<Result<Vec<_>, _>>().map(Self::new).map_err(de::Error::custom)
    }
}

fn requirement(raw: RawRequirement) -> Result<Requirement, &'static str> {
    let values = raw.values.into_iter().flatten().map(checked_value);
    let mut values: Vec<Arc<str>> = values.collect::<Result<_, _>>()?;
    values.sort_unstable();
    values.dedup();
    let condition = match (raw.operator, values.is_empty()) {
        (Operator::In, false) => Condition::In(values),
        (Operator::NotIn, false) => Condition::NotIn(values),
        (Operator::Exists, true) => Condition::Exists,
        (Operator::DoesNotExist, true) => Condition::DoesNotExist,
        (Operator::In | Operator::NotIn, true) => return Err("`In` and `NotIn` need `values`"),
        (Operator::Exists | Operator::DoesNotExist, false) => {
            return Err("`Exists` and `DoesNotExist` take no `values`");
        }
    };
    Ok(Requirement { key: checked_key(raw.key)?, condition })
}

fn checked_key(key: Text) -> Result<Arc<str>, &'static str> {
    let (prefix, name) = key.0.split_once('/').map_or((None, &*key.0), |(prefix, name)| (Some(prefix), name));
    let is_key = is_label_text(name) && prefix.is_none_or(is_dns_subdomain);
    let wrong = "this is no label key: up to 63 letters, digits, `-`, `_`, `.`, after an optional DNS prefix and `/`";
    if is_key { Ok(key.0) } else { Err(wrong) }
}

fn checked_value(value: Text) -> Result<Arc<str>, &'static str> {
    let is_value = value.0.is_empty() || is_label_text(&value.0);
    if is_value { Ok(value.0) } else { Err("this is no label value: up to 63 letters, digits, `-`, `_`, `.`") }
}

fn is_label_text(text: &str) -> bool {
    let is_end = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    let bytes = text.as_bytes();
    bytes.len() <= 63
        && is_end(bytes.first())
        && is_end(bytes.last())
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte))
}

/// Whether `text` is a name as most objects have one (RFC 1123 subdomain).
pub(super) fn is_dns_subdomain(text: &str) -> bool {
    let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
    let is_part = |part: &str| {
        let bytes = part.as_bytes();
        bytes.first().copied().is_some_and(is_inner)
            && bytes.last().copied().is_some_and(is_inner)
            && bytes.iter().all(|byte| is_inner(*byte) || *byte == b'-')
    };
    text.len() <= 253 && text.split('.').all(is_part)
}
