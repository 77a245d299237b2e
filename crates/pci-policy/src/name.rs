//! Names of policies and of their files. A name says what the policy does, so that one added link renames nothing.

use std::{collections::hash_map::Entry, fmt::Write as _};

use netpol_reach::{Direction, Namespace, Table};
use pci_stack::{Digest, StackId};
use rayon::prelude::*;

use super::{Kind, PeerLabel, RulePorts};

/// The longest object name (DNS-1123 subdomain).
const LONGEST_NAME: usize = 253;
/// Room for most stems.
const TYPICAL: usize = 112;
/// How many names one thread makes at least.
const SHARE: usize = 500;
/// The longest file name on common file systems, in bytes.
const LONGEST_FILE: usize = 255;

/// A policy's object name and file name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct PolicyName {
    /// `metadata.name`
    pub object: String,
    /// The file, within the output folder.
    pub file: String,
}

/// What a name is made of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    pub(super) namespace: &'a Namespace,
    pub(super) kind: Kind,
    pub(super) label: PeerLabel,
    pub(super) peer: Option<&'a Namespace>,
    pub(super) direction: Direction,
    pub(super) ports: &'a RulePorts,
}

/// `<namespace>__<kind>[__<peer>]__<direction>__ports__<ports>`
fn stem(parts: Parts) -> String {
    let Parts { namespace, kind, direction, .. } = parts;
    let mut stem = String::with_capacity(TYPICAL);
    stem.push_str(namespace.as_str());
    stem.push_str("__");
    stem.push_str(kind.as_str());
    let peer = match (parts.label, parts.peer) {
        (PeerLabel::Namespace, Some(peer)) => peer.as_str(),
        (PeerLabel::Dns, _) => "dns",
        (PeerLabel::KubeApi, _) => "kube-api",
        (PeerLabel::Any, _) => "any",
        (PeerLabel::Cidr, _) => "cidr",
        (PeerLabel::None | PeerLabel::Namespace, _) => "",
    };
    if !peer.is_empty() {
        stem.push_str("__");
        stem.push_str(peer);
    }
    stem.push_str("__");
    stem.push_str(direction.as_str());
    stem.push_str("__ports__");
    match parts.ports {
        RulePorts::None => stem.push_str("none"),
        RulePorts::All => stem.push_str("all"),
        RulePorts::Exact(exact) => {
            for (index, number) in exact.numbers().enumerate() {
                let _ = write!(stem, "{}{number}", if index > 0 { "-" } else { "" });
            }
        }
    }
    stem
}

/// The names of policies of `stack`, one for each of `rules`: its parts, and what tells it apart from those whose parts
/// read the same.
pub(super) fn names(stack: &StackId, rules: &[Parts], identity: impl Fn(usize) -> String + Sync) -> Vec<PolicyName> {
    let prefix = format!("networkpolicy__{stack}__");
    // The object's name is as long as the stem: `__` becomes `--`.
    let longest = (LONGEST_FILE - prefix.len() - ".json".len()).min(LONGEST_NAME);
    let stems: Vec<String> = rules.par_iter().with_min_len(SHARE).map(|parts| stem(*parts)).collect();
    let mut first: Table<&str, usize> = Table::default();
    first.reserve(stems.len());
    let mut is_double = vec![false; stems.len()];
    for (index, stem) in stems.iter().enumerate() {
        match first.entry(stem) {
            Entry::Vacant(free) => drop(free.insert(index)),
            Entry::Occupied(first) => {
                is_double[*first.get()] = true;
                is_double[index] = true;
            }
        }
    }
    let name = |((index, full), is_double): ((usize, &String), &bool)| {
        // All that coincide get a hash, so that one more never takes another's name.
        let hashed = (*is_double || full.len() > longest).then(|| {
            let hash = Digest::of(format!("{full} {}", identity(index)).as_bytes()).short();
            let keep = full.len().min(longest - hash.len() - 1);
            format!("{}-{hash}", full[..keep].trim_end_matches(['-', '_']))
        });
        let stem = hashed.as_deref().unwrap_or(full);
        // What a stem is made of holds no `_` but for the two between its parts.
        PolicyName { object: stem.replace('_', "-"), file: [&prefix, stem, ".json"].concat() }
    };
    stems.par_iter().enumerate().zip(&is_double).with_min_len(SHARE).map(name).collect()
}
