//! Answers in chat: each fits, and what does not fit is paged.

use std::sync::LazyLock;

use pci_ask::tools::{self, AskError, Context, Detail, Reply, WriteTo};
use pci_engine::{Snapshot, Sources, fleet::Fleet};
use pci_fixtures::{component, demo_sources, generator, stack};
use pci_stack::{Level, Watch};
use serde_json::{Map, Value, json};

/// The demo.
static DEMO: LazyLock<Fleet> = LazyLock::new(|| Fleet::of_one(Snapshot::read(demo_sources())));
/// 1,000 components in as many namespaces, 5,000 links.
static BIG: LazyLock<Fleet> = LazyLock::new(|| fleet(pci_fixtures::strict(&generator::stack(1_000, 5, 7))));
/// A hundred and fifty of them.
static MIDDLE: LazyLock<Fleet> = LazyLock::new(|| fleet(pci_fixtures::strict(&generator::stack(150, 5, 7))));
/// Three hundred components in one namespace, most of them of a type that nobody knows, all called by long names.
static CROWDED: LazyLock<Fleet> = LazyLock::new(|| fleet(pci_fixtures::strict(&crowded(300))));

fn fleet(snapshot: Snapshot) -> Fleet {
    Fleet::of_one(Ok(snapshot))
}

fn long(index: usize) -> String {
    format!("{}-{index}", "<&\"*_'[long](name)é".repeat(12))
}

fn crowded(components: usize) -> String {
    let one = |index: usize| {
        let links = [format!("'{}'", long((index + 1) % components).replace('\'', "''"))];
        let links: Vec<&str> = links.iter().map(String::as_str).collect();
        let kind = if index.is_multiple_of(3) { "redis" } else { "something-nobody-knows" };
        component("NAME", kind, "enable_auth: false", &links)
            .replace("NAME:", &format!("'{}':", long(index).replace('\'', "''")))
            .replace("name: NAME", &format!("name: '{}'", long(index).replace('\'', "''")))
            .replace("namespace: NAME", "namespace: crowd")
    };
    stack(&(0..components).map(one).collect::<String>())
}

fn asked(fleet: &Fleet, detail: Detail, tool: &str, arguments: &Value) -> Result<Reply, AskError> {
    let tool = tools::in_chat().find(|known| known.name == tool).unwrap();
    let (write_to, watch) = (WriteTo::Nowhere, &Watch::patient());
    let context = Context { fleet, write_to, detail, given: None, what_if: &[], watch };
    tool.ask(&context, arguments.as_object().cloned().unwrap_or_default())
}

/// What a chat gets.
fn chat(fleet: &Fleet, tool: &str, arguments: &Value) -> Reply {
    asked(fleet, Detail::Summary, tool, arguments).unwrap_or_else(|error| panic!("{tool} {arguments}: {error}"))
}

/// What a shell gets.
fn shell(fleet: &Fleet, tool: &str, arguments: &Value) -> Value {
    asked(fleet, Detail::Full, tool, arguments).unwrap().fields
}

fn with(arguments: &Value, more: &Value) -> Value {
    let mut all = arguments.as_object().cloned().unwrap_or_default();
    all.extend(more.as_object().cloned().unwrap_or_default());
    Value::Object(all)
}

/// Tokens of a text or of compact JSON, four characters each.
fn tokens(text: &str) -> usize {
    text.chars().count().div_ceil(4)
}

fn fits(fleet: &Fleet, tool: &str, arguments: &Value) {
    let schema = tools::in_chat().find(|known| known.name == tool).unwrap().input_schema();
    if schema["properties"].get("detail").is_none() {
        return fits_as(fleet, tool, arguments);
    }
    for detail in ["summary", "full"] {
        fits_as(fleet, tool, &with(arguments, &json!({"detail": detail})));
    }
}

