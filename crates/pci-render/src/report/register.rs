//! Parts 10 and 11: what people have stated of controls, whether it counts, and which controls need a targeted risk
//! analysis.

use std::fmt::Write as _;

use pci_assess::{Statement, StatementKind, controls::Control};
use pci_stack::catalog::Attestation;

use super::{
    Subject,
    text::{NONE, message, place, plain, status, table},
};

pub(super) fn statements(subject: &Subject, out: &mut String) {
    let all =
        || subject.assessment.results.iter().flat_map(|result| result.statements.iter().map(move |one| (result, one)));
    if all().next().is_none() {
        out.push_str("The profile states nothing of any control.\n");
        return;
    }
    let counting = all().filter(|(_, one)| one.refused.is_none() && !one.contradicted).count();
    let contradicted = all().filter(|(_, one)| one.contradicted).count();
    let _ = write!(out, "{} statements, of which {counting} count.", all().count());
    if contradicted > 0 {
        let _ =
            write!(out, " **{contradicted} are contradicted by what the stack shows, and leave their control open.**");
    }
    out.push_str("\n\n");
    let rows = all().map(|(result, one)| {
        let date = |date: Option<pci_stack::Date>| date.map_or_else(|| NONE.to_owned(), |date| date.to_string());
        vec![
            result.id.to_string(),
            match one.kind {
                StatementKind::Attested => "attested",
                StatementKind::Inherited => "inherited",
                StatementKind::NotApplicable => "not applicable",
            }
            .to_owned(),
            plain(&one.who),
            one.date.to_string(),
            date(one.until),
            date(one.last_done),
            one.evidence.as_deref().map_or_else(|| "**none named**".to_owned(), plain),
            counts(one),
            place(&one.place),
        ]
    });
    let headings =
        ["control", "statement", "who", "when", "until", "last done", "evidence or reason", "counts", "stands at"];
    table(out, &headings, rows);
    out.push_str("\nControls that do not bind this entity, and those that are superseded, are marked in part 13.\n");
}

/// Whether a statement counts, and if not, why.
pub(super) fn counts(statement: &Statement) -> String {
    match &statement.refused {
        Some(why) => format!("no: {}", message(why)),
        None if statement.contradicted => "**no: contradicted by what the stack shows**".to_owned(),
        None => "yes".to_owned(),
    }
}

pub(super) fn risk_analyses(subject: &Subject, out: &mut String) {
    out.push_str(
        "How often these fall due, the entity settles in a targeted risk analysis (12.3.1); an attestation of them names \
         its interval and where that analysis is kept.\n\n",
    );
    let rows = subject.assessment.iter().filter(|(control, _)| is_set_by_analysis(control)).map(|(control, result)| {
        let attestations = &subject.snapshot.profile().attestations;
        let attestation = attestations.iter().find(|one| one.control == control.id);
        let counts = result.statements.iter().find(|one| one.kind == StatementKind::Attested).map(counts);
        vec![
            control.id.to_string(),
            plain(&control.title),
            status(result.status()),
            attestation.map_or_else(|| "not stated".to_owned(), interval),
            attestation.and_then(|one| one.interval_reference.as_deref()).map(plain).unwrap_or_default(),
            counts.unwrap_or_else(|| "no attestation".to_owned()),
        ]
    });
    table(out, &["control", "title", "status", "interval", "analysis", "attestation counts"], rows);
}

fn interval(attestation: &Attestation) -> String {
    attestation.interval_months.map_or_else(|| "not stated".to_owned(), |months| format!("{months} months"))
}

fn is_set_by_analysis(control: &Control) -> bool {
    control.cadence.as_deref().is_some_and(|cadence| cadence.contains("TRA"))
}
