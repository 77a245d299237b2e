//! `review_exceptions`: what is open beyond the links, why, who stands behind it; and what networks outside may reach.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::clean;
use pci_assess::{Case, Service, services};
use pci_engine::{Snapshot, fleet::Fleet};
use pci_policy::{
    Reach, Rule, RulePorts,
    declared::{End, Outside},
    proof::EndName,
};
use pci_render::prose;
use pci_stack::{
    Date, Level, Watch,
    catalog::{Exception, Origin},
};

use super::{
    Prompt,
    arguments::Given,
    page::{Page, Room, at, cut, named, unstopped},
    prompt::STACK,
};
use crate::tools::AskError;

pub(super) const PROMPT: Prompt = Prompt {
    name: "review_exceptions",
    title: "Which exceptions are in force, and do we still need them?",
    description: "Each exception that opens anything: whose it is, its reason, who approved it, when it is due, what it \
        opens, how many policies come of it, whether they match traffic; and all ways from and to networks outside.",
    arguments: &[STACK],
    text,
};

fn text(fleet: &Fleet, arguments: &BTreeMap<String, String>, watch: &Watch) -> Result<String, AskError> {
    let given = Given::of(&PROMPT, fleet, arguments, watch)?;
    let snapshot = &*given.snapshot;
    let mut page = Page::about(&given, "Exceptions in force");
    if snapshot.level() == Level::None {
        page.paragraph("No policies at this level: no exception opens anything, since nothing is closed.");
    }
    let basis = snapshot.basis();
    let case = Case::of(snapshot.grounds(&basis));
    let all = services(&case);
    let (own, shipped): (Vec<&Service>, Vec<&Service>) =
        all.iter().filter(|one| one.link.is_none()).partition(|one| !one.is_shipped);
    let line = |one: &&Service| (format!("`{}`", one.id), exception(snapshot, one));
    let heading = format!("{} of the entity's own file:", own.len());
    let own: Vec<_> = own.iter().map(line).collect();
    page.named_list(&heading, &own, Room { lines: 12, characters: 3_000 });
    let heading = format!(
        "{} that come with the program; their reasons are its own text, for the entity to make its own:",
        shipped.len()
    );
    let shipped: Vec<_> = shipped.iter().map(line).collect();
    page.named_list(&heading, &shipped, Room { lines: 16, characters: 3_400 });
    page.named_list(
        "Of the entity's own file, and opening nothing here:",
        &unused(snapshot, &all),
        Room { lines: 6, characters: 700 },
    );
    page.list(
        "From and to networks outside, by what is declared:",
        &exposure(snapshot),
        Room { lines: 12, characters: 1_500 },
    );
    Ok(page.asking(
        &given,
        "Go through these with me: which still have a business need that somebody states, an approver and a day of review \
         ahead, which are wider than their need, which match no traffic. Needs and approvals are for people to say, never \
         to be invented. `explain_flow` says what lets a connection through, `what_if` with `set_exception` what a change \
         of one would do.",
    ))
}

/// An exception: what people say of it, what it opens, what comes of it.
fn exception(snapshot: &Snapshot, one: &Service) -> String {
    let entries = snapshot.catalog().exceptions.entries.iter();
    let entry = entries.clone().find(|entry| *entry.id == *one.id);
    let reason =
        one.reason.map_or_else(|| "**no need stated**".to_owned(), |reason| prose(&cut(unstopped(reason), 110)));
    let approval = entry.filter(|_| !one.is_shipped).map(|entry| approval(snapshot, one, entry)).unwrap_or_default();
    let rules: Vec<&Rule> = snapshot.rules().rules.iter().filter(|rule| rule.is_asked_for_by(one.id)).collect();
    format!("`{}`{}: {reason}{approval}. Opens {}. {}", one.id, at(Some(one.place)), opens(one), comes_to(&rules))
}

fn approval(snapshot: &Snapshot, one: &Service, entry: &Exception) -> String {
    let approved = match one.approved_by {
        Some(who) => format!("approved by {}", quoted(who, 60)),
        None => "**approved by nobody**".to_owned(),
    };
    let written = entry.approval.review_by.as_deref();
    let due = match (written, written.and_then(|text| text.parse::<Date>().ok()), snapshot.day()) {
        (None, ..) => "no day of review".to_owned(),
        (Some(_), Some(due), Some(day)) if due < day => format!("**review was due {due}**"),
        (Some(_), Some(due), _) => format!("review by {due}"),
        (Some(text), None, _) => format!("review by {}, which is no day", quoted(text, 40)),
    };
    let ticket = entry.approval.ticket.as_deref().map(|ticket| format!(", `{}`", cut(ticket, 40))).unwrap_or_default();
    format!(" ({approved}{ticket}, {due})")
}

