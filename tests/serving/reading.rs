//! Resources, prompts, completions and subscriptions over the protocol.

use std::{fs, io::Write as _, path::Path};

use pci_fixtures::component;
use serde_json::{Value, json};

use super::{Client, http::Server, text};

fn demo() -> Client {
    Client::of(&["--demo"])
}

/// What is at `uri`.
fn read(client: &mut Client, uri: &str) -> Value {
    client.request("resources/read", &json!({ "uri": uri }))["result"]["contents"][0].take()
}

#[test]
fn resources_are_listed_and_each_is_read_where_it_is_listed() {
    let mut client = demo();
    let listed = client.request("resources/list", &json!({}))["result"]["resources"].take();
    let listed = listed.as_array().unwrap();
    let uris: Vec<&str> = listed.iter().map(|one| one["uri"].as_str().unwrap()).collect();
    assert_eq!(
        uris,
        [
            "pci://stacks",
            "ui://pci-compliance/map.html",
            "pci://payments-shop/report",
            "pci://payments-shop/manifest",
            "pci://payments-shop/diagram",
            "pci://payments-shop/map",
        ]
    );
    for one in listed {
        let content = read(&mut client, one["uri"].as_str().unwrap());
        assert_eq!(content["mimeType"], one["mimeType"]);
        assert!(!content["text"].as_str().unwrap().is_empty());
    }
    let templates = client.request("resources/templates/list", &json!({}))["result"]["resourceTemplates"].take();
    assert_eq!(templates.as_array().unwrap().len(), 9);
}

#[test]
fn a_resource_that_is_not_there_is_an_error_with_its_uri_and_what_there_is() {
    let mut client = demo();
    let error = client.request("resources/read", &json!({"uri": "pci://payments-shop/control/1.2.99"}))["error"].take();
    assert_eq!((&error["code"], &error["data"]["uri"]), (&json!(-32002), &json!("pci://payments-shop/control/1.2.99")));
    assert!(error["message"].as_str().unwrap().contains("no control `1.2.99`"), "{error}");
}

#[test]
fn an_answer_links_to_what_holds_the_whole_of_it_unless_it_is_of_another_stack_than_is_loaded() {
    let mut client = demo();
    let links = |result: &Value| -> Vec<String> {
        let blocks = result["content"].as_array().unwrap().iter();
        let links = blocks.filter(|block| block["type"] == "resource_link");
        links.map(|block| block["uri"].as_str().unwrap().to_owned()).collect()
    };
    let answer = client.call("generate_policies", &json!({}));
    let linked = links(&answer);
    let listed = answer["structuredContent"]["policies"].as_array().unwrap();
    assert_eq!(linked.len(), 1 + listed.len());
    assert_eq!(linked[0], "pci://payments-shop/manifest");
    let policy: Value = serde_json::from_str(read(&mut client, &linked[1])["text"].as_str().unwrap()).unwrap();
    assert_eq!(policy["metadata"]["name"], listed[0]["name"]);
    assert_eq!(links(&client.call("pci_compliance_overview", &json!({}))), ["pci://payments-shop/report"]);
    let what_if = json!([{"op": "remove_component", "name": "logs"}]);
    for arguments in [json!({"level": "standard"}), json!({ "what_if": what_if })] {
        assert!(links(&client.call("generate_policies", &arguments)).is_empty(), "{arguments}");
    }
}

#[test]
fn a_prompt_carries_facts_of_the_stack_and_refuses_what_it_does_not_know() {
    let mut client = demo();
    let prompts = client.request("prompts/list", &json!({}))["result"]["prompts"].take();
    let names: Vec<&str> = prompts.as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["assess_stack", "close_gaps", "prepare_evidence", "explore_what_if", "review_exceptions"]);
    let asked = json!({"name": "prepare_evidence", "arguments": {"requirement": "10"}});
    let message = client.request("prompts/get", &asked)["result"]["messages"][0].take();
    assert_eq!(message["role"], "user");
    assert!(message["content"]["text"].as_str().unwrap().contains("stack-metadata.yaml:"), "facts have places");
    for (asked, expected) in [
        (json!({"name": "prepare_evidence"}), "needs `requirement`"),
        (json!({"name": "prepare_evidence", "arguments": {"requirement": "13"}}), "12"),
        (json!({"name": "asess_stack"}), "did you mean `assess_stack`?"),
    ] {
        let error = client.request("prompts/get", &asked)["error"].take();
        assert!(error["message"].as_str().unwrap().contains(expected), "{error}");
    }
}

