//! What people have said of a control: whom it binds, what does not apply, what others answer for, what is attested.
//!
//! None of these hides a disproof: where the stack shows that a control does not hold, it stays open, and a finding
//! names both.

use std::collections::BTreeMap;

use netpol_reach::Place;
use pci_stack::{
    ControlId, Date, Digest,
    catalog::{Attestation, Entity, Inherited, NotApplicable, Profile},
};
use serde::Serialize;

use super::{Disposition, Technical, attested, condition::is_said};
use crate::controls::{Binds, Control, CustomizedApproach};

/// What a statement says of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum StatementKind {
    /// Somebody answers for it.
    Attested,
    /// Another party answers for it.
    Inherited,
    /// It does not apply.
    NotApplicable,
}

/// A statement of the profile about a control, and whether it counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Statement {
    /// What it says.
    pub kind: StatementKind,
    /// Who.
    pub who: String,
    /// When.
    pub date: Date,
    /// The last day on which it holds, if it lapses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub until: Option<Date>,
    /// Where the proof lies, or why it does not apply.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<String>,
    /// When the activity was last done, if that is said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub last_done: Option<Date>,
    /// Why it does not count; absent if it does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refused: Option<String>,
    /// Whether what the stack shows speaks against it.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub contradicted: bool,
    /// Where it stands.
    pub place: Place,
}

/// Statements by control.
pub(super) struct Statements<'a> {
    profile: &'a Profile,
    as_of: Option<Date>,
    stack: Digest,
    attested: BTreeMap<&'a ControlId, &'a Attestation>,
    inherited: BTreeMap<&'a ControlId, &'a Inherited>,
    not_applicable: BTreeMap<&'a ControlId, &'a NotApplicable>,
}

/// How people have disposed of a control.
pub(super) struct Disposed {
    pub(super) disposition: Disposition,
    /// Why it does not bind this entity, if it does not.
    pub(super) not_bound: Option<&'static str>,
    /// Whether it is in no total.
    pub(super) is_left_out: bool,
    pub(super) statements: Vec<Statement>,
}

impl<'a> Statements<'a> {
    pub(super) fn of(profile: &'a Profile, as_of: Option<Date>, stack: Digest) -> Self {
        Self {
            profile,
            as_of,
            stack,
            attested: profile.attestations.iter().map(|one| (&one.control, one)).collect(),
            inherited: profile.inherited.iter().map(|one| (&one.control, one)).collect(),
            not_applicable: profile.not_applicable.iter().map(|one| (&one.control, one)).collect(),
        }
    }

    /// How people have disposed of `control`, of which the stack shows `technical`.
    pub(super) fn dispose(&self, control: &Control, technical: Technical) -> Disposed {
        let contradicted = technical == Technical::Gap;
        let statements = self.statements(control, contradicted);
        let counts = |kind| statements.iter().any(|one| one.kind == kind && one.refused.is_none() && !one.contradicted);
        let not_bound = not_bound(control, self.profile);
        let disposition = if control.superseded_by.is_some() {
            Disposition::Superseded
        } else if not_bound.is_some() || counts(StatementKind::NotApplicable) {
            Disposition::NotApplicable
        } else if counts(StatementKind::Attested) {
            Disposition::Attested
        } else if counts(StatementKind::Inherited) {
            Disposition::Inherited
        } else {
            Disposition::Open
        };
        // By what is said alone: what the stack shows decides how a control stands, and no denominator.
        let is_said_not_to_apply =
            statements.iter().any(|one| one.kind == StatementKind::NotApplicable && one.refused.is_none());
        let is_left_out = control.superseded_by.is_some() || not_bound.is_some() || is_said_not_to_apply;
        Disposed { disposition, not_bound, is_left_out, statements }
    }

    /// Why a statement of `date` does not count, if that is after the day that it is held against.
    fn not_yet(&self, date: Date) -> Option<String> {
        let as_of = self.as_of.filter(|as_of| date > *as_of)?;
        Some(format!("it is dated {date}, after {as_of}"))
    }

    fn statements(&self, control: &Control, contradicted: bool) -> Vec<Statement> {
        let attested = self.attested.get(&control.id).map(|one| Statement {
            kind: StatementKind::Attested,
            who: one.role.as_ref().map_or_else(|| one.who.clone(), |role| format!("{} ({role})", one.who)),
            date: one.date,
            until: attested::until(one, control),
            evidence: one.evidence.as_ref().map(|evidence| evidence.reference.clone()),
            last_done: one.last_done,
            refused: attested::holds(one, control, self.as_of, &self.stack).err(),
            contradicted,
            place: one.place.clone(),
        });
        let inherited = self.inherited.get(&control.id).map(|one| Statement {
            kind: StatementKind::Inherited,
            who: one.from.clone(),
            date: one.date,
            until: None,
            evidence: one.evidence.as_ref().map(|evidence| evidence.reference.clone()),
            last_done: None,
            refused: (!is_said(&one.from, &one.place))
                .then(|| "it does not say who answers for it".to_owned())
                .or_else(|| self.not_yet(one.date)),
            contradicted,
            place: one.place.clone(),
        });
        let not_applicable = self.not_applicable.get(&control.id).map(|one| Statement {
            kind: StatementKind::NotApplicable,
            who: one.approver.clone(),
            date: one.date,
            until: None,
            evidence: Some(one.reason.clone()),
            last_done: None,
            refused: unfounded(one).or_else(|| self.not_yet(one.date)),
            contradicted,
            place: one.place.clone(),
        });
        attested.into_iter().chain(inherited).chain(not_applicable).collect()
    }
}

/// Why a statement that a control does not apply counts for nothing, if it does not: it needs its reason and approver.
fn unfounded(stated: &NotApplicable) -> Option<String> {
    if is_said(&stated.approver, &stated.place) {
        (!is_said(&stated.reason, &stated.place)).then(|| "it does not say why".to_owned())
    } else {
        Some("it does not say who approves that".to_owned())
    }
}

/// Why `control` does not bind the entity of `profile`. Of an entity that nobody names, nothing is said.
fn not_bound(control: &Control, profile: &Profile) -> Option<&'static str> {
    let entity = profile.entity?;
    match control.binds {
        Binds::ServiceProvider if entity == Entity::Merchant => return Some("it binds service providers"),
        Binds::MultiTenant if entity != Entity::MultiTenant => return Some("it binds multi-tenant service providers"),
        Binds::Issuer if !profile.is_issuer => return Some("it binds issuers"),
        Binds::All | Binds::ServiceProvider | Binds::MultiTenant | Binds::Issuer => {}
    }
    let is_for_customized = control.customized_approach == CustomizedApproach::Only;
    (is_for_customized && !profile.takes_customized_approach).then_some("no control is met by the customized approach")
}
