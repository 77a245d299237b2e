//! The whole difference of two snapshots, as answers give it: numbers, controls, policies, flows, exposure, scope.

use std::{
    collections::{BTreeSet, HashSet},
    fmt::Write as _,
};

use netpol_reach::named;
use pci_assess::Percent;
use pci_engine::{
    Snapshot,
    change::{self, Connection, ControlChange, ControlsDifference, Difference},
};
use pci_render::prose;
use schemars::JsonSchema;
use serde::Serialize;

use super::page::{Entry, cut};

/// The whole difference of two snapshots.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct WholeDifference {
    #[serde(flatten)]
    pub(super) controls: ControlsDifference,
    /// How many controls rise, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    controls_gained_total: Option<usize>,
    /// How many controls fall, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    controls_lost_total: Option<usize>,
    #[serde(flatten)]
    pub(super) policies: Difference,
    /// How many policies come, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    policies_added_total: Option<usize>,
    /// How many policies go, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    policies_removed_total: Option<usize>,
    /// How many flows come, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    flows_added_total: Option<usize>,
    /// How many flows go, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    flows_removed_total: Option<usize>,
    /// How many of those from or to networks outside come, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure_added_total: Option<usize>,
    /// How many of them go, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    exposure_removed_total: Option<usize>,
    /// How many namespaces come nearer to account data, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_added_total: Option<usize>,
    /// How many get farther from it, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    scope_removed_total: Option<usize>,
    /// Whether the flows are paged, so that a text names all that are listed.
    #[serde(skip)]
    is_paged: bool,
}

/// A flow that comes or goes.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(super) enum FlowChange {
    /// It comes.
    Added(Connection),
    /// It goes.
    Removed(Connection),
}

impl Entry for FlowChange {}

impl WholeDifference {
    /// What `after` has otherwise than `before`.
    pub(super) fn of(before: &Snapshot, after: &Snapshot) -> Self {
        Self {
            controls: change::controls(before.assessment(), after.assessment(), &gone(before, after)),
            controls_gained_total: None,
            controls_lost_total: None,
            policies: change::difference(before, after),
            policies_added_total: None,
            policies_removed_total: None,
            flows_added_total: None,
            flows_removed_total: None,
            exposure_added_total: None,
            exposure_removed_total: None,
            scope_added_total: None,
            scope_removed_total: None,
            is_paged: false,
        }
    }

    /// Cuts every list to `most`, but not the flows where these are paged.
    pub(super) fn cut(&mut self, most: usize) {
        cut(&mut self.controls.controls_gained, &mut self.controls_gained_total, most);
        cut(&mut self.controls.controls_lost, &mut self.controls_lost_total, most);
        let policies = &mut self.policies;
        cut(&mut policies.policies_added, &mut self.policies_added_total, most);
        cut(&mut policies.policies_removed, &mut self.policies_removed_total, most);
        cut(&mut policies.exposure_added, &mut self.exposure_added_total, most);
        cut(&mut policies.exposure_removed, &mut self.exposure_removed_total, most);
        cut(&mut policies.scope_added, &mut self.scope_added_total, most);
        cut(&mut policies.scope_removed, &mut self.scope_removed_total, most);
        if !self.is_paged {
            cut(&mut policies.flows_added, &mut self.flows_added_total, most);
            cut(&mut policies.flows_removed, &mut self.flows_removed_total, most);
        }
    }

    /// Takes the flows out, those that come first.
    pub(super) fn take_flows(&mut self) -> Vec<FlowChange> {
        self.is_paged = true;
        let (added, removed) = (&mut self.policies.flows_added, &mut self.policies.flows_removed);
        self.flows_added_total = Some(added.len());
        self.flows_removed_total = Some(removed.len());
        let removed = std::mem::take(removed).into_iter().map(FlowChange::Removed);
        std::mem::take(added).into_iter().map(FlowChange::Added).chain(removed).collect()
    }

    /// Puts some of them in.
    pub(super) fn put_flows(&mut self, flows: Vec<FlowChange>) {
        let (added, removed) = (&mut self.policies.flows_added, &mut self.policies.flows_removed);
        added.clear();
        removed.clear();
        for flow in flows {
            match flow {
                FlowChange::Added(connection) => added.push(connection),
                FlowChange::Removed(connection) => removed.push(connection),
            }
        }
    }

