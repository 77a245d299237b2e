//! A YAML library's error → what a person may read of it.

use serde_saphyr::{Error, budget::BudgetBreach};

use super::place;
use crate::{InputError, Place, clean, nearest};

/// `error` without any text of the file but short key names.
pub(super) fn input_error(file: &str, error: &Error) -> InputError {
    let error = error.without_snippet();
    let place = match error.location().filter(|location| location.line() > 0) {
        Some(location) => place(&file.into(), location),
        None => Place::whole(file),
    };
    let (what, help) = describe(error);
    InputError { place, what, help }
}

fn describe(error: &Error) -> (String, Option<String>) {
    let plain = |what: &str| (what.to_owned(), None);
    let helped = |what: &str, help: &str| (what.to_owned(), Some(help.to_owned()));
    match error {
        // Only our own types raise messages, and what they quote is a value that they were asked to check.
        Error::Message { msg, .. } => (clean(msg), None),
        Error::AliasError { error, .. } => describe(error.without_snippet()),
        Error::Eof { .. } => plain("the file ends in the middle of something"),
        Error::MultipleDocuments { .. } => helped("a second document starts here", "one document is read"),
        Error::DuplicateMappingKey { key, .. } => {
            (format!("{} stands twice in one mapping", key_name(key.as_deref())), Some("keep one".to_owned()))
        }
        Error::SerdeUnknownField { field, expected, .. } => unknown_key(field, expected),
        Error::SerdeUnknownVariant { expected, .. } => (format!("expected one of {}", list(expected)), None),
        Error::SerdeMissingField { field, .. } => (format!("the key `{field}` is missing here"), None),
        Error::SerdeInvalidType { unexpected, expected, .. }
        | Error::SerdeInvalidValue { unexpected, expected, .. } => {
            (format!("expected {}, found {}", clean(expected), sort_of(unexpected)), None)
        }
        Error::Unexpected { expected, .. } => (format!("expected {}", in_words(expected)), None),
        Error::InvalidScalar { ty, .. } => (format!("expected {}", in_words(ty)), None),
        Error::InvalidBooleanStrict { .. } => plain("expected true or false"),
        Error::NullIntoString { .. } => plain("expected text, found nothing"),
        Error::UnknownAnchor { .. } => plain("an alias names an anchor that does not exist"),
        Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. }
        | Error::RecursiveReferencesRequireWeakTypes { .. } => helped("aliases unfold to too much", "write it out"),
        Error::Budget { breach, .. } => over_budget(breach),
        Error::UnsupportedTag { .. } | Error::TaggedEnumMismatch { .. } => plain("a YAML tag that is not read"),
        _ => helped("this is no YAML", "a quote, a bracket or the indentation is off here or just before"),
    }
}

/// What the parser calls something, in words of the file.
fn in_words(expected: &str) -> &str {
    match expected {
        "sequence start" => "a list",
        "mapping start" => "a mapping",
        "string scalar" | "scalar" => "a single value",
        "u8" | "u16" | "u32" | "u64" | "i8" | "i16" | "i32" | "i64" => "a whole number in range",
        "bool" => "true or false",
        other => other,
    }
}

fn unknown_key(field: &str, expected: &[&str]) -> (String, Option<String>) {
    let hint = nearest(field, expected.iter().copied()).map(|name| format!("did you mean `{name}`? "));
    let known = format!("{}known here: {}", hint.unwrap_or_default(), list(expected));
    (format!("{} is not known here", key_name(Some(field))), Some(known))
}

/// A key as it may be shown: only if it looks like one, since a slipped indentation can turn a value to a key.
pub fn key_name(key: Option<&str>) -> String {
    let is_word = |c: char| c.is_ascii_lowercase() || c == '_' || c == '-';
    match key {
        Some(key) if key.len() <= 40 && key.chars().all(is_word) => format!("the key `{key}`"),
        _ => "a key".to_owned(),
    }
}

fn list(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

/// What sort of value was found: serde writes the sort first and then the value, which is left out.
fn sort_of(unexpected: &str) -> &'static str {
    let sorts = [
        ("string", "text"),
        ("integer", "a number"),
        ("floating", "a number"),
        ("boolean", "true or false"),
        ("map", "a mapping"),
        ("sequence", "a list"),
        ("unit", "nothing"),
        ("null", "nothing"),
        ("Option", "nothing"),
    ];
    sorts.iter().find(|(start, _)| unexpected.starts_with(start)).map_or("something else", |(_, sort)| sort)
}

fn over_budget(breach: &BudgetBreach) -> (String, Option<String>) {
    let (what, help) = match breach {
        BudgetBreach::Depth { .. } => ("nested too deep", "64 levels are read"),
        BudgetBreach::Aliases { .. }
        | BudgetBreach::Anchors { .. }
        | BudgetBreach::AliasAnchorRatio { .. }
        | BudgetBreach::RecordedAnchorEvents { .. }
        | BudgetBreach::RecordedAnchorBytes { .. } => ("aliases unfold to too much", "write it out"),
        BudgetBreach::Documents { .. } => ("too many documents", "100,000 are read"),
        BudgetBreach::Nodes { nodes: most } => {
            let most = most.saturating_sub(1);
            return ("the file holds too much".to_owned(), Some(format!("64 MB, {most} values are read")));
        }
        _ => ("the file holds too much", "64 MB, 5 million values are read"),
    };
    (what.to_owned(), Some(help.to_owned()))
}
