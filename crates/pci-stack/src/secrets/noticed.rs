//! What is noticed of secrets from the stack alone: after a change it is noticed anew.

use super::HeldSecret;
use crate::{Finding, Severity, Stack, findings};

/// How many places of one secret a finding names.
const MOST_PLACES: usize = 20;

impl Stack {
    /// The secret by its attribute and by who has it.
    pub(crate) fn name_secret(&self, secret: &HeldSecret) -> String {
        match (secret.link, secret.holder) {
            (Some(link), _) => format!("`{}` of the link `{link}`", secret.attribute),
            (None, Some(id)) => format!("`{}` of `{}`", secret.attribute, self.component(id).name),
            (None, None) => format!("`{}` of the configuration", secret.attribute),
        }
    }

    /// A finding for each secret that parties share.
    pub(crate) fn sharing_noticed(&self) -> impl Iterator<Item = Finding> {
        self.shared_secrets().into_iter().map(|held| sharing(self, &held))
    }

    /// Notices anew which secrets are shared, and whether the file holds any, once components or links are others.
    pub fn notice_secrets_anew(&mut self) {
        let has_any = self.secrets().next().is_some();
        let is_outdated = |finding: &Finding| {
            finding.id == findings::SHARED_SECRET.id || (!has_any && finding.id == findings::SECRETS_IN_CLEAR.id)
        };
        self.findings.retain(|finding| !is_outdated(finding));
        let anew: Vec<Finding> = self.sharing_noticed().collect();
        self.findings.extend(anew);
        self.findings.sort();
    }
}

fn sharing(stack: &Stack, held: &[HeldSecret]) -> Finding {
    let shown = held.iter().take(MOST_PLACES);
    let shown = shown.map(|secret| format!("{} ({})", stack.name_secret(secret), secret.place));
    let shown = shown.collect::<Vec<_>>().join(", ");
    let more = held.len().checked_sub(MOST_PLACES).filter(|more| *more > 0);
    let more = more.map(|more| format!(" and {more} more")).unwrap_or_default();
    let message = format!("one secret in {} places: {shown}{more}", held.len());
    // The first has it rightly, for all that is known.
    let place = held.get(1).or(held.first()).map(|secret| secret.place.clone());
    let finding = Finding::new(&findings::SHARED_SECRET, message, place);
    if held.iter().any(HeldSecret::is_administrators) { finding.severity(Severity::High) } else { finding }
}
