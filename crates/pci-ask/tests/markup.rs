//! Texts of files and of requests are text in every answer: no image, link, HTML or heading is made of them.

use std::collections::BTreeMap;

use netpol_reach::clean;
use pci_ask::{
    prompts,
    resources::{self, uri},
    tools::{self, AskError, Context, Detail, Reply, WriteTo},
};
use pci_engine::fleet::Fleet;
use pci_fixtures::{
    hostile,
    hostile::{TEXTS, markup},
};
use pci_stack::Watch;
use serde_json::{Value, json};

fn asked(fleet: &Fleet, tool: &str, arguments: &Value) -> Result<Reply, AskError> {
    let tool = tools::in_chat().find(|known| known.name == tool).unwrap();
    let (write_to, watch, detail) = (WriteTo::Nowhere, &Watch::patient(), Detail::Summary);
    let context = Context { fleet, write_to, detail, given: None, what_if: &[], watch };
    tool.ask(&context, arguments.as_object().cloned().unwrap_or_default())
}

/// Every question of a chat about the stack of `fleet`, and its Markdown; with `evil` as a change, where it may stand.
fn answers(fleet: &Fleet, first: usize, evil: &str) -> Vec<(String, String)> {
    let snapshot = fleet.snapshot(None).unwrap();
    let names: Vec<String> = snapshot.stack.components.iter().map(|one| one.name.to_string()).collect();
    // A slash in the name of a component that is added would stand for its parent.
    let name = clean(evil).replace('/', "-");
    let changes = json!([
        {"op": "add_component", "type": "fastapi", "name": format!("{name} new"), "namespace": "app", "attributes": {"port": 1}},
        {"op": "add_component", "type": "redis", "name": format!("{name} store"), "namespace": "db"},
        {"op": "add_link", "from": format!("{name} new"), "to": "db", "port": 5432},
        {"op": "set_fact", "name": "db", "attribute": "function", "value": evil},
        {"op": "set_attribute", "name": "db", "attribute": "psql_version", "value": evil},
        {"op": "set_attribute", "from": "watch", "to": "logs", "attribute": "reason", "value": evil},
        {"op": "set_exception", "name": evil, "attributes": {
            "type": "cnpg", "direction": "egress", "ports": [443], "reason": evil, "approved_by": evil, "ticket": evil}},
        {"op": "set_attestation", "name": "12.8.1", "attributes": {"who": evil, "date": "2026-01-01"}},
    ]);
    let mut questions: Vec<(&str, Value)> = vec![
        ("pci_compliance_overview", json!({})),
        ("pci_compliance_gaps", json!({})),
        ("describe_stack", json!({})),
        ("generate_policies", json!({})),
        ("render_diagram", json!({})),
        ("what_if", json!({ "changes": changes })),
    ];
    // With nine texts each requirement and type has its turn.
    let numbers = [0, 4, 8].map(|more| (first + more) % 12 + 1);
    questions.extend(numbers.map(|number| ("pci_compliance_requirement", json!({"requirement": number}))));
    let kind = ["falco", "keycloak", "cnpg", "apisix"][first % 4];
    questions.push(("pci_compliance_component_impact", json!({"component_type": kind})));
    for from in &names {
        questions.push(("explain_flow", json!({"from": from, "to": "db"})));
        questions.push(("explain_flow", json!({"from": "gate", "to": from})));
        questions.push(("explain_flow", json!({"from": from, "to": "internet"})));
    }
    let mut said = Vec::new();
    for (tool, arguments) in questions {
        let takes = |name: &str| {
            let schema = tools::in_chat().find(|known| known.name == tool).unwrap().input_schema();
            schema["properties"].get(name).is_some()
        };
        let mut all = vec![arguments.clone()];
        if tool != "explain_flow" {
            let is_wide = ["pci_compliance_overview", "pci_compliance_gaps", "generate_policies"].contains(&tool);
            for (name, value) in [("detail", json!("full")), ("what_if", changes.clone())] {
                if takes(name) && (is_wide || name == "detail") {
                    let mut more = arguments.clone();
                    more[name] = value;
                    all.push(more);
                }
            }
        }
        for arguments in all {
            let mut asked_for = arguments.clone();
            // What does not fit one page stands on the next.
            loop {
                let reply = match asked(fleet, tool, &asked_for) {
                    Ok(reply) => reply,
                    // An end of another stack is told to be asked for otherwise.
                    Err(error) => {
                        assert_eq!(tool, "explain_flow", "{error}");
                        said.push((format!("{tool} {asked_for}"), error.markdown()));
                        break;
                    }
                };
                said.push((format!("{tool} {asked_for}"), reply.text));
                match reply.fields.get("next_cursor").filter(|_| said.len() < 2_000) {
                    Some(cursor) => asked_for["cursor"] = cursor.clone(),
                    None => break,
                }
            }
        }
    }
    said
}

/// All resources and prompts of the stack of `fleet` that are Markdown.
fn documents(fleet: &Fleet, first: usize, evil: &str) -> Vec<(String, String)> {
    let snapshot = fleet.snapshot(None).unwrap();
    let id = snapshot.stack.id.as_str();
    let mut uris: Vec<String> = resources::list(fleet).into_iter().map(|one| one.uri).collect();
    uris.extend((1..=12).map(|number| uri::requirement(id, number)));
    uris.extend(snapshot.stack.components.iter().map(|component| uri::component(id, &component.name.to_string())));
    let mut said = Vec::new();
    for uri in uris {
        let content = resources::read(fleet, "", &uri, &Watch::patient()).unwrap();
        if content.mime_type.starts_with("text/markdown") {
            said.push((uri, content.text));
        }
    }
    assert!(!said.is_empty(), "no resource is Markdown");
    for prompt in prompts::ALL {
        let number = (first % 12 + 1).to_string();
        let values = |name: &str| if name == "requirement" { vec![number.as_str(), "8"] } else { vec![evil] };
        let needed: Vec<&str> = prompt.arguments.iter().filter(|one| one.required).map(|one| one.name).collect();
        for value in needed.first().map_or_else(|| vec![""], |name| values(name)) {
            let arguments: BTreeMap<String, String> =
                needed.iter().map(|name| ((*name).to_owned(), value.to_owned())).collect();
            let text = (prompt.text)(fleet, &arguments, &Watch::patient()).unwrap();
            said.push((format!("{} {value}", prompt.name), text));
        }
    }
    said
}

#[test]
fn no_text_of_a_file_or_a_request_becomes_markup_in_any_answer() {
    let (mut seen, mut faults) = (String::new(), Vec::new());
    for (first, evil) in TEXTS.iter().enumerate() {
        let fleet = Fleet::of_one(Ok(hostile(first)));
        for (what, text) in answers(&fleet, first, evil).into_iter().chain(documents(&fleet, first, evil)) {
            faults.extend(
                markup(&text)
                    .into_iter()
                    .map(|fault| format!("{first}: {}: {fault}", &what[..what.floor_char_boundary(90)])),
            );
            seen += &text;
        }
    }
    assert!(faults.is_empty(), "{} faults:\n{}", faults.len(), faults[..faults.len().min(25)].join("\n"));
    // The texts do stand there.
    for part in ["img src", "evil heading", "www.evil.example", "jo@evil.example", "http://evil.example/p.png"] {
        assert!(seen.contains(part), "{part}");
    }
}
