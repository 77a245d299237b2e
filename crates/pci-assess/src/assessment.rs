//! Where a stack stands on all controls.

use std::sync::Arc;

use netpol_reach::is_worth_a_thread;
use pci_stack::Finding;
use rayon::prelude::*;

use crate::{
    Case, ControlResult, Grounds, Missing, Numbers, Precondition, Technical, Truth,
    controls::{Class, Control, Controls, Method},
    disposition, judge, noticed, preconditions,
    verdicts::Verdicts,
};

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
    let verdicts = Verdicts::new(Case::of(grounds));
    let preconditions = preconditions::all(&verdicts.case);
    let statements = disposition::Statements::of(grounds.profile, grounds.as_of, grounds.stack_digest);
    let each: Vec<&Control> = controls.iter().collect();
    let share = if is_worth_a_thread(grounds.flows.len()) { 1 } else { each.len() };
    let results = each.into_par_iter().with_min_len(share);
    let results: Vec<ControlResult> =
        results.map(|control| result(&verdicts, control, &preconditions, &statements)).collect();
    let numbers = Numbers::of(&results);
    let findings = noticed::all(&verdicts, &results);
    Assessment { controls, results, preconditions, numbers, findings }
}

fn result(
    verdicts: &Verdicts,
    control: &Control,
    preconditions: &[Precondition],
    statements: &disposition::Statements,
) -> ControlResult {
    let judge::Judgement { mut technical, evidence, mut missing, components } = judge::judge(verdicts, control);
    let mut conditional_on = Vec::new();
    if control.class == Class::Network {
        conditional_on.extend(preconditions.iter().filter(|one| one.truth() != Truth::True).map(|one| one.id));
        let voided = preconditions.iter().find(|one| one.truth() == Truth::False);
        if let Some(voided) = voided.filter(|_| !verdicts.case.is_empty()) {
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
