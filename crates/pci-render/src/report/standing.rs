//! Parts 0 to 4: what the report is and is not, what it rests on, and the numbers.

use std::fmt::Write as _;

use pci_assess::{Numbers, Standing, Status, controls::Control};
use pci_stack::{LevelSource, catalog::Entity};

use super::{
    Subject, controls,
    text::{code, message, percent, plain, slug, table},
};

/// The milestones of the Prioritized Approach.
const MILESTONES: u8 = 6;

pub(super) fn is_not(_: &Subject, out: &mut String) {
    out.push_str(
        "It is no assessment, no Report on Compliance (ROC), no Attestation of Compliance (AOC), no ASV scan and no \
         penetration test, and takes the place of none. It says nothing of whether a requirement is met: that is for an \
         assessor, or for the entity in its self-assessment. What it offers them is evidence of what is declared and \
         generated, and a list of what is not known. Titles of controls are the program's own words; the standard's \
         text is what binds.\n",
    );
}

pub(super) fn inputs(subject: &Subject, out: &mut String) {
    let snapshot = subject.snapshot;
    let inputs = &snapshot.inputs;
    let none = || "none given".to_owned();
    let digest = |digest: Option<&pci_stack::Digest>| digest.map_or_else(none, |digest| format!("`{digest}`"));
    let source = match snapshot.level_source() {
        LevelSource::Flag => "asked for by the caller",
        LevelSource::File => "from the stack file",
        LevelSource::NotSet => "not set",
    };
    let row = |name: &str, value: String| vec![name.to_owned(), value];
    let profile = snapshot.profile();
    let as_of = snapshot.day().map_or_else(|| "not given: no attestation counts".to_owned(), |day| day.to_string());
    let controls = &snapshot.tables().controls;
    let rows = [
        row("Program", format!("{} {}", snapshot.program.name, snapshot.program.version)),
        row("Controls of PCI DSS v4.0.1, SHA-256", format!("`{}`", controls.digest)),
        row("Component types and shipped exceptions, SHA-256", format!("`{}`", inputs.catalog)),
        row("Stack, SHA-256", format!("`{}`", inputs.stack)),
        row("Exceptions, SHA-256", digest(inputs.exceptions.as_ref())),
        row("Profile, SHA-256", digest(inputs.profile.as_ref())),
        row("Level", format!("`{}`, {source}", snapshot.level())),
        row("As of", as_of),
        row("Entity", entity(profile.entity)),
        row("Issuer of cards", said(profile.is_issuer)),
        row("Customized approach taken", said(profile.takes_customized_approach)),
        row("Not assessed, in no number", appendices(&controls.appendices)),
    ];
    table(out, &["what", "value"], rows);
}

fn entity(entity: Option<Entity>) -> String {
    let name = match entity {
        None => "not declared: nothing is left out for that",
        Some(Entity::Merchant) => "merchant",
        Some(Entity::ServiceProvider) => "service provider",
        Some(Entity::MultiTenant) => "multi-tenant service provider",
    };
    name.to_owned()
}

fn said(holds: bool) -> String {
    if holds { "yes" } else { "not declared" }.to_owned()
}

/// `appendices A1, A2 and A3 (30 controls)`
fn appendices(controls: &[(String, String)]) -> String {
    let mut names: Vec<&str> = controls.iter().filter_map(|(id, _)| id.split('.').next()).collect();
    names.dedup();
    format!("appendices {} ({} controls)", plain(&names.join(", ")), controls.len())
}

pub(super) fn preconditions(subject: &Subject, out: &mut String) {
    out.push_str(
        "What the policies show holds in a cluster only if these do. One that is false turns every control that flows \
         answer into a gap; one that is unknown stands beside each of them as its condition.\n\n",
    );
    let rows = subject.assessment.preconditions.iter().map(|one| {
        let state = match one.state {
            Standing::Confirmed => "confirmed",
            Standing::Unknown => "unknown",
            Standing::False => "**false**",
        };
        vec![code(one.id.as_str()), state.to_owned(), message(&one.why)]
    });
    table(out, &["precondition", "state", "why"], rows);
}

