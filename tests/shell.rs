//! The commands as a person or CI runs them.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use pci_fixtures::fixture;

use crate::program::program;

/// Standard output, standard error, exit code.
pub(crate) fn run(arguments: &[&str]) -> (String, String, i32) {
    let output = program().args(arguments).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code().unwrap())
}

pub(crate) fn path(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// All files of a folder and of those within it, by their paths, with their bytes.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            files.extend(self::files(&path).into_iter().map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)));
        } else {
            files.insert(name, fs::read(&path).unwrap());
        }
    }
    files
}

#[test]
fn the_demo_is_generated_with_nothing_to_configure() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("policies");
    let (stdout, stderr, code) = run(&["generate", "--demo", "--out", path(&out)]);
    assert_eq!((code, stderr.as_str()), (0, ""));
    assert!(stdout.contains("The proof holds") && stdout.contains("the embedded demo"), "{stdout}");
    let manifest: serde_json::Value = serde_json::from_slice(&files(&out)["networkpolicy-manifest.json"]).unwrap();
    assert_eq!(manifest["proof"]["holds"], true);
    assert_eq!(manifest["demo"], true);
    let listed: Vec<&str> =
        manifest["files"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    let there: Vec<String> = files(&out).into_keys().filter(|name| name != "networkpolicy-manifest.json").collect();
    assert_eq!(listed, there);
}

#[test]
fn without_a_stack_nothing_is_assumed() {
    for command in ["generate", "diagram", "serve"] {
        let (_, stderr, code) =
            run(if command == "generate" { &["generate", "--dry-run"] } else { std::slice::from_ref(&command) });
        assert_eq!(code, 2);
        assert!(stderr.contains("--stack FILE") && stderr.contains("--demo"), "{stderr}");
    }
}

#[test]
fn without_a_level_nothing_is_written_or_removed() {
    let folder = tempfile::tempdir().unwrap();
    let (stack, out) = (fixture("full-form.yaml"), folder.path().join("out"));
    let (stdout, stderr, code) = run(&["generate", "--stack", path(&stack), "--out", path(&out)]);
    assert_eq!((code, stdout.as_str(), out.exists()), (1, "", false));
    assert!(stderr.contains("level is not set"), "{stderr}");
    run(&["generate", "--stack", path(&stack), "--level", "pci_dss_strict", "--out", path(&out)]);
    let before = files(&out);
    assert_eq!(run(&["generate", "--stack", path(&stack), "--out", path(&out)]).2, 1);
    assert_eq!(files(&out), before);
}

#[test]
fn level_none_removes_our_policies_and_keeps_what_is_the_users() {
    let folder = tempfile::tempdir().unwrap();
    let (stack, out) = (fixture("full-form.yaml"), folder.path().join("out"));
    run(&["generate", "--stack", path(&stack), "--level", "pci_dss_strict", "--out", path(&out)]);
    fs::write(out.join("notes.txt"), "mine").unwrap();
    assert_eq!(run(&["generate", "--stack", path(&stack), "--level", "none", "--out", path(&out)]).2, 0);
    assert_eq!(files(&out).into_keys().collect::<Vec<_>>(), ["networkpolicy-manifest.json", "notes.txt"]);
}

