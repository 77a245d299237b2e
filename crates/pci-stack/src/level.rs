//! How strict the policies are: the attribute `microsegmentation_level`.

use std::{fmt, str::FromStr};

use netpol_reach::nearest;
use serde::{Deserialize, Serialize};

/// The micro-segmentation level of a stack.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[cfg_attr(feature = "clap", derive(clap::ValueEnum), clap(rename_all = "snake_case"))]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Level {
    /// No policies: everything may talk to everything.
    None,
    /// Default-deny, links with all service ports, broad internet egress.
    Standard,
    /// Exact ports, allowlisted internet, nothing implied.
    PciDssStrict,
}

impl Level {
    /// All levels, loosest first.
    pub const ALL: [Self; 3] = [Self::None, Self::Standard, Self::PciDssStrict];

    /// The level as files and flags write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Standard => "standard",
            Self::PciDssStrict => "pci_dss_strict",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Level {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::ALL.into_iter().find(|level| level.as_str() == text).ok_or_else(|| {
            let hint = nearest(text, Self::ALL.map(Self::as_str))
                .map(|name| format!("; did you mean `{name}`?"))
                .unwrap_or_default();
            format!("a level is one of `none`, `standard`, `pci_dss_strict`{hint}")
        })
    }
}

/// Who set the level.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum LevelSource {
    /// The caller, by `--level` or a tool's argument.
    Flag,
    /// The stack file's `microsegmentation_level`.
    File,
    /// Nobody: the file has no such key.
    NotSet,
}
