//! All stacks at once: what each stands at, and all together.

use std::fmt::Write as _;

use netpol_reach::clipped;
use pci_assess::{Numbers, Percent};
use pci_engine::{Inputs, Snapshot, fleet::Member};
use pci_render::{Header, code_span, prose};
use pci_stack::{Digest, Finding, Gone, Level, LevelSource, Severity, StackId};

use super::fields::{Request, Response, StackRow, missed};
use crate::tools::{AskError, Context, page::Page, standing::StandingRow};

/// What stands for all stacks.
pub(super) const ALL: &str = "*";

/// The longest reason why a stack can't be read, in characters.
const LONGEST: usize = 300;

/// What one stack adds to the whole.
struct Part {
    row: StackRow,
    numbers: Numbers,
    requirements: Vec<StandingRow>,
    milestones: Vec<StandingRow>,
    findings: Vec<Finding>,
    missed: Vec<String>,
}

/// Where all stacks stand.
pub(super) fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
    if !request.what_if.is_empty() || !context.what_if.is_empty() {
        return Err(AskError::Argument("changes are of one stack: name it in `stack`".to_owned()));
    }
    context.watch.expect(context.fleet.members().len());
    let parts = context.fleet.each(|id, member| {
        context.watch.check()?;
        let part = part(id, member, request);
        context.watch.step("a stack").map(|()| part)
    });
    let parts = parts.into_iter().collect::<Result<Vec<Part>, Gone>>()?;
    let mut findings: Vec<Finding> = parts.iter().flat_map(|part| part.findings.iter().cloned()).collect();
    findings.sort();
    Ok(Response {
        header: header_of_all(context),
        as_of: request.as_of,
        numbers: Numbers::sum(parts.iter().map(|part| &part.numbers)),
        requirements: StandingRow::sum(parts.iter().map(|part| &part.requirements)),
        milestones: StandingRow::sum(parts.iter().map(|part| &part.milestones)),
        preconditions: Vec::new(),
        findings,
        findings_total: None,
        missed: parts.iter().flat_map(|part| part.missed.iter().cloned()).collect(),
        stacks_total: None,
        stacks: Some(parts.into_iter().map(|part| part.row).collect()),
        page: Page::default(),
        difference: None,
    })
}

fn part(id: &str, member: &Member, request: &Request) -> Part {
    let error = |error: &netpol_reach::InputError| clipped(&error.to_string(), LONGEST);
    let row = |numbers: &Numbers| StackRow {
        stack: id.to_owned(),
        level: None,
        technical_evidence_percent: numbers.technical_evidence_percent,
        completion_percent: numbers.completion_percent,
        unknown: numbers.unknown,
        manual: numbers.manual,
        urgent_findings: 0,
        proof_holds: None,
        error: member.stale().or(member.snapshot().err()).map(error),
    };
    let Ok(snapshot) = member.snapshot() else {
        let (numbers, requirements, milestones, findings) = Default::default();
        let gate = request.min.is_some() || request.fail_on.is_some();
        let missed = gate.then(|| format!("`{id}` can't be read, so nothing is known of it.")).into_iter().collect();
        return Part { row: row(&numbers), numbers, requirements, milestones, findings, missed };
    };
    let snapshot = request.as_of.map_or_else(|| snapshot.clone(), |day| snapshot.on(day));
    let (assessment, findings) = (snapshot.assessment(), snapshot.findings());
    let urgent = findings.iter().filter(|finding| finding.severity <= Severity::High).count();
    let of_stack = |missed: String| format!("`{id}`: {missed}");
    Part {
        row: StackRow {
            level: Some(snapshot.level()),
            urgent_findings: urgent,
            proof_holds: proof_holds(&snapshot),
            ..row(&assessment.numbers)
        },
        numbers: assessment.numbers.clone(),
        requirements: StandingRow::requirements(assessment),
        milestones: StandingRow::milestones(assessment),
        missed: missed(request, &assessment.numbers, &findings).into_iter().map(of_stack).collect(),
        findings,
    }
}

fn proof_holds(snapshot: &Snapshot) -> Option<bool> {
    (snapshot.level_source() != LevelSource::NotSet).then(|| snapshot.evidence().proof.holds)
}

/// What stands for all stacks: the loosest of their levels, and a digest of all their inputs.
pub(in crate::tools) fn header_of_all(context: &Context) -> Header {
    let snapshots: Vec<_> = context.fleet.snapshots().collect();
    if let ([only], false) = (snapshots.as_slice(), context.fleet.is_several) {
        return Header::of(only);
    }
    let loosest = snapshots.iter().min_by_key(|snapshot| snapshot.level());
    let state = |(id, member): (&str, &Member)| {
        let inputs = member.snapshot().ok().map(|snapshot| snapshot.inputs.clone());
        let error = member.stale().or(member.snapshot().err()).map(ToString::to_string);
        (id.to_owned(), inputs, error)
    };
    let inputs: Vec<_> = context.fleet.members().map(state).collect();
    // Writing these types to memory can't fail.
    let all = Digest::of(&serde_json::to_vec(&inputs).unwrap_or_default());
    let catalog = snapshots.first().map_or(all, |snapshot| snapshot.inputs.catalog);
    Header {
        stack: StackId::all(),
        system_name: match context.fleet.members().len() {
            1 => "1 stack".to_owned(),
            several => format!("{several} stacks"),
        },
        demo: false,
        level: loosest.map_or(Level::None, |snapshot| snapshot.level()),
        level_source: loosest.map_or(LevelSource::NotSet, |snapshot| snapshot.level_source()),
        inputs: Inputs { stack: all, exceptions: None, profile: None, catalog },
        stale: None,
    }
}

/// A table of the stacks.
pub(super) fn table(rows: &[StackRow], text: &mut String) {
    let percent = |percent: Option<Percent>| percent.map_or_else(|| "–".to_owned(), |one| format!("{one} %"));
    *text += "\n| stack | level | technical evidence | completion | not known | wait for people | critical and high findings |\n\
              |---|---|---|---|---|---|---|\n";
    for row in rows {
        let level = match (row.level, row.proof_holds) {
            (None, _) => "can't be read",
            (Some(_), None) => "not set",
            (Some(level), Some(_)) => level.as_str(),
        };
        let _ = writeln!(
            text,
            "| {} | {level} | {} | {} | {} | {} | {} |",
            prose(&row.stack),
            percent(row.technical_evidence_percent),
            percent(row.completion_percent),
            row.unknown,
            row.manual,
            row.urgent_findings
        );
    }
    for (row, error) in rows.iter().filter_map(|row| Some((row, row.error.as_ref()?))) {
        let _ = writeln!(text, "\n{}: {}", code_span(&row.stack), prose(error));
    }
    if rows.iter().any(|row| row.proof_holds == Some(false)) {
        let broken = rows.iter().filter(|row| row.proof_holds == Some(false));
        let broken: Vec<String> = broken.map(|row| code_span(&row.stack)).collect();
        let _ = writeln!(text, "\nThe proof does not hold of {}: see `generate_policies`.", broken.join(", "));
    }
}
