//! Clocks that jump, by libfaketime.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

use super::machine::{own_demo, text};
use crate::serving::{
    access::{AUDIENCE, ISSUER, claims, jwks, seconds, signed},
    http::Server,
};

/// Debian's `faketime` has it in a folder of the platform.
fn library() -> PathBuf {
    let folders = fs::read_dir("/usr/lib").unwrap().map(|entry| entry.unwrap().path());
    let mut files = folders.map(|folder| folder.join("faketime/libfaketime.so.1"));
    files.find(|file| file.exists()).expect("libfaketime is installed")
}

/// A server that answers by the profile's statements of today, whose clock is `offset` from the machine's.
struct Clocked {
    server: Server,
    offset: PathBuf,
    token: String,
}

impl Clocked {
    fn of(home: &Path) -> Self {
        let (keys, offset) = (home.join("jwks.json"), home.join("offset"));
        fs::write(&keys, jwks("k1")).unwrap();
        fs::write(&offset, "+0").unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"))
            .args(["serve", "--http", "127.0.0.1:0", "--today", "--rate", "20"])
            .args(["--stack", text(&home.join("own/stack-metadata.yaml")), "--jwks", text(&keys)])
            .args(["--oauth-issuer", ISSUER, "--oauth-audience", AUDIENCE])
            .env("LD_PRELOAD", library())
            .env("FAKETIME_TIMESTAMP_FILE", &offset)
            .envs([("FAKETIME_NO_CACHE", "1"), ("FAKETIME_DONT_FAKE_MONOTONIC", "1"), ("NO_FAKE_STAT", "1")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self { server: Server::running(child), offset, token: String::new() }
    }

    fn jump(&self, seconds: i64) {
        fs::write(&self.offset, format!("{seconds:+}")).unwrap();
    }

    /// The status of a call and its fields.
    fn call(&self, tool: &str) -> (u16, Value) {
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool}});
        let request = self.server.post().header("authorization", format!("Bearer {}", self.token));
        let mut response = request.send(body.to_string()).unwrap();
        let text = response.body_mut().read_to_string().unwrap();
        let answer: Value = serde_json::from_str(&text).unwrap_or_default();
        (response.status().as_u16(), answer["result"]["structuredContent"].clone())
    }

    /// Waits until a call is answered as `wanted`. The rate allows few calls, so there are pauses.
    fn wait_for(&self, what: &str, tool: &str, wanted: impl Fn(u16, &Value) -> bool) {
        let begun = Instant::now();
        loop {
            let (status, fields) = self.call(tool);
            if wanted(status, &fields) {
                return;
            }
            assert!(begun.elapsed() < Duration::from_secs(30), "{what}: {status} {fields}");
            thread::sleep(Duration::from_millis(300));
        }
    }

    /// Waits until answers are of the day that is `days` from today.
    fn wait_for_day(&self, days: i64) {
        self.wait_for(&format!("{days} days from now"), "pci_compliance_overview", |_, fields| {
            let day = Timestamp::now() + SignedDuration::from_hours(24 * days);
            fields["as_of"] == day.strftime("%Y-%m-%d").to_string()
        });
    }
}

/// A token that holds for `days`, and from a minute ago if it says so.
fn token(days: i64, from_now: bool) -> String {
    let mut claims = claims();
    claims["exp"] = json!(seconds(days * 86_400));
    if from_now {
        claims["nbf"] = json!(seconds(-60));
    }
    signed(&claims, "k1")
}

#[test]
fn when_the_clock_jumps_tokens_and_days_follow_and_rates_and_reloads_do_not_notice() {
    let home = tempfile::tempdir().unwrap();
    let file = own_demo(home.path()).join("stack-metadata.yaml");
    let mut clocked = Clocked::of(home.path());

    clocked.token = token(1, true);
    clocked.wait_for_day(0);
    for by in [3 * 86_400, -2 * 86_400] {
        clocked.jump(by);
        clocked.wait_for(&format!("a jump of {by} seconds"), "describe_stack", |status, _| status == 401);
        clocked.jump(0);
        clocked.wait_for_day(0);
    }

    clocked.token = token(90, false);
    for days in [3, -40, 30, 0] {
        clocked.jump(days * 86_400);
        clocked.wait_for_day(days);
    }

    for by in [86_400, -86_400] {
        clocked.jump(by);
        thread::sleep(Duration::from_millis(500));
        for _ in 0..80 {
            let (status, _) = clocked.call("describe_stack");
            assert!(matches!(status, 200 | 429), "{by}: {status}");
        }
        clocked.wait_for("the rate locks nobody out for good", "describe_stack", |status, _| status == 200);
    }

    clocked.jump(-86_400);
    let content = fs::read_to_string(&file).unwrap();
    fs::write(&file, content.replace("payments-shop", "another-shop")).unwrap();
    clocked.wait_for("files are read anew", "describe_stack", |_, fields| fields["stack"] == "another-shop");
}
