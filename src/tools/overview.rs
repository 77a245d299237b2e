//! `pci_compliance_overview`: where the stack stands, requirement by requirement.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Detail, Outlet, Question, cut,
    standing::{StandingRow, numbers_text},
    subject::{Subject, or_none},
    whole_difference::{self, WholeDifference},
};
use crate::{
    assess::{Numbers, Precondition, Standing},
    render::{Header, prose},
    terms::{Change, Date, Finding, Severity},
};

pub(super) struct Overview;

/// Arguments of `pci_compliance_overview`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// `full` for the whole lists.
    #[arg(skip)]
    detail: Option<Detail>,
    /// The day that attestations are held against; without it none counts.
    #[arg(skip)]
    as_of: Option<Date>,
    /// Changes, as `what_if` takes them.
    #[arg(skip)]
    #[serde(default, deserialize_with = "or_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>", length(max = 50))]
    what_if: Vec<Change>,
    /// Exit with 1 if a finding is of this severity or worse.
    #[arg(long, value_name = "SEVERITY")]
    #[serde(skip)]
    fail_on: Option<Severity>,
    /// Exit with 1 if less than this percentage of what a stack can show is shown.
    #[arg(long, value_name = "PERCENT")]
    #[serde(skip)]
    min: Option<f64>,
    /// Print the assessment as documents for OpenSearch, one per control and stack; needs `--as-of`, their time.
    #[arg(long, conflicts_with_all = ["fail_on", "min", "json", "what-if"])]
    #[serde(skip)]
    bulk: bool,
}

/// Where the stack stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// The day that attestations are held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Date>,
    #[serde(flatten)]
    numbers: Numbers,
    /// Each requirement.
    requirements: Vec<StandingRow>,
    /// Each milestone of PCI SSC's Prioritized Approach.
    milestones: Vec<StandingRow>,
    /// What network results rest on, and whether it is confirmed.
    preconditions: Vec<Precondition>,
    /// What should be known, worst first.
    findings: Vec<Finding>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings_total: Option<usize>,
    /// What the changes make of the real stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<WholeDifference>,
    /// The thresholds that are missed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    missed: Vec<String>,
}

impl Question for Overview {
    const NAME: &'static str = "pci_compliance_overview";
    const COMMAND: &'static str = "overview";
    const TITLE: &'static str = "Where the stack stands on PCI DSS";
    const DESCRIPTION: &'static str = "Where the stack stands on the 250 controls of PCI DSS v4.0.1: what is shown by \
        the deployed topology, what people answer for, what is not known; a row per requirement, preconditions, \
        findings. Use it for \"where do we stand\". Next: `pci_compliance_gaps` for what to do first, \
        `pci_compliance_requirement` for one requirement.";
    const OUTLET: Outlet = Outlet::Text;
    const SPANS_STACKS: bool = true;
    type Request = Request;
    type Response = Response;

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), request.as_of, &request.what_if)?;
        let snapshot = &subject.snapshot;
        let assessment = snapshot.assessment();
        if request.min.is_some_and(|min| !(0.0..=100.0).contains(&min)) {
            return Err(AskError::Argument("`--min` is a percentage, 0 to 100".to_owned()));
        }
        let detail = request.detail.unwrap_or(context.detail);
        let mut findings = snapshot.findings();
        let missed = missed(request, &assessment.numbers, &findings);
        let findings_total = cut(&mut findings, detail);
        Ok(Response {
            header: Header::of(snapshot),
            as_of: snapshot.day(),
            numbers: assessment.numbers.clone(),
            requirements: StandingRow::requirements(assessment),
            milestones: StandingRow::milestones(assessment),
            preconditions: assessment.preconditions.clone(),
            findings,
            findings_total,
            difference: subject.difference(detail),
            missed,
        })
    }

    fn text(response: &Response) -> String {
        let header = &response.header;
        let as_of = response.as_of.map_or_else(
            || "no day given, so no attestation counts".to_owned(),
            |day| format!("attestations as of {day}"),
        );
        let mut text = format!(
            "**{}**: where it stands on {} controls of PCI DSS v4.0.1; level `{}`, {as_of}. This is no assessment.\n\n{}\n",
            prose(&header.system_name),
            response.numbers.controls_total,
            header.level,
            numbers_text(&response.numbers)
        );
        text +=
            "| requirement | points | not known | gaps | wait for people | answered for |\n|---|---|---|---|---|---|\n";
        for row in &response.requirements {
            let count = |status| row.by_status.get(&status).copied().unwrap_or(0);
            let _ = writeln!(
                text,
                "| {} {} | {}/{} | {} | {} | {} | {}/{} |",
                row.requirement.unwrap_or_default(),
                prose(row.title.as_deref().unwrap_or_default()),
                row.technical_points,
                row.technical_total,
                count(crate::assess::Status::Unknown),
                count(crate::assess::Status::Gap),
                count(crate::assess::Status::Manual),
                row.completion_done,
                row.completion_total
            );
        }
        let open: Vec<&Precondition> =
            response.preconditions.iter().filter(|one| one.state != Standing::Confirmed).collect();
        if !open.is_empty() {
            text += "\nWhat network results rest on and is not confirmed:\n";
            for one in open {
                let _ = writeln!(text, "- {}", prose(&one.why));
            }
        }
        let total = response.findings_total.unwrap_or(response.findings.len());
        if total > 0 {
            let _ = writeln!(text, "\n{total} findings, worst first:");
        }
        for finding in response.findings.iter().take(NAMED) {
            let place = finding.r#where.as_ref().map(|place| format!(" ({})", prose(&place.to_string())));
            let _ = writeln!(text, "- {}: {}{}", finding.id, prose(&finding.message), place.unwrap_or_default());
        }
        if total > NAMED {
            let _ = writeln!(text, "- and {} more", total - NAMED);
        }
        text += &whole_difference::text(response.difference.as_ref());
        for missed in &response.missed {
            let _ = writeln!(text, "\n{missed}");
        }
        text
    }

    fn holds(response: &Response) -> bool {
        response.missed.is_empty()
    }
}

/// How many findings the text names.
const NAMED: usize = 5;

fn missed(request: &Request, numbers: &Numbers, findings: &[Finding]) -> Vec<String> {
    let mut missed = Vec::new();
    let shown = numbers.technical_evidence_percent.map(|percent| f64::from(percent.tenths()) / 10.0);
    if let (Some(min), Some(shown)) = (request.min, shown)
        && shown < min
    {
        missed.push(format!("Technical evidence is {shown} %, below the {min} % that were asked for."));
    }
    let worse = |severity: Severity| findings.iter().filter(|finding| finding.severity <= severity).count();
    if let Some((severity, count)) =
        request.fail_on.map(|severity| (severity, worse(severity))).filter(|(_, count)| *count > 0)
    {
        missed.push(format!("{count} findings are {} or worse.", format!("{severity:?}").to_lowercase()));
    }
    missed
}
