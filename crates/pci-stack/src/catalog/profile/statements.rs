//! What people state in a profile: facts, reasons of flows, attestations, what does not apply, what is inherited.
//!
//! PCI DSS takes no statement without who made it and when; neither does this.

use netpol_reach::{
    Place, clean,
    yaml::{Location, Spanned},
};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::{ControlId, Date, catalog::text::Scalar, statement};

/// A fact that no topology holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StatedFact {
    /// The component that it is about.
    pub component: String,
    /// Its name.
    pub fact: String,
    /// What is stated.
    pub value: String,
    /// Who stated it.
    pub stated_by: Option<String>,
    /// When.
    pub date: Option<Date>,
    /// Where that stands.
    pub evidence: Option<String>,
    /// Where the fact stands.
    pub place: Place,
}

/// Why a link is needed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FlowReason {
    /// The link's id.
    pub link: String,
    /// The business need (PCI DSS v4 1.2.5).
    pub reason: Option<String>,
    /// Who approved it.
    pub approved_by: Option<String>,
    /// When it is to be reviewed.
    pub review_by: Option<Date>,
    /// Where it stands.
    pub place: Place,
}

/// In which way a control was met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Approach {
    /// As the standard defines it.
    #[default]
    Defined,
    /// In another way that meets its objective.
    Customized,
    /// By another control that makes up for it.
    Compensating,
}

/// Where the proof of a statement lies.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    /// What people find it by.
    pub reference: String,
    /// Its digest.
    #[serde(default)]
    pub digest: Option<String>,
}

/// What somebody answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attestation {
    /// The control.
    pub control: ControlId,
    /// Who.
    pub who: String,
    /// In which role.
    pub role: Option<String>,
    /// When.
    pub date: Date,
    /// Where the proof lies.
    pub evidence: Option<Evidence>,
    /// In which way the control was met.
    pub approach: Approach,
    /// For how many months it holds, where a targeted risk analysis says.
    pub interval_months: Option<u8>,
    /// Where that analysis stands.
    pub interval_reference: Option<String>,
    /// The stack that it was given for.
    pub stack_digest: Option<String>,
    /// When the activity was last done.
    pub last_done: Option<Date>,
    /// Where it stands.
    pub place: Place,
}

/// What does not apply, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotApplicable {
    /// The control.
    pub control: ControlId,
    /// Why.
    pub reason: String,
    /// Who says so.
    pub approver: String,
    /// Since when.
    pub date: Date,
    /// Where it stands.
    pub place: Place,
}

/// What another party answers for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Inherited {
    /// The control.
    pub control: ControlId,
    /// Who answers.
    pub from: String,
    /// Where the proof lies.
    pub evidence: Option<Evidence>,
    /// Since when.
    pub date: Date,
    /// Where it stands.
    pub place: Place,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FactRow {
    /// The component that it is about: `NAME` or `PARENT/NAME`.
    component: String,
    /// Its name, such as `password_min_length`.
    fact: String,
    /// What is stated: true, false, a number, a word.
    value: Scalar,
    #[serde(default)]
    stated_by: Option<String>,
    #[serde(default)]
    date: Option<Date>,
    #[serde(default)]
    evidence: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct FlowRow {
    /// The link's id: `FROM -> TO`.
    link: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    approved_by: Option<String>,
    #[serde(default)]
    review_by: Option<Date>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct AttestationRow {
    control: ControlId,
    who: String,
    #[serde(default)]
    role: Option<String>,
    date: Date,
    #[serde(default)]
    evidence: Option<Evidence>,
    #[serde(default)]
    approach: Approach,
    /// Months, at most 12, where a targeted risk analysis sets the period.
    #[serde(default)]
    interval: Option<u8>,
    /// Where that analysis stands.
    #[serde(default)]
    interval_reference: Option<String>,
    /// SHA-256 of the stack that it was given for.
    #[serde(default)]
    stack_digest: Option<String>,
    #[serde(default)]
    last_done: Option<Date>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NotApplicableRow {
    control: ControlId,
    reason: String,
    approver: String,
    date: Date,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct InheritedRow {
    control: ControlId,
    from: String,
    #[serde(default)]
    evidence: Option<Evidence>,
    date: Date,
}

/// Says where something stands.
pub(super) type At<'f> = &'f dyn Fn(Location) -> Place;

fn cleaned(text: Option<String>) -> Option<String> {
    text.map(|text| statement(&text)).filter(|text| !text.is_empty())
}

pub(super) fn fact(row: Spanned<FactRow>, at: At) -> StatedFact {
    let place = at(row.referenced);
    let row = row.value;
    let value = statement(&row.value.text());
    StatedFact {
        component: clean(&row.component),
        fact: clean(&row.fact),
        value,
        stated_by: cleaned(row.stated_by),
        date: row.date,
        evidence: cleaned(row.evidence),
        place,
    }
}

pub(super) fn flow(row: Spanned<FlowRow>, at: At) -> FlowReason {
    let place = at(row.referenced);
    let FlowRow { link, reason, approved_by, review_by } = row.value;
    FlowReason { link: clean(&link), reason: cleaned(reason), approved_by: cleaned(approved_by), review_by, place }
}

pub(super) fn attestation(row: Spanned<AttestationRow>, at: At) -> Attestation {
    let place = at(row.referenced);
    let row = row.value;
    Attestation {
        control: row.control,
        who: statement(&row.who),
        role: cleaned(row.role),
        date: row.date,
        evidence: row.evidence.map(evidence),
        approach: row.approach,
        interval_months: row.interval,
        interval_reference: cleaned(row.interval_reference),
        stack_digest: cleaned(row.stack_digest),
        last_done: row.last_done,
        place,
    }
}

pub(super) fn not_applicable(row: Spanned<NotApplicableRow>, at: At) -> NotApplicable {
    let place = at(row.referenced);
    let NotApplicableRow { control, reason, approver, date } = row.value;
    NotApplicable { control, reason: statement(&reason), approver: statement(&approver), date, place }
}

pub(super) fn inherited(row: Spanned<InheritedRow>, at: At) -> Inherited {
    let place = at(row.referenced);
    let InheritedRow { control, from, evidence: proof, date } = row.value;
    Inherited { control, from: statement(&from), evidence: proof.map(evidence), date, place }
}

fn evidence(evidence: Evidence) -> Evidence {
    Evidence { reference: statement(&evidence.reference), digest: cleaned(evidence.digest) }
}
