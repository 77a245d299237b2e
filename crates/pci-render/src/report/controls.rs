//! Part 13: each control, by requirement: those that a stack can show in full, those for people in a line.

use std::{collections::BTreeSet, fmt::Write as _};

use pci_assess::{
    ControlResult, Technical,
    controls::{Control, Requirement},
};

use super::{
    Subject, control,
    text::{methods, plain, status, table},
};

type Judged<'a> = Vec<(&'a Control, &'a ControlResult)>;

pub(super) fn controls(subject: &Subject, out: &mut String) {
    out.push_str(
        "Of each control that a stack can show something of: what shows it, with its place; what is missing, what decides \
         first; on which preconditions it is conditional; and what an assessor still has to examine. Where an assessor \
         does not examine configurations, what stands here is input for the assessor, not the evidence examined. Where \
         several component types can show a control, what one of them needs is enough, and the others complete it. \
         Configurations are left out of what is still to examine where a control is evidenced or supported; what that is \
         conditional on still wants to be looked at in the cluster.\n",
    );
    let names = control::names(subject);
    for requirement in &subject.assessment.controls.requirements {
        one(subject, &names, requirement, out);
    }
}

fn one(subject: &Subject, names: &BTreeSet<String>, requirement: &Requirement, out: &mut String) {
    let _ = writeln!(out, "\n### {}", heading(requirement));
    let all = subject.assessment.iter().filter(|(control, _)| control.id.requirement() == requirement.number);
    let (applying, others): (Judged, Judged) = all.partition(|(_, result)| result.applies());
    let (manual, shown): (Judged, Judged) =
        applying.into_iter().partition(|(_, result)| result.technical == Technical::Manual);
    for (control, result) in shown {
        control::control(names, control, result, out);
    }
    if !manual.is_empty() {
        out.push_str("\n#### For people to judge\n\n");
        let rows = manual.iter().map(|(control, result)| {
            vec![
                control.id.to_string(),
                plain(&control.title),
                status(result.status()),
                control.asks.as_deref().map(plain).unwrap_or_default(),
                methods(&control.methods),
            ]
        });
        table(out, &["control", "title", "status", "what an assessor asks for", "examined by"], rows);
    }
    if !others.is_empty() {
        out.push_str("\n#### Not applicable or superseded\n\n");
        let rows = others.iter().map(|(control, result)| {
            vec![control.id.to_string(), plain(&control.title), status(result.status()), why(control, result)]
        });
        table(out, &["control", "title", "status", "why"], rows);
    }
}

/// The heading of a requirement's controls.
pub(super) fn heading(requirement: &Requirement) -> String {
    format!("Requirement {}: {}", requirement.number, plain(&requirement.title))
}

/// Why a control does not apply.
fn why(control: &Control, result: &ControlResult) -> String {
    if let Some(heir) = &control.superseded_by {
        return format!("{heir} has taken its place");
    }
    let stated = || {
        result.statements.iter().find_map(|one| Some(format!("{} ({}, {})", one.evidence.as_ref()?, one.who, one.date)))
    };
    result.not_bound.map(str::to_owned).or_else(stated).as_deref().map(plain).unwrap_or_default()
}
