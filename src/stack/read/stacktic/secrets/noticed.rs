//! What is noticed of the secrets of a stack.

use super::super::raw::{Attribute, Value};
use crate::{
    stack::{FactValue, HeldSecret, Stack, findings},
    terms::{Finding, Place, Severity},
};

/// How many places of one secret a finding names.
const MOST_PLACES: usize = 20;

/// What is noticed of the secrets of `stack`, which `file` holds; `sops` is its word on encryption.
pub(in super::super) fn noticed(stack: &Stack, file: &Place, sops: Option<&Attribute>) -> Vec<Finding> {
    let defaults = stack.secrets().filter(|secret| secret.shape.is_default).map(|secret| {
        let message = format!("{} is a default", named(stack, &secret));
        Finding::new(&findings::DEFAULT_SECRET, message, Some(secret.place.clone()))
    });
    let shared = stack.shared_secrets().into_iter().map(|held| sharing(stack, &held));
    defaults.chain(shared).chain(in_clear(stack, file, sops)).collect()
}

/// The secret by its attribute and by who has it.
fn named(stack: &Stack, secret: &HeldSecret) -> String {
    match (secret.link, secret.holder) {
        (Some(link), _) => format!("`{}` of the link `{link}`", secret.attribute),
        (None, Some(id)) => format!("`{}` of `{}`", secret.attribute, stack.component(id).name),
        (None, None) => format!("`{}` of the configuration", secret.attribute),
    }
}

fn sharing(stack: &Stack, held: &[HeldSecret]) -> Finding {
    let shown = held.iter().take(MOST_PLACES).map(|secret| format!("{} ({})", named(stack, secret), secret.place));
    let shown = shown.collect::<Vec<_>>().join(", ");
    let more = held.len().checked_sub(MOST_PLACES).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    let message = format!("one secret in {} places: {shown}{more}", held.len());
    // The first has it rightly, for all that is known.
    let place = held.get(1).or(held.first()).map(|secret| secret.place.clone());
    let finding = Finding::new(&findings::SHARED_SECRET, message, place);
    if held.iter().any(HeldSecret::is_administrators) { finding.severity(Severity::High) } else { finding }
}

/// Whether the file says that it is encrypted where it is kept.
fn in_clear(stack: &Stack, file: &Place, sops: Option<&Attribute>) -> Option<Finding> {
    let count = stack.secrets().count();
    let setting = stack.configuration.get("sops_enabled");
    let is_on = setting.is_some_and(|fact| fact.value == FactValue::True);
    if count == 0 || is_on {
        return None;
    }
    let is_off = sops.is_some_and(|sops| !matches!(sops.value, Value::Null));
    let how =
        if is_off { "`sops_enabled` is not true" } else { "nothing says that the file is encrypted where it is kept" };
    let secrets = if count == 1 { "1 secret".to_owned() } else { format!("{count} secrets") };
    let message = format!("the file holds {secrets}, and {how}");
    let place = setting.map_or(file, |fact| &fact.place).clone();
    let finding = Finding::new(&findings::SECRETS_IN_CLEAR, message, Some(place));
    Some(if is_off { finding } else { finding.severity(Severity::Low) })
}