/// That the answer fits in the detail that is asked for.
fn fits_as(fleet: &Fleet, tool: &str, arguments: &Value) {
    let (most_said, most_fields) = if arguments["detail"] == "full" { (8_000, 8_000) } else { (1_500, 2_500) };
    let reply = chat(fleet, tool, arguments);
    let (said, fields) = (tokens(&reply.text), tokens(&reply.fields.to_string()));
    assert!(said <= most_said, "{tool} {arguments}: a text of {said}");
    assert!(fields <= most_fields, "{tool} {arguments}: fields of {fields}");
    every_cut_list_has_its_length(tool, &reply.fields);
}

/// No list of `value` is longer than the length beside it.
fn every_cut_list_has_its_length(tool: &str, value: &Value) {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let total = object.get(&format!("{key}_total")).and_then(Value::as_u64);
                if let (Some(list), Some(total)) = (value.as_array(), total) {
                    assert!(list.len() as u64 <= total, "{tool}: {key}");
                }
                every_cut_list_has_its_length(tool, value);
            }
        }
        Value::Array(list) => list.iter().for_each(|value| every_cut_list_has_its_length(tool, value)),
        _ => {}
    }
}

/// Questions about a stack as it is, which has the components `one` and `other`, and a link from one to the other.
fn of_the_stack(one: &str, other: &str) -> Vec<(&'static str, Value)> {
    let mut all: Vec<(&str, Value)> =
        (1..=12).map(|number| ("pci_compliance_requirement", json!({"requirement": number}))).collect();
    all.extend([
        ("pci_compliance_overview", json!({})),
        ("describe_stack", json!({})),
        ("generate_policies", json!({})),
        ("generate_policies", json!({"level": "none"})),
        ("explain_flow", json!({"from": one, "to": other})),
        ("explain_flow", json!({"from": one, "to": "internet", "port": 443})),
        ("explain_flow", json!({"from": "internet", "to": other})),
        ("render_diagram", json!({})),
        ("render_diagram", json!({"scope": one})),
        ("render_diagram", json!({"format": "svg"})),
        ("render_diagram", json!({"scope": one, "depth": 2, "format": "svg"})),
        ("what_if", json!({"changes": [{"op": "set_level", "value": "none"}]})),
    ]);
    all
}

/// Questions about what would be.
fn of_changes(one: &str, other: &str) -> Vec<(&'static str, Value)> {
    let changes = json!([{"op": "remove_component", "name": one}]);
    vec![
        ("pci_compliance_overview", json!({"what_if": changes})),
        ("pci_compliance_overview", json!({"what_if": [{"op": "set_level", "value": "none"}]})),
        ("pci_compliance_requirement", json!({"requirement": 1, "what_if": changes})),
        ("pci_compliance_component_impact", json!({"component_type": "falco"})),
        ("pci_compliance_component_impact", json!({"component_type": "opa"})),
        ("pci_compliance_component_impact", json!({"component_type": "redis", "action": "remove"})),
        ("what_if", json!({"changes": changes})),
        ("what_if", json!({"changes": [{"op": "set_level", "value": "standard"}]})),
        ("generate_policies", json!({"level": "standard"})),
        ("generate_policies", json!({"what_if": changes})),
        (
            "explain_flow",
            json!({"from": one, "to": other, "what_if": [{"op": "remove_link", "from": one, "to": other}]}),
        ),
        ("render_diagram", json!({"what_if": changes})),
        ("render_diagram", json!({"what_if": changes, "format": "svg"})),
    ]
}

#[test]
fn every_answer_about_the_demo_fits_a_chat() {
    let questions = of_the_stack("checkout", "card-vault").into_iter().chain(of_changes("checkout", "card-vault"));
    for (tool, arguments) in questions {
        fits(&DEMO, tool, &arguments);
    }
    for arguments in [json!({}), json!({"as_of": "2026-11-01"}), json!({"limit": 3}), json!({"requirement": 8})] {
        fits(&DEMO, "pci_compliance_gaps", &arguments);
    }
}

#[test]
fn every_answer_about_a_large_stack_fits_a_chat() {
    for (tool, arguments) in of_the_stack("c0", "c203") {
        fits(&BIG, tool, &arguments);
    }
    for (tool, arguments) in of_changes("c0", "c3") {
        fits(&MIDDLE, tool, &arguments);
    }
    fits(&MIDDLE, "pci_compliance_gaps", &json!({}));
}

