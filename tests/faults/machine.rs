//! Shared by the faults: the program on the demo's file, folders and what they hold, small disks.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use tempfile::TempDir;

pub const LEVELS: [&str; 2] = ["pci_dss_strict", "standard"];

/// The content of each file of a folder, by path.
pub type Held = BTreeMap<PathBuf, Vec<u8>>;

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Runs the program to its end.
pub fn run(arguments: &[&str]) -> Output {
    super::run(arguments, Stdio::piped(), Stdio::piped())
}

/// Generates the policies of the demo's file into `out`.
pub fn generate(level: &str, out: &Path) -> Output {
    run(&generating(level, text(out)).each_ref().map(String::as_str))
}

pub fn generating(level: &str, out: &str) -> [String; 7] {
    let stack = pci_fixtures::fixture("demo/stack-metadata.yaml");
    ["generate", "--stack", text(&stack), "--level", level, "--out", out].map(str::to_owned)
}

/// Asserts that a run succeeded.
pub fn succeeded(output: &Output) {
    assert_eq!(super::said(output).0, Some(0), "{}", String::from_utf8_lossy(&output.stderr));
}

/// Asserts that a run ended with 2 and one error line that has all `words`.
pub fn refused(what: &str, output: &Output, words: &[&str]) {
    let (code, error) = super::said(output);
    assert_eq!(code, Some(2), "{what}: {error}");
    assert!(error.starts_with("error: ") && !error.contains("panicked"), "{what}: {error}");
    for word in words {
        assert!(error.contains(word), "{what}: {error} lacks `{word}`");
    }
}

pub fn held(folder: &Path) -> Held {
    let mut files = Held::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        if path.is_dir() {
            files.extend(held(&path));
        } else {
            files.insert(path.clone(), fs::read(&path).unwrap());
        }
    }
    files
}

/// The names in a folder, sorted.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let mut names: Vec<_> = entries.collect();
    names.sort();
    names
}

/// Generates into `out` at each level, beside a file of the user's. Returns what the folder holds at each.
pub fn both_levels(out: &Path) -> [Held; 2] {
    let notes = out.join("notes.txt");
    LEVELS.map(|level| {
        succeeded(&generate(level, out));
        fs::write(&notes, "mine").unwrap();
        held(out)
    })
}

/// A copy of the demo's files that other users may read.
pub fn own_demo(home: &Path) -> PathBuf {
    let own = home.join("own");
    fs::create_dir(&own).unwrap();
    for name in ["stack-metadata.yaml", "pci-profile.yaml", "pci-exceptions.yaml"] {
        fs::copy(pci_fixtures::fixture("demo").join(name), own.join(name)).unwrap();
        allow(&own.join(name), 0o644);
    }
    allow(&own, 0o755);
    own
}

/// Sets the permissions of `path`.
pub fn allow(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

/// A file system in memory, unmounted when dropped. Needs root.
pub struct Disk {
    pub path: PathBuf,
    _home: TempDir,
}

impl Disk {
    pub fn of(options: &str) -> Self {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("disk");
        fs::create_dir(&path).unwrap();
        let disk = Self { path, _home: home };
        disk.mount(&["-t", "tmpfs", "-o", options, "tmpfs"]);
        disk
    }

    pub fn mount(&self, arguments: &[&str]) {
        assert!(
            Command::new("mount").args(arguments).arg(&self.path).status().unwrap().success(),
            "only root can mount"
        );
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}
