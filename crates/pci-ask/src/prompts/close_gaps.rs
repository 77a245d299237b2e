//! `close_gaps`: what is missing, most urgent first, with the changes that close it.

use std::{collections::BTreeMap, fmt::Write as _};

use pci_assess::{Cost, Gap, GapKind};
use pci_engine::{Snapshot, change, fleet::Fleet};
use pci_render::prose;
use pci_stack::{Change, Watch};
use serde_json::json;

use super::{
    Prompt,
    arguments::Given,
    page::{Page, Room, at, cut, unstopped},
    prompt::STACK,
};
use crate::tools::{AskError, numbers_text};

pub(super) const PROMPT: Prompt = Prompt {
    name: "close_gaps",
    title: "What should be done first?",
    description: "The most urgent gaps, each with why it is open, the changes that close it, what these close besides \
        and what they cost.",
    arguments: &[STACK],
    text,
};

/// How many gaps are told in full.
const IN_FULL: usize = 10;
/// How many changes of a gap are named.
const CHANGES: usize = 3;
/// Characters of the changes that are shown as `what_if` takes them.
const LONGEST_EXAMPLE: usize = 1_400;

fn text(fleet: &Fleet, arguments: &BTreeMap<String, String>, watch: &Watch) -> Result<String, AskError> {
    let given = Given::of(&PROMPT, fleet, arguments, watch)?;
    let snapshot = &*given.snapshot;
    let gaps = change::gaps(snapshot, watch)?;
    let mut page = Page::about(&given, "What is missing");
    page.paragraph(&numbers_text(&snapshot.assessment().numbers));
    page.paragraph(&counts(gaps));
    let lines: Vec<(String, String)> = gaps.iter().filter_map(|gap| line(snapshot, gap)).collect();
    let technical = gaps.iter().filter(|gap| gap.kind == GapKind::Technical).count();
    let (technical, people) = lines.split_at(technical.min(lines.len()));
    page.named_list(
        "Most urgent first: milestone, then what is contradicted, disproved, partial, unknown.",
        technical,
        Room { lines: IN_FULL, characters: 4_800 },
    );
    page.named_list("For people to state, the first of them:", people, Room { lines: 3, characters: 900 });
    if let Some((control, changes)) = first_that_fits(snapshot, gaps) {
        page.paragraph(&format!("What closes {control}, as `what_if` takes it:"));
        page.fence("json", &changes);
    }
    Ok(page.asking(
        &given,
        "Propose an order of work from this: what closes most for least, what costs exposure or scope, what only people \
         can settle. A value in brackets is for people to say, never to be invented; a fact is true only once somebody \
         has made it so. `what_if` tries changes before anybody makes them, `pci_compliance_gaps` lists the rest.",
    ))
}

fn counts(gaps: &[Gap]) -> String {
    let technical: Vec<&Gap> = gaps.iter().filter(|gap| gap.kind == GapKind::Technical).collect();
    let closing = technical.iter().filter(|gap| !gap.closes.is_empty()).count();
    format!(
        "{} gaps: {} of what a stack can show, {closing} of them with changes that were tried and close something; {} that \
         only people can close.",
        gaps.len(),
        technical.len(),
        gaps.len() - technical.len()
    )
}

fn line(snapshot: &Snapshot, gap: &Gap) -> Option<(String, String)> {
    let (control, result) = snapshot.assessment().iter().nth(gap.index)?;
    let status = result.status().as_str();
    let mut text = format!("**{}** {} ({status}, milestone {})", control.id, prose(&control.title), control.milestone);
    let why = result.missing.iter().find(|missing| missing.decides).or(result.missing.first());
    if let Some(why) = why {
        let _ = write!(text, ". Why: {}{}", prose(&cut(unstopped(&why.said()), 150)), at(why.place.as_ref()));
    }
    let named: Vec<String> =
        gap.changes.iter().take(CHANGES).map(|change| prose(&cut(&change.to_string(), 90))).collect();
    if named.is_empty() {
        let advice = gap.advice.first().or(control.asks.as_ref());
        let is_said = |advice: &&String| why.is_none_or(|why| *why.what != ***advice);
        let advice = advice.filter(is_said).map(|advice| format!(". To do: {}", prose(&cut(unstopped(advice), 200))));
        text += &advice.unwrap_or_default();
    } else {
        let more = gap.changes.len() - named.len();
        let more = if more > 0 { format!("; and {more} more") } else { String::new() };
        let _ = write!(text, "{}{}. Changes: {}{more}", closes(gap), cost(gap.cost), named.join("; "));
    }
    Some((control.id.to_string(), text))
}

fn closes(gap: &Gap) -> String {
    let closes: Vec<String> = gap.closes.iter().map(ToString::to_string).collect();
    match closes.as_slice() {
        [] => ". The changes close nothing by themselves".to_owned(),
        closes => format!(". The changes close {}", closes.join(", ")),
    }
}

fn cost(cost: Cost) -> String {
    let costs = [
        (cost.policies, "policy", "policies"),
        (cost.exposure, "flow from or to outside", "flows from or to outside"),
        (cost.scope, "namespace in scope", "namespaces in scope"),
    ];
    let costs = costs.into_iter().filter(|(more, ..)| *more > 0);
    let costs: Vec<String> =
        costs.map(|(more, one, several)| format!("{more} more {}", if more == 1 { one } else { several })).collect();
    if costs.is_empty() { String::new() } else { format!(" and cost {}", costs.join(", ")) }
}

/// The changes of the most urgent gap that they close, if they are few enough to be shown whole.
fn first_that_fits(snapshot: &Snapshot, gaps: &[Gap]) -> Option<(String, String)> {
    gaps.iter().filter(|gap| gap.kind == GapKind::Technical).find_map(|gap| {
        let (control, _) = snapshot.assessment().iter().nth(gap.index)?;
        let text = document(&gap.changes);
        let is_whole = gap.closes.contains(&control.id) && text.chars().count() <= LONGEST_EXAMPLE;
        is_whole.then(|| (control.id.to_string(), text))
    })
}

/// `changes` as the argument of `what_if`.
pub(super) fn document(changes: &[Change]) -> String {
    json!({ "changes": changes }).to_string()
}
