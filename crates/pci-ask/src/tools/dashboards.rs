//! `dashboards`: PCI dashboards for OpenSearch, of all stacks that are loaded.

use std::fmt::Write as _;

use pci_assess::SourceState;
use pci_engine::{Inputs, Snapshot, output};
use pci_render::{Header, prose, siem};
use pci_stack::{DASHBOARDS_MANIFEST, Digest, Finding, StackId};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Outlet, Question, WriteTo,
    overview::header_of_all,
    page::{Bounded, NoEntry},
};

/// The findings that say why a dashboard is missing or will stay empty.
const FINDINGS: [&str; 3] = ["siem-off", "siem-source-cut-off", "siem-source-not-linked"];

pub(super) struct Dashboards;

/// Arguments of `dashboards`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// Also write the files.
    #[arg(skip)]
    write: Option<bool>,
}

/// What was generated.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// Each stack.
    stacks: Vec<OfStack>,
    /// The files.
    files: Vec<Written>,
    /// The folder that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<String>,
}

/// The dashboards of a stack.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct OfStack {
    /// The stack's id.
    stack: StackId,
    /// Its name as its people write it.
    system_name: String,
    /// SHA-256 of the inputs.
    inputs: Inputs,
    /// The sources of events that have a dashboard.
    sources: Vec<OfSource>,
    /// Why others have none, or will stay empty.
    findings: Vec<Finding>,
}

/// A source of events.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct OfSource {
    /// Its name.
    source: String,
    /// In which shape its events come.
    shape: String,
    /// Whether the policies let no whole way through to OpenSearch.
    cut_off: bool,
}

/// A file.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Written {
    /// Its path in the folder.
    file: String,
    /// SHA-256 of it.
    sha256: Digest,
}

impl Question for Dashboards {
    const NAME: &'static str = "dashboards";
    const COMMAND: &'static str = "dashboards";
    const TITLE: &'static str = "Generate PCI dashboards for OpenSearch, of one stack or of many";
    const DESCRIPTION: &'static str = "Generate the folder siem/: index templates, retention, dashboards as saved \
        objects, monitors, and what imports them.";
    const OUTLET: Outlet = Outlet::Folder;
    const IS_FOR_CHAT: bool = false;
    const CHANGES: super::Changes = super::Changes::None;
    const SPANS_STACKS: bool = true;
    type Request = Request;
    type Response = Response;

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let mut snapshots = Vec::new();
        for (_, member) in context.fleet.members() {
            let snapshot = member.snapshot().map_err(|error| AskError::Fleet(error.clone().into()))?;
            snapshot.settle(context.watch)?;
            snapshots.push(&**snapshot);
        }
        let mut files = siem::files(&snapshots);
        let listed = files.iter().map(|(file, bytes)| Written { file: file.clone(), sha256: Digest::of(bytes) });
        let mut response = Response {
            header: header_of_all(context),
            stacks: snapshots.iter().map(|one| of_stack(one)).collect(),
            files: listed.collect(),
            written: None,
        };
        if request.write == Some(true) {
            let WriteTo::Folder(folder) = &context.write_to else { return Err(AskError::NowhereToWrite) };
            let mut manifest = serde_json::to_vec_pretty(&response).unwrap_or_default();
            manifest.push(b'\n');
            files.insert(DASHBOARDS_MANIFEST.to_owned(), manifest);
            let named = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice()));
            output::replace_by(folder, DASHBOARDS_MANIFEST, named)?;
            response.written = Some(folder.display().to_string());
        }
        Ok(response)
    }

    fn text(response: &Response) -> String {
        let mut text = String::new();
        for stack in &response.stacks {
            let _ = writeln!(text, "**{}**: {}", pci_render::markdown(&stack.system_name), sources(&stack.sources));
            for finding in &stack.findings {
                let place = finding.r#where.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
                let _ = writeln!(text, "- {}: {}", finding.id, prose(&format!("{}{place}", finding.message)));
            }
        }
        let _ = writeln!(text, "\n{} files in `{}/`.", response.files.len(), siem::FOLDER);
        if let Some(folder) = &response.written {
            let _ = writeln!(text, "Written to {}", prose(folder));
        }
        text
    }

    fn writing(_: Request) -> Request {
        Request { write: Some(true) }
    }
}

impl Bounded for Response {
    type Entry = NoEntry;

    fn header(&self) -> &Header {
        &self.header
    }

    fn cut(&mut self, _: usize) {}
}

fn of_stack(snapshot: &Snapshot) -> OfStack {
    let of = |made: &pci_assess::SiemSource| OfSource {
        source: made.name.clone(),
        shape: made.shape.clone(),
        cut_off: made.state == SourceState::CutOff,
    };
    OfStack {
        stack: snapshot.stack.id.clone(),
        system_name: snapshot.stack.name.clone(),
        inputs: snapshot.inputs.clone(),
        sources: snapshot.siem().made().map(of).collect(),
        findings: snapshot.findings().into_iter().filter(|finding| FINDINGS.contains(&finding.id)).collect(),
    }
}

fn sources(sources: &[OfSource]) -> String {
    if sources.is_empty() {
        return "no dashboard".to_owned();
    }
    let named = sources.iter().map(|one| format!("{}{}", one.source, if one.cut_off { " (cut off)" } else { "" }));
    format!("dashboards of {}, and an overview", named.collect::<Vec<_>>().join(", "))
}

/// A file of a stack's dashboards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiemFile {
    /// Its path, `siem/…`.
    pub name: String,
    /// Its media type.
    pub media_type: &'static str,
    /// What it says.
    pub text: String,
}

/// The dashboards of `snapshot` and what belongs to them, for whoever lists and reads them one by one.
pub fn siem_files(snapshot: &Snapshot) -> Vec<SiemFile> {
    let media_type = |name: &str| match name.rsplit('.').next() {
        Some("json") => "application/json",
        Some("ndjson") => "application/x-ndjson",
        Some("yaml") => "application/yaml",
        _ => "text/plain",
    };
    let files = siem::files(&[snapshot]).into_iter();
    files
        .map(|(name, bytes)| SiemFile {
            media_type: media_type(&name),
            name,
            text: String::from_utf8_lossy(&bytes).into_owned(),
        })
        .collect()
}
