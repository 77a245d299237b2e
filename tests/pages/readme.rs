//! The README and the program's own help name the same commands.

use std::fs;

use pci_ask::tools;

use crate::program::program;

/// What the program prints.
fn help(arguments: &[&str]) -> String {
    let output = program().args(arguments).arg("--help").output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_readme_names_every_command() {
    let readme = fs::read_to_string(super::path("README.md")).unwrap();
    let others = ["connectivity", "serve", "schema"];
    for command in tools::ALL.iter().map(|tool| tool.command).chain(others) {
        let is_there =
            readme.contains(&format!("| `{command}")) || readme.contains(&format!("pci-compliance-mcp {command} "));
        assert!(is_there, "README.md does not name `{command}`");
    }
}

#[test]
fn help_says_in_words_for_people_what_a_command_answers() {
    let overview = help(&[]);
    for tool in tools::ALL {
        assert!(overview.lines().any(|line| line.contains(tool.command) && line.contains(tool.title)), "{overview}");
        assert!(help(&[tool.command]).starts_with(tool.title), "{}", tool.command);
    }
}
