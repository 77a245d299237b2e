//! Less information never helps: whoever says less, or says it doubtfully, stands no better anywhere.

use std::sync::LazyLock;

use pci_assess::controls::{ClauseSource, Condition};
use pci_engine::{Snapshot, Source, Sources};
use pci_fixtures::demo_sources;
use pci_stack::{Change, FactValue, TypeName};
use proptest::prelude::*;
use serde_json::json;

use super::{DAY, after_all, attestations, cases, day, furnished, half_points};

/// Texts that stand where nobody has said anything, and flags that are neither.
const DOUBTFUL: [&str; 4] = ["fase", "Default Value", "TODO", "{{ value }}"];

/// What says where something is or whom it binds, and is evidence of nothing.
const NO_EVIDENCE: [&str; 6] =
    ["namespace", "port", "is_external", "is_referenced", "remote_host", "opa_excluded_namespaces"];

/// The demo with all that is recommended, each need and approval stated, and each control attested.
static ALL_SAID: LazyLock<Snapshot> = LazyLock::new(|| {
    let mut all = furnished();
    let mut said = Vec::new();
    for component in all.stack.components.iter().filter(|one| one.parent.is_none()) {
        let name = component.name.to_string();
        said.push(Change::set_fact(&name, "function", "part of the shop"));
        said.push(Change::set_fact(&name, "environment", "production"));
        said.push(Change::set_fact(&name, "insecure_service_safeguard", "TLS inside"));
    }
    for link in &all.stack.links {
        let ends = [link.source, link.target].map(|end| all.stack.component(end).name.to_string());
        for (field, value) in [("reason", "it is needed"), ("approved_by", "the board"), ("review_by", "2026-12-31")] {
            said.push(Change::of_link(&ends[0], &ends[1], field, value));
        }
    }
    for id in exceptions(&all) {
        let fields =
            json!({"reason": "it is needed", "approved_by": "the board", "review_by": "2026-12-31", "ticket": "T-1"});
        said.push(Change::set_exception(id, fields.as_object().unwrap().clone()));
    }
    all = after_all(&all, &said);
    after_all(&all, &attestations(&all, |_| true))
});

/// The exceptions that open anything.
fn exceptions(snapshot: &Snapshot) -> Vec<String> {
    let sources = snapshot.rules().rules.iter().flat_map(|rule| rule.sources.iter().map(ToString::to_string));
    let mut used: Vec<String> = sources.collect();
    used.sort_unstable();
    used.dedup();
    let entries = snapshot.catalog().exceptions.entries.iter().map(|entry| entry.id.to_string());
    let mut used: Vec<String> = entries.filter(|id| used.contains(id)).collect();
    used.dedup();
    used
}

/// Whether a rule takes `value` of `name` for a disproof: without it, less speaks against the stack.
fn disproves(snapshot: &Snapshot, kind: &TypeName, name: &str, value: &str) -> bool {
    let fails = |condition: &Condition| match condition {
        Condition::Is(values) => !values.iter().any(|one| one.eq_ignore_ascii_case(value)),
        Condition::IsNot(values) => values.iter().any(|one| one.eq_ignore_ascii_case(value)),
        Condition::AtLeast(least) => value.parse::<i64>().is_ok_and(|number| number < *least),
        Condition::AtMost(most) => value.parse::<i64>().is_ok_and(|number| number > *most),
        Condition::Stated => false,
    };
    let controls = &snapshot.tables().controls;
    let mut clauses = controls.iter().flat_map(|control| &control.rule).flat_map(|entry| {
        entry.required.iter().chain(&entry.supporting).map(move |clause| (entry.kind.as_ref(), &clause.source))
    });
    clauses.any(|(of, source)| match source {
        ClauseSource::Attribute { name: asked, of: part, condition, .. } => {
            asked == name && part.as_ref().or(of) == Some(kind) && fails(condition)
        }
        ClauseSource::LinkAttribute { name: asked, condition, .. } | ClauseSource::Fact { name: asked, condition } => {
            asked == name && of == Some(kind) && fails(condition)
        }
        _ => false,
    })
}