#[test]
fn arguments_are_completed_from_the_loaded_stack() {
    let mut client = demo();
    let mut complete = |reference: Value, name: &str, value: &str, others: Value| -> Value {
        let argument = json!({"name": name, "value": value});
        let params = json!({"ref": reference, "argument": argument, "context": {"arguments": others}});
        client.request("completion/complete", &params)["result"]["completion"].take()
    };
    let template = |uri: &str| json!({"type": "ref/resource", "uri": uri});
    let stack = json!({"stack": "payments-shop"});
    let controls = complete(template("pci://{stack}/control/{id}"), "id", "", stack.clone());
    assert_eq!((&controls["total"], &controls["hasMore"]), (&json!(250), &json!(true)));
    assert_eq!(controls["values"].as_array().unwrap().len(), 100);
    let components = complete(template("pci://{stack}/component/{name}"), "name", "card", stack.clone());
    assert_eq!(components["values"], json!(["card-vault", "ledger/cards"]));
    let namespaces = complete(template("pci://{stack}/policy/{namespace}/{name}"), "namespace", "card", stack);
    assert_eq!(namespaces["values"], json!(["card-vault"]));
    let prompt = json!({"type": "ref/prompt", "name": "prepare_evidence"});
    assert_eq!(complete(prompt, "requirement", "1", json!({}))["values"], json!(["1", "10", "11", "12"]));
}

/// The small stack with the component `name`, put where the server reads it.
fn put(file: &Path, name: &str) {
    let components = component(name, "redis", "", &[]);
    let configuration = "  system_name: small\n  microsegmentation_level: pci_dss_strict\n";
    fs::write(file, format!("components:\n{components}configuration:\n{configuration}")).unwrap();
}

#[test]
fn a_client_of_the_first_era_is_told_of_what_it_subscribed_to() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    put(&file, "one");
    let mut client = Client::of(&["--stack", file.to_str().unwrap()]);
    let other = client.request("resources/subscribe", &json!({"uri": "pci://other/report"}));
    assert!(other["error"]["message"].as_str().unwrap().contains("no stack that is loaded"), "{other}");
    for uri in ["pci://small/report", "pci://small/component/one", "pci://stacks"] {
        assert_eq!(client.request("resources/subscribe", &json!({ "uri": uri }))["result"], json!({}));
    }
    client.request("resources/unsubscribe", &json!({"uri": "pci://small/component/one"}));
    put(&file, "two");
    let mut told = [client.notification(), client.notification()];
    told.sort_by_key(|one| one["params"]["uri"].to_string());
    assert!(told.iter().all(|one| one["method"] == "notifications/resources/updated"));
    assert_eq!(told[0]["params"]["uri"], "pci://small/report");
    assert_eq!(told[1]["params"]["uri"], "pci://stacks");
    assert!(read(&mut client, "pci://small/report")["text"].as_str().unwrap().contains("`two`"));
}

#[test]
fn a_client_of_the_stateless_era_is_told_of_what_it_listens_for() {
    let folder = tempfile::tempdir().unwrap();
    let put_in = |name: &str, component: &str, system: &str| {
        let inside = folder.path().join(name);
        fs::create_dir_all(&inside).unwrap();
        put(&inside.join("stack-metadata.yaml"), component);
        let text = fs::read_to_string(inside.join("stack-metadata.yaml")).unwrap();
        fs::write(inside.join("stack-metadata.yaml"), text.replace("small", system)).unwrap();
    };
    put_in("a", "one", "small");
    let server = Server::of(&["--stacks", folder.path().to_str().unwrap()]);
    let wanted = json!({"resourcesListChanged": true, "toolsListChanged": true,
                        "resourceSubscriptions": ["pci://small/report", "pci://nobody/report"]});
    let mut events = server.listening(&wanted);
    let acknowledged = events.next().unwrap();
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    let accepted = &acknowledged["params"]["notifications"];
    assert_eq!(accepted, &json!({"resourcesListChanged": true, "resourceSubscriptions": ["pci://small/report"]}));
    put_in("a", "two", "small");
    let updated = events.next().unwrap();
    assert_eq!(updated["method"], "notifications/resources/updated");
    assert_eq!(updated["params"]["uri"], "pci://small/report");
    put_in("b", "one", "other");
    assert_eq!(events.next().unwrap()["method"], "notifications/resources/list_changed");
}