#[test]
fn a_rehearsal_writes_nothing() {
    let (stdout, _, code) = run(&["generate", "--demo", "--dry-run", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    assert_eq!(code, 0);
    assert!(answer.get("written").is_none());
    assert_eq!(
        answer["policies"].as_array().unwrap().len(),
        answer["counts"]
            .as_object()
            .unwrap()
            .values()
            .map(|n| usize::try_from(n.as_u64().unwrap()).unwrap())
            .sum::<usize>()
    );
}

#[test]
fn unusable_input_exits_with_2_says_where_and_leaves_the_folder_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    run(&["generate", "--demo", "--out", path(&out)]);
    let before = files(&out);
    let bad = folder.path().join("bad.yaml");
    let cases: [(&[u8], &str); 4] = [
        (b"", "bad.yaml: the file is empty"),
        (b"components:\n  a: {type: redis, \xff", "bad.yaml:2:20: this is not UTF-8"),
        (
            b"components:\n  a: {type: redis, name: a, attributes: {namespace: a, port: \"0\"}}\n",
            "bad.yaml:2:56: `port` of `a` holds no port",
        ),
        (b"components:\n  a: {type: redis, name: a, attributes: {namespace: A}}\n", "bad.yaml:2:42"),
    ];
    for (bytes, expected) in cases {
        fs::write(&bad, bytes).unwrap();
        let (stdout, stderr, code) =
            run(&["generate", "--stack", path(&bad), "--level", "pci_dss_strict", "--out", path(&out)]);
        assert_eq!((code, stdout.as_str()), (2, ""));
        assert!(stderr.contains(expected), "{stderr}");
        assert_eq!(files(&out), before);
    }
    for missing in [folder.path().join("no-such.yaml"), folder.path().to_owned()] {
        let (_, stderr, code) = run(&["generate", "--stack", path(&missing), "--out", path(&out)]);
        assert_eq!(code, 2);
        assert!(stderr.contains(path(&missing)), "{stderr}");
    }
}

#[test]
fn a_diagram_is_printed_or_put_into_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("diagram.mmd");
    let (stdout, _, code) = run(&["diagram", "--demo"]);
    assert_eq!(code, 0);
    assert!(stdout.starts_with("flowchart LR\n"));
    assert_eq!(run(&["diagram", "--demo", "--out", path(&file)]).2, 0);
    assert_eq!(fs::read_to_string(&file).unwrap(), stdout);
    let (_, stderr, code) = run(&["diagram", "--demo", "--scope", "chekout"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("did you mean `checkout`?"), "{stderr}");
}

#[test]
fn a_run_killed_at_any_moment_leaves_the_old_folder_or_the_new_whole() {
    let folder = tempfile::tempdir().unwrap();
    let (stack, out) = (fixture("full-form.yaml"), folder.path().join("out"));
    let arguments =
        |level| ["generate", "--stack", path(&stack), "--level", level, "--out", path(&out)].map(str::to_owned);
    let expected: Vec<_> = ["pci_dss_strict", "standard"]
        .map(|level| {
            assert_eq!(program().args(arguments(level)).output().unwrap().status.code(), Some(0));
            files(&out)
        })
        .into();
    fs::write(out.join("notes.txt"), "mine").unwrap();
    for round in 0..40_u64 {
        let level = if round % 2 == 0 { "pci_dss_strict" } else { "standard" };
        let mut child = Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"));
        let mut child = child.args(arguments(level)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        thread::sleep(Duration::from_micros(round * 997));
        let _ = child.kill();
        child.wait().unwrap();
        let mut there = files(&out);
        assert_eq!(there.remove("notes.txt").as_deref(), Some(b"mine".as_slice()));
        assert!(expected.contains(&there), "round {round}: neither the old folder nor the new");
    }
    assert_eq!(program().args(arguments("standard")).output().unwrap().status.code(), Some(0));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1, "nothing is left beside the folder");
}

#[test]
fn a_file_that_is_too_large_is_refused_without_being_read() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("large.yaml");
    fs::File::create(&file).unwrap().set_len(100 * 1024 * 1024).unwrap();
    let (_, stderr, code) = run(&["generate", "--stack", path(&file), "--level", "pci_dss_strict", "--dry-run"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("large.yaml") && stderr.contains("64 MiB"), "{stderr}");
}

#[test]
fn the_stack_is_described_with_every_name_that_other_commands_take() {
    let (stdout, _, code) = run(&["stack", "--demo", "--json"]);
    assert_eq!(code, 0);
    let answer: serde_json::Value = serde_json::from_str(&stdout).unwrap();
    let names = |list: &str, field: &str| {
        let list = answer[list].as_array().unwrap().iter();
        list.map(|entry| entry[field].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert!(names("components", "name").contains(&"ledger/cards".to_owned()));
    assert!(names("links", "id").contains(&"card-vault -> ledger/cards".to_owned()));
    for namespace in answer["namespaces"].as_array().unwrap() {
        assert_eq!(run(&["diagram", "--demo", "--scope", namespace.as_str().unwrap()]).2, 0, "{namespace}");
    }
}

#[test]
fn there_is_a_schema_for_every_input_and_answer_and_a_hint_for_a_wrong_name() {
    for name in [
        "pci-exceptions",
        "pci-profile",
        "component-types",
        "manifest",
        "generate_policies",
        "describe_stack",
        "render_diagram",
    ] {
        let (stdout, _, code) = run(&["schema", name]);
        let schema: serde_json::Value = serde_json::from_str(&stdout).unwrap();
        assert_eq!((code, schema["type"].as_str()), (0, Some("object")), "{name}");
    }
    let (_, stderr, code) = run(&["schema", "pci-exeptions"]);
    assert_eq!(code, 2);
    assert!(stderr.contains("did you mean `pci-exceptions`?"), "{stderr}");
}

#[test]
fn a_document_is_never_written_through_a_link_that_waits_at_a_staging_name() {
    let folder = tempfile::tempdir().unwrap();
    let (victim, out) = (folder.path().join("victim"), folder.path().join("x.mmd"));
    fs::write(&victim, "mine").unwrap();
    for name in [".x.mmd.pci-compliance-staging", ".x.mmd.0.pci-compliance-staging"] {
        std::os::unix::fs::symlink(&victim, folder.path().join(name)).unwrap();
    }
    assert_eq!(run(&["diagram", "--demo", "--out", path(&out)]).2, 0);
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    assert!(fs::symlink_metadata(&out).unwrap().is_file());
    assert_eq!(run(&["diagram", "--demo", "--out", path(folder.path())]).2, 2, "a folder is no file");
}
