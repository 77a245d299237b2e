//! Files that change while they are read.

use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::machine::{own_demo, refused, run, succeeded, text};

/// Reads a copy of the demo with the first `read` delayed by a second, and applies `change` meanwhile.
fn read_during(change: impl Fn(&Path, &str)) -> (std::process::Output, Vec<u8>) {
    let home = tempfile::tempdir().unwrap();
    let file = own_demo(home.path()).join("stack-metadata.yaml");
    let content = fs::read_to_string(&file).unwrap();
    let command = ["stack", "--stack", text(&file), "--json"];
    let whole = run(&command).stdout;
    let log = home.path().join("log");
    let child = Command::new("strace")
        .args(["-f", "-qq", "-o", text(&log), "-P", text(&file), "-e", "trace=open,openat,read"])
        .args(["-e", "inject=read:delay_enter=1000000:when=1"])
        .arg(env!("CARGO_BIN_EXE_pci-compliance-mcp"))
        .args(command)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("strace is installed");
    let begun = Instant::now();
    while !fs::read_to_string(&log).is_ok_and(|log| log.contains("open")) {
        assert!(begun.elapsed() < Duration::from_secs(60), "the file is never opened");
        thread::sleep(Duration::from_millis(10));
    }
    // What the program asks of the file before it reads comes within this time.
    thread::sleep(Duration::from_millis(200));
    change(&file, &content);
    (child.wait_with_output().unwrap(), whole)
}

/// A shorter text that is a stack too: its first third, cut between two components, and what follows them all.
fn shorter(content: &str) -> String {
    let lines: Vec<&str> = content.split_inclusive('\n').collect();
    let is_component = |line: &&str| line.starts_with("    ") && !line.starts_with("     ");
    let cut = (lines.len() / 3..lines.len()).find(|at| is_component(&lines[*at])).unwrap();
    let rest = lines.iter().position(|line| line.trim_start().starts_with("configuration:")).unwrap();
    [&lines[..cut], &lines[rest..]].concat().concat()
}

#[test]
fn a_file_that_is_changed_in_place_while_it_is_read_is_refused() {
    let changes: [(&str, fn(&Path, &str)); 4] = [
        ("rewritten", |file, content| fs::write(file, shorter(content)).unwrap()),
        ("truncated", |file, content| {
            let open = OpenOptions::new().write(true).open(file).unwrap();
            open.set_len(content.len() as u64 / 3).unwrap();
        }),
        ("grown", |file, _| writeln!(OpenOptions::new().append(true).open(file).unwrap(), "# more").unwrap()),
        ("overwritten", |file, _| {
            OpenOptions::new().write(true).open(file).unwrap().write_all(b"####################").unwrap();
        }),
    ];
    for (what, change) in changes {
        let (output, _) = read_during(change);
        refused(what, &output, &["stack-metadata.yaml: ", "changed while it was read"]);
    }
}

#[test]
fn a_file_that_is_removed_or_replaced_while_it_is_read_is_read_as_it_was() {
    let changes: [fn(&Path, &str); 2] = [
        |file, _| fs::remove_file(file).unwrap(),
        |file, _| {
            let other = file.with_file_name("other");
            fs::write(&other, "components: {}\n").unwrap();
            fs::rename(&other, file).unwrap();
        },
    ];
    for change in changes {
        let (output, whole) = read_during(change);
        succeeded(&output);
        assert!(output.stdout == whole);
    }
}
