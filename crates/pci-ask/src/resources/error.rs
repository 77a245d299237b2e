//! Why a resource can't be read, in words for whoever asked.

use netpol_reach::{InputError, clean, nearest};
use pci_engine::fleet::FleetError;

use crate::tools::AskError;

/// Why a resource can't be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ResourceError {
    /// There is none at this URI; what there is instead.
    #[error("{0}")]
    NotFound(String),
    /// Its stack's files can't be used.
    #[error(transparent)]
    Unreadable(InputError),
    /// The stack's level has none of it.
    #[error("{0}")]
    Level(String),
    /// The answer could not be made.
    #[error("{0}")]
    Unanswered(String),
}

impl From<FleetError> for ResourceError {
    fn from(error: FleetError) -> Self {
        match error {
            FleetError::Unreadable(error) => Self::Unreadable(error),
            error => Self::NotFound(error.to_string()),
        }
    }
}

impl From<AskError> for ResourceError {
    fn from(error: AskError) -> Self {
        match error {
            AskError::Fleet(error) => error.into(),
            AskError::LevelNotSet => Self::level_not_set(),
            AskError::BelowStrict(_) => Self::Level(error.to_string()),
            error => Self::Unanswered(error.to_string()),
        }
    }
}

impl ResourceError {
    /// Nobody said a level, and what is asked for depends on it.
    pub(super) fn level_not_set() -> Self {
        let what = "the level is not set, so there are no policies: say `microsegmentation_level` in the stack file, or \
                    start the server with `--level`, one of none, standard, pci_dss_strict";
        Self::Level(what.to_owned())
    }
}

/// How many names an error lists.
const NAMED: usize = 20;

/// There is no `what` that is called `asked`; the nearest of `names`, and the first of them.
pub(super) fn none_such(what: &str, asked: &str, names: impl IntoIterator<Item = String>) -> ResourceError {
    let names: Vec<String> = names.into_iter().collect();
    let near = nearest(asked, names.iter().map(String::as_str));
    let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let mut listed: Vec<String> = names.iter().take(NAMED).map(|name| format!("`{name}`")).collect();
    if names.len() > NAMED {
        listed.push(format!("and {} more", names.len() - NAMED));
    }
    let listed =
        if listed.is_empty() { "; there is none".to_owned() } else { format!("; there are {}", listed.join(", ")) };
    ResourceError::NotFound(format!("no {what} `{}`{hint}{listed}", clean(asked)))
}
