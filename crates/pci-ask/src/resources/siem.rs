//! One file of the stack's dashboards for OpenSearch, as `generate` writes it.

use pci_engine::Snapshot;

use super::{
    ResourceError,
    error::none_such,
    template::{Asked, Offer, Template, Variable, unlisted},
};
use crate::tools::siem_files;

/// One file of the dashboards.
pub(super) const SIEM: Template = Template {
    uri: "pci://{stack}/siem/{file}",
    name: "siem",
    title: "A file of the dashboards for OpenSearch",
    description: "One file of the PCI dashboards for OpenSearch: saved objects, an index template, a retention policy, \
        monitors, or what imports them, as `generate` writes it.",
    mime_type: "text/plain",
    variables: &[Variable { name: "file", values: |snapshot, _| files(snapshot), takes_rest: true }],
    is_as_written: true,
    is_listed: unlisted,
    read: file,
};

/// Names without the folder that all share.
fn files(snapshot: &Snapshot) -> Vec<Offer> {
    siem_files(snapshot).into_iter().map(|file| Offer::new(bare(&file.name))).collect()
}

fn bare(name: &str) -> &str {
    name.strip_prefix("siem/").unwrap_or(name)
}

fn file(asked: &Asked) -> Result<String, ResourceError> {
    let (files, name) = (siem_files(&asked.snapshot), bare(asked.value(0)));
    if let Some(file) = files.iter().find(|file| bare(&file.name) == name) {
        return Ok(file.text.clone());
    }
    Err(none_such("file of the dashboards", name, files.iter().map(|file| bare(&file.name).to_owned())))
}
