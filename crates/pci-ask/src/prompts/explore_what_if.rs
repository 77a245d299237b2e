//! `explore_what_if`: what a goal can be tried with: what the stack has, what it lacks, and how changes are written.

use std::collections::BTreeMap;

use netpol_reach::clean;
use pci_engine::{Snapshot, change, fleet::Fleet};
use pci_render::{markdown, prose};
use pci_stack::{Change, ComponentId, Level, Op, TypeName, Watch};

use super::{
    Argument, Prompt,
    arguments::Given,
    assess_stack::network,
    close_gaps::document,
    page::{Page, Room, cut, named},
    prompt::STACK,
    wanted::{self, Controls},
};
use crate::tools::{AskError, numbers_text};

pub(super) const PROMPT: Prompt = Prompt {
    name: "explore_what_if",
    title: "What would it take?",
    description: "A goal in your words, beside what the stack has and lacks, and the changes that can be tried, with one \
        made of this stack.",
    arguments: &[
        Argument { name: "goal", description: "What you would like to reach or try, in your words", required: true },
        STACK,
    ],
    text,
};

/// How many components of a type are named.
const NAMED: usize = 6;

fn text(fleet: &Fleet, arguments: &BTreeMap<String, String>, watch: &Watch) -> Result<String, AskError> {
    let given = Given::of(&PROMPT, fleet, arguments, watch)?;
    let snapshot = &*given.snapshot;
    let mut page = Page::about(&given, "What would it take");
    page.paragraph(&format!("The goal, as a person put it:\n\n> {}", markdown(&goal(&given))));
    page.paragraph(&numbers_text(&snapshot.assessment().numbers));
    let heading = format!("{} components, by type:", snapshot.stack.components.len());
    page.list(&heading, &components(snapshot), Room { lines: 40, characters: 2_000 });
    page.paragraph(&format!("{} links: {}.", snapshot.stack.links.len(), links(snapshot)));
    page.paragraph(&network(snapshot));
    page.list(
        "Types that the stack has none of, by how many open controls ask for one:",
        &counted(wanted::types(snapshot).into_iter().map(|(kind, controls)| (format!("`{kind}`"), controls))),
        Room { lines: 8, characters: 700 },
    );
    page.list(
        "What else open controls lack, by how many; a fact is stated once it is so:",
        &counted(wanted::changes(snapshot).into_iter().map(|(change, controls)| (prose(&cut(&change, 120)), controls))),
        Room { lines: 12, characters: 1_100 },
    );
    let ops: Vec<String> = Op::ALL.iter().map(|op| change::taken_by(*op)).collect();
    page.list("What `what_if` takes in `changes`, one flat object each:", &ops, Room { lines: 9, characters: 1_500 });
    if let Some(changes) = example(snapshot) {
        page.paragraph("A call that this stack takes:");
        page.fence("json", &document(&changes));
    }
    Ok(page.asking(
        &given,
        "Find changes that serve the goal, try them with `what_if`, and tell me what they bring and what they cost: \
         controls that rise and fall, new ways in or out, scope. A what-if changes nothing; a fact that is stated in one \
         is true only once somebody has made it so. `pci_compliance_component_impact` says what one type would bring, \
         `describe_stack` has all names.",
    ))
}

/// The components of each type, types with most components first.
fn components(snapshot: &Snapshot) -> Vec<String> {
    let mut by_type: BTreeMap<&TypeName, Vec<String>> = BTreeMap::new();
    for component in &snapshot.stack.components {
        by_type.entry(&component.kind).or_default().push(component.name.to_string());
    }
    let mut by_type: Vec<_> = by_type.into_iter().collect();
    by_type.sort_by_key(|(_, names)| std::cmp::Reverse(names.len()));
    by_type.into_iter().map(|(kind, names)| format!("`{kind}`: {}", named(&names, NAMED))).collect()
}

/// The links; of many, how many there are between types, those of which there are most first.
fn links(snapshot: &Snapshot) -> String {
    /// Characters of a list of all links.
    const LONGEST: usize = 1_900;
    /// How many pairs of types are named otherwise.
    const PAIRS: usize = 20;
    let stack = &snapshot.stack;
    let all: Vec<String> = stack.links.iter().map(|link| format!("`{}`", link.id)).collect();
    let all = all.join(", ");
    if all.is_empty() || all.chars().count() <= LONGEST {
        return if all.is_empty() { "none".to_owned() } else { all };
    }
    let kind = |end: ComponentId| &stack.component(end).kind;
    let mut pairs: BTreeMap<(&TypeName, &TypeName), usize> = BTreeMap::new();
    for link in &stack.links {
        *pairs.entry((kind(link.source), kind(link.target))).or_default() += 1;
    }
    let mut pairs: Vec<_> = pairs.into_iter().collect();
    pairs.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let shown = pairs.iter().take(PAIRS).map(|((from, to), count)| format!("{count} `{from} -> {to}`"));
    let mut shown: Vec<String> = shown.collect();
    if pairs.len() > PAIRS {
        shown.push(format!("and others between {} more pairs of types", pairs.len() - PAIRS));
    }
    format!("by the types at their ends, {}", cut(&shown.join(", "), LONGEST))
}

/// Lines that say how many controls, and the first of these.
fn counted<'s>(wanted: impl Iterator<Item = (String, Controls<'s>)>) -> Vec<String> {
    /// How many controls are named.
    const CONTROLS: usize = 4;
    let line = |(what, controls): (String, Controls)| {
        let ids: Vec<String> = controls.iter().take(CONTROLS).map(ToString::to_string).collect();
        let more = if controls.len() > CONTROLS { ", …" } else { "" };
        format!("{what}: {} ({}{more})", controls.len(), ids.join(", "))
    };
    wanted.map(line).collect()
}

/// The goal on one line, as it may be shown.
fn goal(given: &Given) -> String {
    let words: Vec<&str> = given.argument("goal").split_whitespace().collect();
    clean(&words.join(" "))
}

/// Changes that the stack takes, found by making them: the type that most ask for, with its first link; else the first
/// component gone; else the level.
fn example(snapshot: &Snapshot) -> Option<Vec<Change>> {
    let types = &snapshot.catalog().types;
    let added = wanted::types(snapshot).into_iter().find_map(|(kind, _)| types.get(&kind)).map(|kind| {
        let block = change::block(snapshot, kind);
        let link = block.assumed.iter().find(|change| change.op == Op::AddLink).cloned();
        block.bare.into_iter().chain(link).collect::<Vec<_>>()
    });
    let first = snapshot.stack.components.iter().find(|component| component.parent.is_none());
    let gone = first.map(|component| vec![Change::remove_component(&component.name.to_string())]);
    let level = vec![Change::set_level(Level::PciDssStrict.as_str())];
    let candidates = added.into_iter().chain(gone).chain([level]);
    candidates.filter(|changes| !changes.is_empty()).find(|changes| change::apply(snapshot, changes).is_ok())
}
