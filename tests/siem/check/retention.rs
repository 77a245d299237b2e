//! Retention policies: a policy by age fits indices whose names bear a day. One that is written to for ever under one
//! name is as old as its first document, and a policy by age would delete all of it at once.

use pci_render::siem::{Files, documents};
use serde_json::Value;

use super::Fault;

/// What is wrong with retention policies.
pub(super) fn faults(files: &Files) -> Vec<Fault> {
    let mut faults = Vec::new();
    let rolled = aliases(files);
    for (file, policy) in named(files, "ism-policy") {
        let mut fault = |what: String| faults.push(Fault { file: file.to_owned(), what });
        let rolls_over = has_action(&policy, "rollover");
        for pattern in patterns(&policy) {
            let undated = rolled.iter().map(String::as_str).chain([documents::INDEX]);
            for index in undated.filter(|index| matches(&pattern, index)) {
                fault(format!("`{pattern}` matches `{index}`, an index without a date, all of which would go at once"));
            }
            let first = |alias: &String| matches(&pattern, &format!("{alias}-000001"));
            if !rolls_over && let Some(alias) = rolled.iter().find(|alias| first(alias)) {
                fault(format!(
                    "`{pattern}` matches what stands behind `{alias}`, and nothing in the policy rolls it over"
                ));
            }
            if rolls_over && !rolled.iter().any(first) {
                fault(format!("it rolls over what `{pattern}` matches, and no index template says by which alias"));
            }
        }
    }
    faults
}

/// The files of `siem/` whose names begin with `start`, parsed.
fn named<'f>(files: &'f Files, start: &str) -> Vec<(&'f str, Value)> {
    let is_named = |file: &str| file.rsplit('/').next().is_some_and(|name| name.starts_with(start));
    let parsed = files.iter().filter(|(file, _)| is_named(file));
    parsed.map(|(file, bytes)| (file.as_str(), serde_json::from_slice(bytes).unwrap_or_default())).collect()
}

/// The aliases by which index templates let indices roll over.
fn aliases(files: &Files) -> Vec<String> {
    let alias = |template: Value| {
        let settings = &template["template"]["settings"]["index"]["plugins"]["index_state_management"];
        settings["rollover_alias"].as_str().map(str::to_owned)
    };
    named(files, "index-template-").into_iter().filter_map(|(_, template)| alias(template)).collect()
}

fn patterns(policy: &Value) -> Vec<String> {
    let templates = policy["policy"]["ism_template"].as_array().into_iter().flatten();
    let patterns = templates.flat_map(|template| template["index_patterns"].as_array().into_iter().flatten());
    patterns.filter_map(|pattern| pattern.as_str().map(str::to_owned)).collect()
}

fn has_action(policy: &Value, action: &str) -> bool {
    let states = policy["policy"]["states"].as_array().into_iter().flatten();
    states.flat_map(|state| state["actions"].as_array().into_iter().flatten()).any(|one| one.get(action).is_some())
}

/// Whether `name` matches `pattern`, in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    match pattern.split_once('*') {
        None => pattern == name,
        Some((start, rest)) => {
            let Some(left) = name.strip_prefix(start) else { return false };
            (0..=left.len()).any(|skipped| left.get(skipped..).is_some_and(|left| matches(rest, left)))
        }
    }
}
