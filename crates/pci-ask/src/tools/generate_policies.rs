//! `generate_policies`: the NetworkPolicies of a stack, and the proof that they allow what it declares.

use std::{fmt::Write as _, sync::Arc};

use netpol_reach::named;
use pci_engine::Snapshot;
use pci_render::{folder, manifest, markdown, prose};
use pci_stack::{Change, Level, LevelSource, Severity};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    AskError, Context, Detail, Outlet, Question, WriteTo,
    generated::{Object, Response},
    page::Asked,
    proof_text,
    subject::{Subject, or_none},
    whole_difference, with_level,
};

/// How many findings a text names.
const NAMED_FINDINGS: usize = 5;

pub(super) struct GeneratePolicies;

/// Arguments of `generate_policies`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// The level, over the stack file's.
    #[arg(skip)]
    level: Option<Level>,
    /// Also write the files, if the server may.
    #[arg(skip)]
    write: Option<bool>,
    /// `full` for longer lists and pages.
    #[arg(skip)]
    detail: Option<Detail>,
    /// The `next_cursor` of an earlier answer, to go on there.
    #[arg(skip)]
    cursor: Option<String>,
    /// Changes, as `what_if` takes them.
    #[arg(skip)]
    #[serde(default, deserialize_with = "or_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>", length(max = 50))]
    what_if: Vec<Change>,
}

impl Question for GeneratePolicies {
    const NAME: &'static str = "generate_policies";
    const COMMAND: &'static str = "generate";
    const TITLE: &'static str = "Generate NetworkPolicies";
    const DESCRIPTION: &'static str = "Generate the Kubernetes NetworkPolicies that the declared stack needs, and prove \
        that they allow exactly what it declares. Use it to learn which traffic is allowed and why, whether the proof \
        holds, what it would take at another level; there, and under `what_if`, `detail: full` has the objects. Next: \
        `render_diagram` to see the allowed traffic.";
    const OUTLET: Outlet = Outlet::Folder;
    type Request = Request;
    type Response = Response;

    fn asked(request: &Request) -> Asked<'_> {
        Asked { detail: request.detail, cursor: request.cursor.as_deref() }
    }

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), None, &request.what_if)?;
        if request.write == Some(true) && subject.is_what_if() {
            let what = "a what-if writes nothing: make the changes in the files, then generate";
            return Err(AskError::Argument(what.to_owned()));
        }
        let loaded = &subject.snapshot;
        if request.write == Some(true) {
            check_level(request.level, loaded)?;
        }
        let at_level: Arc<Snapshot>;
        let snapshot = match request.level {
            Some(level) if level != loaded.level() || loaded.level_source() == LevelSource::NotSet => {
                at_level = loaded.at_level(level).into();
                &at_level
            }
            _ => loaded,
        };
        with_level(snapshot)?;
        let written = if request.write == Some(true) { write(context, snapshot)? } else { None };
        let is_full = request.detail.unwrap_or(context.detail) == Detail::Full;
        // What is not the stack as it is has no files to look at.
        let is_elsewhere = subject.is_what_if() || snapshot.level() != loaded.level();
        let mut response = Response::of(snapshot, written, subject.difference());
        if is_full && is_elsewhere {
            for (policy, file) in response.policies.iter_mut().zip(snapshot.files()) {
                policy.object = Some(Object(file.bytes.clone()));
            }
        }
        Ok(response)
    }

    fn text(response: &Response) -> String {
        let header = &response.header;
        let source = match header.level_source {
            LevelSource::Flag => "asked for",
            LevelSource::File => "from the stack file",
            LevelSource::NotSet => "not set",
        };
        let total: usize = response.counts.values().sum();
        let demo = if header.demo { ", the embedded demo" } else { "" };
        let mut text = format!(
            "**{}**{demo}, level `{}` ({source}): {total} policies",
            markdown(&header.system_name),
            header.level
        );
        if response.page.is_later() {
            return text + ".\n" + &policies(response);
        }
        let counts: Vec<String> =
            response.counts.iter().map(|(kind, count)| format!("{} {count}", kind.as_str())).collect();
        if !counts.is_empty() {
            let _ = write!(text, " ({})", counts.join(", "));
        }
        text.push_str(".\n\n");
        let dead_letters = response.dead_letters_total.unwrap_or(response.proof.dead_letters.len());
        proof_text::proof(&response.proof, header.level, dead_letters, &mut text);
        if !response.proof.holds {
            text.push_str("Nothing was written.\n");
        }
        findings(response, &mut text);
        if let Some(folder) = &response.written {
            let _ = writeln!(text, "\nWritten to {}", prose(folder));
        }
        text + &whole_difference::text(response.difference.as_ref()) + &policies(response)
    }

    fn holds(response: &Response) -> bool {
        response.proof.holds
    }

    fn writing(request: Request) -> Request {
        Request { write: Some(true), ..request }
    }
}

