//! Names of component types.

use std::{borrow::Borrow, fmt, sync::Arc};

use netpol_reach::clean;
use serde::Serialize;

/// The canonical name of a component type: lower case, words joined by `_`, such as `argo_cd`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct TypeName(#[schemars(with = "String")] Arc<str>);

impl TypeName {
    /// The spelling of `text` that all variants of case, hyphen and space share. An alias is resolved by the
    /// [`Vocabulary`](super::Vocabulary), not here.
    pub fn new(text: &str) -> Self {
        let folded = clean(text).to_lowercase().replace(['-', ' '], "_");
        Self(folded.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for TypeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
