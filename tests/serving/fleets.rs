//! A server of several stacks.

use std::{fs, path::Path};

use pci_fixtures::{component, fixture_text};
use serde_json::json;

use super::{Client, text};
use crate::program::program;

/// A folder of stacks: the demo's, a small one, and one that can't be read.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, file: &str, text: &str| {
        let path = folder.path().join(name);
        fs::create_dir_all(&path).unwrap();
        fs::write(path.join(file), text).unwrap();
    };
    for file in ["stack-metadata.yaml", "pci-profile.yaml", "pci-exceptions.yaml"] {
        put("shop", file, &fixture_text(&format!("demo/{file}")));
    }
    put("small", "stack-metadata.yaml", &small("small"));
    put("torn", "stack-metadata.yaml", "components:\n  a: {type: redis, name: a, attributes: {namespace: A}}\n");
    put("not-a-stack", "README.md", "nothing");
    folder
}

fn small(name: &str) -> String {
    let components = component("cache", "redis", "", &[]);
    format!(
        "components:\n{components}configuration:\n  system_name: {name}\n  microsegmentation_level: pci_dss_strict\n"
    )
}

fn server(folder: &Path) -> Client {
    Client::of(&["--stacks", folder.to_str().unwrap()])
}

#[test]
fn each_stack_is_asked_by_its_id_with_what_stands_beside_it() {
    let folder = folder();
    let mut client = server(folder.path());
    let shop = client.call("describe_stack", &json!({"stack": "payments-shop"}));
    assert!(shop["structuredContent"]["inputs"]["profile"].is_string());
    let small = client.call("describe_stack", &json!({"stack": "small"}));
    assert!(small["structuredContent"]["inputs"].get("profile").is_none());
    assert_eq!(small["structuredContent"]["components"][0]["name"], "cache");
}

#[test]
fn a_question_that_names_no_stack_is_answered_with_those_there_are() {
    let folder = folder();
    let mut client = server(folder.path());
    let unnamed = client.call("describe_stack", &json!({}));
    assert_eq!(unnamed["isError"], true);
    assert!(text(&unnamed).contains("`payments-shop`, `small`, `torn`"), "{}", text(&unnamed));
    for name in ["shop", "payments-shop", "Payments-Shop"] {
        assert_eq!(
            client.call("describe_stack", &json!({"stack": name}))["structuredContent"]["stack"],
            "payments-shop"
        );
    }
    let near = client.call("describe_stack", &json!({"stack": "smal"}));
    assert!(text(&near).contains("did you mean `small`?"), "{}", text(&near));
}

#[test]
fn a_stack_that_can_t_be_read_is_asked_by_its_folder_and_leaves_the_others_alone() {
    let folder = folder();
    let mut client = server(folder.path());
    let torn = client.call("describe_stack", &json!({"stack": "torn"}));
    assert_eq!(torn["isError"], true);
    assert!(text(&torn).contains("torn/stack-metadata.yaml:2:42"), "{}", text(&torn));
    assert_ne!(client.call("describe_stack", &json!({"stack": "small"}))["isError"], true);
}

#[test]
fn of_two_stacks_with_one_id_the_first_keeps_it_and_the_other_says_so() {
    let folder = folder();
    fs::create_dir(folder.path().join("twin")).unwrap();
    fs::write(folder.path().join("twin/stack-metadata.yaml"), small("small")).unwrap();
    let mut client = server(folder.path());
    assert_ne!(client.call("describe_stack", &json!({"stack": "small"}))["isError"], true);
    let twin = client.call("describe_stack", &json!({"stack": "twin"}));
    assert!(text(&twin).contains("another stack's id is `small` too"), "{}", text(&twin));
}

#[test]
fn a_folder_without_stacks_and_flags_that_contradict_are_wrong_use() {
    let empty = tempfile::tempdir().unwrap();
    let path = empty.path().to_str().unwrap();
    let refused = program().args(["serve", "--stacks", path]).assert().code(2);
    let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(said.contains("no folder in this folder has a `stack-metadata.yaml`"), "{said}");
    program().args(["serve", "--stacks", path, "--demo"]).assert().code(2);
    program().args(["serve", "--stacks", path, "--profile", "x"]).assert().code(2);
}

#[test]
fn folders_that_look_alike_are_told_apart_and_a_folder_without_a_visible_name_hides_nobody() {
    let folder = folder();
    for (name, text) in [
        ("small\u{200b}", small("other")),
        ("x", "7".to_owned()),
        ("x\u{200b}", "7".to_owned()),
        ("\u{200b}", "7".to_owned()),
    ] {
        fs::create_dir(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("stack-metadata.yaml"), text).unwrap();
    }
    let mut client = server(folder.path());
    for (stack, id) in [("small", "small"), ("other", "other"), ("payments-shop", "payments-shop")] {
        assert_eq!(client.call("describe_stack", &json!({"stack": stack}))["structuredContent"]["stack"], id);
    }
    for stack in ["x", "x (folder)", "torn"] {
        let said = client.call("describe_stack", &json!({"stack": stack}));
        assert!(said["isError"] == true && text(&said).contains("stack-metadata.yaml:"), "{said}");
        assert!(!text(&said).contains('\u{200b}'));
    }
}
