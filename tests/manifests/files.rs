//! Files, folders and streams: how manifests get here.

use std::fs;

use super::{POD, Said, of, said};
use crate::program::program;

fn pod(name: &str) -> String {
    POD.replace("name: x", &format!("name: {name}"))
}

/// The names of the workloads that are spoken of.
#[track_caller]
fn workloads(said: Said) -> Vec<String> {
    let is_name = |line: &&str| !line.starts_with(' ') && line.ends_with(']');
    said.answer().lines().filter(is_name).map(str::to_owned).collect()
}

#[test]
fn documents_are_told_apart_by_lines_of_three_dashes_with_or_without_comments() {
    let text = format!(
        "# first\n--- # a comment\n{}\n# between\n{}...\n---\n# nothing\n",
        &pod("x")[4..],
        pod("y").replacen("---", "--- # more", 1)
    );
    assert_eq!(workloads(of(text)), ["a/x[Pod]", "a/y[Pod]"]);
}

#[test]
fn lines_may_end_as_on_windows() {
    assert_eq!(workloads(of((pod("x") + &pod("y")).replace('\n', "\r\n"))), ["a/x[Pod]", "a/y[Pod]"]);
}

#[test]
fn a_byte_order_mark_is_no_part_of_the_text() {
    assert_eq!(workloads(of(format!("\u{feff}{}", pod("x")))), ["a/x[Pod]"]);
    assert_eq!(workloads(of(format!("\u{feff}{}{}", &pod("x")[4..], pod("y")))), ["a/x[Pod]", "a/y[Pod]"]);
}

#[test]
fn json_may_be_indented_by_tabs() {
    let json = "{\n\t\"apiVersion\": \"v1\",\n\t\"kind\": \"Pod\",\n\t\"metadata\": {\n\t\t\"name\": \"x\"\n\t},\n\t\"spec\": {\n\t\t\"containers\": []\n\t}\n}\n";
    assert_eq!(workloads(of(json)), ["default/x[Pod]"]);
}

#[test]
fn text_that_is_not_utf_8_is_refused_where_it_stops_to_be() {
    let latin_1 = [pod("x").as_bytes(), b"# caf\xe9\n"].concat();
    assert_eq!(of(latin_1).refusal(), "error: cluster.yaml:6:6: this is not UTF-8 (save the file as UTF-8)\n");
    let utf_16: Vec<u8> = [0xff, 0xfe].into_iter().chain(pod("x").encode_utf16().flat_map(u16::to_le_bytes)).collect();
    assert!(of(utf_16).refusal().contains("cluster.yaml:1:1: this is not UTF-8"));
}

#[test]
fn a_missing_path_is_refused() {
    assert_eq!(said(&["nowhere.yaml"], |_| ()).refusal(), "error: nowhere.yaml: there is no such file\n");
}

#[test]
fn of_a_folder_all_manifests_in_it_and_below_are_read_and_nothing_else() {
    let filled = said(&["cluster"], |folder| {
        let cluster = folder.join("cluster");
        fs::create_dir_all(cluster.join("deep/deeper")).unwrap();
        fs::write(cluster.join("one.yaml"), pod("one")).unwrap();
        fs::write(cluster.join("two.YML"), pod("two")).unwrap();
        fs::write(
            cluster.join("deep/deeper/three.json"),
            r#"{"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "three"}, "spec": {}}"#,
        )
        .unwrap();
        fs::write(cluster.join("README.md"), "{{ no manifest").unwrap();
    });
    assert_eq!(workloads(filled), ["a/one[Pod]", "a/two[Pod]", "default/three[Pod]"]);
}

#[test]
fn errors_of_a_folder_name_its_files() {
    let filled = said(&["cluster"], |folder| {
        fs::create_dir(folder.join("cluster")).unwrap();
        fs::write(folder.join("cluster/a.yaml"), pod("x")).unwrap();
        fs::write(folder.join("cluster/b.yaml"), "kind: [").unwrap();
    });
    assert!(filled.refusal().starts_with("error: cluster/b.yaml:1:"));
}

#[test]
fn a_policy_may_stand_in_one_file_and_its_pods_in_another() {
    let filled = said(&["."], |folder| {
        fs::write(folder.join("pods.yaml"), pod("x") + &pod("y")).unwrap();
        fs::write(folder.join("policy.yaml"), super::with_policy("podSelector: {}").replacen(POD, "", 1)).unwrap();
    });
    assert!(!filled.answer().contains("takes"));
}

/// From a pipe that broke, an empty answer would look like a cluster in which nothing may connect to anything.
#[test]
fn where_there_is_no_object_at_all_that_is_refused() {
    for text in ["", "\n\n  \n", "# only\n# comments\n", "---\n---\n", "\u{feff}"] {
        let error = of(text).refusal();
        assert!(error.starts_with("error: cluster.yaml: "), "{text:?}: {error}");
    }
}

#[test]
fn an_empty_folder_is_refused_and_says_what_is_looked_for() {
    let empty = said(&["empty"], |folder| fs::create_dir(folder.join("empty")).unwrap());
    let error = empty.refusal();
    assert!(error.starts_with("error: empty: ") && error.contains(".yaml") && error.contains(".json"), "{error}");
}

#[test]
fn manifests_may_arrive_on_standard_input() {
    let run = |text: &str| {
        let output = program().args(["connectivity", "-"]).write_stdin(text).output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Said { out: text(output.stdout), err: text(output.stderr), code: output.status.code().unwrap() }
    };
    assert_eq!(workloads(run(&pod("x"))), ["a/x[Pod]"]);
    assert!(run("kind: [").refusal().starts_with("error: standard input:1:"));
}
