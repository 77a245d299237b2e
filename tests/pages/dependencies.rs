//! `docs/dependencies.md`: each direct dependency with its reason; and the oldest Rust that all of them take.

use std::{collections::BTreeSet, fs, process::Command};

/// The line of `[workspace.dependencies]` from which on all is for tests alone.
const FOR_TESTS: &str = "# For tests and measurements alone.";

/// The names of other people's crates in `[workspace.dependencies]`: those in the program, and those of tests alone.
fn declared() -> [BTreeSet<String>; 2] {
    let text = fs::read_to_string(super::path("Cargo.toml")).unwrap();
    let (_, rest) = text.split_once("[workspace.dependencies]\n").unwrap();
    let (section, _) = rest.split_once("\n[").unwrap();
    let (shipped, tests) = section.split_once(FOR_TESTS).unwrap();
    [shipped, tests].map(|part| {
        let lines = part.lines().filter(|line| !line.contains("path = "));
        lines.filter_map(|line| line.split_once(" = ")).map(|(name, _)| name.to_owned()).collect()
    })
}

/// The names of a table's first column, each with what stands beside it.
fn explained(table: &str) -> Vec<(String, String)> {
    let rows = table.lines().filter_map(|line| line.strip_prefix("| `")?.split_once("` | "));
    rows.map(|(name, reason)| (name.to_owned(), reason.trim_end_matches([' ', '|']).to_owned())).collect()
}

#[test]
fn each_direct_dependency_has_its_reason_and_no_reason_is_left_over() {
    let page = fs::read_to_string(super::path("docs/dependencies.md")).unwrap();
    let (shipped, rest) = page.split_once("\n## For tests").unwrap();
    let (tests, _) = rest.split_once("\n## ").unwrap();
    for (table, declared) in [shipped, tests].into_iter().zip(declared()) {
        let rows = explained(table);
        let names: BTreeSet<String> = rows.iter().map(|(name, _)| name.clone()).collect();
        assert_eq!(names, declared, "[workspace.dependencies] and docs/dependencies.md differ");
        assert_eq!(names.len(), rows.len(), "a dependency stands twice");
        assert!(rows.iter().all(|(_, reason)| reason.len() > 15), "a reason says nothing");
    }
}

/// `1.95` and `1.95.0` are the same.
fn version(text: &str) -> (u32, u32, u32) {
    let mut numbers = text.split('.').map(|number| number.parse().unwrap());
    (numbers.next().unwrap(), numbers.next().unwrap_or(0), numbers.next().unwrap_or(0))
}

/// The platform that cargo builds for here: all that it takes is there already, since these tests were built.
fn host() -> String {
    let said = Command::new(env!("CARGO")).arg("-vV").output().unwrap();
    let said = String::from_utf8(said.stdout).unwrap();
    said.lines().find_map(|line| line.strip_prefix("host: ")).unwrap().to_owned()
}

#[test]
fn no_dependency_asks_for_a_newer_rust_than_the_program_does() {
    let asked = ["metadata", "--locked", "--format-version", "1", "--filter-platform", &host(), "--manifest-path"];
    let output = Command::new(env!("CARGO")).args(asked).arg(super::path("Cargo.toml")).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let packages = metadata["packages"].as_array().unwrap();
    let ours = packages.iter().find(|package| package["name"] == "pci-compliance-mcp").unwrap();
    let oldest = version(ours["rust_version"].as_str().unwrap());
    let newer =
        packages.iter().filter(|package| package["rust_version"].as_str().is_some_and(|asked| version(asked) > oldest));
    let newer: Vec<_> = newer.map(|package| (&package["name"], &package["rust_version"])).collect();
    assert!(newer.is_empty(), "{newer:?}");
}