fn text(value: &FactValue) -> Option<String> {
    match value {
        FactValue::True => Some("true".to_owned()),
        FactValue::False => Some("false".to_owned()),
        FactValue::Text(text) => Some(text.clone()),
        _ => None,
    }
}

/// An edit, given what to say instead, or nothing.
type Edit = Box<dyn Fn(Option<&str>) -> Change + Send + Sync>;

/// Everything that can be said less of `snapshot`.
fn edits(snapshot: &Snapshot) -> Vec<Edit> {
    let mut edits: Vec<Edit> = Vec::new();
    let value =
        |change: Change| move |value: Option<&str>| Change { value: value.map(str::to_owned), ..change.clone() };
    let stack = &snapshot.stack;
    for fact in &snapshot.profile().facts {
        let owner = stack.components.iter().find(|one| one.name.to_string() == fact.component).unwrap();
        if !disproves(snapshot, &owner.kind, &fact.fact, &fact.value) {
            edits.push(Box::new(value(Change::set_fact(&fact.component, &fact.fact, ""))));
        }
    }
    for component in &stack.components {
        for (name, fact) in &component.facts {
            let Some(said) = text(&fact.value) else { continue };
            if !NO_EVIDENCE.contains(&&**name) && !disproves(snapshot, &component.kind, name, &said) {
                edits.push(Box::new(value(Change::of_component(&component.name.to_string(), name, ""))));
            }
        }
    }
    for link in &stack.links {
        let ends = [link.source, link.target].map(|end| stack.component(end).name.to_string());
        for (name, fact) in &link.facts {
            let Some(said) = text(&fact.value) else { continue };
            if !disproves(snapshot, &stack.component(link.source).kind, name, &said) {
                edits.push(Box::new(value(Change::of_link(&ends[0], &ends[1], name, ""))));
            }
        }
        for field in ["reason", "approved_by"] {
            edits.push(Box::new(value(Change::of_link(&ends[0], &ends[1], field, ""))));
        }
    }
    for id in exceptions(snapshot) {
        for field in ["reason", "approved_by", "ticket"] {
            let id = id.clone();
            edits.push(Box::new(move |value| {
                Change::set_exception(&*id, json!({field: value}).as_object().unwrap().clone())
            }));
        }
    }
    for attestation in &snapshot.profile().attestations {
        let mut change = Change::set_attestation(&attestation.control.to_string(), serde_json::Map::new());
        change.attributes = None;
        edits.push(Box::new(move |_| change.clone()));
    }
    edits
}

static EDITS: LazyLock<Vec<Edit>> = LazyLock::new(|| edits(&ALL_SAID));

/// What stands better in `after` than in `before`; nothing, if all is well.
fn better(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let mut better = super::risen(before, after);
    let (was, is) = (&before.assessment().numbers, &after.assessment().numbers);
    if is.completion_percent > was.completion_percent || is.completion_done > was.completion_done {
        better.push(format!("completion {} -> {}", was.completion_done, is.completion_done));
    }
    if is.technical_evidence_percent > was.technical_evidence_percent {
        better.push("technical evidence".to_owned());
    }
    if (was.completion_total, was.technical_total) != (is.completion_total, is.technical_total) {
        better.push("denominators".to_owned());
    }
    better
}

#[test]
fn what_the_laws_are_tried_on_shows_most_of_what_a_stack_can_show() {
    let numbers = &ALL_SAID.assessment().numbers;
    assert!(numbers.technical_points.0 > 150 && numbers.completion_done > 210, "{numbers:?}");
    assert!(EDITS.len() > 900, "{}", EDITS.len());
    assert!(half_points(&ALL_SAID).contains(&1));
}

