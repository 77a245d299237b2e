//! No answer says what only an assessor may: that something is met.

use serde_json::json;

use super::{ask, demo_on_its_day, same};

fn holds_none(what: &str, reply: &pci_ask::tools::Reply) {
    for text in [reply.text.clone(), reply.fields.to_string(), reply.document.clone().unwrap_or_default()] {
        let text = text.to_lowercase();
        for word in ["compliant", "in place", "in_place", "in-place"] {
            let around =
                text.find(word).map(|at| text.chars().skip(at.saturating_sub(60)).take(120).collect::<String>());
            assert_eq!(around, None, "{what}");
        }
    }
}

#[test]
fn no_answer_about_the_demo_says_that_anything_is_met() {
    let demo = demo_on_its_day();
    let full = |command: &str, arguments: serde_json::Value| {
        let mut arguments = arguments;
        for detail in ["summary", "full"] {
            arguments["detail"] = json!(detail);
            holds_none(&format!("{command} {arguments}"), &ask(same(&demo), command, arguments.clone()));
        }
    };
    full("overview", json!({}));
    full("stack", json!({}));
    for requirement in 1..=12 {
        full("requirement", json!({"requirement": requirement}));
    }
    full("gaps", json!({"limit": 250}));
    full(
        "what-if",
        json!({"changes": [
            {"op": "remove_component", "name": "gateway"},
            {"op": "set_attribute", "name": "events", "attribute": "mtls", "value": "false"},
            {"op": "set_fact", "name": "scanner", "attribute": "scan_scope", "value": "all-in-scope"},
        ]}),
    );
}

#[test]
fn no_answer_about_a_type_says_so_either() {
    let demo = demo_on_its_day();
    let types: Vec<String> = demo
        .catalog()
        .types
        .iter()
        .filter(|known| known.parent.is_none())
        .map(|known| known.name.to_string())
        .collect();
    assert!(types.len() > 40);
    for kind in types {
        for action in ["add", "remove"] {
            let arguments = json!({"component_type": kind, "action": action, "detail": "full"});
            holds_none(&kind, &ask(same(&demo), "impact", arguments));
        }
    }
}

#[test]
fn no_refusal_and_no_heading_says_so() {
    for tool in pci_ask::tools::ALL {
        let words = format!("{} {} {}", tool.title, tool.description, serde_json::Value::Object(tool.output_schema()));
        assert!(
            !words.to_lowercase().contains("compliant") && !words.to_lowercase().contains("in place\""),
            "{}",
            tool.name
        );
    }
}
