//! Disks that are full, for bytes or for inodes, and disks that are read-only.

use std::{fs, path::Path};

use rustix::fs::statvfs;
use serde_json::{Value, json};

use super::machine::{Disk, LEVELS, both_levels, generate, held, names, refused, run, succeeded, text};
use crate::serving::http::Server;

/// Fills the disk of `folder` but for `left` blocks of 4 KiB.
fn fill_bytes(folder: &Path, left: u64) {
    let disk = statvfs(folder).unwrap();
    let free = (disk.f_bavail * disk.f_frsize).saturating_sub(left * 4096);
    fs::write(folder.join("bytes"), vec![b'x'; usize::try_from(free).unwrap()]).unwrap();
}

/// Fills the disk of `folder` with files but for `left`.
fn fill_inodes(folder: &Path, left: u64) {
    for number in 0..statvfs(folder).unwrap().f_ffree.saturating_sub(left) {
        fs::write(folder.join(number.to_string()), "").unwrap();
    }
}

/// Generates with `left` free, from nothing up. Returns how often there was no room.
fn full(options: &str, fill: fn(&Path, u64)) -> usize {
    let disk = Disk::of(options);
    let (out, document, filler) = (disk.path.join("out"), disk.path.join("report.md"), disk.path.join("filler"));
    let whole = both_levels(&out);
    fs::write(&document, "old").unwrap();
    let mut refusals = 0;
    for left in [0, 1, 2, 5, 10, 20, 40, 60, 90] {
        let what = format!("{options}, {left} left");
        fs::create_dir(&filler).unwrap();
        fill(&filler, left);
        let (before, beside) = (held(&out), names(&disk.path));
        let done = generate(LEVELS[refusals % 2], &out);
        if done.status.code() != Some(0) {
            refused(&what, &done, &["can't ", "No space left"]);
            assert!(held(&out) == before, "{what}: the folder changed");
            assert_eq!(names(&disk.path), beside, "{what}");
            refusals += 1;
        }
        if left == 0 {
            let done = run(&["report", "--demo", "--out", text(&document)]);
            refused("a document", &done, &["can't write", "No space left"]);
            assert_eq!(fs::read_to_string(&document).unwrap(), "old");
            assert_eq!(names(&disk.path), beside, "a part of a document is left");
        }
        fs::remove_dir_all(&filler).unwrap();
    }
    succeeded(&generate(LEVELS[0], &out));
    assert!(held(&out) == whole[0], "with room again it writes as ever");
    refusals
}

#[test]
fn on_a_full_disk_nothing_changes_and_with_room_again_the_next_run_succeeds() {
    let refusals = full("size=8m", fill_bytes) + full("size=32m,nr_inodes=800", fill_inodes);
    assert!(refusals > 6, "the disk was full only {refusals} times");
}

#[test]
fn a_server_on_a_full_disk_says_so_goes_on_and_writes_once_there_is_room() {
    let disk = Disk::of("size=8m");
    fill_bytes(&disk.path, 2);
    let server = Server::of(&["--demo", "--output-dir", text(&disk.path)]);
    let write = || server.call("generate_policies", &json!({"write": true}));
    let is_error = |answer: &Value| answer["isError"] == true;
    let answer = write();
    assert!(is_error(&answer) && answer["content"][0]["text"].as_str().unwrap().contains("No space left"), "{answer}");
    assert_eq!(names(&disk.path), ["bytes"]);
    assert!(!is_error(&server.call("describe_stack", &json!({}))));
    fs::remove_file(disk.path.join("bytes")).unwrap();
    assert!(!is_error(&write()));
}

#[test]
fn on_a_read_only_disk_nothing_changes() {
    let disk = Disk::of("size=8m");
    let out = disk.path.join("out");
    both_levels(&out);
    let before = held(&disk.path);
    disk.mount(&["-o", "remount,ro"]);
    let words = ["Read-only file system"];
    refused("the folder", &generate(LEVELS[0], &out), &words);
    refused("a new folder", &generate(LEVELS[0], &disk.path.join("new")), &words);
    let document = disk.path.join("report.md");
    refused("a document", &run(&["report", "--demo", "--out", text(&document)]), &words);
    assert!(held(&disk.path) == before);
}
