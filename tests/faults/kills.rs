//! Runs that are killed.

use std::{
    fs,
    os::unix::process::ExitStatusExt,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use super::machine::{LEVELS, both_levels, generate, generating, held, names, run, succeeded, text};

/// How many runs are killed; `FAULT_KILLS` changes it.
fn times() -> u32 {
    std::env::var("FAULT_KILLS").map_or(200, |times| times.parse().unwrap())
}

/// Kills a run after `delay`. Returns whether it was still running.
fn killed(arguments: &[&str], delay: Duration) -> bool {
    let mut command = Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"));
    let mut child = command.args(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    thread::sleep(delay);
    child.kill().unwrap();
    child.wait().unwrap().signal() == Some(9)
}

#[test]
fn a_run_killed_at_any_time_leaves_the_old_folder_or_the_new_and_the_next_leaves_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let out = home.path().join("out");
    let whole = both_levels(&out);
    let begun = Instant::now();
    succeeded(&generate(LEVELS[0], &out));
    let span = begun.elapsed();
    let (mut died, mut littered) = (0, 0);
    for number in 0..times() {
        let now = number as usize % 2;
        let arguments = generating(LEVELS[now], text(&out));
        let delay = span.mul_f64(1.1 * (f64::from(number) + 0.5) / f64::from(times()));
        died += u32::from(killed(&arguments.each_ref().map(String::as_str), delay));
        assert!(whole.contains(&held(&out)), "kill {number}: a mixture of two folders");
        littered += u32::from(names(home.path()).len() > 1);
        succeeded(&generate(LEVELS[1 - now], &out));
        assert!(held(&out) == whole[1 - now], "the run after kill {number} wrote something else");
        assert_eq!(names(home.path()), ["out"], "the run after kill {number}");
    }
    assert!(died > times() / 2, "only {died} runs were killed before their end");
    assert!(littered > 0 || times() < 100, "no run was killed while it wrote");
}

#[test]
fn a_run_killed_at_any_time_leaves_the_old_document_or_the_new_and_the_next_leaves_nothing_else() {
    let home = tempfile::tempdir().unwrap();
    let file = home.path().join("report.md");
    let report = |day| ["report", "--demo", "--as-of", day, "--out", text(&file)];
    let mut span = Duration::ZERO;
    let texts = ["2026-01-01", "2026-06-01"].map(|day| {
        let begun = Instant::now();
        succeeded(&run(&report(day)));
        span = begun.elapsed();
        fs::read(&file).unwrap()
    });
    let kills = times() / 2;
    for number in 0..kills {
        // Most of the time goes into computing; only the end writes.
        let delay = span.mul_f64(0.6 + 0.5 * f64::from(number) / f64::from(kills));
        killed(&report("2026-01-01"), delay);
        assert!(texts.contains(&fs::read(&file).unwrap()), "kill {number}: half a document");
    }
    succeeded(&run(&report("2026-01-01")));
    assert_eq!(names(home.path()), ["report.md"]);
}
