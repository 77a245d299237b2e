//! A machine that fails: readers that have gone, disks without room, runs that were killed. docs/faults.md lists what holds.
//! The feature `faults` adds the tests that need root, mounts, strace or libfaketime, or that take minutes.

#[cfg(feature = "faults")]
mod changing;
#[cfg(feature = "faults")]
mod clocks;
#[cfg(feature = "faults")]
mod disks;
#[cfg(feature = "faults")]
mod kills;
#[cfg(feature = "faults")]
mod machine;
#[cfg(feature = "faults")]
mod permissions;
#[cfg(feature = "faults")]
mod readers;

use std::{
    fs::{self, File, OpenOptions},
    path::Path,
    process::{Command, Output, Stdio},
};

use rustix::fs::{FlockOperation, flock};

const COMMANDS: [&[&str]; 11] = [
    &["generate", "--demo", "--dry-run"],
    &["generate", "--demo", "--dry-run", "--json"],
    &["stack", "--demo"],
    &["diagram", "--demo"],
    &["report", "--demo"],
    &["verify", "--demo"],
    &["overview", "--demo", "--bulk", "--as-of", "2026-06-15"],
    &["schema", "stack"],
    &["--help"],
    &["explain", "--help"],
    &["--version"],
];

/// What becomes of `arguments` where answers go to `out` and all else to `err`.
fn run(arguments: &[&str], out: impl Into<Stdio>, err: impl Into<Stdio>) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"));
    command.args(arguments).stdin(Stdio::null()).stdout(out).stderr(err).spawn().unwrap().wait_with_output().unwrap()
}

fn said(output: &Output) -> (Option<i32>, String) {
    (output.status.code(), String::from_utf8(output.stderr.clone()).unwrap())
}

/// A pipe that nobody reads any more.
fn gone() -> std::io::PipeWriter {
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    writer
}

fn full() -> File {
    OpenOptions::new().write(true).open("/dev/full").unwrap()
}

#[test]
fn a_command_whose_reader_has_gone_ends_as_if_there_were_one() {
    for command in COMMANDS {
        assert_eq!(said(&run(command, gone(), Stdio::piped())), (Some(0), String::new()), "{command:?}");
    }
}

#[test]
fn an_answer_for_which_there_is_no_room_is_an_error_even_if_nobody_hears_of_it() {
    for command in COMMANDS {
        let (code, error) = said(&run(command, full(), Stdio::piped()));
        assert_eq!(code, Some(2), "{command:?}");
        assert!(error.starts_with("error: ") && error.contains("No space left"), "{command:?}: {error}");
        assert_eq!(run(command, full(), full()).status.code(), Some(2), "{command:?}");
    }
}

#[test]
fn what_a_killed_run_left_of_a_document_goes_with_the_next_and_what_another_still_writes_stays() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.mmd");
    let staged = |number: u32| folder.path().join(format!(".x.mmd.{number}.pci-compliance-staging"));
    let write = || run(&["diagram", "--demo", "--out", out.to_str().unwrap()], Stdio::null(), Stdio::piped());
    let there = || fs::read_dir(folder.path()).unwrap().count();
    fs::write(staged(0), "half").unwrap();
    assert_eq!(said(&write()), (Some(0), String::new()));
    assert_eq!(there(), 1, "what was left is gone");

    let other = File::create(staged(0)).unwrap();
    flock(&other, FlockOperation::NonBlockingLockExclusive).unwrap();
    fs::write(&out, "old").unwrap();
    assert_eq!(said(&write()), (Some(0), String::new()));
    assert!(fs::read_to_string(&out).unwrap().starts_with("flowchart"));
    assert!(staged(0).exists() && there() == 2, "another run's is not touched");
    drop(other);
    assert_eq!(said(&write()), (Some(0), String::new()));
    assert_eq!(there(), 1);
}

#[test]
fn a_document_written_by_many_runs_at_once_is_one_of_theirs() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("x.mmd");
    let wanted = run(&["diagram", "--demo"], Stdio::piped(), Stdio::null()).stdout;
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let run = run(&["diagram", "--demo", "--out", out.to_str().unwrap()], Stdio::null(), Stdio::piped());
                assert_eq!(said(&run), (Some(0), String::new()));
            });
        }
    });
    assert_eq!(fs::read(&out).unwrap(), wanted);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

/// All Rust text below `folder`.
fn rust_text(folder: &Path) -> String {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts = entries.map(|path| match path.extension() {
        _ if path.is_dir() => rust_text(&path),
        Some(extension) if extension == "rs" => fs::read_to_string(&path).unwrap(),
        _ => String::new(),
    });
    texts.collect()
}

#[test]
fn every_test_that_the_page_of_faults_names_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let code = ["tests", "src", "crates"].map(|folder| rust_text(&root.join(folder))).concat();
    let page = fs::read_to_string(root.join("docs/faults.md")).unwrap();
    let rows: Vec<&str> = page.lines().filter(|line| line.starts_with("| ") && line.contains('`')).collect();
    assert!(rows.len() > 10, "the table is not found");
    for row in rows {
        let shown_by = row.trim_end_matches(" |").rsplit(" | ").next().unwrap();
        let named: Vec<&str> = shown_by.split('`').skip(1).step_by(2).collect();
        assert!(!named.is_empty(), "no test shows this: {row}");
        for name in named {
            assert!(
                code.contains(&format!("fn {name}(")),
                "docs/faults.md names the test `{name}`, which does not exist"
            );
        }
    }
}
