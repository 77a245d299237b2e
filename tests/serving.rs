//! The server over standard input and output, as a client speaks to it.

mod abuse;
pub mod access;
mod app;
mod bounds;
mod canary;
mod conversation;
mod fleets;
pub mod http;
mod reading;
mod reload;
mod streams;

use std::{
    fs,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

/// What a server of the demo has counted, as it tells it.
pub fn metrics() -> String {
    let server = http::Server::of(&["--demo"]);
    server.call("describe_stack", &json!({}));
    server.text("/metrics")
}

/// A client that has shaken hands.
struct Client {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    next: u64,
}

impl Client {
    fn of(arguments: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"));
        let mut child = command
            .arg("serve")
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let (input, output) = (child.stdin.take().unwrap(), BufReader::new(child.stdout.take().unwrap()));
        let mut client = Self { child, input, output, next: 0 };
        let version = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "test", "version": "0"}});
        let greeting = client.request("initialize", &version);
        assert_eq!(greeting["result"]["serverInfo"]["name"], "pci-compliance-mcp");
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
        client
    }

    fn send(&mut self, message: &Value) {
        writeln!(self.input, "{message}").unwrap();
        self.input.flush().unwrap();
    }

    fn request(&mut self, method: &str, params: &Value) -> Value {
        self.next += 1;
        let id = self.next;
        self.send(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}));
        loop {
            let message = self.message();
            if message["id"] == id {
                return message;
            }
        }
    }

    fn message(&mut self) -> Value {
        let mut line = String::new();
        assert!(self.output.read_line(&mut line).unwrap() > 0, "the server went away");
        serde_json::from_str(&line).expect("nothing but the protocol goes to standard output")
    }

    /// The next message that answers nothing.
    fn notification(&mut self) -> Value {
        loop {
            let message = self.message();
            if message.get("id").is_none() {
                return message;
            }
        }
    }

    fn call(&mut self, tool: &str, arguments: &Value) -> Value {
        let answer = self.request("tools/call", &json!({"name": tool, "arguments": arguments}));
        answer.get("result").cloned().unwrap_or(answer)
    }
}

