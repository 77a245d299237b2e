//! The arguments and the fields of the answer, of one stack or of all.

use pci_assess::{Numbers, Percent, Precondition};
use pci_render::Header;
use pci_stack::{Change, Date, Finding, Level, Severity};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::tools::{Detail, page::Page, standing::StandingRow, subject::or_none, whole_difference::WholeDifference};

/// Arguments of `pci_compliance_overview`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(in crate::tools) struct Request {
    /// The stack, if several are loaded; `*` for all.
    #[arg(skip)]
    pub(super) stack: Option<String>,
    /// `full` for longer lists and pages.
    #[arg(skip)]
    pub(super) detail: Option<Detail>,
    /// The `next_cursor` of an earlier answer, to go on there.
    #[arg(skip)]
    pub(super) cursor: Option<String>,
    /// The day that attestations are held against; without it none counts.
    #[arg(skip)]
    pub(super) as_of: Option<Date>,
    /// Changes, as `what_if` takes them.
    #[arg(skip)]
    #[serde(default, deserialize_with = "or_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>", length(max = 50))]
    pub(super) what_if: Vec<Change>,
    /// Exit with 1 if a finding is of this severity or worse.
    #[arg(long, value_name = "SEVERITY")]
    #[serde(skip)]
    pub(super) fail_on: Option<Severity>,
    /// Exit with 1 if less than this percentage of what a stack can show is shown.
    #[arg(long, value_name = "PERCENT")]
    #[serde(skip)]
    pub(super) min: Option<f64>,
    /// Print the assessment as documents for OpenSearch, one per control and stack; needs `--as-of`, their time.
    #[arg(long, conflicts_with_all = ["fail_on", "min", "json", "what-if"])]
    #[serde(skip)]
    pub(super) bulk: bool,
}

/// Where the stack stands.
#[derive(Debug, Serialize, JsonSchema)]
pub(in crate::tools) struct Response {
    #[serde(flatten)]
    pub(super) header: Header,
    /// The day that attestations are held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) as_of: Option<Date>,
    #[serde(flatten)]
    pub(super) numbers: Numbers,
    /// Each requirement.
    pub(super) requirements: Vec<StandingRow>,
    /// Each milestone of PCI SSC's Prioritized Approach.
    pub(super) milestones: Vec<StandingRow>,
    /// What network results rest on, and whether it is confirmed.
    pub(super) preconditions: Vec<Precondition>,
    /// What should be known, worst first.
    pub(super) findings: Vec<Finding>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) findings_total: Option<usize>,
    /// Each stack, where all were asked about; the rest is of them together then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stacks: Option<Vec<StackRow>>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) stacks_total: Option<usize>,
    #[serde(flatten)]
    pub(super) page: Page,
    /// What the changes make of the real stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) difference: Option<WholeDifference>,
    /// The thresholds that are missed.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) missed: Vec<String>,
}

/// Where one stack of several stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(inline)]
pub(in crate::tools) struct StackRow {
    /// Its id, or of one that can't be read its folder.
    pub(super) stack: String,
    /// Its level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) level: Option<Level>,
    /// How much of what it can show it shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) technical_evidence_percent: Option<Percent>,
    /// How much is attested or inherited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) completion_percent: Option<Percent>,
    /// How many controls are not known.
    pub(super) unknown: u32,
    /// How many wait for people.
    pub(super) manual: u32,
    /// How many findings are critical or high.
    pub(super) urgent_findings: usize,
    /// Whether its policies allow what is declared; absent if it says no level.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) proof_holds: Option<bool>,
    /// Why its newest files can't be used, or why it can't be read at all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) error: Option<String>,
}

/// The thresholds of `request` that are missed.
pub(super) fn missed(request: &Request, numbers: &Numbers, findings: &[Finding]) -> Vec<String> {
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
        let are = if count == 1 { "finding is" } else { "findings are" };
        missed.push(format!("{count} {are} {} or worse.", format!("{severity:?}").to_lowercase()));
    }
    missed
}
