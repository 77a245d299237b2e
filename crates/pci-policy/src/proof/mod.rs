//! The proof: the emitted bytes, read back, against what the stack declares.
//!
//! The declared set comes from stack and tables alone ([`crate::declared`]), the allowed set from the files
//! alone ([`netpol_reach`]). Both are sets of (source end, destination end, protocol, port); they must be equal. Ends
//! are each managed namespace, each other namespace that a rule names, all other namespaces as one, and each class of
//! addresses. Unmanaged ends are unrestricted, and pairs of two of them are left out.

mod against;
mod compare;
mod explain;
mod ground;
mod names;
mod tuples;

pub use against::{Against, Given, Leftover, Listed, Reopened, against};
pub use compare::{Evidence, PolicyBytes, prove};
pub use explain::{Explanation, Side, SideVerdict, explain};
pub use ground::{Ground, Scene};
pub use names::EndName;
use netpol_reach::Ports;
use serde::Serialize;

use crate::{PolicySet, Reach};

/// Whether what the policies allow is what the stack declares.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Proof {
    /// How many (source, destination, protocol, port) are declared.
    pub declared: u64,
    /// How many are allowed.
    pub allowed: u64,
    /// Declared and not allowed.
    pub missing: Vec<Difference>,
    /// Allowed and not declared.
    pub excess: Vec<Difference>,
    /// Rules that may match no traffic; they stand in both sets.
    pub dead_letters: Vec<DeadLetter>,
    /// Whether nothing is missing and nothing in excess.
    pub holds: bool,
}

/// A connection that is in one of the two sets only.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Difference {
    /// Where it starts.
    pub from: EndName,
    /// Where it ends.
    pub to: EndName,
    /// On which ports.
    pub ports: String,
    /// The policies that allow it, or the links and exceptions that declare it.
    pub because: Vec<String>,
    /// The files of these policies.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<String>,
    /// What is wrong, and what to change.
    pub change: String,
    /// Whether it is allowed only if labels that aren't known are what a policy asks for.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub possible: bool,
}

/// Ports of a policy on which it may match nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct DeadLetter {
    /// The policy, as `namespace/name`.
    pub policy: String,
    /// Its file.
    pub file: String,
    /// The ports.
    pub ports: Ports,
    /// Whether it never matches there, or that depends on the cluster.
    pub reach: Reach,
    /// Why, and what to declare where that would settle it.
    pub why: String,
}

/// Whether a declared flow is allowed on both sides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Verdict {
    /// On all its ports.
    Allowed,
    /// On none, or not on all.
    Denied,
}

/// A declared flow, and the policies that allow it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct ProvenFlow {
    /// Where it starts.
    pub from: EndName,
    /// Where it ends.
    pub to: EndName,
    /// On which ports; `all` for every one.
    pub ports: Vec<String>,
    /// The links and exceptions that declare it.
    pub sources: Vec<String>,
    /// The policies that allow it, one for each managed side, as `namespace/name`.
    pub allowed_by: Vec<String>,
    /// Whether they do.
    pub verdict: Verdict,
}

/// The rules of `set` that may match nothing.
pub fn dead_letters(set: &PolicySet) -> Vec<DeadLetter> {
    let of_rule = |rule: &crate::Rule| {
        let policy = format!("{}/{}", rule.namespace, rule.name.object);
        let letter = |dormant: &crate::Dormant| DeadLetter {
            policy: policy.clone(),
            file: rule.name.file.clone(),
            ports: dormant.ports.clone(),
            reach: dormant.reach,
            why: dormant.why.to_owned(),
        };
        rule.dormant.iter().map(letter).collect::<Vec<_>>()
    };
    set.rules.iter().filter(|rule| !rule.dormant.is_empty()).flat_map(of_rule).collect()
}