#[test]
fn over_http_without_sessions_nothing_can_be_subscribed_to_and_that_is_said() {
    let server = Server::of(&["--demo"]);
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "resources/subscribe", "params": {"uri": "pci://stacks"}});
    let mut response = server.post().send(body.to_string()).unwrap();
    let answer: Value = serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
    assert!(answer["error"]["message"].as_str().unwrap().contains("--sessions"), "{answer}");
}

#[test]
fn all_stacks_are_overviewed_at_once_and_paged() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..40 {
        let inside = folder.path().join(format!("s{number:02}"));
        fs::create_dir(&inside).unwrap();
        let components = component("cache", "redis", "", &[]);
        let configuration = format!("  system_name: stack-{number:02}\n  microsegmentation_level: pci_dss_strict\n");
        let mut file = fs::File::create(inside.join("stack-metadata.yaml")).unwrap();
        write!(file, "components:\n{components}configuration:\n{configuration}").unwrap();
    }
    fs::write(folder.path().join("s39/stack-metadata.yaml"), "components: 7\n").unwrap();
    let mut client = Client::of(&["--stacks", folder.path().to_str().unwrap()]);
    let (mut listed, mut arguments) = (Vec::new(), json!({"stack": "*"}));
    loop {
        let answer = client.call("pci_compliance_overview", &arguments);
        let fields = &answer["structuredContent"];
        assert_eq!((&fields["stack"], &fields["stacks_total"]), (&json!("*"), &json!(40)), "{answer}");
        assert_eq!(fields["controls_total"], 39 * 250);
        assert!(text(&answer).len() / 4 <= 1_500 && fields.to_string().len() / 4 <= 2_500);
        listed.extend(fields["stacks"].as_array().unwrap().iter().cloned());
        let Some(cursor) = fields.get("next_cursor") else { break };
        arguments = json!({"stack": "*", "cursor": cursor});
    }
    let ids: Vec<&str> = listed.iter().map(|one| one["stack"].as_str().unwrap()).collect();
    assert_eq!((ids.len(), ids[0]), (40, "s39"), "by id, one that can't be read by its folder");
    assert!(ids.is_sorted());
    assert!(listed[0]["error"].as_str().unwrap().contains("stack-metadata.yaml:1:"), "{}", listed[0]);
    assert_eq!(client.call("pci_compliance_gaps", &json!({"stack": "*"}))["isError"], true);
    let first = client.call("pci_compliance_overview", &json!({"stack": "*"}));
    let cursor = first["structuredContent"]["next_cursor"].clone();
    fs::create_dir(folder.path().join("bad")).unwrap();
    fs::write(folder.path().join("bad/stack-metadata.yaml"), "7").unwrap();
    let refused = loop {
        let next = client.call("pci_compliance_overview", &json!({"stack": "*", "cursor": cursor}));
        if next["isError"] == true {
            break next;
        }
    };
    assert!(text(&refused).contains("start again"), "the list is another: {refused}");
    fs::remove_dir_all(folder.path().join("bad")).unwrap();
    let path = folder.path().to_str().unwrap();
    let shell = crate::program::program().args(["overview", "--stacks", path, "--json"]).assert().code(0);
    let whole: Value = serde_json::from_slice(&shell.get_output().stdout).unwrap();
    assert_eq!(whole["stacks"], json!(listed));
    crate::program::program().args(["overview", "--stacks", path, "--min", "1"]).assert().code(1);
}
