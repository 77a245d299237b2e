//! Numbers of PCI DSS requirements: `8.3.10.1`.

use std::{fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// The number of a control, ordered part by part: 8.3.9 stands before 8.3.10.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String", into = "String")]
#[schemars(inline)]
pub struct ControlId(#[schemars(with = "String")] Arc<[u16]>);

impl ControlId {
    /// The requirement that it belongs to, 1 to 12.
    pub fn requirement(&self) -> u16 {
        self.0.first().copied().unwrap_or_default()
    }
}

impl FromStr for ControlId {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let part = |part: &str| part.parse::<u16>().ok().filter(|number| *number > 0 && !part.starts_with(['0', '+']));
        let parts: Option<Vec<u16>> = text.split('.').map(part).collect();
        match parts {
            Some(parts) if matches!(parts.len(), 3..=5) => Ok(Self(parts.into())),
            _ => Err("a control's number is such as 8.3.10.1, in quotes".to_owned()),
        }
    }
}

impl TryFrom<String> for ControlId {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<ControlId> for String {
    fn from(id: ControlId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for ControlId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, part) in self.0.iter().enumerate() {
            write!(f, "{}{part}", if index > 0 { "." } else { "" })?;
        }
        Ok(())
    }
}
