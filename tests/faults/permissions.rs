//! What may not be read or written, tried as another user.

use std::{
    fs,
    os::unix::process::CommandExt,
    path::Path,
    process::{Command, Output, Stdio},
};

use super::machine::{LEVELS, allow, generate, held, names, own_demo, refused, succeeded, text};

const NOBODY: u32 = 65534;

/// Runs the copy of the program in `home` as a user without rights.
fn as_nobody(home: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(home.join("program"));
    command.args(arguments).stdin(Stdio::null()).uid(NOBODY).gid(NOBODY).output().unwrap()
}

/// A folder that others may read, with the program, since they may not read the build's.
fn home() -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    allow(home.path(), 0o755);
    fs::copy(env!("CARGO_BIN_EXE_pci-compliance-mcp"), home.path().join("program")).unwrap();
    home
}

#[test]
fn what_may_not_be_read_is_named_and_never_taken_to_be_missing() {
    let home = home();
    let run = |arguments: &[&str]| as_nobody(home.path(), arguments);
    let own = own_demo(home.path());
    let stack = own.join("stack-metadata.yaml");
    let to_read = ["generate", "--stack", text(&stack), "--dry-run", "--level", LEVELS[0]];
    succeeded(&run(&to_read));
    for name in ["stack-metadata.yaml", "pci-profile.yaml", "pci-exceptions.yaml"] {
        allow(&own.join(name), 0);
        refused(name, &run(&to_read), &[name, "permission to read the file is denied"]);
        allow(&own.join(name), 0o644);
    }
    let several = home.path().join("several");
    let one = several.join("one");
    fs::create_dir(&several).unwrap();
    fs::rename(&own, &one).unwrap();
    let overview = ["overview", "--stacks", text(&several)];
    allow(&several, 0);
    refused("a folder of stacks", &run(&overview), &["several", "permission"]);
    allow(&several, 0o755);
    allow(&one, 0o600);
    refused("a folder of one stack", &run(&overview), &[]);
    allow(&one, 0o755);
    allow(&one.join("stack-metadata.yaml"), 0);
    refused("manifests", &run(&["connectivity", text(&several)]), &["permission"]);
    let changes = home.path().join("changes.yaml");
    fs::write(&changes, "[]").unwrap();
    allow(&changes, 0);
    let words = ["changes.yaml", "permission"];
    refused("changes", &run(&["what-if", text(&changes), "--demo"]), &words);
    refused("tokens", &run(&["serve", "--demo", "--http", "0", "--token-file", text(&changes)]), &words);
}

#[test]
fn what_may_not_be_written_is_named_and_not_changed() {
    let home = home();
    let run = |arguments: &[&str]| as_nobody(home.path(), arguments);
    let out = home.path().join("out");
    succeeded(&generate(LEVELS[0], &out));
    let own = own_demo(home.path());
    let stack = own.join("stack-metadata.yaml");
    let write = |out: &Path| run(&["generate", "--stack", text(&stack), "--level", LEVELS[1], "--out", text(out)]);
    let words = ["can't", "Permission denied"];
    refused("another's folder", &write(&out), &words);
    refused("a folder in another's", &write(&home.path().join("new")), &words);
    let document = home.path().join("r.md");
    refused("a document in another's", &run(&["report", "--demo", "--out", text(&document)]), &["can't write"]);
    let shared = home.path().join("shared");
    fs::create_dir(&shared).unwrap();
    allow(&shared, 0o777);
    let moved = shared.join("out");
    fs::rename(&out, &moved).unwrap();
    let before = held(&moved);
    refused("another's folder in a shared one", &write(&moved), &words);
    assert!(held(&moved) == before);
    assert_eq!(names(&shared), ["out"]);
}
