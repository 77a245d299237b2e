//! What is noticed of the secrets of a stack.

use netpol_reach::Place;

use super::super::raw::{Attribute, Value};
use crate::{FactValue, Finding, Severity, Stack, findings};

/// What is noticed of the secrets of `stack`, which `file` holds; `sops` is its word on encryption.
pub(in super::super) fn noticed(stack: &Stack, file: &Place, sops: Option<&Attribute>) -> Vec<Finding> {
    let defaults = stack.secrets().filter(|secret| secret.shape.is_default).map(|secret| {
        let message = format!("{} is a default", stack.name_secret(&secret));
        Finding::new(&findings::DEFAULT_SECRET, message, Some(secret.place.clone()))
    });
    defaults.chain(stack.sharing_noticed()).chain(in_clear(stack, file, sops)).collect()
}

/// Whether the file says that it is encrypted where it is kept.
fn in_clear(stack: &Stack, file: &Place, sops: Option<&Attribute>) -> Option<Finding> {
    let setting = stack.configuration.get("sops_enabled");
    let is_on = setting.is_some_and(|fact| fact.value == FactValue::True);
    if is_on || stack.secrets().next().is_none() {
        return None;
    }
    let is_off = sops.is_some_and(|sops| !matches!(sops.value, Value::Null));
    let how =
        if is_off { "`sops_enabled` is not true" } else { "nothing says that the file is encrypted where it is kept" };
    let message = format!("the file holds secrets, and {how}");
    let place = setting.map_or(file, |fact| &fact.place).clone();
    let finding = Finding::new(&findings::SECRETS_IN_CLEAR, message, Some(place));
    Some(if is_off { finding } else { finding.severity(Severity::Low) })
}
