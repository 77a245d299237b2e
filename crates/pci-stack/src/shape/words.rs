//! Closed sets of words: placeholders, what flags hold instead of true and false, and the words of one attribute.

use super::{digits::is_all, statement::WITHHELD};

/// Texts that stand where a value is still to be set. They are evidence of nothing.
const PLACEHOLDERS: [&str; 18] = [
    "default",
    "default value",
    "value",
    "string",
    "text",
    "todo",
    "tbd",
    "tba",
    "fixme",
    "n/a",
    "na",
    "null",
    "undefined",
    "unknown",
    "example",
    "changeme",
    "placeholder",
    "...",
];

/// Returns whether `text` stands where a value, a reason or a name is still to be set.
pub fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    let has_letter_or_digit = text.chars().any(char::is_alphanumeric);
    let is_template = text.contains("{{") || text.contains("${") || (text.starts_with('<') && text.ends_with('>'));
    !has_letter_or_digit || is_template || is_listed_placeholder(text) || text == WITHHELD
}

/// Whether `text` is one of the known placeholders. Templates are not: a default in one may be a secret.
pub(super) fn is_listed_placeholder(text: &str) -> bool {
    PLACEHOLDERS.iter().any(|known| known.eq_ignore_ascii_case(text))
}

/// What people and templates write where a flag wants `true` or `false`.
const FLAG_WORDS: [&str; 30] = [
    "true",
    "false",
    "yes",
    "no",
    "y",
    "n",
    "t",
    "f",
    "on",
    "off",
    "0",
    "1",
    "enable",
    "enabled",
    "disable",
    "disabled",
    "active",
    "inactive",
    "always",
    "never",
    "auto",
    "automatic",
    "manual",
    "none",
    "nil",
    "optional",
    "required",
    "allow",
    "deny",
    "unset",
];

/// `true` and `false` with one slip of the finger.
const SLIPS: [&str; 16] = [
    "tru", "rue", "tre", "tue", "ture", "treu", "rtue", "truee", "fals", "alse", "flse", "fase", "fale", "flase",
    "fales", "falsee",
];

/// Returns whether `text` is a word that flags are known to hold, a placeholder, or a misspelt `true` or `false`. Only
/// such a word is quoted: anything else may be a secret in the wrong place.
pub fn is_flag_word(text: &str) -> bool {
    let text = text.trim().to_ascii_lowercase();
    let text = text.as_str();
    is_listed_placeholder(text) || FLAG_WORDS.contains(&text) || SLIPS.contains(&text)
}

/// Whether `text` consists of `known` words and short numbers, joined by hyphens, underscores or dots.
pub(super) fn is_made_of(text: &str, known: &[String]) -> bool {
    const PARTS: usize = 6;
    const DIGITS: usize = 4;
    let is_known = |part: &str| {
        known.iter().any(|word| word.eq_ignore_ascii_case(part)) || is_all(part, 1, DIGITS, u8::is_ascii_digit)
    };
    let parts: Vec<&str> = text.split(['-', '_', '.']).collect();
    let has_word = parts.iter().any(|part| part.contains(|c: char| c.is_ascii_alphabetic()));
    parts.len() <= PARTS && parts.iter().all(|part| is_known(part)) && (has_word || parts.len() == 1)
}

/// Namespaces that every cluster has.
const OF_EVERY_CLUSTER: [&str; 4] = ["default", "kube-system", "kube-public", "kube-node-lease"];

/// The namespaces of a list as they are shown. A namespace is any DNS label, and so is a passphrase: only what
/// `is_namespace` knows is shown, the rest is counted.
pub(super) fn namespaces<'t>(
    items: impl Iterator<Item = &'t str>,
    is_namespace: &dyn Fn(&str) -> bool,
) -> Option<String> {
    let is_shown = |item: &&str| *item == "*" || OF_EVERY_CLUSTER.contains(item) || is_namespace(item);
    let (shown, others): (Vec<&str>, Vec<&str>) = items.partition(is_shown);
    let is_label = |item: &str| {
        is_all(item, 1, 63, |byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'*'))
    };
    if shown.is_empty() || !others.iter().all(|item| is_label(item)) {
        return None;
    }
    let rest = (!others.is_empty()).then(|| format!("{} not shown", others.len()));
    Some(shown.into_iter().map(str::to_owned).chain(rest).collect::<Vec<_>>().join(","))
}
