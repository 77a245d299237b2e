//! Retention (PCI DSS v4 10.5.1): twelve months kept, the last three at hand. Read-only and still searchable after 90
//! days, gone after a year and a day.

use pci_assess::events::{Siem, Source};
use serde_json::{Value, json};

/// The policy of daily indices.
pub(super) const DAILY: &str = "ism-policy.json";
/// The policy of indices that roll over.
pub(super) const ROLLOVER: &str = "ism-policy-opa.json";

/// The retention policies of the sources in `siem`, by file name, as far as any of those that are `made` needs them.
///
/// The two are apart because age means two things: a daily index is as old as its events, and one that is written to for
/// ever would be deleted with a year of them at once.
pub(super) fn policies(siem: &Siem, made: &[&Source]) -> Vec<(String, Value)> {
    let daily: Vec<String> =
        siem.sources.iter().filter_map(|source| Some(format!("{}-*", source.index.daily.as_ref()?))).collect();
    let rolled: Vec<&str> = siem.sources.iter().filter_map(|source| source.index.rollover.as_deref()).collect();
    let daily = policy("pci-dss-retention", &daily, &[], ["7d", "90d", "367d"], "min_index_age");
    let rollover = json!([{"rollover": {"min_index_age": "1d", "min_size": "30gb"}}]);
    let patterns: Vec<String> = rolled.iter().map(|alias| format!("{alias}-0*")).collect();
    let rollover = rollover.as_array().cloned().unwrap_or_default();
    let rolled = policy("pci-dss-retention-rollover", &patterns, &rollover, ["7d", "90d", "366d"], "min_rollover_age");
    let is_asked =
        [made.iter().any(|one| one.index.daily.is_some()), made.iter().any(|one| one.index.rollover.is_some())];
    let both = [(DAILY.to_owned(), daily), (ROLLOVER.to_owned(), rolled)];
    both.into_iter().zip(is_asked).filter(|(_, is_asked)| *is_asked).map(|(policy, _)| policy).collect()
}

fn policy(id: &str, patterns: &[String], hot: &[Value], [warm, cold, gone]: [&str; 3], age: &str) -> Value {
    let to = |state: &str, after: &str| json!([{"state_name": state, "conditions": {(age): after}}]);
    json!({"policy": {
        "policy_id": id,
        "description": "PCI DSS v4 10.5.1: twelve months kept, three at hand",
        "default_state": "hot",
        "states": [
            {"name": "hot", "actions": hot, "transitions": to("warm", warm)},
            {"name": "warm", "actions": [{"index_priority": {"priority": 50}}], "transitions": to("cold", cold)},
            {"name": "cold", "actions": [{"read_only": {}}, {"index_priority": {"priority": 0}}], "transitions": to("delete", gone)},
            {"name": "delete", "actions": [{"delete": {}}], "transitions": []},
        ],
        "ism_template": [{"index_patterns": patterns, "priority": 200}],
    }})
}

/// The first index of a source that rolls over: its file's name, and what makes it.
pub(super) fn first_index(source: &Source) -> Option<(String, Value)> {
    let alias = source.index.rollover.as_ref()?;
    Some((format!("index-{alias}-000001.json"), json!({"aliases": {(alias): {"is_write_index": true}}})))
}
