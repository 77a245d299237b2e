//! Names of policies and of their files. A name says what the policy does, so that one added link renames nothing.

use std::{collections::HashMap, fmt::Write as _};

use super::{Kind, PeerLabel, RulePorts};
use crate::terms::{Digest, Direction, Namespace, StackId};

/// The longest object name (DNS-1123 subdomain).
const LONGEST_NAME: usize = 253;
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
    let mut stem = format!("{namespace}__{}", kind.as_str());
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
    let _ = write!(stem, "__{}__ports__", direction.as_str());
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

/// Gives names, each once per namespace.
pub(super) struct Namer {
    prefix: String,
    /// How many rules have a stem.
    shared: HashMap<String, u32>,
}

impl Namer {
    /// Names for the policies of `stack`.
    pub(super) fn new<'p>(stack: &StackId, rules: impl Iterator<Item = Parts<'p>>) -> Self {
        let mut shared = HashMap::new();
        rules.for_each(|parts| *shared.entry(stem(parts)).or_default() += 1);
        Self { prefix: format!("networkpolicy__{stack}__"), shared }
    }

    /// The name of a policy of `parts`; `identity` tells those apart whose parts read the same.
    pub(super) fn name(&self, parts: Parts, identity: impl FnOnce() -> String) -> PolicyName {
        let full = stem(parts);
        let room = LONGEST_FILE - self.prefix.len() - ".json".len();
        // The object's name is as long as the stem: `__` becomes `--`.
        let longest = room.min(LONGEST_NAME);
        // All that coincide get a hash, so that one more never takes another's name.
        let stem = if self.shared.get(&full).is_some_and(|times| *times > 1) || full.len() > longest {
            let hash = Digest::of(format!("{full} {}", identity()).as_bytes()).short();
            let keep = full.len().min(longest - hash.len() - 1);
            format!("{}-{hash}", full[..keep].trim_end_matches(['-', '_']))
        } else {
            full
        };
        PolicyName { object: stem.replace("__", "--"), file: format!("{}{stem}.json", self.prefix) }
    }
}
