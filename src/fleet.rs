//! The stacks that are loaded: id → its [`Snapshot`], or why it can't be read.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    engine::Snapshot,
    terms::{InputError, nearest},
};

/// A stack as far as it could be loaded.
type Loaded = Result<Arc<Snapshot>, InputError>;

/// The stacks that are loaded.
#[derive(Debug, Default)]
pub struct Fleet {
    stacks: BTreeMap<String, Loaded>,
}

/// Why a stack can't be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FleetError {
    /// No stack is loaded under that id.
    #[error("no stack `{asked}`{hint}; loaded: {loaded}")]
    Unknown {
        /// What was asked for.
        asked: String,
        /// The nearest id.
        hint: String,
        /// All ids.
        loaded: String,
    },
    /// Several stacks are loaded, and none was named.
    #[error("several stacks are loaded: say `stack`, one of {loaded}")]
    Unnamed {
        /// All ids.
        loaded: String,
    },
    /// The stack's file can't be used.
    #[error(transparent)]
    Unreadable(#[from] InputError),
}

impl Fleet {
    /// A fleet of one.
    pub fn of_one(loaded: Result<Snapshot, InputError>) -> Self {
        let id = loaded.as_ref().map_or_else(|_| String::new(), |snapshot| snapshot.stack.id.to_string());
        Self { stacks: [(id, loaded.map(Arc::new))].into() }
    }

    /// The stack `name`, or the only one there is.
    pub fn snapshot(&self, name: Option<&str>) -> Result<Arc<Snapshot>, FleetError> {
        let loaded = || self.stacks.keys().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(", ");
        let found = match name {
            None if self.stacks.len() > 1 => return Err(FleetError::Unnamed { loaded: loaded() }),
            None => self.stacks.values().next(),
            // A stack that could not be read has no id to be asked by, and its error is the answer.
            Some(_) if self.stacks.contains_key("") => self.stacks.get(""),
            Some(name) => self.stacks.get(name),
        };
        if let Some(loaded) = found {
            return Ok(Arc::clone(loaded.as_ref().map_err(Clone::clone)?));
        }
        let asked = name.unwrap_or_default().to_owned();
        let near = nearest(&asked, self.stacks.keys().map(String::as_str));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        Err(FleetError::Unknown { asked, hint, loaded: loaded() })
    }
}
