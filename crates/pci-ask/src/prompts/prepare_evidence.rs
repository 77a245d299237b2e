//! `prepare_evidence`: what there is to show an assessor of one requirement, and what is still to be gathered.

use std::{collections::BTreeMap, fmt::Write as _};

use netpol_reach::{clean, nearest};
use pci_assess::{
    ControlResult, Disposition, Evidence, EvidenceKind, Missing, Technical, alike,
    controls::{Control, Requirement},
};
use pci_engine::{Snapshot, fleet::Fleet};
use pci_render::{prose, report::methods};
use pci_stack::Watch;

use super::{
    Argument, Prompt,
    arguments::Given,
    page::{Page, Room, and_others, at, cut, length, unstopped},
    prompt::STACK,
};
use crate::tools::{AskError, numbers_text};

pub(super) const PROMPT: Prompt = Prompt {
    name: "prepare_evidence",
    title: "What can we show an assessor of a requirement?",
    description: "One requirement, control by control: what shows it, with file and line, what is missing, what an \
        assessor still examines, what people must state.",
    arguments: &[Argument { name: "requirement", description: "The requirement, 1 to 12", required: true }, STACK],
    text,
};

/// The sections, and what stands above each.
const HEADINGS: [&str; 5] = [
    "Shown by the stack:",
    "Shown in part, disproved, or not known:",
    "For people to state and show; nothing of the stack does:",
    "Answered for by people or others:",
    "Not applicable or superseded:",
];

/// Characters of all sections.
const MOST: usize = 7_700;

fn text(fleet: &Fleet, arguments: &BTreeMap<String, String>, watch: &Watch) -> Result<String, AskError> {
    let given = Given::of(&PROMPT, fleet, arguments, watch)?;
    let snapshot = &*given.snapshot;
    let requirement = requirement(snapshot, given.argument("requirement"))?;
    let title = format!("Evidence for requirement {}, {}", requirement.number, prose(&requirement.title));
    let mut page = Page::about(&given, &title);
    let assessment = snapshot.assessment();
    let is_own = |control: &Control| control.id.requirement() == requirement.number;
    page.paragraph(&numbers_text(&assessment.numbers_of(is_own)));
    let mut sections: [Vec<(String, String)>; 5] = Default::default();
    for (control, result) in assessment.iter().filter(|(control, _)| is_own(control)) {
        sections[section(result) as usize].push((control.id.to_string(), line(control, result)));
    }
    let shares = [2_200, 0, 2_000, 700, 500];
    let taken: usize = sections.iter().zip(shares).map(|(lines, share)| length(lines).min(share)).sum();
    for (at, ((heading, share), lines)) in HEADINGS.into_iter().zip(shares).zip(&sections).enumerate() {
        // What is open gets what the others leave.
        let characters = if at == Section::Open as usize { MOST - taken } else { share };
        page.named_list(heading, lines, Room { lines: usize::MAX, characters });
    }
    let what = format!(
        "Prepare what we show an assessor of requirement {0}, control by control: what the files show and where, what is \
         missing, what is still to be examined in other ways, who has to state what. What is unknown is asked for, never \
         supposed, and nothing here says that a control is met. `pci_compliance_requirement` with `requirement: {0}` and \
         `detail: full` has every line.",
        requirement.number
    );
    Ok(page.asking(&given, &what))
}

/// The requirement that `text` names.
fn requirement<'s>(snapshot: &'s Snapshot, text: &str) -> Result<&'s Requirement, AskError> {
    let all = &snapshot.tables().controls.requirements;
    if let Some(found) = all.iter().find(|one| one.number.to_string() == text) {
        return Ok(found);
    }
    let by_title = || nearest(text, all.iter().map(|one| one.title.as_str()));
    let is_meant = |one: &&Requirement| {
        text.split('.').next() == Some(one.number.to_string().as_str()) || by_title() == Some(one.title.as_str())
    };
    let hint = all.iter().find(is_meant).map(|near| format!("; did you mean `{}`, {}?", near.number, near.title));
    let hint = hint.unwrap_or_default();
    Err(AskError::Argument(format!("there is no requirement `{}`{hint} `requirement` is 1 to 12", clean(text))))
}

