//! Names of components.

use std::{fmt, sync::Arc};

use serde::Serialize;

/// Who a component is: `NAME`, or `PARENT/NAME` for a sub-component. Bare names are not unique: a database may bear
/// the name of the component that uses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentRef {
    /// The parent's name, if this is a sub-component.
    pub parent: Option<Arc<str>>,
    /// Its own name.
    pub name: Arc<str>,
}

impl fmt::Display for ComponentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = &self.parent {
            write!(f, "{parent}/")?;
        }
        f.write_str(&self.name)
    }
}

impl Serialize for ComponentRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
