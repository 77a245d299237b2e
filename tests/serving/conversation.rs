//! The conversation in the docs: what it shows is what the server answers.

use std::{fs, path::Path};

use serde_json::Value;

use super::{Client, text};

const FENCE: &str = "~~~markdown\n";
const END: &str = "~~~\n";

/// With this set the docs are written anew.
const UPDATE: &str = "UPDATE_DOCS";

/// The page with each answer as the server gives it: a line "`tool` `arguments`" is a call, and the fence that follows
/// holds the answer.
fn answered(page: &str) -> String {
    let mut client = Client::of(&["--demo"]);
    let (mut answered, mut rest, mut calls) = (String::new(), page, 0);
    while let Some((before, after)) = rest.split_once(FENCE) {
        let (_, behind) = after.split_once(END).expect("a fence ends");
        let line = before.lines().rev().find(|line| !line.is_empty()).unwrap();
        let (tool, arguments) = line.trim_matches('`').split_once("` `").expect("a call stands before its answer");
        let arguments: Value = serde_json::from_str(arguments).unwrap();
        let said = text(&client.call(tool, &arguments)).trim_end().to_owned();
        answered.extend([before, FENCE, &said, "\n", END]);
        (rest, calls) = (behind, calls + 1);
    }
    assert!(calls >= 6, "{calls} calls");
    answered + rest
}

#[test]
fn the_conversation_in_the_docs_is_what_the_server_answers() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/conversation.md");
    let page = fs::read_to_string(&file).unwrap();
    let expected = answered(&page);
    if std::env::var_os(UPDATE).is_some() {
        fs::write(&file, &expected).unwrap();
    } else {
        assert!(page == expected, "docs/conversation.md is out of date: run the tests once with {UPDATE}=1");
    }
}