impl Drop for Client {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn text(result: &Value) -> &str {
    result["content"][0]["text"].as_str().unwrap()
}

/// Every schema inside `schema`.
fn each_schema(schema: &Value, check: &mut impl FnMut(&Value)) {
    check(schema);
    match schema {
        Value::Object(object) => {
            for (key, value) in object {
                match value.as_object().filter(|_| key == "properties") {
                    Some(properties) => properties.values().for_each(|property| each_schema(property, check)),
                    None => each_schema(value, check),
                }
            }
        }
        Value::Array(list) => list.iter().for_each(|value| each_schema(value, check)),
        _ => {}
    }
}

#[test]
fn the_tools_are_listed_with_schemas_that_every_client_takes() {
    let mut client = Client::of(&["--demo"]);
    let tools = client.request("tools/list", &json!({}))["result"]["tools"].clone();
    for tool in tools.as_array().unwrap() {
        assert!(tool["title"].is_string() && tool["description"].as_str().unwrap().contains("Use it"));
        assert_eq!(tool["annotations"]["readOnlyHint"], true);
        assert_eq!(tool["annotations"]["openWorldHint"], false);
        for side in ["inputSchema", "outputSchema"] {
            assert_eq!(tool[side]["type"], "object", "{side} of {}", tool["name"]);
            each_schema(&tool[side], &mut |schema| {
                for word in ["$ref", "oneOf", "anyOf", "allOf", "format", "$defs"] {
                    assert!(schema.get(word).is_none(), "{word} in {side} of {}: {schema}", tool["name"]);
                }
                assert!(schema.get("type").is_none_or(|kind| !kind.is_array()), "{schema}");
            });
        }
    }
    let schemas = |side: &str| tools.as_array().unwrap().iter().map(|tool| tool[side].clone()).collect::<Vec<_>>();
    insta::assert_json_snapshot!(schemas("inputSchema"));
    insta::assert_json_snapshot!("what_tools_answer", schemas("outputSchema"));
}

#[test]
fn an_answer_has_fields_and_a_text_that_stands_alone() {
    let mut client = Client::of(&["--demo"]);
    let result = client.call("generate_policies", &json!({}));
    assert_eq!(result["structuredContent"]["proof"]["holds"], true);
    assert!(result["structuredContent"]["inputs"]["stack"].as_str().unwrap().len() == 64);
    assert!(text(&result).contains("The proof holds") && !text(&result).starts_with('{'));
    let diagram = client.call("render_diagram", &json!({"scope": "checkout", "part": null}));
    assert!(text(&diagram).contains("```mermaid\nflowchart LR"));
    assert_eq!(diagram["structuredContent"]["scope"], "shop", "a component stands for its namespace");
}

#[test]
fn a_picture_is_an_image_or_a_resource_beside_the_answer() {
    let mut client = Client::of(&["--demo"]);
    let mut drawn = |format: &str| client.call("render_diagram", &json!({"scope": "tokens", "format": format}));
    let (png, svg) = (drawn("png"), drawn("svg"));
    for result in [&png, &svg] {
        assert!(text(result).contains("picture beside this text") && text(result).len() < 2_000);
        assert!(result["structuredContent"].to_string().len() < 2_000, "no picture is among the fields");
        assert_eq!(result["structuredContent"]["charts_total"], 1);
    }
    let [image, resource] = [&png, &svg].map(|result| &result["content"][1]);
    assert_eq!((&image["type"], &image["mimeType"]), (&"image".into(), &"image/png".into()));
    assert!(image["data"].as_str().unwrap().starts_with("iVBORw0KGgo"), "base64 of a PNG");
    assert_eq!(resource["resource"]["mimeType"], "image/svg+xml");
    assert!(resource["resource"]["text"].as_str().unwrap().starts_with("<svg"));
}

#[test]
fn a_level_may_be_asked_for_and_leaves_the_loaded_one_alone() {
    let mut client = Client::of(&["--demo"]);
    assert_eq!(client.call("generate_policies", &json!({"level": "none"}))["structuredContent"]["level"], "none");
    assert_eq!(client.call("generate_policies", &json!({}))["structuredContent"]["level"], "pci_dss_strict");
}

#[test]
fn a_wrong_argument_is_answered_with_what_would_have_been_right() {
    let mut client = Client::of(&["--demo"]);
    for (arguments, expected) in [
        (json!({"scope": "card-valt"}), "did you mean `card-vault`?"),
        (json!({"scoop": "card-vault"}), "expected one of"),
        (json!({"part": 7}), "this scope has 1"),
        (json!({"stack": "other"}), "no stack `other`"),
    ] {
        let result = client.call("render_diagram", &arguments);
        assert_eq!(result["isError"], true);
        assert!(text(&result).contains(expected), "{}", text(&result));
    }
    let unknown = client.request("tools/call", &json!({"name": "render_digram", "arguments": {}}));
    assert!(unknown["error"]["message"].as_str().unwrap().contains("did you mean `render_diagram`?"), "{unknown}");
}

#[test]
fn a_server_on_a_bad_file_starts_lists_its_tools_and_says_what_is_wrong_where() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    fs::write(&file, "components:\n  a: {type: redis, name: a, attributes: {namespace: A}}\n").unwrap();
    let mut client = Client::of(&["--stack", file.to_str().unwrap()]);
    assert_eq!(client.request("tools/list", &json!({}))["result"]["tools"].as_array().unwrap().len(), 9);
    for arguments in [json!({}), json!({"stack": "anything"})] {
        let result = client.call("generate_policies", &arguments);
        assert_eq!(result["isError"], true);
        assert!(text(&result).contains("stack-metadata.yaml:2:42"), "{}", text(&result));
    }
}

