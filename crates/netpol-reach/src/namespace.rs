//! Kubernetes namespaces, which are DNS labels (RFC 1123): the unit that policies act on.

use std::{borrow::Borrow, cmp::Ordering, fmt, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// The name of a namespace: 1 to 63 of `a-z`, `0-9` and `-`, neither first nor last a `-`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(try_from = "String")]
#[schemars(inline)]
pub struct Namespace(#[schemars(with = "String")] Arc<str>);

/// Where the cluster keeps its own machinery; a default-deny there takes DNS and the node agents down.
const PROTECTED: [&str; 3] = ["kube-system", "kube-public", "kube-node-lease"];

impl Namespace {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the namespace is the cluster's own and never gets a policy.
    pub fn is_protected(&self) -> bool {
        PROTECTED.contains(&self.as_str()) || self.0.starts_with("openshift-")
    }

    /// `kube-system`, where the cluster's DNS runs.
    pub fn kube_system() -> Self {
        Self("kube-system".into())
    }

    /// `default`, which holds the Service `kubernetes` of the API server.
    pub fn default_namespace() -> Self {
        Self("default".into())
    }
}

impl Ord for Namespace {
    /// By name. Sorted by their namespaces, thousands of rules share a few of these, which need not be read for that.
    fn cmp(&self, other: &Self) -> Ordering {
        if Arc::ptr_eq(&self.0, &other.0) { Ordering::Equal } else { self.0.cmp(&other.0) }
    }
}

impl PartialOrd for Namespace {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl FromStr for Namespace {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let bytes = text.as_bytes();
        let is_label = matches!(bytes.len(), 1..=63)
            && bytes.iter().all(|byte| inner(*byte) || *byte == b'-')
            && bytes.first().copied().is_some_and(inner)
            && bytes.last().copied().is_some_and(inner);
        if is_label {
            Ok(Self(text.into()))
        } else {
            Err("a namespace is a DNS label: 1 to 63 of a-z, 0-9 and `-`, with a letter or digit at both ends"
                .to_owned())
        }
    }
}

impl TryFrom<String> for Namespace {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl Borrow<str> for Namespace {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
