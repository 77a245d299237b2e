//! What the writer of output folders promises.
#![allow(clippy::unwrap_used)]

use std::{
    collections::BTreeMap,
    env, fs,
    os::unix::{
        fs::{MetadataExt as _, PermissionsExt as _, symlink},
        net::UnixListener,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use pci_engine::output::{OutputError, Written, replace};
use pci_stack::{Digest, MANIFEST};
use tempfile::TempDir;

const README: &str = "compliance/pci-dss/README.md";

/// A folder of its own, and the target `out` in it.
fn place() -> (TempDir, PathBuf) {
    let home = tempfile::tempdir().unwrap();
    let target = home.path().canonicalize().unwrap().join("out");
    (home, target)
}

fn manifest<'a>(files: impl IntoIterator<Item = &'a (&'a str, &'a str)>) -> String {
    let entry =
        |(name, text): &(&str, &str)| serde_json::json!({ "file": name, "sha256": Digest::of(text.as_bytes()) });
    let files: Vec<_> = files.into_iter().map(entry).collect();
    serde_json::json!({ "tool": "x", "files": files }).to_string()
}

/// Writes `files` and a manifest that lists them.
fn write(target: &Path, files: &[(&str, &str)]) -> Result<Written, OutputError> {
    let manifest = manifest(files);
    let all = files.iter().copied().chain([(MANIFEST, manifest.as_str())]);
    replace(target, all.map(|(name, text)| (name, text.as_bytes())))
}

/// Every path beneath `folder` that is no folder, and what it holds; manifests left out.
fn held(folder: &Path) -> BTreeMap<String, String> {
    let mut held = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(inner) = folders.pop() {
        for path in fs::read_dir(inner).unwrap().map(|entry| entry.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else if path.file_name().unwrap() != MANIFEST {
                let name = path.strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
                held.insert(name, fs::read_to_string(path).unwrap());
            }
        }
    }
    held
}

fn files(of: &[(&str, &str)]) -> BTreeMap<String, String> {
    of.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect()
}

/// The names beside the target.
fn siblings(target: &Path) -> Vec<String> {
    let names = fs::read_dir(target.parent().unwrap()).unwrap();
    names.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

fn staging(target: &Path) -> PathBuf {
    target.with_file_name(".out.pci-compliance-staging")
}

/// Asserts that writing is refused with words that hold `words`, and that nothing is changed by it.
fn assert_refused(target: &Path, words: &str) {
    let before = (target.is_dir().then(|| fs::metadata(target).unwrap().ino()), siblings(target));
    let error = write(target, &[("a.json", "new"), (README, "new")]).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
    assert_eq!(before, (target.is_dir().then(|| fs::metadata(target).unwrap().ino()), siblings(target)), "{error}");
}

#[test]
fn a_target_that_does_not_exist_is_made_with_the_folders_above_it() {
    let (_home, target) = place();
    let target = target.join("of/mine");
    let written = write(&target, &[("a.json", "a"), (README, "r")]).unwrap();
    assert_eq!(written, Written { folder: target.clone(), files: 3, removed: 0, kept: 0 });
    assert_eq!(held(&target), files(&[("a.json", "a"), (README, "r")]));
    assert_eq!(siblings(&target), ["mine"]);
}

#[test]
fn files_of_an_earlier_run_that_are_no_longer_generated_go_and_all_others_stay() {
    let (_home, target) = place();
    write(&target, &[("a.json", "a"), ("b.json", "b"), (README, "r")]).unwrap();
    fs::write(target.join("mine.txt"), "mine").unwrap();
    fs::write(target.join("compliance/pci-dss/notes.txt"), "notes").unwrap();
    let inode = |name: &str| fs::metadata(target.join(name)).unwrap().ino();
    let before = (inode("mine.txt"), inode("compliance/pci-dss/notes.txt"));

    let written = write(&target, &[("b.json", "B"), ("c.json", "c")]).unwrap();
    assert_eq!((written.files, written.removed, written.kept), (3, 2, 2));
    let expected = [("b.json", "B"), ("c.json", "c"), ("mine.txt", "mine"), ("compliance/pci-dss/notes.txt", "notes")];
    assert_eq!(held(&target), files(&expected));
    assert_eq!(before, (inode("mine.txt"), inode("compliance/pci-dss/notes.txt")));
    // The folder that is no longer generated does not hold up the runs after.
    write(&target, &[("b.json", "B"), ("c.json", "c")]).unwrap();
    assert_eq!(held(&target), files(&expected));
    assert_eq!(siblings(&target), ["out"]);
}

#[test]
fn the_folder_keeps_its_mode() {
    let (_home, target) = place();
    write(&target, &[("a.json", "a")]).unwrap();
    fs::set_permissions(&target, fs::Permissions::from_mode(0o710)).unwrap();
    write(&target, &[("a.json", "a")]).unwrap();
    assert_eq!(fs::metadata(&target).unwrap().mode() & 0o7777, 0o710);
}

#[test]
fn anything_but_a_regular_file_that_is_not_ours_is_refused_and_left() {
    type Make = fn(&Path);
    let makes: [(&str, Make); 5] = [
        ("is a folder", |path| fs::create_dir(path).unwrap()),
        ("is a link", |path| symlink("a.json", path).unwrap()),
        ("is a socket", |path| drop(UnixListener::bind(path).unwrap())),
        ("is a pipe", |path| assert!(Command::new("mkfifo").arg(path).status().unwrap().success())),
        ("is a folder", |path| fs::create_dir_all(path.join("deep")).unwrap()),
    ];
    for (what, make) in makes {
        for place_in in ["x", "a.json", "compliance/x"] {
            let (_home, target) = place();
            write(&target, &[("a.json", "a"), (README, "r")]).unwrap();
            let _ = fs::remove_file(target.join(place_in));
            make(&target.join(place_in));
            assert_refused(&target, &format!("{place_in}` {what}"));
            assert!(target.join(place_in).symlink_metadata().is_ok());
        }
    }
}

#[test]
fn a_users_file_that_stands_where_one_of_ours_is_to_be_is_refused_by_name() {
    for name in ["a.json", "compliance"] {
        let (_home, target) = place();
        fs::create_dir(&target).unwrap();
        fs::write(target.join(name), "mine").unwrap();
        assert_refused(&target, &format!("out/{name}` is not part of an earlier output"));
        assert_eq!(held(&target), files(&[(name, "mine")]));
    }
    let (_home, target) = place();
    write(&target, &[("a.json/b", "b")]).unwrap();
    fs::write(target.join("a.json/mine"), "mine").unwrap();
    // A folder that the program never makes is the user's, whatever a manifest lists in it.
    assert_refused(&target, "a.json` is a folder and not part");
}

#[test]
fn a_manifest_that_cannot_be_read_is_refused_and_not_quoted() {
    for text in ["", "{", "[1]", "{}", r#"{"files": "hush"}"#, r#"{"files": [{"sha256": "hush"}]}"#] {
        let (_home, target) = place();
        fs::create_dir(&target).unwrap();
        fs::write(target.join(MANIFEST), text).unwrap();
        assert_refused(&target, "which files are ours is unknown");
        assert!(!write(&target, &[]).unwrap_err().to_string().contains("hush"));
    }
    let (_home, target) = place();
    fs::create_dir_all(target.join(MANIFEST)).unwrap();
    assert_refused(&target, "this is a folder");
}

#[test]
fn a_manifest_that_lists_paths_outside_the_target_touches_nothing_there() {
    let (home, target) = place();
    let outside = home.path().join("outside.txt");
    fs::write(&outside, "mine").unwrap();
    fs::create_dir(&target).unwrap();
    let names = ["../outside.txt", outside.to_str().unwrap(), "./a.json", "/etc/passwd", "", ".."];
    let listed = manifest(&names.map(|name| (name, "mine")));
    fs::write(target.join(MANIFEST), listed).unwrap();
    write(&target, &[("b.json", "b")]).unwrap();
    assert_eq!(fs::read_to_string(outside).unwrap(), "mine");
    assert_eq!(held(&target), files(&[("b.json", "b")]));
}

#[test]
fn the_root_the_current_folder_and_mount_points_are_refused() {
    let current = env::current_dir().unwrap();
    let above = current.parent().unwrap();
    let targets = [("/", "root"), ("/proc", "mount point"), (".", "current"), ("..", "current"), ("", "not the name")];
    for (target, words) in targets.map(|(target, words)| (Path::new(target), words)).into_iter().chain([
        (current.as_path(), "current folder"),
        (above, if above.parent().is_some() { "current folder" } else { "root" }),
    ]) {
        let error = write(target, &[]).unwrap_err().to_string();
        assert!(error.contains(words), "{}: {error}", target.display());
    }
}

#[test]
fn a_target_that_is_a_file_or_a_link_to_nothing_is_refused() {
    let (_home, target) = place();
    fs::write(&target, "mine").unwrap();
    assert_refused(&target, "is not a folder");
    fs::remove_file(&target).unwrap();
    symlink("nowhere", &target).unwrap();
    assert_refused(&target, "a link that leads nowhere");
}

#[test]
fn a_link_to_a_folder_is_resolved_and_stays_a_link() {
    let (home, target) = place();
    let link = home.path().join("link");
    fs::create_dir(&target).unwrap();
    symlink("out", &link).unwrap();
    assert_eq!(write(&link, &[("a.json", "a")]).unwrap().folder, target);
    assert!(link.is_symlink());
    assert_eq!(held(&target), files(&[("a.json", "a")]));
}

#[test]
fn names_that_lead_outside_or_stand_twice_are_refused_before_anything_is_made() {
    for name in ["", "/a", "a//b", "a/", "../a", "a/../b", "./a", "a\0b"] {
        let (_home, target) = place();
        assert!(matches!(write(&target, &[(name, "")]), Err(OutputError::Name { .. })), "{name}");
        assert!(siblings(&target).is_empty());
    }
    let (_home, target) = place();
    assert!(matches!(write(&target, &[("a", "1"), ("a", "2")]), Err(OutputError::Name { .. })));
    assert!(matches!(write(&target, &[("a", ""), ("a/b", "")]), Err(OutputError::Name { .. })));
}

#[test]
fn an_output_whose_manifest_does_not_list_it_is_refused() {
    let (_home, target) = place();
    for listed in [&[][..], &[("b", "")], &[("a", ""), ("b", "")]] {
        let manifest = manifest(listed);
        let files = [("a", b"".as_slice()), (MANIFEST, manifest.as_bytes())];
        assert!(matches!(replace(&target, files), Err(OutputError::Listing)));
    }
    assert!(matches!(replace(&target, [("a", b"".as_slice())]), Err(OutputError::Listing)));
}

#[test]
fn a_failure_halfway_leaves_the_old_output_and_no_staging_folder() {
    let (_home, target) = place();
    write(&target, &[("a.json", "a")]).unwrap();
    fs::write(target.join("mine.txt"), "mine").unwrap();
    let error = write(&target, &[("b.json", "b"), (&"x".repeat(300), "")]).unwrap_err();
    assert!(matches!(error, OutputError::Io { .. }), "{error}");
    assert_eq!(held(&target), files(&[("a.json", "a"), ("mine.txt", "mine")]));
    assert_eq!(siblings(&target), ["out"]);
}

#[test]
fn what_a_killed_run_left_is_removed_and_a_file_of_the_users_in_it_comes_back() {
    let (_home, target) = place();
    write(&target, &[("a.json", "new")]).unwrap();
    fs::write(target.join("mine.txt"), "mine").unwrap();
    // Killed after the exchange: the old folder, with the user's linked file and one that came too late to be linked.
    let left = staging(&target);
    fs::create_dir_all(left.join("compliance/pci-dss")).unwrap();
    fs::write(left.join(MANIFEST), manifest(&[("a.json", "old"), (README, "old")])).unwrap();
    fs::write(left.join("a.json"), "old").unwrap();
    fs::write(left.join(README), "old").unwrap();
    fs::hard_link(target.join("mine.txt"), left.join("mine.txt")).unwrap();
    fs::write(left.join("late.txt"), "late").unwrap();
    write(&target, &[("a.json", "newer")]).unwrap();
    assert_eq!(held(&target), files(&[("a.json", "newer"), ("mine.txt", "mine"), ("late.txt", "late")]));
    assert_eq!(siblings(&target), ["out"]);
    // Killed while the manifest, the first file, was written.
    fs::create_dir(&left).unwrap();
    fs::write(left.join(MANIFEST), "{\"fil").unwrap();
    write(&target, &[("a.json", "newest")]).unwrap();
    assert_eq!(siblings(&target), ["out"]);
}

#[test]
fn what_a_killed_run_left_is_kept_if_the_target_has_another_file_of_that_name() {
    let (_home, target) = place();
    write(&target, &[("a.json", "a")]).unwrap();
    fs::write(target.join("mine.txt"), "one").unwrap();
    let left = staging(&target);
    fs::create_dir(&left).unwrap();
    fs::write(left.join("mine.txt"), "other").unwrap();
    assert_refused(&target, "staging/mine.txt`, left by an earlier run");
    assert_eq!(held(&left), files(&[("mine.txt", "other")]));
    assert_eq!(held(&target), files(&[("a.json", "a"), ("mine.txt", "one")]));
}

#[test]
fn runs_at_the_same_time_wait_for_each_other() {
    let (_home, target) = place();
    thread::scope(|scope| {
        for run in 0..8 {
            let target = &target;
            scope.spawn(move || write(target, &[(&format!("{run}.json"), "")]).unwrap());
        }
    });
    assert_eq!(held(&target).len(), 1);
    assert_eq!(siblings(&target), ["out"]);
}

/// The two outputs that the killed run changes between: other names, other texts, one folder more.
fn version(odd: bool) -> Vec<(String, String)> {
    let count = if odd { 150 } else { 200 };
    let files = (0..count).map(|n| (format!("networkpolicy__{n}-{odd}.json"), format!("{odd}")));
    files.chain(odd.then(|| (README.to_owned(), "true".to_owned()))).collect()
}

fn as_pairs(files: &[(String, String)]) -> Vec<(&str, &str)> {
    files.iter().map(|(name, text)| (name.as_str(), text.as_str())).collect()
}

/// Not a test: the process that the next test kills.
#[test]
fn writes_without_end_if_told_to() {
    let Some(target) = env::var_os("PCI_OUTPUT_TARGET").map(PathBuf::from) else { return };
    for odd in [false, true].into_iter().cycle() {
        write(&target, &as_pairs(&version(odd))).unwrap();
    }
}

#[test]
fn a_run_killed_at_any_point_leaves_the_old_output_or_the_new() {
    let (_home, target) = place();
    write(&target, &as_pairs(&version(true))).unwrap();
    fs::write(target.join("mine.txt"), "mine").unwrap();
    let whole = [false, true].map(|odd| {
        let version = version(odd);
        files(&[as_pairs(&version), vec![("mine.txt", "mine")]].concat())
    });
    for kill in 0..40 {
        let mut run = Command::new(env::current_exe().unwrap())
            .args(["output::writes_without_end_if_told_to", "--exact"])
            .env("PCI_OUTPUT_TARGET", &target)
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_micros(15_000 + kill * 733));
        run.kill().unwrap();
        run.wait().unwrap();
        assert!(whole.contains(&held(&target)), "after kill {kill}");
    }
    write(&target, &[("a.json", "a")]).unwrap();
    assert_eq!(held(&target), files(&[("a.json", "a"), ("mine.txt", "mine")]));
    assert_eq!(siblings(&target), ["out"]);
}

#[test]
fn a_manifest_that_is_too_large_is_refused_before_it_is_read_and_never_written() {
    let (_home, target) = place();
    fs::create_dir(&target).unwrap();
    // Sparse: to read it would take as much memory.
    fs::File::create(target.join(MANIFEST)).unwrap().set_len((64 << 20) + 1).unwrap();
    assert_refused(&target, "too large");
    let manifest = format!("{{\"files\": [{{\"file\": \"a.json\"}}]}}{}", " ".repeat(64 << 20));
    let files = [("a.json", "one".as_bytes()), (MANIFEST, manifest.as_bytes())];
    let error = replace(&target.with_file_name("new"), files).unwrap_err();
    assert!(error.to_string().contains("over 64 MiB"), "{error}");
    assert_eq!(siblings(&target), ["out"]);
}

#[test]
fn a_manifest_that_lists_the_users_files_takes_none_of_them_away() {
    let digest = Digest::of(b"precious").to_string();
    // With a wrong digest, with the right one of a file in a folder that the program never makes, and without any.
    for (path, sha256) in [
        ("mine.txt", "00".repeat(32)),
        ("mine.json", String::new()),
        ("siem-notes.txt", "precious".to_owned()),
        (".env", "ff".repeat(32)),
        ("siem/notes.txt", "ff".repeat(32)),
        ("compliance/pci-dss/evidence.json", "ff".repeat(32)),
        ("compliance/policy.md", "ff".repeat(32)),
    ] {
        let (_home, target) = place();
        fs::create_dir_all(target.join(path).parent().unwrap()).unwrap();
        fs::write(target.join(path), "precious").unwrap();
        let listed = serde_json::json!({ "files": [{ "file": path, "sha256": sha256 }] });
        fs::write(target.join(MANIFEST), listed.to_string()).unwrap();
        let written = write(&target, &[("a.json", "a")]).unwrap();
        assert_eq!((written.removed, written.kept), (0, 1), "{path}");
        assert_eq!(held(&target), files(&[("a.json", "a"), (path, "precious")]));
    }
    for path in [".git/HEAD", "src/main.rs", "compliance/mine/a.txt", "siem/deep/x.json"] {
        let (_home, target) = place();
        fs::create_dir_all(target.join(path).parent().unwrap()).unwrap();
        fs::write(target.join(path), "precious").unwrap();
        let listed = serde_json::json!({ "files": [{ "file": path, "sha256": digest }] });
        fs::write(target.join(MANIFEST), listed.to_string()).unwrap();
        assert_refused(&target, "a folder");
        assert_eq!(fs::read_to_string(target.join(path)).unwrap(), "precious");
    }
}

#[test]
fn what_a_manifest_lists_is_taken_away_by_its_recorded_digest_or_by_a_name_of_ours() {
    let (_home, target) = place();
    fs::create_dir(&target).unwrap();
    for path in ["of-an-older-version.txt", "networkpolicy__shop__web.json", "mine.txt"] {
        fs::write(target.join(path), path).unwrap();
    }
    let entry = |path: &str, of: &str| serde_json::json!({ "file": path, "sha256": Digest::of(of.as_bytes()) });
    let listed = [
        entry("of-an-older-version.txt", "of-an-older-version.txt"),
        // Somebody edited it.
        entry("networkpolicy__shop__web.json", "as it was written"),
        entry("mine.txt", "as somebody else's was"),
    ];
    fs::write(target.join(MANIFEST), serde_json::json!({ "files": listed }).to_string()).unwrap();
    let written = write(&target, &[("a.json", "a")]).unwrap();
    assert_eq!((written.removed, written.kept), (2, 1));
    assert_eq!(held(&target), files(&[("a.json", "a"), ("mine.txt", "mine.txt")]));
}
