//! The extension for pages beside answers (`io.modelcontextprotocol/ui`), as the protocol has it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Client, http::Server};

const EXTENSION: &str = "io.modelcontextprotocol/ui";

#[test]
fn the_extension_is_declared_in_both_eras_of_the_protocol() {
    let server = Server::of(&["--demo"]);
    let client = json!({"name": "test", "version": "1"});
    let old = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    let old = server.request("initialize", &old)["result"]["capabilities"].take();
    let new = server.discovered()["capabilities"].take();
    for capabilities in [old, new] {
        assert_eq!(capabilities["extensions"][EXTENSION]["mimeTypes"], json!(["text/html;profile=mcp-app"]));
        assert!(capabilities["tools"].is_object() && capabilities["resources"].is_object(), "{capabilities}");
    }
}

#[test]
fn the_tools_that_open_a_page_name_one_that_can_be_read_and_answer_as_everybody_else_does() {
    let mut client = Client::of(&["--demo"]);
    let tools = client.request("tools/list", &json!({}))["result"]["tools"].take();
    let page = |tool: &Value| tool["_meta"]["ui"]["resourceUri"].as_str().map(str::to_owned);
    let opening: Vec<&Value> = tools.as_array().unwrap().iter().filter(|tool| page(tool).is_some()).collect();
    let names: Vec<&str> = opening.iter().map(|tool| tool["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["pci_compliance_overview", "render_diagram"]);
    let uris: BTreeSet<String> = opening.iter().filter_map(|tool| page(tool)).collect();
    for uri in uris {
        let content = client.request("resources/read", &json!({ "uri": uri }))["result"]["contents"][0].take();
        assert_eq!((&content["uri"], &content["mimeType"]), (&json!(uri), &json!("text/html;profile=mcp-app")));
        assert_eq!(content["_meta"]["ui"]["csp"]["connectDomains"], json!([]));
        assert!(content["text"].as_str().unwrap().starts_with("<!doctype html>"));
    }
    for name in names {
        let answer = client.call(name, &json!({}));
        assert!(answer["_meta"].is_null() && answer["content"][0]["type"] == "text", "{name}");
        assert!(answer["structuredContent"]["stack"] == "payments-shop");
    }
}
