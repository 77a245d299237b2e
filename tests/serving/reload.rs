//! Files that change under a running server.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::symlink,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use pci_ask::tools::{self, Context, Detail, WriteTo};
use pci_compliance::{
    mcp,
    shipped::{DEMO, SHIPPED},
};
use pci_engine::load::{Origin, Stacks};
use pci_fixtures::component;
use pci_stack::{Digest, Watch};
use serde_json::{Map, Value, json};

use super::http::{Server, counted};

/// The small stack with the component `name`.
fn with(name: &str) -> String {
    let components = component(name, "redis", "", &[]);
    format!(
        "components:\n{components}configuration:\n  system_name: small\n  microsegmentation_level: pci_dss_strict\n"
    )
}

const BROKEN: &str = "components:\n  a: {type: redis, name: a, attributes: {namespace: A}}\n";

/// How often something is done that `variable` may say otherwise.
fn times(variable: &str, usual: usize) -> usize {
    std::env::var(variable).ok().and_then(|times| times.parse().ok()).unwrap_or(usual)
}

/// Waits until what the server describes is as `is_as_expected`.
fn wait_for(server: &Server, is_as_expected: impl Fn(&Value) -> bool) -> Value {
    let begun = Instant::now();
    loop {
        let answer = server.call("describe_stack", &json!({}));
        if is_as_expected(&answer) {
            return answer;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "{answer}");
        thread::sleep(Duration::from_millis(10));
    }
}

fn has(answer: &Value, name: &str) -> bool {
    answer["structuredContent"]["components"][0]["name"] == name
}

#[test]
fn what_is_saved_is_answered_of_whether_written_in_place_or_renamed_over() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    fs::write(&file, with("one")).unwrap();
    let server = Server::of(&["--stack", file.to_str().unwrap()]);
    wait_for(&server, |answer| has(answer, "one"));
    fs::write(&file, with("two")).unwrap();
    wait_for(&server, |answer| has(answer, "two"));
    let aside = folder.path().join(".stack-metadata.yaml.swp");
    fs::write(&aside, with("three")).unwrap();
    fs::rename(&aside, &file).unwrap();
    wait_for(&server, |answer| has(answer, "three"));
    fs::write(folder.path().join("pci-profile.yaml"), "cluster: {dns: coredns}\n").unwrap();
    wait_for(&server, |answer| answer["structuredContent"]["inputs"]["profile"].is_string());
    fs::remove_file(folder.path().join("pci-profile.yaml")).unwrap();
    wait_for(&server, |answer| answer["structuredContent"]["inputs"].get("profile").is_none());
}

#[test]
fn a_config_map_is_followed_through_the_swap_of_its_links() {
    let folder = tempfile::tempdir().unwrap();
    let mount = folder.path();
    let publish = |version: &str, name: &str| {
        fs::create_dir(mount.join(version)).unwrap();
        fs::write(mount.join(version).join("stack-metadata.yaml"), with(name)).unwrap();
        symlink(version, mount.join("..data_tmp")).unwrap();
        fs::rename(mount.join("..data_tmp"), mount.join("..data")).unwrap();
    };
    publish("..2026_01", "one");
    symlink("..data/stack-metadata.yaml", mount.join("stack-metadata.yaml")).unwrap();
    let server = Server::of(&["--stack", mount.join("stack-metadata.yaml").to_str().unwrap()]);
    wait_for(&server, |answer| has(answer, "one"));
    publish("..2026_02", "two");
    fs::remove_dir_all(mount.join("..2026_01")).unwrap();
    wait_for(&server, |answer| has(answer, "two"));
}