    /// The difference in words.
    pub(super) fn text(&self) -> String {
        let mut text = numbers(&self.controls);
        let total = |total: Option<usize>, listed: usize| total.unwrap_or(listed);
        let (gained, lost) = (&self.controls.controls_gained, &self.controls.controls_lost);
        control_list(&mut text, "Controls that rise", gained, total(self.controls_gained_total, gained.len()));
        control_list(&mut text, "Controls that fall", lost, total(self.controls_lost_total, lost.len()));
        let policies = &self.policies;
        let _ = writeln!(
            text,
            "\nPolicies: {} more, {} fewer. Flows: {} more, {} fewer.",
            total(self.policies_added_total, policies.policies_added.len()),
            total(self.policies_removed_total, policies.policies_removed.len()),
            total(self.flows_added_total, policies.flows_added.len()),
            total(self.flows_removed_total, policies.flows_removed.len()),
        );
        text += &self.flows_text();
        let exposed = &policies.exposure_added;
        connections(
            &mut text,
            "Of these from or to networks outside",
            exposed,
            total(self.exposure_added_total, exposed.len()),
            NAMED,
        );
        let moved = policies.scope_added.iter().chain(&policies.scope_removed);
        let moved: Vec<String> = moved.map(|line| prose(line)).collect();
        let all = total(self.scope_added_total, policies.scope_added.len())
            + total(self.scope_removed_total, policies.scope_removed.len());
        if all > 0 {
            let _ = writeln!(text, "\nScope: {}{}", moved.join("; "), more(all, moved.len()));
        }
        text
    }

    /// The flows in words: the first, or where they are paged those of the page.
    pub(super) fn flows_text(&self) -> String {
        let mut text = String::new();
        for (what, list, total) in [
            ("New ways", &self.policies.flows_added, self.flows_added_total),
            ("Ways that close", &self.policies.flows_removed, self.flows_removed_total),
        ] {
            if self.is_paged {
                connections(&mut text, what, list, list.len(), usize::MAX);
            } else {
                connections(&mut text, what, list, total.unwrap_or(list.len()), NAMED);
            }
        }
        text
    }
}

/// What the changes of a question make of the stack, in words; nothing if it brings none.
pub(super) fn text(difference: Option<&WholeDifference>) -> String {
    difference.map(|difference| format!("\nAgainst the stack as it is:\n\n{}", difference.text())).unwrap_or_default()
}

/// How many entries of a list the text names.
const NAMED: usize = 8;

fn numbers(difference: &ControlsDifference) -> String {
    let percent =
        |percent: Option<Percent>| percent.map_or_else(|| "nothing applicable".to_owned(), |one| format!("{one} %"));
    let (before, after) = (&difference.before, &difference.after);
    format!(
        "| | before | after |\n|---|---|---|\n| technical evidence | {} ({}/{}) | {} ({}/{}) |\n| completion | {} ({}/{}) | {} ({}/{}) |\n| not known | {} | {} |\n",
        percent(before.technical_evidence_percent),
        before.technical_points,
        before.technical_total,
        percent(after.technical_evidence_percent),
        after.technical_points,
        after.technical_total,
        percent(before.completion_percent),
        before.completion_done,
        before.completion_total,
        percent(after.completion_percent),
        after.completion_done,
        after.completion_total,
        before.unknown,
        after.unknown,
    )
}

fn control_list(text: &mut String, what: &str, list: &[ControlChange], total: usize) {
    if total == 0 {
        return;
    }
    let _ = writeln!(text, "\n{what}: {total}");
    for change in list.iter().take(NAMED) {
        let _ = writeln!(
            text,
            "- {}: {} → {}, {}",
            change.id,
            change.from.as_str(),
            change.to.as_str(),
            prose(&change.because)
        );
    }
    let shown = list.len().min(NAMED);
    if total > shown {
        let _ = writeln!(text, "- and {} more", total - shown);
    }
}

/// The first of `list`, at most `most`, and how many more of `total` there are.
fn connections(text: &mut String, what: &str, list: &[Connection], total: usize, most: usize) {
    /// How many ports of a connection are named.
    const PORTS: usize = 6;
    if total == 0 || most == 0 {
        return;
    }
    let one = |one: &Connection| format!("{} -> {} on {}", one.from, one.to, named(&one.ports, PORTS, ", "));
    let shown: Vec<String> = list.iter().take(most).map(one).collect();
    let _ = writeln!(text, "{what}: {}{}", prose(&shown.join("; ")), more(total, shown.len()));
}

/// How many there are of `total` besides those that are `shown`.
fn more(total: usize, shown: usize) -> String {
    match total.saturating_sub(shown) {
        0 => String::new(),
        all if shown == 0 => all.to_string(),
        more => format!("; and {more} more"),
    }
}

/// The components and links of `before` that `after` lacks, components first.
fn gone(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let left: HashSet<_> = after.stack.components.iter().map(|component| &component.name).collect();
    let components = before.stack.components.iter().map(|component| &component.name);
    let components: BTreeSet<String> =
        components.filter(|name| !left.contains(name)).map(ToString::to_string).collect();
    let left: HashSet<_> = after.stack.links.iter().map(|link| &link.id).collect();
    let links = before.stack.links.iter().map(|link| &link.id);
    let links: BTreeSet<String> = links.filter(|id| !left.contains(id)).map(ToString::to_string).collect();
    components.into_iter().chain(links).collect()
}
