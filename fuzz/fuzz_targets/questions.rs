//! Any words as a question to the answers behind the protocol: a tool's name and arguments, a URI, or a prompt's name and
//! arguments. What is answered fits a chat, and no secret of the stacks comes out.
#![no_main]

use std::collections::BTreeMap;

use held::{errors, secrets, stacks};
use libfuzzer_sys::fuzz_target;
use pci_ask::{
    prompts, resources,
    tools::{self, Context, Detail, WriteTo},
};
use pci_stack::Watch;
use serde_json::{Map, Value};

/// How many characters the text or the fields of an answer may have: 8,000 tokens, in full.
const LONGEST: usize = 32_000;

fuzz_target!(|text: &str| {
    let (head, rest) = text.split_once('\n').unwrap_or((text, ""));
    let is_secret = !text.contains(secrets::CANARY);
    let said = if let Some(tool) = tools::ALL.iter().find(|tool| tool.name == head) {
        let Ok(arguments) = serde_json::from_str(rest) else { return };
        asked(tool, arguments)
    } else if head.starts_with("pci:") {
        match resources::read(&stacks::FLEET, pci_compliance::shipped::PAGE, head, &Watch::patient()) {
            Ok(content) => content.text,
            Err(error) => said(error.to_string()),
        }
    } else {
        prompted(head, rest)
    };
    if is_secret {
        secrets::hold(&said);
    }
});

fn asked(tool: &tools::Tool, arguments: Map<String, Value>) -> String {
    let (fleet, watch) = (&*stacks::FLEET, &Watch::patient());
    let context =
        Context { fleet, write_to: WriteTo::Nowhere, detail: Detail::Summary, given: None, what_if: &[], watch };
    match tool.ask(&context, arguments) {
        Ok(reply) => {
            let fields = reply.fields.to_string();
            assert!(reply.fields.is_object(), "fields are an object");
            assert!(reply.text.chars().count() <= LONGEST && fields.chars().count() <= LONGEST, "too long for a chat");
            let odd = reply.text.chars().find(|c| c.is_control() && *c != '\n');
            assert_eq!(odd, None, "a control character in {:?}", reply.text);
            reply.text + &fields
        }
        Err(error) => said(error.to_string()),
    }
}

fn prompted(name: &str, rest: &str) -> String {
    let arguments: BTreeMap<String, String> = serde_json::from_str(rest).unwrap_or_default();
    for (argument, typed) in &arguments {
        let _ = prompts::complete(&stacks::FLEET, name, argument, typed);
        let _ = resources::complete(&stacks::FLEET, name, argument, typed, &arguments);
    }
    let Some(prompt) = prompts::ALL.iter().find(|prompt| prompt.name == name) else { return String::new() };
    match (prompt.text)(&stacks::FLEET, &arguments, &Watch::patient()) {
        Ok(text) => text,
        Err(error) => said(error.to_string()),
    }
}

/// An error, which may have a line for each thing that is wrong.
fn said(error: String) -> String {
    error.lines().for_each(errors::words);
    error
}