pub(super) fn numbers(subject: &Subject, out: &mut String) {
    let numbers = &subject.assessment.numbers;
    let row = |name: &str, value: String, of: String| vec![name.to_owned(), value, of];
    let rows = [
        row(
            "1. Completion: attested or inherited, of what applies",
            percent(numbers.completion_percent),
            format!("{} / {}", numbers.completion_done, numbers.completion_total),
        ),
        row(
            "2. Technical evidence: points, of what a stack can show",
            percent(numbers.technical_evidence_percent),
            format!("{} / {}", numbers.technical_points, numbers.technical_total),
        ),
        row(
            "3. Not known; and left to people, with no statement",
            format!("{}; {}", numbers.unknown, numbers.manual),
            format!("of {}; of {}", numbers.technical_total, numbers.completion_total - numbers.technical_total),
        ),
    ];
    table(out, &["number", "value", "from"], rows);
    out.push_str(
        "\nNo technical result enters the first, no statement the second. Evidenced and supported are a point each, \
         partial is half a point.\n\n",
    );
    let counts: Vec<String> =
        Status::ALL.iter().map(|status| numbers.by_status.get(status).copied().unwrap_or(0).to_string()).collect();
    let names: Vec<String> = Status::ALL.iter().map(|status| format!("{}:", super::text::status(*status))).collect();
    let headings: Vec<&str> = names.iter().map(String::as_str).chain(["all:"]).collect();
    let cells = counts.into_iter().chain([numbers.controls_total.to_string()]).collect();
    table(out, &headings, [cells]);
    let _ = writeln!(
        out,
        "\nBeside them: {} not applicable, {} superseded, {} inherited, {} open (no statement counts), of {}.\n",
        numbers.not_applicable, numbers.superseded, numbers.inherited, numbers.open, numbers.controls_total
    );
    milestones(subject, out);
}

fn milestones(subject: &Subject, out: &mut String) {
    out.push_str("By milestone of the Prioritized Approach:\n\n");
    let rows = (1..=MILESTONES).map(|milestone| {
        let numbers = subject.assessment.numbers_of(|control: &Control| control.milestone == milestone);
        standing(milestone.to_string(), &numbers)
    });
    let all = standing("all".to_owned(), &subject.assessment.numbers);
    table(out, &headed("milestone"), rows.chain([all]));
}

pub(super) fn requirements(subject: &Subject, out: &mut String) {
    let rows = subject.assessment.controls.requirements.iter().map(|requirement| {
        let numbers = subject.assessment.numbers_of(|control| control.id.requirement() == requirement.number);
        let link = format!("[{}](#{})", requirement.number, slug(&controls::heading(requirement)));
        standing(format!("{link} {}", plain(&requirement.title)), &numbers)
    });
    let all = standing("all".to_owned(), &subject.assessment.numbers);
    table(out, &headed("requirement"), rows.chain([all]));
    out.push_str("\nPoints and totals add up to those of the whole; percentages do not.\n");
}

/// The headings of a table of numbers.
fn headed(what: &str) -> [&str; 9] {
    [what, "controls:", "n/a:", "completion", "%:", "evidence", "%:", "unknown:", "left to people:"]
}

fn standing(name: String, numbers: &Numbers) -> Vec<String> {
    let short = |of: Option<pci_assess::Percent>| of.map_or_else(String::new, |percent| percent.to_string());
    let fraction = |part: String, total: u32| {
        if total == 0 { "nothing applicable".to_owned() } else { format!("{part} / {total}") }
    };
    vec![
        name,
        numbers.controls_total.to_string(),
        (numbers.not_applicable + numbers.superseded).to_string(),
        fraction(numbers.completion_done.to_string(), numbers.completion_total),
        short(numbers.completion_percent),
        fraction(numbers.technical_points.to_string(), numbers.technical_total),
        short(numbers.technical_evidence_percent),
        numbers.unknown.to_string(),
        numbers.manual.to_string(),
    ]
}