/// The sections of the page.
#[derive(Clone, Copy)]
enum Section {
    Shown,
    Open,
    People,
    Answered,
    LeftOut,
}

fn section(result: &ControlResult) -> Section {
    match (result.disposition, result.technical) {
        (Disposition::NotApplicable | Disposition::Superseded, _) => Section::LeftOut,
        (Disposition::Attested | Disposition::Inherited, _) => Section::Answered,
        (Disposition::Open, Technical::Evidenced | Technical::Supported) => Section::Shown,
        (Disposition::Open, Technical::Manual) => Section::People,
        (Disposition::Open, Technical::Partial | Technical::Gap | Technical::Unknown) => Section::Open,
    }
}

fn line(control: &Control, result: &ControlResult) -> String {
    let mut head = format!("**{}** {}", control.id, prose(&control.title));
    let mut sentences = Vec::new();
    match section(result) {
        Section::LeftOut => return format!("{head} ({})", left_out(control, result)),
        Section::People => sentences.push(prose(&cut(control.asks.as_deref().unwrap_or("people attest it"), 170))),
        Section::Shown => sentences.extend(shown(&result.evidence)),
        Section::Open | Section::Answered => {
            let _ = write!(head, " ({})", result.status().as_str());
            sentences.extend(shown(&result.evidence));
        }
    }
    sentences.extend(missing(&result.missing));
    for statement in &result.statements {
        let counts = statement.refused.as_ref().map_or_else(String::new, |why| format!(", does not count: {why}"));
        let said = prose(&cut(&format!("stated by `{}`, {}{counts}", statement.who, statement.date), 160));
        sentences.push(format!("{said}{}", at(Some(&statement.place))));
    }
    if !result.conditional_on.is_empty() {
        let conditions: Vec<&str> = result.conditional_on.iter().map(|one| one.as_str()).collect();
        sentences.push(format!("Conditional on {}", conditions.join(", ")));
    }
    if !result.remaining_methods.is_empty() {
        sentences.push(format!("To examine: {}", methods(&result.remaining_methods)));
    }
    let sentences = sentences.iter().map(|sentence| unstopped(sentence));
    [head.as_str()].into_iter().chain(sentences).collect::<Vec<_>>().join(". ")
}

/// Why a control is in no total.
fn left_out(control: &Control, result: &ControlResult) -> String {
    if let Some(other) = &control.superseded_by {
        return format!("superseded by {other}");
    }
    let why = result.not_bound.or(result.statements.first().and_then(|one| one.evidence.as_deref()));
    let why = why.map(|why| format!(": {}", prose(&cut(unstopped(why), 100))));
    format!("not applicable{}", why.unwrap_or_default())
}

/// The first of what shows a control: settings and statements, then flows; that a component is there tells least.
fn shown(evidence: &[Evidence]) -> Option<String> {
    let tells = |one: &&Evidence| match one.kind {
        EvidenceKind::Fact | EvidenceKind::Policy | EvidenceKind::Attestation => 0,
        EvidenceKind::Flow => 1,
        EvidenceKind::Component => 2,
    };
    let first = evidence.iter().min_by_key(tells)?;
    let said = first.said();
    // Which policy lets a link out is for the manifest to say.
    let said = said.split(", let out by ").next().unwrap_or_default();
    let more = if evidence.len() > 1 { format!("; and {} more", evidence.len() - 1) } else { String::new() };
    Some(format!("Shown: {}{}{more}", prose(&cut(said, 130)), at(first.place.as_ref())))
}

/// The first of what is missing, what decides first; and how many such there are.
fn missing(missing: &[Missing]) -> Option<String> {
    let sorts = alike(missing);
    let deciding = sorts.iter().find(|sort| sort.iter().any(|one| one.decides));
    let sort = deciding.or(sorts.first())?;
    let one = sort.first()?;
    let others = and_others(sort.len() - 1);
    let more = if sorts.len() > 1 { format!("; and {} more", sorts.len() - 1) } else { String::new() };
    let what = if one.decides { "Missing" } else { "Would complete it" };
    Some(format!("{what}: {}{}{others}{more}", prose(&cut(&one.said(), 170)), at(one.place.as_ref())))
}
