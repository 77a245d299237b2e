//! A control that a stack can show something of, in full.

use std::fmt::Write as _;

use super::{
    register,
    text::{MOST, code, disposition, listed, message, methods, place, status, technical},
};
use crate::{
    assess::{ControlResult, Evidence, Missing, StatementKind},
    catalog::controls::{Control, Method},
    render::escape::markdown,
};

/// How many subjects of one line are named.
const NAMED: usize = 5;

pub(super) fn control(control: &Control, result: &ControlResult, out: &mut String) {
    let _ = writeln!(out, "\n#### {} {}\n", control.id, markdown(&control.title));
    let _ = writeln!(
        out,
        "**{}** (the stack shows: {}; people: {}), milestone {}\n",
        status(result.status()),
        technical(result.technical),
        disposition(result.disposition),
        control.milestone
    );
    let (deciding, completing): (Vec<&Missing>, Vec<&Missing>) = result.missing.iter().partition(|one| one.decides);
    section(out, "Shown", &evidence(&result.evidence));
    section(out, "Missing, decides", &missing(&deciding));
    section(out, "Would complete it", &missing(&completing));
    let conditions: Vec<String> = result.conditional_on.iter().map(|one| code(one.as_str())).collect();
    if !conditions.is_empty() {
        let _ = writeln!(out, "- Conditional on {}", conditions.join(", "));
    }
    if !result.remaining_methods.is_empty() {
        let input = if control.methods.contains(&Method::Configuration) {
            ""
        } else {
            " (this is input for the assessor, not the evidence examined)"
        };
        let _ = writeln!(out, "- Still to examine: {}{input}", methods(&result.remaining_methods));
    }
    for statement in &result.statements {
        let kind = match statement.kind {
            StatementKind::Attested => "attested by",
            StatementKind::Inherited => "inherited from",
            StatementKind::NotApplicable => "said not to apply by",
        };
        let counts = register::counts(statement);
        let _ = writeln!(out, "- Stated: {kind} {}, {}; counts: {counts}", markdown(&statement.who), statement.date);
    }
    if let Some(note) = &control.note {
        let _ = writeln!(out, "- Note: {}", markdown(note));
    }
}

/// A list under a heading, on one line if there is but one.
fn section(out: &mut String, heading: &str, lines: &[String]) {
    match lines {
        [] => {}
        [line] => {
            let _ = writeln!(out, "- {heading}: {line}");
        }
        lines => {
            let _ = writeln!(out, "- {heading}:");
            for line in lines.iter().take(MOST) {
                let _ = writeln!(out, "    - {line}");
            }
            if lines.len() > MOST {
                let _ = writeln!(out, "    - and {} more", lines.len() - MOST);
            }
        }
    }
}

/// Lines in their order, those that say the same as one: what is said, then of whom and where.
fn grouped<'a, T>(entries: &[T], parts: impl Fn(&T) -> (String, String)) -> Vec<String> {
    let mut groups: Vec<(String, Vec<String>)> = Vec::new();
    for entry in entries {
        let (says, subject) = parts(entry);
        match groups.iter_mut().find(|(known, _)| *known == says) {
            Some((_, subjects)) if subjects.contains(&subject) => {}
            Some((_, subjects)) => subjects.push(subject),
            None => groups.push((says, vec![subject])),
        }
    }
    groups.into_iter().map(|(says, subjects)| format!("{says}: {}", listed(&subjects, NAMED))).collect()
}

fn evidence(evidence: &[Evidence]) -> Vec<String> {
    grouped(evidence, |one| {
        let at = one.place.as_ref().map(|at| format!(" ({})", place(at))).unwrap_or_default();
        (message(&one.says), format!("{}{at}", code(&one.subject)))
    })
}

fn missing(missing: &[&Missing]) -> Vec<String> {
    grouped(missing, |one| {
        let at = one.place.as_ref().map(|at| format!(" ({})", place(at))).unwrap_or_default();
        (message(&one.what), format!("{}{at}", code(&one.subject)))
    })
}
