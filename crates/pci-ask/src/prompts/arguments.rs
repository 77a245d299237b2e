//! What a prompt is given: checked, and the stack that it is about.

use std::{collections::BTreeMap, sync::Arc};

use netpol_reach::{clean, nearest};
use pci_engine::{Snapshot, fleet::Fleet};
use pci_stack::Watch;

use super::{Argument, Prompt};
use crate::tools::AskError;

/// What a prompt is about.
pub(super) struct Given {
    pub(super) snapshot: Arc<Snapshot>,
    /// Why the newest files can't be used, if this is of earlier ones.
    pub(super) stale: Option<String>,
    /// Whether tools have to be told which stack is meant.
    pub(super) is_one_of_several: bool,
    arguments: BTreeMap<String, String>,
}

impl Given {
    /// The arguments of `prompt`, and their stack.
    pub(super) fn of(
        prompt: &Prompt,
        fleet: &Fleet,
        arguments: &BTreeMap<String, String>,
        watch: &Watch,
    ) -> Result<Self, AskError> {
        let arguments = arguments.iter().map(|(name, value)| (name.clone(), value.trim().to_owned()));
        let arguments: BTreeMap<String, String> = arguments.filter(|(_, value)| !value.is_empty()).collect();
        let is_known = |name: &str| prompt.arguments.iter().any(|known| known.name == name);
        if let Some(stray) = arguments.keys().find(|name| !is_known(name)) {
            return Err(stray_argument(prompt, stray));
        }
        let is_lacking = |argument: &&Argument| argument.required && !arguments.contains_key(argument.name);
        if let Some(lacking) = prompt.arguments.iter().find(is_lacking) {
            let what = format!("`{}` needs `{}`: {}", prompt.name, lacking.name, lacking.description);
            return Err(AskError::Argument(what));
        }
        let stack = arguments.get("stack").map(|stack| clean(stack));
        let member = fleet.member(stack.as_deref())?;
        let snapshot = Arc::clone(member.snapshot().map_err(|error| AskError::Fleet(error.clone().into()))?);
        snapshot.settle(watch)?;
        let stale = member.stale().map(ToString::to_string);
        Ok(Self { snapshot, stale, is_one_of_several: fleet.members().len() > 1, arguments })
    }

    /// The argument `name`, if it was given.
    pub(super) fn argument(&self, name: &str) -> &str {
        self.arguments.get(name).map_or("", String::as_str)
    }
}

fn stray_argument(prompt: &Prompt, stray: &str) -> AskError {
    let names = || prompt.arguments.iter().map(|argument| argument.name);
    let near = nearest(stray, names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let taken: Vec<String> = names().map(|name| format!("`{name}`")).collect();
    AskError::Argument(format!("`{}` takes no `{}`{near}; it takes {}", prompt.name, clean(stray), taken.join(", ")))
}
