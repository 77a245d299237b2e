//! Which way a rule looks.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Which way a rule looks, seen from the pods it selects.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Direction {
    /// Connections that arrive.
    Ingress,
    /// Connections that leave.
    Egress,
}

impl Direction {
    /// The direction as file names and fields write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ingress => "ingress",
            Self::Egress => "egress",
        }
    }
}
