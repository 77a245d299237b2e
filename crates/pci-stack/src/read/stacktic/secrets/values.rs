//! What a secret's value looks like: one that everybody knows, or what only stands for one.

use std::{collections::BTreeSet, sync::LazyLock};

use zeroize::Zeroizing;

use super::super::raw::Attribute;
use crate::{Digest, secrets::names};

/// What suppliers set, and what everybody tries first: in lower case, without separators.
const DEFAULTS: [&str; 63] = [
    "admin",
    "administrator",
    "root",
    "toor",
    "superuser",
    "user",
    "guest",
    "test",
    "demo",
    "default",
    "defaultvalue",
    "example",
    "sample",
    "password",
    "passwort",
    "passwd",
    "pass",
    "secret",
    "secretkey",
    "accesskey",
    "changeaccesskey",
    "changesecretkey",
    "changepassword",
    "changesecret",
    "change",
    "letmein",
    "welcome",
    "qwerty",
    "abc",
    "111111",
    "000000",
    "1234",
    "12345",
    "123456",
    "1234567",
    "12345678",
    "123456789",
    "1234567890",
    "postgres",
    "postgresql",
    "mysql",
    "mariadb",
    "mongodb",
    "redis",
    "valkey",
    "rabbitmq",
    "minio",
    "keycloak",
    "grafana",
    "promoperator",
    "harbor",
    "elastic",
    "opensearch",
    "kibana",
    "argocd",
    "airflow",
    "superset",
    "gitea",
    "gitlab",
    "vault",
    "sonarqube",
    "nexus",
    // The key that APISIX comes with.
    "edd1c9f034335f136f87ad84b625c8f1",
];

static KNOWN: LazyLock<BTreeSet<&str>> = LazyLock::new(|| DEFAULTS.into());

/// Starts of what says itself that it must not stay.
const TO_BE_CHANGED: [&str; 5] = ["changeme", "changeit", "changethis", "pleasechange", "replaceme"];

/// What people put after a word to make a secret of it.
const SUFFIXES: [&str; 3] = ["password", "admin", "secret"];

/// How many digits and marks people put after a word to please a rule about secrets.
const MOST_MARKS: usize = 5;

/// No longer text is compared: nothing that everybody knows is.
const LONGEST: usize = 100;

/// What stands where a secret was taken out; nothing is known of it.
const MASKS: [&str; 11] =
    ["redacted", "masked", "hidden", "removed", "omitted", "none", "null", "nil", "true", "false", "encrypted"];

/// Starts of references to where a secret is kept, and of what SOPS encrypted.
const REFERENCES: [&str; 3] = ["vault:", "ref+", "enc["];

/// What is filled in later stands between two of these.
const BRACKETS: [(&str, &str); 4] = [("{{", "}}"), ("${", "}"), ("$(", ")"), ("<path:", ">")];

/// Who has secrets: the names by which somebody might guess one.
#[derive(Default)]
pub(in super::super) struct Owner {
    /// As findings name it.
    pub(in super::super) name: String,
    /// Names and types, its own and its parent's: lower case, without separators.
    names: BTreeSet<String>,
    /// Who logs in with its secrets; an id that goes with a key may be one itself, so no text of it is kept.
    users: BTreeSet<Digest>,
}

impl Owner {
    /// The owner `name`, with `names` and types and all its `attributes`.
    pub(in super::super) fn new<'n>(
        name: &str,
        names: impl IntoIterator<Item = &'n str>,
        attributes: &[Attribute],
    ) -> Self {
        let names = names.into_iter().map(|name| bare(name).to_string()).filter(|name| !name.is_empty());
        let users = attributes.iter().filter(|attribute| names::is_user(attribute.name.as_str()));
        let users = users.filter_map(|attribute| attribute.value.text()).map(folded).filter(|user| !user.is_empty());
        let users = users.map(|user| Digest::of(user.as_bytes()));
        Self { name: name.to_owned(), names: names.collect(), users: users.collect() }
    }

    fn knows(&self, word: &str) -> bool {
        KNOWN.contains(word) || self.names.contains(word)
    }

    /// Whether `text` is what everybody tries first of the secrets of this owner.
    pub(super) fn would_guess(&self, text: &str) -> bool {
        if text.len() > LONGEST {
            return false;
        }
        let text = folded(text);
        if self.users.contains(&Digest::of(text.as_bytes()))
            || TO_BE_CHANGED.iter().any(|start| disguised(&text, 'i').starts_with(start))
        {
            return true;
        }
        let mut head = text.as_str();
        let mut marks = 0;
        loop {
            let forms = [bare(head), disguised(head, 'i'), disguised(head, 'l')];
            if forms.iter().any(|form| self.is_word(form)) {
                return true;
            }
            let Some(last) = head.chars().next_back().filter(|last| !last.is_alphabetic()) else { return false };
            head = &head[..head.len() - last.len_utf8()];
            marks += usize::from(!is_separator(last));
            // What is left without letters is a number of its own: 12345 is known, 1234598 is not for that.
            if marks > MOST_MARKS || !head.chars().any(char::is_alphabetic) {
                return false;
            }
        }
    }

    /// Whether `form` is a known word, or one with a usual suffix.
    fn is_word(&self, form: &str) -> bool {
        self.knows(form) || SUFFIXES.iter().filter_map(|suffix| form.strip_suffix(suffix)).any(|word| self.knows(word))
    }
}

fn is_separator(c: char) -> bool {
    matches!(c, '-' | '_' | '.' | ' ' | '/' | ':')
}

fn folded(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.trim().to_lowercase())
}

/// `text` in lower case, its letters and digits alone.
fn bare(text: &str) -> Zeroizing<String> {
    let kept = text.chars().filter(|c| c.is_alphanumeric());
    Zeroizing::new(kept.flat_map(char::to_lowercase).collect())
}

/// The same, with letters for what is written to look like them; `one` for 1, which looks like two.
fn disguised(text: &str, one: char) -> Zeroizing<String> {
    let undone = text.chars().map(|c| match c {
        '@' => 'a',
        '0' => 'o',
        '$' => 's',
        '1' => one,
        other => other,
    });
    Zeroizing::new(undone.filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect())
}

/// Whether `text` only stands for a secret: a reference, ciphertext, or what was put over one.
pub(super) fn is_stand_in(text: &str) -> bool {
    let text = folded(text);
    let is_filled_in =
        BRACKETS.iter().any(|(open, close)| text.split_once(open).is_some_and(|(_, rest)| rest.contains(close)));
    let is_stars = text.chars().all(|c| matches!(c, '*' | 'x' | '.' | '-' | '•'));
    let is_placeholder = text.starts_with('<') && text.ends_with('>');
    let word = text.trim_matches(|c: char| !c.is_alphanumeric());
    text.is_empty()
        || is_stars
        || is_filled_in
        || is_placeholder
        || REFERENCES.iter().any(|start| text.starts_with(start))
        || MASKS.contains(&word)
}
