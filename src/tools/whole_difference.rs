//! The whole difference of two snapshots, as answers give it: numbers, controls, policies, flows, exposure, scope.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::Serialize;

use super::{Detail, cut, subject::gone};
use crate::{
    assess::Percent,
    change::{self, Connection, ControlChange, ControlsDifference, Difference},
    engine::Snapshot,
    render::prose,
};

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
}

impl WholeDifference {
    /// What `after` has otherwise than `before`, cut to what `detail` takes.
    pub(super) fn of(before: &Snapshot, after: &Snapshot, detail: Detail) -> Self {
        let mut controls = change::controls(before.assessment(), after.assessment(), &gone(before, after));
        let mut policies = change::difference(before, after);
        let controls_gained_total = cut(&mut controls.controls_gained, detail);
        let controls_lost_total = cut(&mut controls.controls_lost, detail);
        let policies_added_total = cut(&mut policies.policies_added, detail);
        let policies_removed_total = cut(&mut policies.policies_removed, detail);
        let flows_added_total = cut(&mut policies.flows_added, detail);
        let flows_removed_total = cut(&mut policies.flows_removed, detail);
        for list in [&mut policies.exposure_added, &mut policies.exposure_removed] {
            cut(list, detail);
        }
        for list in [&mut policies.scope_added, &mut policies.scope_removed] {
            cut(list, detail);
        }
        Self {
            controls,
            controls_gained_total,
            controls_lost_total,
            policies,
            policies_added_total,
            policies_removed_total,
            flows_added_total,
            flows_removed_total,
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
        connections(&mut text, "New ways", &policies.flows_added);
        connections(&mut text, "Ways that close", &policies.flows_removed);
        if !policies.exposure_added.is_empty() {
            connections(&mut text, "Of these from or to networks outside", &policies.exposure_added);
        }
        let moved = policies.scope_added.iter().chain(&policies.scope_removed);
        let moved: Vec<String> = moved.map(|line| prose(line)).collect();
        if !moved.is_empty() {
            let _ = writeln!(text, "\nScope: {}", moved.join("; "));
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
    if total > NAMED {
        let _ = writeln!(text, "- and {} more", total - NAMED);
    }
}

fn connections(text: &mut String, what: &str, list: &[Connection]) {
    if list.is_empty() {
        return;
    }
    let shown: Vec<String> =
        list.iter().take(NAMED).map(|one| format!("{} -> {} on {}", one.from, one.to, one.ports.join(", "))).collect();
    let more = if list.len() > NAMED { format!("; and {} more", list.len() - NAMED) } else { String::new() };
    let _ = writeln!(text, "{what}: {}{more}", prose(&shown.join("; ")));
}