#[test]
fn a_server_writes_at_the_level_of_the_file_or_of_the_operator_alone() {
    for (flags, set) in [(&["--demo"][..], "pci_dss_strict"), (&["--demo", "--level", "standard"], "standard")] {
        let folder = tempfile::tempdir().unwrap();
        let mut client = Client::of(&[flags, &["--output-dir", folder.path().to_str().unwrap()]].concat());
        let tools = client.request("tools/list", &json!({}))["result"]["tools"].clone();
        let tool = tools.as_array().unwrap().iter().find(|tool| tool["name"] == "generate_policies").unwrap();
        assert_eq!(
            (&tool["annotations"]["readOnlyHint"], &tool["annotations"]["destructiveHint"]),
            (&false.into(), &true.into())
        );
        let mut write = |level: Value| client.call("generate_policies", &json!({"write": true, "level": level}));
        assert_ne!(write(Value::Null)["isError"], true);
        let files = || fs::read_dir(folder.path().join("payments-shop")).unwrap().count();
        let written = files();
        for level in ["none", "standard", "pci_dss_strict"] {
            let result = write(json!(level));
            if level == set {
                assert_ne!(result["isError"], true, "{result}");
            } else {
                assert!(result["isError"] == true && text(&result).contains("are not written at level"), "{result}");
            }
            assert_eq!(files(), written);
        }
    }
}

#[test]
fn a_server_writes_only_where_it_was_told_to() {
    let mut client = Client::of(&["--demo"]);
    let refused = client.call("generate_policies", &json!({"write": true}));
    assert!(refused["isError"] == true && text(&refused).contains("--output-dir"));
    let folder = tempfile::tempdir().unwrap();
    let mut client = Client::of(&["--demo", "--output-dir", folder.path().to_str().unwrap()]);
    let tools = client.request("tools/list", &json!({}))["result"]["tools"].clone();
    let generate = tools.as_array().unwrap().iter().find(|tool| tool["name"] == "generate_policies").unwrap();
    assert_eq!(generate["annotations"]["readOnlyHint"], false);
    let result = client.call("generate_policies", &json!({"write": true}));
    let written = result["structuredContent"]["written"].as_str().unwrap().to_owned();
    assert_eq!(Path::new(&written), folder.path().join("payments-shop"));
    assert!(Path::new(&written).join("kustomization.yaml").is_file());
}

#[test]
fn questions_that_write_at_the_same_time_all_write_and_what_is_left_is_whole() {
    let folder = tempfile::tempdir().unwrap();
    let mut client = Client::of(&["--demo", "--output-dir", folder.path().to_str().unwrap()]);
    let call = json!({"name": "generate_policies", "arguments": {"write": true}});
    for id in 101..=124 {
        client.send(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": call}));
    }
    for _ in 101..=124 {
        let answer = client.message();
        assert!(answer["result"]["structuredContent"]["written"].is_string(), "{answer}");
    }
    let written = folder.path().join("payments-shop");
    crate::program::program().args(["verify", "--demo", "--against"]).arg(&written).assert().success();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing half written is left beside it");
}

#[test]
fn mcp_json_starts_this_program_on_the_demo() {
    let text = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("mcp.json")).unwrap();
    let config: Value = serde_json::from_str(&text).unwrap();
    let server = &config["mcpServers"]["pci-compliance-mcp"];
    assert_eq!(server["command"], "pci-compliance-mcp");
    let arguments: Vec<&str> =
        server["args"].as_array().unwrap().iter().map(|argument| argument.as_str().unwrap()).collect();
    assert_eq!(arguments[0], "serve");
    let mut client = Client::of(&arguments[1..]);
    assert_eq!(client.call("generate_policies", &json!({}))["structuredContent"]["demo"], true);
}

