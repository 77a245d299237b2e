//! What a stack has as a whole, as the shell writes it: report, manifest, diagram.

use pci_engine::Snapshot;
use pci_render::{diagram, folder, manifest, report};
use pci_stack::{Level, LevelSource, MANIFEST as FILE};
use serde_json::Map;

use super::{
    ResourceError,
    template::{Asked, JSON, MARKDOWN, Template},
};

/// The report.
pub(super) const REPORT: Template = Template {
    uri: "pci://{stack}/report",
    name: "report",
    title: "Report on PCI DSS",
    description: "The report for an assessor and an engineer, in Markdown: scope, each of the 250 controls with its \
        evidence and what is missing, statements, findings. Strict mode only. Long.",
    mime_type: MARKDOWN,
    variables: &[],
    is_as_written: false,
    is_listed: |snapshot| report::is_made_at(snapshot.level()),
    read: |asked| {
        let reply = asked.ask("report", Map::new())?;
        reply.document.ok_or_else(|| ResourceError::Unanswered("the report has no text".to_owned()))
    },
};

/// The manifest.
pub(super) const MANIFEST: Template = Template {
    uri: "pci://{stack}/manifest",
    name: "manifest",
    title: "Manifest of the NetworkPolicies",
    description: "networkpolicy-manifest.json: each policy with its reason, each declared flow with the policies that \
        allow it, the proof, the findings, the SHA-256 of every file.",
    mime_type: JSON,
    variables: &[],
    is_as_written: true,
    is_listed: |snapshot| snapshot.level_source() != LevelSource::NotSet,
    read: written_manifest,
};

/// The diagram.
pub(super) const DIAGRAM: Template = Template {
    uri: "pci://{stack}/diagram",
    name: "diagram",
    title: "Diagram of the allowed traffic",
    description: "network-diagram.md: Mermaid charts in Markdown of what the policies allow, all namespaces first, then \
        each with its peers. Show the charts to people as they are.",
    mime_type: MARKDOWN,
    variables: &[],
    is_as_written: false,
    is_listed: |snapshot| snapshot.level() != Level::None,
    read: page,
};

fn written_manifest(asked: &Asked) -> Result<String, ResourceError> {
    let snapshot = &asked.snapshot;
    with_level(snapshot)?;
    let manifest = manifest::manifest(snapshot);
    let bytes = folder::files(snapshot, &manifest).remove(FILE).unwrap_or_default();
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn page(asked: &Asked) -> Result<String, ResourceError> {
    with_level(&asked.snapshot)?;
    if asked.snapshot.level() == Level::None {
        return Err(ResourceError::Level(
            "at level `none` there are no policies, so that everything may talk to everything: there is nothing to draw"
                .to_owned(),
        ));
    }
    Ok(diagram::page(&asked.snapshot))
}

/// An error if nobody said a level: what is generated depends on it.
pub(super) fn with_level(snapshot: &Snapshot) -> Result<(), ResourceError> {
    if snapshot.level_source() == LevelSource::NotSet { Err(ResourceError::level_not_set()) } else { Ok(()) }
}