/// What people wrote, as code.
fn quoted(text: &str, most: usize) -> String {
    format!("`{}`", clean(&cut(text, most)))
}

/// The flows that an exception declares, those on the same ports together.
fn opens(one: &Service) -> String {
    /// How many sorts are told.
    const SORTS: usize = 2;
    let mut by_ports: BTreeMap<String, (BTreeSet<EndName>, BTreeSet<EndName>)> = BTreeMap::new();
    for flow in &one.flows {
        let (from, to) = by_ports.entry(ports(&flow.ports)).or_default();
        from.insert(EndName::of_declared(&flow.from));
        to.insert(EndName::of_declared(&flow.to));
    }
    if by_ports.is_empty() {
        return "no flow that both sides allow".to_owned();
    }
    let sorts = by_ports.len();
    let shown = by_ports.into_iter().take(SORTS);
    let shown = shown.map(|(ports, (from, to))| format!("{} -> {} on {ports}", ends(&from), ends(&to)));
    let shown = shown.collect::<Vec<_>>().join("; ");
    if sorts > SORTS { format!("{shown}; and on {} other sets of ports", sorts - SORTS) } else { shown }
}

fn ports(ports: &RulePorts) -> String {
    let mut texts = ports.texts();
    let more = texts.len().saturating_sub(6);
    texts.truncate(6);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    texts.join(", ") + &more
}

fn ends(ends: &BTreeSet<EndName>) -> String {
    /// How many are named.
    const SHOWN: usize = 3;
    let names: Vec<String> = ends.iter().map(ToString::to_string).collect();
    let are_namespaces = ends.iter().all(|end| matches!(end, EndName::Namespace(_)));
    match names.len() {
        0..=SHOWN => named(&names, SHOWN),
        many if are_namespaces => format!("{many} namespaces"),
        _ => named(&names, SHOWN),
    }
}

/// How many policies come of it, the first of them, and whether they match traffic.
fn comes_to(rules: &[&Rule]) -> String {
    let Some(first) = rules.first() else { return "No policy".to_owned() };
    let of = |reach| rules.iter().filter(|rule| rule.reach() == reach).count();
    let count = if rules.len() == 1 { "1 policy".to_owned() } else { format!("{} policies", rules.len()) };
    let reach = match (of(Reach::DeadLetter), of(Reach::Depends)) {
        (0, 0) => String::new(),
        (0, some) => format!("; dead letters on some clusters: {some}"),
        (dead, 0) => format!("; dead letters: {dead}"),
        (dead, some) => format!("; dead letters: {dead}, on some clusters {some} more"),
    };
    format!("{count}, `{}/{}` first{reach}", first.namespace, first.name.object)
}

/// Exceptions of the entity's own file that open nothing in this stack.
fn unused(snapshot: &Snapshot, used: &[Service]) -> Vec<(String, String)> {
    let used: BTreeSet<&str> = used.iter().map(|one| one.id).collect();
    let entries = snapshot.catalog().exceptions.entries.iter();
    let idle = entries.filter(|entry| entry.origin == Origin::User && !used.contains(&*entry.id));
    let lines: BTreeMap<String, String> =
        idle.map(|entry| (format!("`{}`", entry.id), format!("`{}`{}", entry.id, at(Some(&entry.place))))).collect();
    lines.into_iter().collect()
}

/// Declared flows from or to networks that are not the cluster's, by what declares them; ways in first.
fn exposure(snapshot: &Snapshot) -> Vec<String> {
    let is_outside =
        |end: &End| matches!(end, End::Addresses(Outside::Internet | Outside::LoadBalancer | Outside::Addresses, _));
    let mut ways: BTreeMap<(bool, EndName, BTreeSet<&str>, String), BTreeSet<EndName>> = BTreeMap::new();
    for flow in snapshot.flows() {
        let (leaves, outside, own) = match (is_outside(&flow.from), is_outside(&flow.to)) {
            (true, _) => (false, &flow.from, &flow.to),
            (_, true) => (true, &flow.to, &flow.from),
            _ => continue,
        };
        let sources = flow.sources.iter().map(AsRef::as_ref).collect();
        let way = (leaves, EndName::of_declared(outside), sources, ports(&flow.ports));
        ways.entry(way).or_default().insert(EndName::of_declared(own));
    }
    let line = |((leaves, outside, sources, ports), own): ((bool, EndName, BTreeSet<&str>, String), _)| {
        let sources: Vec<String> = sources.into_iter().map(str::to_owned).collect();
        let own = ends(&own);
        let way = if leaves { format!("out: {own} -> `{outside}`") } else { format!("in: `{outside}` -> {own}") };
        prose(&format!("{way} on {ports}, by {}", named(&sources, 4)))
    };
    ways.into_iter().map(line).collect()
}
