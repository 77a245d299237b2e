//! Shapes of secrets: whether one looks like a default, and which are equal. That is all that leaves the reader.

use std::collections::HashMap;

use super::raw::{Attribute, Value};
use crate::{
    stack::{SecretShape, Stack, findings},
    terms::{Digest, Finding, Place},
};

/// Ends of the names of attributes that hold a secret.
const SECRET: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "secret_key",
    "secret_access_key",
    "private_key",
    "api_key",
    "token",
    "credentials",
    "registry_auth",
    "auth_key",
    "age_secret_key",
    "client_secret",
];

/// What suppliers set, and what everybody tries first.
const DEFAULTS: [&str; 40] = [
    "admin",
    "administrator",
    "root",
    "toor",
    "user",
    "guest",
    "test",
    "demo",
    "default",
    "password",
    "passw0rd",
    "p@ssw0rd",
    "p@ssword",
    "pass",
    "secret",
    "changeme",
    "change_me",
    "change-me",
    "changeit",
    "letmein",
    "welcome",
    "qwerty",
    "1234",
    "12345",
    "123456",
    "12345678",
    "123456789",
    "1234567890",
    "admin123",
    "password1",
    "password123",
    "postgres",
    "minio",
    "minioadmin",
    "minio123",
    "keycloak",
    "grafana",
    "prom-operator",
    "harbor12345",
    "elastic",
];

/// What stands where a secret was taken out or is filled in later; nothing is known of it.
const MASKS: [&str; 6] = ["redacted", "masked", "hidden", "removed", "omitted", "none"];

/// Equal secrets of one file, by the number that they share. Lives as long as the reading.
#[derive(Default)]
pub(super) struct Secrets {
    groups: HashMap<Digest, u32>,
}

/// Whether the attribute `name` holds a secret.
pub(super) fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET.iter().any(|end| name == *end || name.strip_suffix(end).is_some_and(|rest| rest.ends_with(['_', '-'])))
}

impl Secrets {
    /// The shape of the secret `text` of `owner`, whose other attributes are `beside`; nothing if it stands for one.
    pub(super) fn shape(&mut self, text: &str, owner: &str, beside: &[Attribute]) -> Option<SecretShape> {
        let text = text.trim();
        if is_mask(text) {
            return None;
        }
        let next = u32::try_from(self.groups.len()).unwrap_or(u32::MAX);
        let group = *self.groups.entry(Digest::of(text.as_bytes())).or_insert(next);
        Some(SecretShape { is_default: is_default(text, owner, beside), group })
    }
}

fn is_mask(text: &str) -> bool {
    let is_filled_in = text.contains("{{") || text.contains("${") || (text.starts_with('<') && text.ends_with('>'));
    let is_stars = text.chars().all(|c| matches!(c, '*' | 'x' | 'X' | '.' | '-'));
    text.is_empty() || is_filled_in || is_stars || MASKS.iter().any(|mask| text.eq_ignore_ascii_case(mask))
}

/// Whether `text` is a default, the owner's own name, or that of the user who logs in with it.
fn is_default(text: &str, owner: &str, beside: &[Attribute]) -> bool {
    let is_user = |attribute: &&Attribute| {
        let name = attribute.name.as_str();
        name.ends_with("user") || name.ends_with("username")
    };
    let users = beside.iter().filter(is_user).filter_map(|attribute| attribute.value.text());
    let names = owner.split('/').chain(users).filter(|name| !name.is_empty());
    let mut all = DEFAULTS.iter().copied().chain(names);
    all.any(|known| text.eq_ignore_ascii_case(known))
}

/// What is noticed of the secrets of `stack`; `owner` names who has one.
pub(super) fn noticed(stack: &Stack, file: &Place, sops: Option<&Attribute>) -> Vec<Finding> {
    let owner = |holder: Option<crate::stack::ComponentId>| match holder {
        Some(id) => format!("`{}`", stack.component(id).name),
        None => "the configuration".to_owned(),
    };
    let mut found = Vec::new();
    for secret in stack.secrets().filter(|secret| secret.shape.is_default) {
        let message = format!("`{}` of {} is a default", secret.attribute, owner(secret.holder));
        found.push(Finding::new(&findings::DEFAULT_SECRET, message, Some(secret.place.clone())));
    }
    for held in stack.shared_secrets() {
        let named = |secret: &crate::stack::HeldSecret| {
            format!("`{}` of {} ({})", secret.attribute, owner(secret.holder), secret.place)
        };
        let message =
            format!("one secret in {} places: {}", held.len(), held.iter().map(named).collect::<Vec<_>>().join(", "));
        let place = held.get(1).or(held.first()).map(|secret| secret.place.clone());
        found.push(Finding::new(&findings::SHARED_SECRET, message, place));
    }
    found.extend(in_clear(stack, file, sops));
    found
}

/// Whether the file says that it is encrypted where it is kept.
fn in_clear(stack: &Stack, file: &Place, sops: Option<&Attribute>) -> Option<Finding> {
    let count = stack.secrets().count();
    let setting = stack.configuration.get("sops_enabled");
    let is_on = setting.is_some_and(|fact| fact.value == crate::stack::FactValue::True);
    if count == 0 || is_on {
        return None;
    }
    let is_off = sops.is_some_and(|sops| !matches!(sops.value, Value::Null));
    let how =
        if is_off { "`sops_enabled` is not true" } else { "nothing says that the file is encrypted where it is kept" };
    let message = format!("the file holds {count} secrets, and {how}");
    let place = setting.map_or(file, |fact| &fact.place).clone();
    let finding = Finding::new(&findings::SECRETS_IN_CLEAR, message, Some(place));
    Some(if is_off { finding } else { finding.severity(crate::terms::Severity::Low) })
}
