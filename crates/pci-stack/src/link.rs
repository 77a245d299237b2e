//! Links: who connects to whom.

use std::{collections::BTreeMap, fmt, sync::Arc};

use netpol_reach::{Place, PortNumber};
use serde::Serialize;

use super::component::{ComponentId, Fact};

/// A link's id, `FROM -> TO`; followed by ` (TYPE)` where two links share their ends. Cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct LinkId(#[schemars(with = "String")] Arc<str>);

impl LinkId {
    pub(super) fn new(text: &str) -> Self {
        Self(text.into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The id as one of the sources of a rule.
    pub fn shared(&self) -> Arc<str> {
        Arc::clone(&self.0)
    }
}

impl fmt::Display for LinkId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A declared link: `source` connects to `target`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// Its id.
    pub id: LinkId,
    /// Who connects.
    pub source: ComponentId,
    /// To whom.
    pub target: ComponentId,
    /// What the file calls the link, such as `flowise-db`.
    pub kind: String,
    /// The port that the link itself declares.
    pub port: Option<PortNumber>,
    /// Its other attributes, by name.
    pub facts: BTreeMap<Arc<str>, Fact>,
    /// Where it stands.
    pub place: Place,
}
