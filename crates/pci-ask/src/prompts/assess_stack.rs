//! `assess_stack`: where the stack stands.

use std::collections::BTreeMap;

use pci_assess::{ControlResult, Standing, Status, Technical, Zone, controls::Control};
use pci_engine::{Snapshot, fleet::Fleet};
use pci_render::prose;
use pci_stack::{Level, Watch};

use super::{
    Prompt,
    arguments::Given,
    page::{Page, Room, at, cut},
    prompt::STACK,
};
use crate::tools::{AskError, numbers_text};

pub(super) const PROMPT: Prompt = Prompt {
    name: "assess_stack",
    title: "Where does the stack stand on PCI DSS?",
    description: "The three numbers, a row per requirement, what network results rest on, what the stack disproves, the \
        worst findings with file and line.",
    arguments: &[STACK],
    text,
};

fn text(fleet: &Fleet, arguments: &BTreeMap<String, String>, watch: &Watch) -> Result<String, AskError> {
    let given = Given::of(&PROMPT, fleet, arguments, watch)?;
    let snapshot = &*given.snapshot;
    let mut page = Page::about(&given, "Where the stack stands on PCI DSS v4.0.1");
    page.paragraph(&numbers_text(&snapshot.assessment().numbers));
    page.table(
        &["requirement", "points of what a stack can show", "disproved", "not known", "left to people", "answered for"],
        rows(snapshot),
    );
    page.paragraph(&network(snapshot));
    let preconditions: Vec<String> = snapshot
        .assessment()
        .preconditions
        .iter()
        .filter(|one| one.state != Standing::Confirmed)
        .map(|one| {
            let state = if one.state == Standing::False { "**false**" } else { "not confirmed" };
            format!("`{}`, {state}: {}", one.id.as_str(), prose(&one.why))
        })
        .collect();
    let room = Room { lines: 5, characters: 1_000 };
    page.list("What network results rest on, beyond these files:", &preconditions, room);
    let room = Room { lines: 10, characters: 2_600 };
    page.named_list(
        "What the stack shows not to hold, each with the controls that are a `gap` for it:",
        &disproved(snapshot),
        room,
    );
    let findings: Vec<String> = snapshot
        .findings()
        .iter()
        .map(|one| format!("{}, {:?}: {}{}", one.id, one.severity, prose(&one.message), at(one.r#where.as_ref())))
        .collect();
    page.list("Findings, worst first:", &findings, Room { lines: 10, characters: 2_400 });
    Ok(page.asking(
        &given,
        "Tell me where this stack stands: the three numbers together, what they do not say, and what weighs most. What is \
         unknown stays unknown, and no control is met because something shows a part of it. \
         `pci_compliance_requirement` says more of one requirement, `pci_compliance_gaps` what to do first, \
         `render_diagram` draws what may talk to what.",
    ))
}

fn rows(snapshot: &Snapshot) -> Vec<Vec<String>> {
    let assessment = snapshot.assessment();
    let row = |requirement: &pci_assess::controls::Requirement| {
        let numbers = assessment.numbers_of(|control| control.id.requirement() == requirement.number);
        let disproved = numbers.by_status.get(&Status::Gap).copied().unwrap_or(0);
        vec![
            format!("{} {}", requirement.number, prose(&requirement.title)),
            format!("{} of {}", numbers.technical_points, numbers.technical_total),
            disproved.to_string(),
            numbers.unknown.to_string(),
            numbers.manual.to_string(),
            format!("{} of {}", numbers.completion_done, numbers.completion_total),
        ]
    };
    assessment.controls.requirements.iter().map(row).collect()
}

/// What the policies allow, and where account data is.
pub(super) fn network(snapshot: &Snapshot) -> String {
    if snapshot.level() == Level::None {
        return "Network: no policies at this level, so that everything may talk to everything.".to_owned();
    }
    let proof = &snapshot.evidence().proof;
    let verdict = if proof.holds {
        "allow exactly what the stack declares".to_owned()
    } else {
        format!(
            "do NOT allow what the stack declares ({} missing, {} in excess)",
            proof.missing.len(),
            proof.excess.len()
        )
    };
    let scope = snapshot.scope();
    let count = |zone: Zone| scope.namespaces.keys().filter(|namespace| scope.zone(namespace) == Some(zone)).count();
    let zones = if scope.is_stated {
        let zones: Vec<String> = Zone::ALL.iter().map(|zone| format!("{} {}", count(*zone), zone.title())).collect();
        format!("Namespaces by scope: {}.", zones.join(", "))
    } else {
        "The profile does not say where account data is, so that every namespace counts as the CDE.".to_owned()
    };
    format!("Network: {} policies, as they are generated, {verdict}. {zones}", snapshot.rules().rules.len())
}

/// What the stack shows not to hold, each with the controls that it decides; the earliest milestone first.
fn disproved(snapshot: &Snapshot) -> Vec<(String, String)> {
    let is_disproved = |(_, result): &(&Control, &ControlResult)| {
        result.technical == Technical::Gap && (result.is_gap() || result.is_contradicted())
    };
    let mut disproved: Vec<_> = snapshot.assessment().iter().filter(is_disproved).collect();
    disproved.sort_by_key(|(control, _)| (control.milestone, &control.id));
    let mut causes: Vec<(String, Vec<(&Control, &ControlResult)>)> = Vec::new();
    for (control, result) in disproved {
        let why = result.missing.iter().find(|missing| missing.decides).or(result.missing.first());
        let why = why.map(|why| format!("{}{}", prose(&cut(&why.said(), 220)), at(why.place.as_ref())));
        let why = why.unwrap_or_default();
        match causes.iter_mut().find(|(known, _)| *known == why) {
            Some((_, controls)) => controls.push((control, result)),
            None => causes.push((why, vec![(control, result)])),
        }
    }
    let control = |(control, result): &(&Control, &ControlResult)| {
        let contradicted = if result.is_contradicted() { ", contrary to what is stated" } else { "" };
        format!("**{}** {} (milestone {}{contradicted})", control.id, prose(&control.title), control.milestone)
    };
    let line = |(why, controls): (String, Vec<(&Control, &ControlResult)>)| {
        let ids: Vec<String> = controls.iter().map(|(control, _)| control.id.to_string()).collect();
        let told: Vec<String> = controls.iter().map(control).collect();
        (ids.join(", "), format!("{why}: {}", told.join("; ")))
    };
    causes.into_iter().map(line).collect()
}