#[test]
fn a_bad_file_leaves_the_last_good_one_and_every_answer_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    fs::write(&file, with("one")).unwrap();
    let server = Server::of(&["--stack", file.to_str().unwrap()]);
    fs::write(&file, BROKEN).unwrap();
    let stale = wait_for(&server, |answer| answer["structuredContent"].get("stale").is_some());
    assert!(has(&stale, "one"));
    let why = stale["structuredContent"]["stale"].as_str().unwrap();
    assert!(why.contains("stack-metadata.yaml:2:42"), "{why}");
    let said = stale["content"][0]["text"].as_str().unwrap();
    assert!(said.starts_with("**This is of earlier files**") && said.contains(":2:42"), "{said}");
    for (tool, arguments) in [
        ("pci_compliance_overview", json!({})),
        ("pci_compliance_requirement", json!({"requirement": 1})),
        ("pci_compliance_gaps", json!({})),
        ("pci_compliance_component_impact", json!({"component_type": "falco"})),
        ("what_if", json!({"changes": [{"op": "remove_component", "name": "one"}]})),
        ("generate_policies", json!({})),
        ("render_diagram", json!({})),
        ("explain_flow", json!({"from": "one", "to": "internet"})),
    ] {
        let answer = server.call(tool, &arguments);
        assert_eq!(answer["structuredContent"]["stale"], why, "{tool}: {answer}");
    }
    for uri in ["report", "diagram", "requirement/1", "control/1.2.1", "component/one", "manifest"] {
        let read = server.request("resources/read", &json!({"uri": format!("pci://small/{uri}")}));
        let content = &read["result"]["contents"][0];
        assert_eq!(content["_meta"]["stale"], why, "{uri}");
        let is_file = uri == "manifest";
        assert_eq!(content["text"].as_str().unwrap().contains(":2:42"), !is_file, "{uri}: {content}");
    }
    for (name, arguments) in [("assess_stack", json!({})), ("prepare_evidence", json!({"requirement": "1"}))] {
        let said = server.request("prompts/get", &json!({"name": name, "arguments": arguments}));
        let said = said["result"]["messages"][0]["content"]["text"].as_str().unwrap().to_owned();
        assert!(said.starts_with("**This is of earlier files**") && said.contains(":2:42"), "{said}");
    }
    let mut ready = server.get("/readyz");
    assert_eq!(ready.status(), 200);
    let body = ready.body_mut().read_to_string().unwrap();
    assert_eq!(body, r#"{"ready":true,"stacks":1,"stale":1,"unreadable":0}"#);
    assert_eq!(counted(&server, "pci_compliance_mcp_stacks_stale"), 1);
    assert_eq!(counted(&server, "pci_compliance_mcp_load_failures_total"), 1);
    fs::write(&file, with("two")).unwrap();
    let good = wait_for(&server, |answer| has(answer, "two"));
    assert!(good["structuredContent"].get("stale").is_none());
    fs::remove_file(&file).unwrap();
    let gone = wait_for(&server, |answer| answer["structuredContent"].get("stale").is_some());
    assert!(has(&gone, "two") && gone["structuredContent"]["stale"].as_str().unwrap().contains("no such file"));
}

#[test]
fn stacks_come_and_go_and_one_that_breaks_leaves_the_others_alone() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        fs::create_dir_all(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("stack-metadata.yaml"), text).unwrap();
    };
    put("a", &with("one"));
    let server = Server::of(&["--stacks", folder.path().to_str().unwrap()]);
    wait_for(&server, |answer| has(answer, "one"));
    put("b", &with("two").replace("small", "other"));
    wait_for(&server, |answer| answer["content"][0]["text"].as_str().unwrap().contains("`other`, `small`"));
    put("a", BROKEN);
    let begun = Instant::now();
    while server.text("/readyz") != r#"{"ready":true,"stacks":2,"stale":1,"unreadable":0}"# {
        assert!(begun.elapsed() < Duration::from_secs(30), "{}", server.text("/readyz"));
    }
    let other = server.call("describe_stack", &json!({"stack": "other"}));
    assert!(has(&other, "two") && other["structuredContent"].get("stale").is_none());
    fs::remove_dir_all(folder.path().join("b")).unwrap();
    wait_for(&server, |answer| has(answer, "one"));
}

#[test]
fn a_stack_that_takes_the_name_of_another_stays_what_it_was_and_leaves_the_other_alone() {
    for (taker, owner) in [("a", "b"), ("b", "a")] {
        let folder = tempfile::tempdir().unwrap();
        let put = |name: &str, text: &str| {
            fs::create_dir_all(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("stack-metadata.yaml"), text).unwrap();
        };
        put(taker, &with("one").replace("small", "shop"));
        put(owner, &with("two").replace("small", "web"));
        let server = Server::of(&["--stacks", folder.path().to_str().unwrap()]);
        put(taker, &with("one").replace("small", "web"));
        let ready = r#"{"ready":true,"stacks":2,"stale":1,"unreadable":0}"#;
        let begun = Instant::now();
        while server.text("/readyz") != ready {
            assert!(begun.elapsed() < Duration::from_secs(30), "{}", server.text("/readyz"));
            thread::sleep(Duration::from_millis(20));
        }
        let shop = server.call("describe_stack", &json!({"stack": "shop"}));
        assert!(shop["structuredContent"]["stale"].as_str().unwrap().contains("another stack's id is `web` too"));
        let web = server.call("describe_stack", &json!({"stack": "web"}));
        assert!(has(&web, "two") && web["structuredContent"].get("stale").is_none(), "{web}");
    }
}