#[test]
fn every_answer_about_1000_components_at_another_level_or_after_changes_fits_a_chat() {
    let changes = json!([{"op": "remove_component", "name": "c0"}, {"op": "set_level", "value": "standard"}]);
    let full = |tool, arguments: &Value| fits_as(&BIG, tool, &with(arguments, &json!({"detail": "full"})));
    full("generate_policies", &json!({"level": "standard"}));
    full("what_if", &json!({"changes": changes}));
    fits_as(&BIG, "pci_compliance_overview", &json!({"what_if": changes}));
}

#[test]
fn every_answer_about_a_crowded_namespace_of_long_names_fits_a_chat() {
    let (one, other) = (long(0), long(1));
    let few = ["overview", "what_if", "requirement"];
    let questions = of_changes(&one, &other).into_iter().filter(|(tool, _)| few.iter().any(|word| tool.contains(word)));
    for (tool, arguments) in of_the_stack(&one, &other).into_iter().chain(questions) {
        fits(&CROWDED, tool, &arguments);
    }
}

/// What is told apart in a list: an entry's own name, whatever else is cut.
fn names(fields: &Value, lists: &[&str]) -> Vec<String> {
    let name = |entry: &Value| {
        let of = |key: &str| entry.get(key).map(ToString::to_string).unwrap_or_default();
        ["id", "control", "namespace", "name", "from", "to", "message"].map(of).join(" ")
    };
    lists.iter().flat_map(|list| fields[*list].as_array().unwrap().iter().map(name)).collect()
}

/// All pages of an answer, by their cursors.
fn pages(fleet: &Fleet, tool: &str, arguments: &Value) -> Vec<Value> {
    let mut pages = vec![chat(fleet, tool, arguments).fields];
    while let Some(cursor) = pages.last().unwrap().get("next_cursor").cloned() {
        pages.push(chat(fleet, tool, &with(arguments, &json!({"cursor": cursor}))).fields);
        assert!(pages.len() < 500, "{tool} {arguments}");
    }
    pages
}

