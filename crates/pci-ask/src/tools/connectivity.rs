//! `connectivity`: what any manifests allow. A question of the shell alone, and of no stack.

use std::io::{self, Write};

use netpol_reach::{Cluster, Settings};
use pci_render::{Skipped, connectivity};

use super::AskError;

/// How the answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// For people, workload by workload.
    Text,
    /// Pair by pair.
    Json,
    /// As a Mermaid flowchart.
    Diagram,
}

/// What network plugins do differently.
#[derive(Debug, Clone, Copy, Default)]
pub struct Plugin {
    /// Whether an `ipBlock` matches pods by their addresses.
    pub ip_blocks_match_pods: bool,
    /// Whether policies leave pods on the host network alone.
    pub host_network_is_unselectable: bool,
}

/// What is wrong with manifests, or with writing the answer.
#[derive(Debug, thiserror::Error)]
pub enum ConnectivityError {
    /// The manifests can't be used.
    #[error(transparent)]
    Ask(#[from] AskError),
    /// The answer can't be written.
    #[error("the answer can't be written: {0}")]
    Write(#[from] io::Error),
}

/// Writes what the manifests of `files` (name, text) allow.
pub fn connectivity<'f>(
    files: impl IntoIterator<Item = (&'f str, &'f str)>,
    plugin: Plugin,
    shape: Shape,
    out: &mut impl Write,
) -> Result<(), ConnectivityError> {
    let mut manifests = netpol_reach::read(files);
    if !manifests.refused.is_empty() {
        return Err(AskError::Manifests(std::mem::take(&mut manifests.refused)).into());
    }
    let skipped = Skipped::of(&manifests);
    let cluster = Cluster::of(manifests, !plugin.host_network_is_unselectable).map_err(AskError::Manifests)?;
    let settings = Settings { ip_blocks_match_pods: plugin.ip_blocks_match_pods };
    let connectivity =
        netpol_reach::Connectivity::of(cluster, settings).map_err(|error| AskError::Manifests(vec![error]))?;
    let skipped = skipped.noticing(&connectivity.cluster.notices);
    match shape {
        Shape::Text => connectivity::write_text(&connectivity, &skipped, out)?,
        Shape::Json => connectivity::write_json(&connectivity, &skipped, out)?,
        Shape::Diagram => connectivity::write_diagram(&connectivity, out)?,
    }
    Ok(())
}
