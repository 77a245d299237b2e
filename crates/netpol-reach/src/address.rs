//! Address blocks: a CIDR range less some ranges inside it, as a NetworkPolicy's `ipBlock` holds them.

use ipnet::IpNet;
use serde::{Deserialize, Serialize};

/// A range of addresses with holes, the API's `IPBlock`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct AddressBlock {
    /// The range.
    pub cidr: IpNet,
    /// The holes, each within the range, ascending.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<IpNet>,
}

/// A hole that does not lie in its range, which the Kubernetes API refuses.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{except}` does not lie inside `{cidr}`")]
pub struct AddressError {
    /// The hole.
    pub except: IpNet,
    /// The range.
    pub cidr: IpNet,
}

impl std::fmt::Display for AddressBlock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.cidr)?;
        for (index, hole) in self.except.iter().enumerate() {
            write!(f, "{}{hole}", if index == 0 { " except " } else { ", " })?;
        }
        Ok(())
    }
}

impl AddressBlock {
    /// All of `cidr`.
    pub fn all_of(cidr: IpNet) -> Self {
        Self { cidr: cidr.trunc(), except: Vec::new() }
    }

    /// `cidr` without `except`; an error if one of them does not lie strictly inside it.
    pub fn without(cidr: IpNet, except: impl IntoIterator<Item = IpNet>) -> Result<Self, AddressError> {
        let cidr = cidr.trunc();
        let mut except: Vec<IpNet> = except.into_iter().map(|hole| hole.trunc()).collect();
        except.sort_unstable();
        except.dedup();
        match except.iter().find(|hole| !cidr.contains(*hole) || **hole == cidr) {
            Some(hole) => Err(AddressError { except: *hole, cidr }),
            None => Ok(Self { cidr, except }),
        }
    }
}