#[test]
fn a_server_of_today_counts_the_attestations_that_hold_today_and_another_day_may_still_be_asked_about() {
    let mut client = Client::of(&["--demo", "--today"]);
    let today = client.call("pci_compliance_overview", &json!({}))["structuredContent"].take();
    let day = today["as_of"].as_str().unwrap();
    assert!(day > "2026" && day.len() == 10, "{day}");
    let other = client.call("pci_compliance_overview", &json!({"as_of": "2026-03-01"}))["structuredContent"].take();
    assert_eq!(other["as_of"], "2026-03-01");
    crate::program::program().args(["serve", "--demo", "--today", "--as-of", "2026-01-01"]).assert().code(2);
}

#[test]
fn a_client_that_closes_ends_the_server() {
    let mut client = Client::of(&["--demo"]);
    let child = std::mem::replace(&mut client.child, Command::new("true").spawn().unwrap());
    drop(client);
    let mut child = child;
    assert!(child.wait().unwrap().success());
}

/// Tokens of compact JSON or text, four characters each.
fn tokens(text: &str) -> usize {
    text.chars().count() / 4
}

#[test]
fn the_catalogue_of_tools_and_every_answer_fit_a_chat() {
    let mut client = Client::of(&["--demo"]);
    let tools = client.request("tools/list", &json!({}))["result"]["tools"].clone();
    assert!(tokens(&tools.to_string()) <= 6_000, "{}", tokens(&tools.to_string()));
    let requirements = (1..=12).map(|number| ("pci_compliance_requirement", json!({"requirement": number})));
    let others = [
        ("pci_compliance_overview", json!({})),
        ("pci_compliance_gaps", json!({})),
        ("pci_compliance_gaps", json!({"as_of": "2026-11-01"})),
        ("pci_compliance_component_impact", json!({"component_type": "falco"})),
        ("pci_compliance_component_impact", json!({"component_type": "keycloak", "action": "remove"})),
        ("what_if", json!({"changes": [{"op": "remove_component", "name": "logs"}]})),
        ("describe_stack", json!({})),
        ("generate_policies", json!({})),
        ("explain_flow", json!({"from": "checkout", "to": "card-vault", "port": 8443})),
    ];
    for (tool, arguments) in requirements.chain(others) {
        let result = client.call(tool, &arguments);
        assert_ne!(result["isError"], true, "{tool}: {}", text(&result));
        let (said, fields) = (tokens(text(&result)), tokens(&result["structuredContent"].to_string()));
        assert!(said <= 1_500, "{tool} {arguments}: {said}");
        assert!(fields <= 2_500, "{tool} {arguments}: {fields}");
    }
}

#[test]
fn odd_arguments_of_gaps_are_taken_or_refused_and_never_answered_with_nothing() {
    let mut client = Client::of(&["--demo"]);
    let tool = "pci_compliance_gaps";
    let nulls = json!({"what_if": null, "limit": null, "requirement": null, "cursor": null, "as_of": null});
    let first = client.call(tool, &nulls);
    assert_ne!(first["isError"], true, "{}", text(&first));
    let cursor = first["structuredContent"]["next_cursor"].as_str().unwrap().to_owned();
    let second = client.call(tool, &json!({"cursor": cursor}));
    assert_eq!(second["structuredContent"]["gaps"][0]["rank"], 11);
    for (arguments, expected) in [
        (json!({"requirement": 13}), "`requirement` is 1 to 12"),
        (json!({"milestone": 0}), "`milestone` is 1 to 6"),
        (json!({"limit": 0}), "`limit` is at least 1"),
        (json!({"cursor": cursor, "requirement": 1}), "start again"),
        (json!({"cursor": "10"}), "`next_cursor`"),
        (json!({"as_of": "soon"}), "2026-01-15"),
    ] {
        let result = client.call(tool, &arguments);
        assert_eq!(result["isError"], true, "{arguments}");
        assert!(text(&result).contains(expected), "{arguments}: {}", text(&result));
    }
}
