//! Texts that people state: reasons, names, references. They are free, and shown; a credential in one is not.

use netpol_reach::clean;

use crate::secrets::names;

/// What stands in place of a text that holds a credential. It says nothing, as a placeholder does.
pub(super) const WITHHELD: &str = "(not shown: it holds what looks like a secret)";

/// Returns `text` as it may be shown. A text with a URL that has a user part, with a PEM block, or with a secret behind
/// `=`, as in a connection string or a query, is withheld as a whole.
pub fn statement(text: &str) -> String {
    if holds_credential(text) { WITHHELD.to_owned() } else { clean(text) }
}

fn holds_credential(text: &str) -> bool {
    // A password may hold a `/` that nobody escaped, so a colon before an `@` in the path counts too.
    let has_user = |rest: &str| {
        let url = rest.split(char::is_whitespace).next().unwrap_or(rest);
        url.rsplit_once('@').is_some_and(|(user, _)| user.contains(':') || !user.contains(['/', '?', '#']))
    };
    let is_set = |part: &str| {
        let pair = part.split_once('=').map(|(key, value)| (key.trim(), value.trim()));
        pair.is_some_and(|(key, value)| !value.is_empty() && names::is_secret(last_word(key)))
    };
    text.split("://").skip(1).any(has_user)
        || text.contains("-----BEGIN ")
        || text.split([';', '&', '?', ',', '\n']).any(is_set)
        || text.split_whitespace().any(is_set)
}

/// The last word of `text`, or all of a key such as `User Id`.
fn last_word(text: &str) -> &str {
    text.rsplit(char::is_whitespace).next().unwrap_or(text)
}