#[test]
fn no_single_statement_helps_by_being_taken_back() {
    let mut worse = 0;
    // Every ninth, and the doubtful texts in turn.
    for (index, edit) in EDITS.iter().enumerate().filter(|(index, _)| index % 9 == 0) {
        let value = [None, Some("fase"), Some("Default Value"), Some("TODO")][index / 9 % 4];
        let change = edit(value);
        let after = after_all(&ALL_SAID, std::slice::from_ref(&change));
        assert_eq!(better(&ALL_SAID, &after), [""; 0], "{change:?}");
        worse += usize::from(half_points(&after) != half_points(&ALL_SAID));
    }
    assert!(worse > 10, "{worse}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(40), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn less_information_never_helps(
        chosen in prop::collection::vec((any::<prop::sample::Index>(), prop::option::of(0..DOUBTFUL.len())), 1..9),
    ) {
        let said_less = chosen.iter().map(|(index, doubtful)| {
            EDITS[index.index(EDITS.len())](doubtful.map(|one| DOUBTFUL[one]))
        });
        let said_less: Vec<Change> = said_less.collect();
        let after = after_all(&ALL_SAID, &said_less);
        prop_assert_eq!(better(&ALL_SAID, &after), Vec::<String>::new(), "{:?}", said_less);
        // And one thing less than that.
        let fewer = after_all(&ALL_SAID, &said_less[..said_less.len() - 1]);
        prop_assert_eq!(better(&fewer, &after), Vec::<String>::new(), "{:?}", said_less);
    }
}

/// The lines of the demo's profile that state a fact or the need of a link, and the first lines of its attestations.
fn statement_lines() -> Vec<usize> {
    let lines = demo_sources().profile.unwrap().text.lines().enumerate();
    let states = |line: &str| line.starts_with("  - {component:") || line.starts_with("  - {link:");
    // The mode of the firewall disproves 6.4.2.
    lines.filter(|(_, line)| states(line) && !line.contains("waf_mode")).map(|(index, _)| index).collect()
}

fn replaced(line: &str, key: &str, with: Option<&str>) -> String {
    let Some(start) = line.find(&format!(", {key}: ")) else { return line.to_owned() };
    let end = start + 2 + line[start + 2..].find([',', '}']).unwrap();
    let new = with.map(|with| format!(", {key}: \"{with}\"")).unwrap_or_default();
    format!("{}{new}{}", &line[..start], &line[end..])
}

proptest! {
    #![proptest_config(ProptestConfig { cases: cases(20), failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_profile_that_says_less_shows_no_more(
        chosen in prop::collection::vec((any::<prop::sample::Index>(), 0..6_usize), 1..8),
    ) {
        let lines = statement_lines();
        let mut text: Vec<String> = demo_sources().profile.unwrap().text.lines().map(str::to_owned).collect();
        for (index, how) in chosen {
            let line = &mut text[lines[index.index(lines.len())]];
            let with = Some(DOUBTFUL[how % 3]);
            *line = match how {
                0 => String::new(),
                1 => replaced(&replaced(line, "stated_by", None), "approved_by", None),
                2 => replaced(&replaced(line, "stated_by", with), "approved_by", with),
                _ => replaced(&replaced(line, "value", with), "reason", with),
            };
        }
        let text = text.join("\n");
        let profile = Some(Source { name: "profile.yaml", text: &text });
        let less = Snapshot::read(Sources { profile, as_of: Some(day(DAY)), ..demo_sources() }).unwrap();
        prop_assert_eq!(better(&super::demo_on_its_day(), &less), Vec::<String>::new(), "{}", text);
    }

    #[test]
    fn a_stack_whose_flags_are_mistyped_shows_no_more(chosen in prop::collection::vec(any::<prop::sample::Index>(), 1..8)) {
        let on = [
            "rbac: true", "securityContext: true", "pod_level_security: true", "enable_auth: true", "mtls: true",
            "siem: \"true\"", "falco_sidekick: true", "gitops: true", "rate_limiting: true", "apisix_oidc_enable: true",
            "opa_action: \"deny\"", "issuer: \"letsencrypt\"", "opa_failure_policy: \"Fail\"", "sops_enabled: true",
            "ttl: \"9600h\"", "refresh_interval: \"1h\"",
        ];
        let mut text = demo_sources().stack.text.to_owned();
        for index in chosen {
            let flag = on[index.index(on.len())];
            let (name, value) = flag.split_once(": ").unwrap();
            let doubtful = if value.contains("true") { "fase" } else { "Default Value" };
            text = text.replacen(flag, &format!("{name}: \"{doubtful}\""), 1);
        }
        prop_assert_eq!(better(&super::demo(), &super::demo_with_stack(&text)), Vec::<String>::new(), "{}", text);
    }
}