/// The lists that are paged, each with a question that has more than one page of it.
fn paged() -> Vec<(&'static str, &'static [&'static str], Value)> {
    let flows = &["flows_added", "flows_removed"];
    let mut changes = vec![json!({"op": "add_link", "from": "c50", "to": "c51"})];
    changes.extend((0..40).map(|index| json!({"op": "remove_component", "name": format!("c{index}")})));
    vec![
        ("describe_stack", &["components"], json!({})),
        ("generate_policies", &["policies"], json!({"detail": "full"})),
        ("pci_compliance_overview", &["findings"], json!({})),
        ("pci_compliance_requirement", &["controls"], json!({"requirement": 1, "detail": "full"})),
        ("what_if", flows, json!({"changes": changes})),
        ("pci_compliance_component_impact", flows, json!({"component_type": "redis", "action": "remove"})),
        ("pci_compliance_gaps", &["gaps"], json!({})),
    ]
}

#[test]
fn all_pages_together_are_what_a_shell_lists() {
    for (tool, lists, arguments) in paged() {
        let fleet: &Fleet = if tool == "pci_compliance_overview" { &CROWDED } else { &MIDDLE };
        let all = shell(fleet, tool, &arguments);
        assert!(all.get("next_cursor").is_none(), "{tool}: a shell has one page");
        let pages = pages(fleet, tool, &arguments);
        assert!(pages.len() > 1, "{tool}: one page");
        let listed: Vec<String> =
            lists.iter().flat_map(|list| pages.iter().flat_map(|page| names(page, &[*list]))).collect();
        assert_eq!(listed, names(&all, lists), "{tool}");
        assert!(pages.iter().all(|page| !names(page, lists).is_empty()), "{tool}: an empty page");
    }
}

#[test]
fn a_text_that_is_cut_says_how_to_get_the_rest_and_each_page_names_its_own() {
    let first = chat(&MIDDLE, "describe_stack", &json!({}));
    let cursor = first.fields["next_cursor"].as_str().unwrap();
    assert!(first.text.contains(&format!("call again with `cursor`: \"{cursor}\"")), "{}", first.text);
    assert!(first.text.contains("`c0` (fastapi"), "{}", first.text);
    let second = chat(&MIDDLE, "describe_stack", &json!({"cursor": cursor}));
    let name = second.fields["components"][0]["name"].as_str().unwrap();
    assert!(second.text.contains(&format!("`{name}`")) && !second.text.contains("`c0` (fastapi"), "{}", second.text);
}

#[test]
fn a_cursor_of_another_question_or_stack_is_refused() {
    let tool = "pci_compliance_requirement";
    let arguments = json!({"requirement": 1, "detail": "full"});
    let cursor = chat(&MIDDLE, tool, &arguments).fields["next_cursor"].clone();
    let refused = |fleet: &Fleet, tool: &str, arguments: &Value| {
        let error = asked(fleet, Detail::Summary, tool, &with(arguments, &json!({"cursor": cursor}))).unwrap_err();
        assert!(error.to_string().contains("the stack or the question changed, start again"), "{arguments}: {error}");
    };
    refused(&MIDDLE, tool, &json!({"requirement": 2}));
    refused(&MIDDLE, tool, &json!({"requirement": 1, "as_of": "2026-11-01"}));
    refused(&MIDDLE, tool, &json!({"requirement": 1, "what_if": [{"op": "set_level", "value": "standard"}]}));
    refused(&MIDDLE, "describe_stack", &json!({}));
    refused(&CROWDED, tool, &json!({"requirement": 1}));
    let error = asked(&MIDDLE, Detail::Summary, tool, &with(&arguments, &json!({"cursor": "next"}))).unwrap_err();
    assert!(error.to_string().contains("`next_cursor`"), "{error}");
    let mark = cursor.as_str().unwrap().split_once('.').unwrap().1;
    for offset in ["9999999", "+3", "003", "-1", ""] {
        let made_up = with(&arguments, &json!({"cursor": format!("{offset}.{mark}")}));
        let error = asked(&MIDDLE, Detail::Summary, tool, &made_up).unwrap_err();
        assert!(error.to_string().contains("is the `next_cursor` of an answer"), "{offset}: {error}");
    }
}

#[test]
fn a_cursor_goes_on_however_the_same_question_is_written_and_however_much_is_asked_for() {
    let tool = "pci_compliance_requirement";
    let first = chat(&MIDDLE, tool, &json!({"requirement": 1, "detail": "full"}));
    let cursor = first.fields["next_cursor"].clone();
    let again = json!({"cursor": cursor, "as_of": null, "what_if": null, "stack": "big", "requirement": 1});
    let second = chat(&MIDDLE, tool, &again).fields;
    let listed = first.fields["controls"].as_array().unwrap().len();
    assert_eq!(second["controls"][0]["id"], shell(&MIDDLE, tool, &json!({"requirement": 1}))["controls"][listed]["id"]);
}

#[test]
fn every_argument_may_be_null() {
    let required = json!({
        "requirement": 1, "component_type": "falco", "from": "checkout", "to": "card-vault",
        "changes": [{"op": "set_level", "value": "none", "name": null, "attributes": null, "port": null}],
    });
    for tool in tools::in_chat() {
        let schema = tool.input_schema();
        let is_required = |name: &String| {
            schema.get("required").and_then(Value::as_array).is_some_and(|list| list.contains(&json!(name)))
        };
        let arguments: Map<String, Value> = schema["properties"]
            .as_object()
            .unwrap()
            .keys()
            .map(|name| (name.clone(), if is_required(name) { required[name].clone() } else { Value::Null }))
            .collect();
        assert!(arguments.values().any(Value::is_null), "{}", tool.name);
        chat(&DEMO, tool.name, &Value::Object(arguments));
    }
    let error = asked(&DEMO, Detail::Summary, "what_if", &json!({"changes": null})).unwrap_err();
    assert!(error.to_string().contains("at least one"), "{error}");
}

#[test]
fn a_control_that_is_more_than_a_page_is_cut_with_its_lengths() {
    let arguments = json!({"requirement": 2, "detail": "full"});
    let pages = pages(&BIG, "pci_compliance_requirement", &arguments);
    let whole = shell(&BIG, "pci_compliance_requirement", &json!({"requirement": 2}));
    let (mut cut, mut controls) = (0, pages.iter().flat_map(|page| page["controls"].as_array().unwrap()));
    for control in whole["controls"].as_array().unwrap() {
        let listed = controls.next().unwrap();
        for list in ["missing", "evidence", "components"] {
            let length = control[list].as_array().unwrap().len();
            match listed.get(format!("{list}_total")) {
                Some(total) => {
                    cut += 1;
                    assert_eq!(total.as_u64().unwrap(), length as u64, "{} {list}", control["id"]);
                }
                None => assert_eq!(listed[list], control[list], "{} {list}", control["id"]),
            }
        }
    }
    assert!(cut > 0);
}

#[test]
fn policies_of_a_stack_as_it_is_not_come_with_their_objects() {
    let tool = "generate_policies";
    let standard = Snapshot::read(Sources { level: Some(Level::Standard), ..demo_sources() }).unwrap();
    let page = chat(&DEMO, tool, &json!({"level": "standard", "detail": "full"})).fields;
    for (policy, file) in page["policies"].as_array().unwrap().iter().zip(standard.files()) {
        assert_eq!(policy["object"], serde_json::from_slice::<Value>(&file.bytes).unwrap());
    }
    let changes = json!([{"op": "remove_component", "name": "logs"}]);
    let page = chat(&DEMO, tool, &json!({"what_if": changes, "detail": "full"})).fields;
    assert_eq!(page["policies"][0]["object"]["kind"], "NetworkPolicy");
    for arguments in [
        json!({"level": "standard"}),
        json!({"what_if": changes}),
        json!({"detail": "full"}),
        json!({"level": "pci_dss_strict", "detail": "full"}),
    ] {
        assert!(chat(&DEMO, tool, &arguments).fields["policies"][0].get("object").is_none(), "{arguments}");
    }
}

/// What a chart's arrows say: from where, on which ports, to where.
fn arrows(chart: &Value) -> Vec<String> {
    let lines: Vec<&str> = chart["mermaid"].as_str().unwrap().lines().map(str::trim).collect();
    let label = |id: &str| {
        let is_of = |line: &&&str| line.strip_prefix(id).is_some_and(|rest| rest.starts_with(['[', '(', '{', '>']));
        lines.iter().find(is_of).unwrap()[id.len()..].to_owned()
    };
    let arrow = |line: &&str| {
        let (from, rest) = line.split_once(" -- ")?;
        let (ports, to) = rest.split_once(" --> ")?;
        Some(format!("{} {ports} {}", label(from), label(to)))
    };
    lines.iter().filter_map(arrow).collect()
}

#[test]
fn the_charts_of_a_chat_draw_what_the_charts_of_a_shell_draw() {
    let tool = "render_diagram";
    let drawn = |detail: Detail| {
        let part = |part: u64| asked(&MIDDLE, detail, tool, &json!({"part": part})).unwrap();
        let parts = part(1).fields["charts_total"].as_u64().unwrap();
        let replies: Vec<Reply> = (1..=parts).map(part).collect();
        if detail == Detail::Summary {
            assert!(replies.iter().all(|reply| tokens(&reply.text) <= 1_500));
            assert!(replies.iter().all(|reply| tokens(&reply.fields.to_string()) <= 2_500));
        }
        (replies.len(), replies.iter().flat_map(|reply| arrows(&reply.fields)).collect::<Vec<_>>())
    };
    let (chat, shell) = (drawn(Detail::Summary), drawn(Detail::Full));
    assert!(chat.0 > shell.0);
    assert_eq!(chat.1, shell.1);
    assert_eq!(self::chat(&DEMO, tool, &json!({})).fields["charts_total"], 1, "the demo is one picture");
}
