//! `generate_policies`: the NetworkPolicies of a stack, and the proof that they allow what it declares.

use std::{collections::BTreeMap, fmt::Write as _};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Detail, Outlet, Question, WriteTo, cut, cut_to, proof_text,
    subject::{Subject, or_none},
    whole_difference::{self, WholeDifference},
    with_level,
};
use crate::{
    engine::Snapshot,
    proof::DeadLetter,
    render::{folder, manifest, manifest::Manifest, markdown},
    terms::{Change, Level, LevelSource, Severity},
};

/// How many entries of each list a summary holds beside the policies.
const BESIDE: usize = 4;

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
    /// `full` for the whole lists.
    #[arg(skip)]
    detail: Option<Detail>,
    /// Changes, as `what_if` takes them.
    #[arg(skip)]
    #[serde(default, deserialize_with = "or_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>", length(max = 50))]
    what_if: Vec<Change>,
}

/// The policies of a stack, and their proof.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    manifest: Manifest,
    /// How many policies there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    policies_total: Option<usize>,
    /// How many flows there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    flows_total: Option<usize>,
    /// How many findings there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings_total: Option<usize>,
    /// How many ports of rules may match nothing, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    dead_letters_total: Option<usize>,
    /// The folder that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    written: Option<String>,
    /// What the changes make of the real stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<WholeDifference>,
}

impl Question for GeneratePolicies {
    const NAME: &'static str = "generate_policies";
    const COMMAND: &'static str = "generate";
    const TITLE: &'static str = "Generate NetworkPolicies";
    const DESCRIPTION: &'static str = "Generate the Kubernetes NetworkPolicies that the declared stack needs, and prove \
        that they allow exactly what it declares. Use it to learn which traffic is allowed and why, whether the proof \
        holds, what it would take at another level. Next: `render_diagram` to see the allowed traffic.";
    const OUTLET: Outlet = Outlet::Folder;
    type Request = Request;
    type Response = Response;

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), None, &request.what_if)?;
        if request.write == Some(true) && subject.is_what_if() {
            let what = "a what-if writes nothing: make the changes in the files, then generate";
            return Err(AskError::Argument(what.to_owned()));
        }
        let loaded = &subject.snapshot;
        let at_level: Snapshot;
        let snapshot = match request.level {
            Some(level) if level != loaded.level() || loaded.level_source() == LevelSource::NotSet => {
                at_level = loaded.at_level(level);
                &at_level
            }
            _ => loaded,
        };
        with_level(snapshot)?;
        let manifest = manifest::manifest(snapshot);
        let written = if request.write == Some(true) { write(context, snapshot, &manifest)? } else { None };
        let detail = request.detail.unwrap_or(context.detail);
        let mut response = Response {
            manifest,
            policies_total: None,
            flows_total: None,
            findings_total: None,
            dead_letters_total: None,
            written,
            difference: subject.difference(detail),
        };
        let manifest = &mut response.manifest;
        response.policies_total = cut(&mut manifest.policies, detail);
        response.flows_total = cut_to(&mut manifest.flows, detail, BESIDE);
        response.findings_total = cut_to(&mut manifest.findings, detail, BESIDE);
        if detail == Detail::Summary {
            one_of_each_cause_first(&mut manifest.proof.dead_letters);
        }
        response.dead_letters_total = cut_to(&mut manifest.proof.dead_letters, detail, BESIDE);
        let listed = cut_to(&mut manifest.by_sharing, detail, BESIDE);
        manifest.by_sharing_total = manifest.by_sharing_total.or(listed);
        Ok(response)
    }

    fn text(response: &Response) -> String {
        let manifest = &response.manifest;
        let source = match manifest.header.level_source {
            LevelSource::Flag => "asked for",
            LevelSource::File => "from the stack file",
            LevelSource::NotSet => "not set",
        };
        let total: usize = manifest.counts.values().sum();
        let demo = if manifest.header.demo { ", the embedded demo" } else { "" };
        let mut text = format!(
            "**{}**{demo}, level `{}` ({source}): {total} policies",
            markdown(&manifest.header.system_name),
            manifest.header.level
        );
        let counts: Vec<String> =
            manifest.counts.iter().map(|(kind, count)| format!("{} {count}", kind.as_str())).collect();
        if !counts.is_empty() {
            let _ = write!(text, " ({})", counts.join(", "));
        }
        text.push_str(".\n\n");
        let dead_letters = response.dead_letters_total.unwrap_or(manifest.proof.dead_letters.len());
        proof_text::proof(&manifest.proof, manifest.header.level, dead_letters, &mut text);
        if !manifest.proof.holds {
            text.push_str("Nothing was written.\n");
        }
        findings(response, &mut text);
        if let Some(folder) = &response.written {
            let _ = writeln!(text, "\nWritten to {folder}");
        }
        text + &whole_difference::text(response.difference.as_ref())
    }

    fn holds(response: &Response) -> bool {
        response.manifest.proof.holds
    }

    fn writing(request: Request) -> Request {
        Request { write: Some(true), ..request }
    }
}

/// Orders `letters` so that a list that is cut names every cause that it can.
fn one_of_each_cause_first(letters: &mut [DeadLetter]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let rank = |letter: &DeadLetter| {
        let times = seen.entry(letter.why.clone()).or_default();
        *times += 1;
        *times
    };
    letters.sort_by_cached_key(rank);
}

/// Writes the folder, if the proof holds; `None` if it doesn't.
fn write(context: &Context, snapshot: &Snapshot, manifest: &Manifest) -> Result<Option<String>, AskError> {
    if context.write_to == WriteTo::Nowhere {
        return Err(AskError::NowhereToWrite);
    }
    if !manifest.proof.holds {
        return Ok(None);
    }
    let files = folder::files(snapshot, manifest);
    let files = files.iter().map(|(name, bytes)| (name.as_str(), bytes.as_ref()));
    let folder = context.write_to.put(&snapshot.stack.id, files)?;
    Ok(Some(folder.display().to_string()))
}

fn findings(response: &Response, text: &mut String) {
    let findings = &response.manifest.findings;
    let total = response.findings_total.unwrap_or(findings.len());
    if total == 0 {
        return;
    }
    let noun = if total == 1 { "finding" } else { "findings" };
    let _ = writeln!(text, "\n{total} {noun}, worst first:");
    for finding in findings.iter().take(NAMED_FINDINGS) {
        let place = finding.r#where.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
        let _ = writeln!(text, "- {}: {}{place}. Fix: {}", severity(finding.severity), finding.message, finding.fix);
    }
    if total > NAMED_FINDINGS {
        let _ = writeln!(text, "- and {} more in `findings`", total - NAMED_FINDINGS);
    }
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
