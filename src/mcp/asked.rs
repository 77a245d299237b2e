//! What tells one call of a tool from others, and what it is answered with.

use std::{
    hash::{Hash, Hasher},
    sync::{Arc, Weak},
};

use pci_ask::{
    resources::Resource,
    tools::{AskError, Reply},
};
use pci_engine::fleet::Fleet;
use serde_json::{Map, Value};

/// A reply, and the resources that hold the whole of it.
pub(super) type Told = Result<(Reply, Vec<Resource>), AskError>;

/// A call of a tool.
pub(super) struct Asked {
    /// Compared by its address, which no other fleet has as long as this stands.
    fleet: Weak<Fleet>,
    tool: &'static str,
    arguments: String,
}

impl Asked {
    /// A call of `tool` with `arguments` about `fleet`.
    pub(super) fn new(fleet: &Arc<Fleet>, tool: &'static str, arguments: &Map<String, Value>) -> Self {
        let arguments = serde_json::to_string(arguments).unwrap_or_default();
        Self { fleet: Arc::downgrade(fleet), tool, arguments }
    }
}

impl PartialEq for Asked {
    fn eq(&self, other: &Self) -> bool {
        self.tool == other.tool && self.arguments == other.arguments && self.fleet.ptr_eq(&other.fleet)
    }
}

impl Eq for Asked {}

impl Hash for Asked {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.fleet.as_ptr(), self.tool, &self.arguments).hash(state);
    }
}
