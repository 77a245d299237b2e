//! The one id of a stack: in file names, labels, URIs and dashboards.

use std::{fmt, sync::Arc};

use serde::Serialize;

use super::Digest;

/// The longest label value that Kubernetes takes.
const LONGEST: usize = 63;

/// `text` in lower case, each run of other than `a-z` and `0-9` turned to one `-`, none at the ends.
fn slug(text: &str) -> String {
    let mut slug = String::with_capacity(text.len());
    for c in text.chars() {
        let c = c.to_ascii_lowercase();
        if c.is_ascii_lowercase() || c.is_ascii_digit() {
            slug.push(c);
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
    }
    slug.truncate(slug.trim_end_matches('-').len());
    slug
}

/// A stack's id: the slug of its name and, wherever the slug is not the name itself, 8 hexadecimal digits of the
/// name's SHA-256, so that it never depends on which other stacks there are. At most 63 characters, a DNS label.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct StackId(#[schemars(with = "String")] Arc<str>);

impl StackId {
    /// The id of the stack that its file calls `name`.
    pub fn of(name: &str) -> Self {
        let mut id = slug(name);
        if id != name || id.len() > LONGEST || id.is_empty() {
            id.truncate(LONGEST - 9);
            let hash = Digest::of(name.as_bytes()).short();
            id = match id.trim_end_matches('-') {
                "" => format!("stack-{hash}"),
                stem => format!("{stem}-{hash}"),
            };
        }
        Self(id.into())
    }

    /// What stands for all stacks in an answer about them. No stack has it.
    pub fn all() -> Self {
        Self("*".into())
    }

    /// The id.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for StackId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The value of the label `app.kubernetes.io/managed-by` by which our own policies are known.
pub const MANAGED_BY: &str = "pci-compliance-mcp";

/// The file of an output folder that lists all others. What it lists is ours; what it doesn't is the user's.
pub const MANIFEST: &str = "networkpolicy-manifest.json";

/// The same of a folder that holds dashboards alone.
pub const DASHBOARDS_MANIFEST: &str = "dashboards-manifest.json";
