//! Readers that have gone, and disks without room for what is printed: every command, and a server's traces.

use std::{
    fs,
    net::{TcpListener, TcpStream},
    process::{Command, Stdio},
    sync::mpsc,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use super::{
    full, gone,
    machine::{LEVELS, generate, own_demo, refused, run, succeeded, text},
    said,
};
use crate::serving::http::Server;

/// The commands that the tests without this feature leave out.
const COMMANDS: [&[&str]; 6] = [
    &["overview", "--demo"],
    &["requirement", "8", "--demo"],
    &["gaps", "--demo"],
    &["impact", "falco", "--demo"],
    &["explain", "gateway", "checkout", "--demo"],
    &["schema", "overview"],
];

#[test]
fn every_other_command_without_a_reader_or_without_room_ends_as_it_should() {
    let home = tempfile::tempdir().unwrap();
    let (changes, manifests) = (home.path().join("changes.yaml"), home.path().join("manifests"));
    fs::write(&changes, "- {op: add_component, type: redis}\n").unwrap();
    succeeded(&generate(LEVELS[0], &manifests));
    fs::remove_file(manifests.join("networkpolicy-manifest.json")).unwrap();
    let _ = fs::remove_dir_all(manifests.join("siem"));
    let of_files: [&[&str]; 4] = [
        &["what-if", text(&changes), "--demo"],
        &["connectivity", text(&manifests)],
        &["connectivity", "--json", text(&manifests)],
        &["connectivity", "--diagram", text(&manifests)],
    ];
    for command in COMMANDS.into_iter().chain(of_files) {
        let usual = run(command);
        assert!(!usual.stdout.is_empty() && matches!(usual.status.code(), Some(0 | 1)), "{command:?}: {usual:?}");
        let unread = super::run(command, gone(), Stdio::piped());
        assert_eq!(said(&unread), (usual.status.code(), String::new()), "{command:?}");
        refused(&format!("{command:?}"), &super::run(command, full(), Stdio::piped()), &["No space left"]);
        assert_eq!(super::run(command, full(), full()).status.code(), Some(2), "{command:?}");
    }
}

#[test]
fn a_server_whose_traces_have_no_reader_or_no_room_answers_and_reads_its_files_anew() {
    for traces in [Stdio::from(gone()), Stdio::from(full())] {
        let home = tempfile::tempdir().unwrap();
        let file = own_demo(home.path()).join("stack-metadata.yaml");
        // The address that it chooses would be told in its traces.
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"))
            .args(["serve", "--stack", text(&file), "--http", &free.to_string()])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(traces)
            .spawn()
            .unwrap();
        let begun = Instant::now();
        let wait_for = |what: &dyn Fn() -> bool| {
            while !what() {
                assert!(begun.elapsed() < Duration::from_secs(60));
                thread::sleep(Duration::from_millis(50));
            }
        };
        wait_for(&|| TcpStream::connect(free).is_ok());
        let agent = ureq::Agent::config_builder().build().into();
        let mut server = Server { child, address: free.to_string(), agent, said: mpsc::channel().1 };
        for name in ["payments-shop", "another-shop"] {
            let content = fs::read_to_string(&file).unwrap();
            fs::write(&file, content.replace("payments-shop", name)).unwrap();
            wait_for(&|| server.call("describe_stack", &json!({}))["structuredContent"]["stack"] == name);
        }
        server.terminate();
        assert!(server.child.wait().unwrap().success());
    }
}
