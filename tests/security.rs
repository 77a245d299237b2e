//! What the pages on serving and on security say is there.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use serde_json::Value;

use crate::program::program;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn page(name: &str) -> String {
    fs::read_to_string(root().join(name)).unwrap()
}

/// What stands between backticks in `text`, which has no blocks of code.
fn quoted(text: &str) -> Vec<&str> {
    text.split('`').skip(1).step_by(2).collect()
}

/// The last cells of the tables of promises in SECURITY.md, and those before them.
fn promises(page: &str) -> Vec<(&str, &str)> {
    let start = page.find("## What must hold").unwrap();
    let end = page.find("## Out of scope").unwrap();
    let rows = page[start..end].lines().filter_map(|line| line.strip_prefix('|')?.strip_suffix('|')).map(|row| {
        let cells: Vec<&str> = row.split('|').collect();
        (cells[1], cells[2])
    });
    rows.filter(|(mechanism, _)| !mechanism.contains("---") && mechanism.trim() != "mechanism").collect()
}

/// The names of all functions marked as tests in files under `folder`.
fn tests_in(folder: &Path, found: &mut BTreeSet<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        if path.is_dir() {
            tests_in(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let text = fs::read_to_string(&path).unwrap();
            let mut is_marked = false;
            for line in text.lines().map(str::trim) {
                if line == "#[test]" {
                    is_marked = true;
                } else if let Some(rest) = line.strip_prefix("fn ").filter(|_| is_marked) {
                    found.extend(rest.split('(').next().map(str::to_owned));
                    is_marked = false;
                } else if !line.starts_with('#') && !line.starts_with("//") {
                    is_marked = false;
                }
            }
        }
    }
}

#[test]
fn every_test_that_security_names_exists_and_every_promise_has_one() {
    let mut there = BTreeSet::new();
    let crates = fs::read_dir(root().join("crates")).unwrap().map(|entry| entry.unwrap().path().join("tests"));
    crates.filter(|tests| tests.is_dir()).for_each(|tests| tests_in(&tests, &mut there));
    tests_in(&root().join("tests"), &mut there);
    assert!(there.len() > 500, "the tests are not found: {}", there.len());
    let page = page("SECURITY.md");
    let promises = promises(&page);
    assert!(promises.len() > 20, "the tables are not found: {}", promises.len());
    for (mechanism, tests) in promises {
        let named = quoted(tests);
        assert!(!named.is_empty(), "no test holds this: {mechanism}");
        for name in named {
            assert!(there.contains(name), "SECURITY.md names the test `{name}`, which does not exist");
        }
        for path in quoted(mechanism).into_iter().filter(|path| path.contains('/')) {
            assert!(root().join(path).exists(), "SECURITY.md names `{path}`, which does not exist");
        }
    }
}

#[test]
fn every_flag_and_metric_of_the_server_is_in_the_page_on_serving() {
    let page = page("docs/serving.md");
    let help = program().args(["serve", "--help"]).assert().code(0);
    let help = String::from_utf8(help.get_output().stdout.clone()).unwrap();
    let words = help.split(|c: char| c.is_whitespace() || c == '[' || c == ',').filter(|word| word.starts_with("--"));
    let flags: BTreeSet<&str> =
        words.filter(|word| word.len() > 2 && !["--help", "--version"].contains(word)).collect();
    assert!(flags.len() > 15, "{flags:?}");
    for flag in flags {
        assert!(page.contains(&format!("`{flag}")), "docs/serving.md does not name `{flag}`");
    }
    let metrics = crate::serving::metrics();
    let names = metrics.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split(' ').next());
    let names: Vec<&str> = names.collect();
    assert!(names.len() > 5, "{metrics}");
    for name in names {
        assert!(page.contains(&format!("`{name}")), "docs/serving.md does not name `{name}`");
    }
}

#[test]
fn images_are_pinned_by_digest_and_what_is_mounted_is_named() {
    let stage = page("packaging/Dockerfile");
    let images: Vec<&str> = stage.lines().filter(|line| line.starts_with("FROM ")).collect();
    assert_eq!(images.len(), 2);
    assert!(images.iter().all(|image| image.contains("@sha256:")), "{images:?}");
    let deployment = page("packaging/kubernetes/deployment.yaml");
    let (_, sources) = deployment.split_once("            sources:").unwrap();
    let (sources, _) = sources.split_once("        - name: tokens").unwrap();
    let of = |what: &str| sources.matches(what).count();
    assert_eq!((of("- secret:") + of("- configMap:"), of("items:"), of("key: stack-metadata.yaml")), (2, 2, 1));
}

#[test]
fn the_forms_for_clients_in_the_readme_are_json_whose_arguments_the_program_takes() {
    let page = page("README.md");
    let blocks: Vec<Value> = page
        .split("```json\n")
        .skip(1)
        .map(|rest| serde_json::from_str(rest.split("```").next().unwrap()).expect("it is JSON"))
        .collect();
    let servers = blocks.iter().filter_map(|block| block.get("mcpServers").or(block.get("servers")));
    let entries: Vec<&Value> = servers.flat_map(|servers| servers.as_object().unwrap().values()).collect();
    assert_eq!(entries.len(), 3);
    for entry in entries {
        let Some(arguments) = entry.get("args") else {
            assert!(entry["url"].as_str().unwrap().ends_with("/mcp"));
            assert!(entry["headers"]["Authorization"].as_str().unwrap().starts_with("Bearer "));
            continue;
        };
        assert_eq!(entry["command"], "pci-compliance-mcp");
        let own = pci_fixtures::fixture("demo/stack-metadata.yaml").to_str().unwrap().to_owned();
        let words = arguments.as_array().unwrap().iter().map(|word| word.as_str().unwrap());
        let words: Vec<String> = words.map(|word| word.replace("/absolute/path/stack-metadata.yaml", &own)).collect();
        // Its client closes at once: it started, or it would say otherwise.
        program().args(words).write_stdin("").assert().code(0);
    }
}
