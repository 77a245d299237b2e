//! The stacks that are loaded: id → its [`Snapshot`], or why it can't be read.

use std::{collections::BTreeMap, sync::Arc};

use crate::{
    engine::Snapshot,
    terms::{InputError, Place, nearest},
};

/// A stack as far as it could be loaded.
pub type Loaded = Result<Arc<Snapshot>, InputError>;

/// The stacks that are loaded.
#[derive(Debug, Default)]
pub struct Fleet {
    /// By id; one that can't be read by the name of its folder, which is empty where it is the only one.
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

    /// A fleet of many, each from a folder. Of two with the same id the first keeps it, and the other can't be used.
    pub fn of_many(loaded: impl IntoIterator<Item = (String, Result<Snapshot, InputError>)>) -> Self {
        let mut stacks: BTreeMap<String, Loaded> = BTreeMap::new();
        let mut refused = Vec::new();
        for (folder, one) in loaded {
            let one = one.and_then(|snapshot| match stacks.get(snapshot.stack.id.as_str()) {
                Some(_) => Err(same_id(&folder, &snapshot)),
                None => Ok(snapshot),
            });
            match one {
                Ok(snapshot) => drop(stacks.insert(snapshot.stack.id.to_string(), Ok(Arc::new(snapshot)))),
                Err(error) => refused.push((folder, error)),
            }
        }
        for (folder, error) in refused {
            // A folder may be named as another folder's stack is.
            let taken = stacks.contains_key(&folder);
            stacks.insert(if taken { format!("{folder} (folder)") } else { folder }, Err(error));
        }
        Self { stacks }
    }

    /// The stack `name`, or the only one there is.
    pub fn snapshot(&self, name: Option<&str>) -> Result<Arc<Snapshot>, FleetError> {
        let found = match name {
            None if self.stacks.len() > 1 => return Err(FleetError::Unnamed { loaded: self.listed() }),
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
        Err(FleetError::Unknown { asked, hint, loaded: self.listed() })
    }

    /// All stacks by their ids, those that can't be read by their folders.
    pub fn stacks(&self) -> impl ExactSizeIterator<Item = (&str, &Loaded)> {
        self.stacks.iter().map(|(id, loaded)| (id.as_str(), loaded))
    }

    /// The stacks that could be read.
    pub fn snapshots(&self) -> impl Iterator<Item = &Arc<Snapshot>> {
        self.stacks.values().filter_map(|loaded| loaded.as_ref().ok())
    }

    /// The first ids, and how many there are besides.
    fn listed(&self) -> String {
        /// How many ids an error names.
        const NAMED: usize = 20;
        let named: Vec<String> = self.stacks.keys().take(NAMED).map(|id| format!("`{id}`")).collect();
        let more = self.stacks.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        named.join(", ") + &more
    }
}

fn same_id(folder: &str, snapshot: &Snapshot) -> InputError {
    let id = &snapshot.stack.id;
    InputError::new(Place::whole(folder), format!("another stack's id is `{id}` too"))
        .help("give each stack a `system_name` of its own")
}
