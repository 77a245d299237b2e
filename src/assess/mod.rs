//! Where a stack stands on PCI DSS: its scope, and each of the 250 controls on two axes, what the stack shows and what
//! people have said of it.
//!
//! What is shown is never more than the rule of a control proves; what is not known is said to be so. Each result
//! names what it rests on and what is missing, out of the rule itself.

mod answer;
mod attested;
mod case;
mod clauses;
mod condition;
mod disposition;
pub mod findings;
mod gap;
mod inventory;
mod judge;
mod noticed;
mod numbers;
mod preconditions;
mod reaches;
mod scope;
mod services;
mod siem;
mod status;

use std::sync::Arc;

use rayon::prelude::*;

pub use answer::{Answer, Evidence, EvidenceKind, Missing, Truth, alike};
pub use case::{Case, Grounds, Openness};
pub use disposition::{Statement, StatementKind};
pub use gap::{Cost, Gap, GapKind, sort as sort_gaps};
pub use inventory::{Item, inventory};
pub use numbers::{Numbers, Percent, Points};
pub use preconditions::{Precondition, PreconditionId, Standing};
pub use scope::{Scope, Why, Zone, scope};
pub use services::{InsecureService, Service, insecure_services, services};
pub use siem::{SiemPlan, SiemSource, SourceState};
pub use status::{Disposition, Status, Technical};

use crate::{
    controls::{Class, Control, Controls, Method},
    stack::ComponentId,
    terms::{ControlId, Finding, is_worth_a_thread},
};

/// How a control stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlResult {
    /// The control's number.
    pub id: ControlId,
    /// What the stack shows.
    pub technical: Technical,
    /// What people have said.
    pub disposition: Disposition,
    /// Why it does not bind this entity, if it does not.
    pub not_bound: Option<&'static str>,
    /// Whether it is in no total: it does not bind, another took its place, or somebody says that it does not apply.
    /// The topology has no say in this: where the stack shows otherwise, the control is a gap all the same.
    pub is_left_out: bool,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What is missing, what decides first.
    pub missing: Vec<Missing>,
    /// What a network result rests on that is not confirmed.
    pub conditional_on: Vec<PreconditionId>,
    /// How an assessor still has to examine it.
    pub remaining_methods: Vec<Method>,
    /// The components that its rule looked at.
    pub components: Vec<ComponentId>,
    /// What the profile says of it.
    pub statements: Vec<Statement>,
}

impl ControlResult {
    /// How it stands: what people have said, or else what the stack shows.
    pub fn status(&self) -> Status {
        Status::of(self.technical, self.disposition)
    }

    /// Whether it applies.
    pub fn applies(&self) -> bool {
        !matches!(self.disposition, Disposition::NotApplicable | Disposition::Superseded)
    }

    /// Whether anything is left to do: it applies, nobody answers for it, and the stack shows less than all.
    pub fn is_gap(&self) -> bool {
        self.disposition == Disposition::Open && !matches!(self.technical, Technical::Evidenced | Technical::Supported)
    }

    /// Whether a statement of the profile says otherwise than the stack shows.
    pub fn is_contradicted(&self) -> bool {
        self.statements.iter().any(|statement| statement.contradicted)
    }
}

/// Where a stack stands.
#[derive(Debug, Clone)]
pub struct Assessment {
    /// The controls that were judged.
    pub controls: Arc<Controls>,
    /// Their results, in the same order.
    pub results: Vec<ControlResult>,
    /// What network results rest on.
    pub preconditions: Vec<Precondition>,
    /// The numbers.
    pub numbers: Numbers,
    /// What should be known, besides what the stack and its rules show.
    pub findings: Vec<Finding>,
}

impl Assessment {
    /// Controls and their results, ascending.
    pub fn iter(&self) -> impl Iterator<Item = (&Control, &ControlResult)> {
        self.controls.iter().zip(&self.results)
    }

    /// The numbers of the controls that `is_asked`.
    pub fn numbers_of(&self, is_asked: impl Fn(&Control) -> bool) -> Numbers {
        Numbers::of(self.iter().filter(|(control, _)| is_asked(control)).map(|(_, result)| result))
    }
}

/// Where the stack of `grounds` stands on all controls.
pub fn assess(grounds: Grounds) -> Assessment {
    let controls = Arc::clone(grounds.controls);
    let case = Case::of(grounds);
    let preconditions = preconditions::all(&case);
    let statements = disposition::Statements::of(grounds.profile, grounds.as_of, grounds.stack_digest);
    let each: Vec<&Control> = controls.iter().collect();
    let share = if is_worth_a_thread(grounds.flows.len()) { 1 } else { each.len() };
    let results = each.into_par_iter().with_min_len(share);
    let results: Vec<ControlResult> =
        results.map(|control| result(&case, control, &preconditions, &statements)).collect();
    let numbers = Numbers::of(&results);
    let findings = noticed::all(&case, &results);
    Assessment { controls, results, preconditions, numbers, findings }
}

/// What dashboards of the stack of `grounds` are made of.
pub fn siem(grounds: Grounds) -> SiemPlan {
    siem::plan(&Case::of(grounds))
}

fn result(
    case: &Case,
    control: &Control,
    preconditions: &[Precondition],
    statements: &disposition::Statements,
) -> ControlResult {
    let judge::Judgement { mut technical, evidence, mut missing, components } = judge::judge(case, control);
    let mut conditional_on = Vec::new();
    if control.class == Class::Network {
        conditional_on.extend(preconditions.iter().filter(|one| one.truth() != Truth::True).map(|one| one.id));
        let voided = preconditions.iter().find(|one| one.truth() == Truth::False);
        if let Some(voided) = voided.filter(|_| !case.is_empty()) {
            technical = Technical::Gap;
            missing.insert(0, Missing::disproved(voided.why.clone(), "the cluster").deciding());
        }
    }
    let disposed = statements.dispose(control, technical);
    let is_configured = matches!(technical, Technical::Evidenced | Technical::Supported);
    let remaining_methods = control.methods.iter().copied();
    let remaining_methods = remaining_methods.filter(|method| !(is_configured && *method == Method::Configuration));
    ControlResult {
        id: control.id.clone(),
        technical,
        disposition: disposed.disposition,
        not_bound: disposed.not_bound,
        is_left_out: disposed.is_left_out,
        evidence,
        missing,
        conditional_on,
        remaining_methods: remaining_methods.collect(),
        components,
        statements: disposed.statements,
    }
}