/// Refuses to write at another level than the stack file or the operator sets. What is written may be applied to a cluster,
/// and a level that a model chooses could loosen or remove every policy of it.
fn check_level(asked: Option<Level>, loaded: &Snapshot) -> Result<(), AskError> {
    let (set, source) = (loaded.level(), loaded.level_source());
    let Some(asked) = asked.filter(|asked| *asked != set || source == LevelSource::NotSet) else { return Ok(()) };
    let is_set = match source {
        LevelSource::Flag => format!("the server's `--level` is `{set}`"),
        LevelSource::File => format!("the stack file's level is `{set}`"),
        LevelSource::NotSet => "the stack file sets no level".to_owned(),
    };
    Err(AskError::Argument(format!(
        "policies are not written at level `{asked}`: {is_set}. Set `microsegmentation_level` in the stack file, then \
         generate; without `write`, this tool shows any level"
    )))
}

/// Writes the folder, if the proof holds; `None` if it doesn't.
fn write(context: &Context, snapshot: &Snapshot) -> Result<Option<String>, AskError> {
    if context.write_to == WriteTo::Nowhere {
        return Err(AskError::NowhereToWrite);
    }
    if !snapshot.evidence().proof.holds {
        return Ok(None);
    }
    let files = folder::files(snapshot, &manifest::manifest(snapshot));
    let files = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_ref()));
    let folder = context.write_to.put(&snapshot.stack.id, files)?;
    Ok(Some(folder.display().to_string()))
}

fn findings(response: &Response, text: &mut String) {
    let findings = &response.findings;
    let total = response.findings_total.unwrap_or(findings.len());
    if total == 0 {
        return;
    }
    let noun = if total == 1 { "finding" } else { "findings" };
    let _ = writeln!(text, "\n{total} {noun}, worst first:");
    let named = findings.iter().take(NAMED_FINDINGS);
    let left = total - named.len();
    for finding in named {
        let place = finding.r#where.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let said = prose(&format!("{}{place}. Fix: {}", finding.message, finding.fix));
        let _ = writeln!(text, "- {}: {said}", severity(finding.severity));
    }
    if left > 0 {
        let whole =
            if response.page.is_in_chat { "; `pci_compliance_overview` has them all" } else { " in `findings`" };
        let _ = writeln!(text, "- and {left} more{whole}");
    }
}

/// The policies of a chat's page, a line each. A shell writes them to files.
fn policies(response: &Response) -> String {
    /// How many ports of a policy are named.
    const PORTS: usize = 4;
    if !response.page.is_in_chat || response.policies.is_empty() {
        return String::new();
    }
    let mut text = String::from("\nPolicies:\n");
    for entry in response.policies.iter().filter_map(|one| one.policy.entry()) {
        let peer = match &entry.peer {
            Some(peer) => format!(", {peer} on {}", named(&entry.ports, PORTS, ", ")),
            None => String::new(),
        };
        let _ = writeln!(text, "- `{}/{}`: {}{}", entry.namespace, entry.name, entry.direction.as_str(), prose(&peer));
    }
    text
}

fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "critical",
        Severity::High => "high",
        Severity::Medium => "medium",
        Severity::Low => "low",
        Severity::Info => "info",
    }
}