#[test]
fn files_that_do_not_change_are_not_read_again_and_again() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["a", "a\u{200b}"] {
        fs::create_dir(folder.path().join(name)).unwrap();
        let text = with("one").replace("small", &format!("s{}", name.len()));
        fs::write(folder.path().join(name).join("stack-metadata.yaml"), text).unwrap();
    }
    let server = Server::of(&["--stacks", folder.path().to_str().unwrap()]);
    thread::sleep(Duration::from_secs(3));
    let loads = counted(&server, "pci_compliance_mcp_loads_total");
    assert!(loads <= 4, "{loads}");
}

#[test]
fn every_change_that_the_watcher_sees_is_the_last_one_made() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    fs::write(&file, with("start")).unwrap();
    let server = Server::of(&["--stack", file.to_str().unwrap()]);
    for number in 0..times("WATCHED_SWAPS", 5) {
        // A third of them is broken, and gone before the good one that follows may have been seen.
        if number % 3 == 2 {
            fs::write(&file, BROKEN).unwrap();
        }
        let name = format!("c{number}");
        fs::write(&file, with(&name)).unwrap();
        let answer = wait_for(&server, |answer| has(answer, &name));
        let digest = Digest::of(with(&name).as_bytes()).to_string();
        assert_eq!(answer["structuredContent"]["inputs"]["stack"], digest);
    }
}

/// What `describe_stack` says of `fleet`: the digest of the stack's file, and its only component.
fn described(server: &mcp::Server) -> (String, String) {
    let (fleet, watch) = (server.fleet(), Watch::patient());
    let (write_to, detail) = (WriteTo::Nowhere, Detail::Summary);
    let context = Context { fleet: &fleet, write_to, detail, given: None, what_if: &[], watch: &watch };
    let tool = tools::in_chat().find(|tool| tool.name == "describe_stack").unwrap();
    let fields = tool.ask(&context, Map::new()).expect("no answer fails").fields;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&fields["inputs"]["stack"]), text(&fields["components"][0]["name"]))
}

fn of_file(file: &Path) -> mcp::Server {
    let stacks = Stacks::File(file.to_owned());
    let origin =
        Origin { shipped: SHIPPED, stacks, exceptions: None, profile: None, catalog: None, level: None, as_of: None };
    mcp::Server::new(origin.load().unwrap(), Some(origin), false, WriteTo::Nowhere)
}

#[test]
fn under_load_no_answer_fails_and_none_mixes_two_states_while_files_are_swapped() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    let names: Vec<String> = (0..4).map(|number| format!("c{number}")).collect();
    let known: BTreeMap<String, &String> =
        names.iter().map(|name| (Digest::of(with(name).as_bytes()).to_string(), name)).collect();
    fs::write(&file, with("c0")).unwrap();
    let server = of_file(&file);
    let (is_over, asked) = (AtomicBool::new(false), AtomicUsize::new(0));
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while !is_over.load(Ordering::Relaxed) {
                    let (digest, name) = described(&server);
                    assert_eq!(known[&digest], &name);
                    asked.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
        for number in 0..times("SWAPS", 60) {
            let name = &names[number % names.len()];
            fs::write(&file, if number % 3 == 2 { BROKEN.to_owned() } else { with(name) }).unwrap();
            server.reload();
            let expected = if number % 3 == 2 { None } else { Some(name) };
            assert!(expected.is_none_or(|name| *name == described(&server).1));
            assert_eq!(server.fleet().members().next().unwrap().1.stale().is_some(), expected.is_none());
        }
        is_over.store(true, Ordering::Relaxed);
    });
    assert!(asked.load(Ordering::Relaxed) > 0);
}

#[test]
fn the_demo_has_no_files_and_is_not_read_again_and_again() {
    let stacks = Stacks::Demo(DEMO);
    let origin =
        Origin { shipped: SHIPPED, stacks, exceptions: None, profile: None, catalog: None, level: None, as_of: None };
    let first = origin.load().unwrap();
    let again = origin.load_over(&first).unwrap();
    assert!(first.snapshots().zip(&again).all(|(was, is)| Arc::ptr_eq(was, is.snapshot().unwrap())));
}
