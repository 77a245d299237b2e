//! Clients that are broken, or mean harm: refused or neutralised, and the server goes on.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    os::unix::fs::symlink,
    path::Path,
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

use pci_fixtures::{
    component,
    hostile::{TEXTS, files, markup},
};
use serde_json::{Value, json};
use ureq::{Body, http::Response};

use super::{Client, http::Server, text};
use crate::program::program;

/// The server still answers.
pub fn goes_on(server: &Server) {
    let answer = server.call("describe_stack", &json!({}));
    assert!(answer["structuredContent"]["stack"].is_string(), "{answer}");
}

/// The resident memory of the server, in MiB.
pub fn resident(server: &Server) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", server.child.id())).unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap();
    line.trim().trim_end_matches(" kB").parse::<u64>().unwrap() / 1024
}

fn body(tool: &str, arguments: &Value) -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": tool, "arguments": arguments}})
        .to_string()
}

#[test]
fn what_is_no_message_is_refused_over_http() {
    let server = Server::of(&["--demo"]);
    let deep = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    for text in ["", "{", "[]", "null", "7", "\"x\"", "{\"jsonrpc\":\"1.0\"}", "\u{0}", "{}", deep.as_str()] {
        let status = server.post().send(text).unwrap().status().as_u16();
        assert!((400..500).contains(&status), "{status} for {}", text.chars().take(40).collect::<String>());
    }
    for (name, value) in [("content-type", "text/plain"), ("accept", "text/html")] {
        let post = server.agent.post(server.url("/mcp"));
        let post =
            post.header("content-type", "application/json").header("accept", "application/json, text/event-stream");
        let status = post.header(name, value).send("{}").unwrap().status().as_u16();
        assert!((400..500).contains(&status) || status == 200, "{status}");
    }
    assert_eq!(server.agent.put(server.url("/mcp")).send("{}").unwrap().status(), 405);
    goes_on(&server);
}

#[test]
fn what_is_no_message_does_not_end_a_session_over_standard_input() {
    let mut client = Client::of(&["--demo"]);
    for line in ["{", "null", "[1, 2", "{\"jsonrpc\": \"2.0\", \"id\": 77, \"method\": 7}", "\u{1b}[2J"] {
        writeln!(client.input, "{line}").unwrap();
    }
    writeln!(client.input, "{}", "x".repeat(1 << 20)).unwrap();
    let answer = client.call("describe_stack", &json!({}));
    assert_eq!(answer["structuredContent"]["stack"], "payments-shop");
}

#[test]
fn a_hundred_clients_that_take_their_time_hold_nobody_up_and_are_shown_out() {
    let server = Server::of(&["--demo"]);
    let mut slow: Vec<TcpStream> = (0..100).map(|_| TcpStream::connect(&server.address).unwrap()).collect();
    for stream in &mut slow {
        stream.write_all(b"POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-le").unwrap();
    }
    let begun = Instant::now();
    goes_on(&server);
    assert!(begun.elapsed() < Duration::from_secs(5));
    // After ten seconds with half a head, the server closes.
    let first = &mut slow[0];
    first.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut said = Vec::new();
    let _ = first.read_to_end(&mut said);
    assert!(begun.elapsed() < Duration::from_secs(30), "the server waits for ever");
}

#[test]
fn a_thousand_connections_are_held_and_another_client_is_answered() {
    let server = Server::of(&["--demo"]);
    let held: Vec<TcpStream> = (0..1_000).map_while(|_| TcpStream::connect(&server.address).ok()).collect();
    assert!(held.len() > 500, "this process may open too few connections for the test: {}", held.len());
    goes_on(&server);
    assert!(resident(&server) < 100, "{} MiB", resident(&server));
}

#[test]
fn a_server_out_of_descriptors_waits_and_goes_on() {
    let limited = Command::new("sh")
        .args(["-c", "ulimit -n 80; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_pci-compliance-mcp")])
        .args(["serve", "--demo", "--http", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let server = Server::running(limited);
    let held: Vec<TcpStream> = (0..100).map_while(|_| TcpStream::connect(&server.address).ok()).collect();
    thread::sleep(Duration::from_millis(300));
    drop(held);
    goes_on(&server);
}

#[test]
fn a_client_that_vanishes_in_the_middle_of_an_answer_leaves_nothing_behind() {
    let server = Server::of(&["--demo"]);
    let message = body("generate_policies", &json!({"detail": "full"}));
    for _ in 0..50 {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n";
        write!(stream, "{head}content-length: {}\r\n\r\n{message}", message.len()).unwrap();
        let mut some = [0; 64];
        let _ = stream.read(&mut some).unwrap();
        drop(stream);
    }
    goes_on(&server);
    assert!(resident(&server) < 200, "{} MiB", resident(&server));
}

#[test]
fn a_flood_of_what_ifs_is_answered_or_refused_and_memory_stays_bounded() {
    let server = Server::of(&["--demo"]);
    let message = body("what_if", &json!({"changes": [{"op": "remove_component", "name": "logs"}]}));
    let (agent, address) = (&server.agent, server.url("/mcp"));
    let outcomes: Vec<bool> = thread::scope(|scope| {
        let ask = || {
            let post = agent.post(&address).header("accept", "application/json, text/event-stream");
            let mut answer = post.header("content-type", "application/json").send(&message).unwrap();
            let answer: Value = serde_json::from_str(&answer.body_mut().read_to_string().unwrap()).unwrap();
            let result = &answer["result"];
            let is_busy = result["isError"] == true && text(result).contains("busy");
            assert!(is_busy || result["structuredContent"]["after"].is_object(), "{answer}");
            is_busy
        };
        let asked: Vec<_> = (0..200).map(|_| scope.spawn(ask)).collect();
        asked.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(outcomes.contains(&false));
    goes_on(&server);
    assert!(resident(&server) < 300, "{} MiB", resident(&server));
}

#[test]
fn a_client_that_sends_too_many_requests_is_told_to_wait_and_others_are_not() {
    let server = Server::of(&["--demo", "--rate", "1"]);
    let statuses: Vec<u16> = (0..6).map(|_| server.get("/mcp").status().as_u16()).collect();
    assert!(statuses[0] != 429 && statuses.contains(&429), "{statuses:?}");
    assert_eq!(server.get("/healthz").status(), 200, "probes are not counted");
}

#[test]
fn sessions_are_so_many_at_a_time_and_one_that_ends_makes_room() {
    let server = Server::of(&["--demo", "--sessions", "--rate", "0"]);
    let version =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}});
    let greeting = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": version}).to_string();
    let open = || server.post().send(&greeting).unwrap();
    let id =
        |response: &Response<Body>| response.headers().get("mcp-session-id").map(|id| id.to_str().unwrap().to_owned());
    let first = id(&open()).unwrap();
    for _ in 1..1_000 {
        assert!(id(&open()).is_some());
    }
    let mut refused = open();
    assert!(refused.status() == 503 && id(&refused).is_none(), "one more than there may be");
    let said = refused.body_mut().read_to_string().unwrap();
    assert!(said.contains("too many sessions"), "{said}");
    let end = server.agent.delete(server.url("/mcp")).header("mcp-session-id", first);
    assert!(end.call().unwrap().status().is_success());
    assert!(id(&open()).is_some(), "one has ended");
    assert!(resident(&server) < 200, "{} MiB", resident(&server));
}

#[test]
fn what_a_client_subscribes_to_takes_so_much_memory_and_no_more() {
    let mut client = Client::of(&["--demo"]);
    let mut subscribe = |uri: String| client.request("resources/subscribe", &json!({ "uri": uri }));
    let long = "/x".repeat(50 << 10);
    for number in 0..2 {
        let answer = subscribe(format!("pci://payments-shop/{number}{long}"));
        assert_eq!(answer["result"], json!({}), "{answer}");
    }
    let refused = subscribe(format!("pci://payments-shop/2{long}"));
    assert!(refused["error"]["message"].as_str().unwrap().contains("256 KiB"), "{refused}");
    assert_eq!(subscribe("pci://stacks".to_owned())["result"], json!({}), "there is room for a short one");
}

#[test]
fn a_standard_output_that_nobody_reads_does_not_use_up_memory_or_outlive_its_client() {
    let mut child = Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"))
        .args(["serve", "--demo"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    let version =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}});
    writeln!(input, "{}", json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": version})).unwrap();
    writeln!(input, "{}", json!({"jsonrpc": "2.0", "method": "notifications/initialized"})).unwrap();
    let writer = thread::spawn(move || {
        for _ in 0..300 {
            if writeln!(input, "{}", body("generate_policies", &json!({}))).is_err() {
                return;
            }
        }
    });
    writer.join().unwrap();
    drop(child.stdout.take());
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        assert!(begun.elapsed() < Duration::from_mins(1), "the server outlives its client");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn nothing_is_written_outside_of_the_output_folder() {
    let folder = tempfile::tempdir().unwrap();
    let (outputs, elsewhere) = (folder.path().join("outputs"), folder.path().join("elsewhere"));
    fs::create_dir_all(&outputs).unwrap();
    fs::create_dir_all(&elsewhere).unwrap();
    symlink(&elsewhere, outputs.join("payments-shop")).unwrap();
    let mut client = Client::of(&["--demo", "--output-dir", outputs.to_str().unwrap()]);
    let refused = client.call("generate_policies", &json!({"write": true}));
    assert!(refused["isError"] == true && text(&refused).contains("a link to another place"), "{refused}");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    fs::remove_file(outputs.join("payments-shop")).unwrap();
    symlink(outputs.join("gone"), outputs.join("payments-shop")).unwrap();
    assert_eq!(client.call("generate_policies", &json!({"write": true}))["isError"], true);
    let named = json!({"write": true, "stack": "../../elsewhere"});
    assert_eq!(client.call("generate_policies", &named)["isError"], true);
    let what_if =
        json!([{"op": "add_component", "type": "redis", "name": "../../../elsewhere/x", "namespace": "shop"}]);
    let named = json!({"write": true, "what_if": what_if});
    assert_eq!(client.call("generate_policies", &named)["isError"], true);
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn the_name_of_a_stack_is_no_path() {
    let folder = tempfile::tempdir().unwrap();
    for name in ["../../up", "..", "/etc/passwd", "a/../../b", ".", "C:\\\\x", "\\u0000"] {
        let components = component("cache", "redis", "", &[]);
        let file = folder.path().join("stack-metadata.yaml");
        let configuration = format!("  system_name: \"{name}\"\n  microsegmentation_level: pci_dss_strict\n");
        fs::write(&file, format!("components:\n{components}configuration:\n{configuration}")).unwrap();
        let outputs = folder.path().join("outputs");
        let mut client = Client::of(&["--stack", file.to_str().unwrap(), "--output-dir", outputs.to_str().unwrap()]);
        let result = client.call("generate_policies", &json!({"write": true}));
        if let Some(written) = result["structuredContent"]["written"].as_str() {
            assert_eq!(Path::new(written).parent(), Some(outputs.as_path()), "{name}");
        }
        assert!(fs::read_dir(folder.path()).unwrap().count() <= 2, "{name}");
    }
}

#[test]
fn names_made_of_markup_and_invisible_text_are_shown_as_text() {
    let mut client = Client::of(&["--demo"]);
    let name = "</script><img src=x onerror=alert(1)>`](http://evil) \u{202e}\u{200b}\u{7}end\n## click\"]";
    let change = json!({"op": "add_component", "type": "redis", "name": name, "namespace": "shop"});
    for (tool, arguments) in [
        ("what_if", json!({"changes": [change]})),
        ("render_diagram", json!({"what_if": [change]})),
        ("pci_compliance_overview", json!({"what_if": [change]})),
        ("generate_policies", json!({"what_if": [change]})),
        ("explain_flow", json!({"from": name, "to": "internet"})),
        ("describe_stack", json!({"stack": name})),
    ] {
        let result = client.call(tool, &arguments);
        let said = text(&result);
        for character in ['\u{202e}', '\u{200b}', '\u{7}'] {
            assert!(!said.contains(character), "{tool} says {character:?}: {said}");
        }
        if result["isError"] != true {
            assert!(!said.contains("<img") && !said.contains("\n## click"), "{tool}: {said}");
        }
        assert_eq!(markup(said), Vec::<String>::new(), "{tool}");
    }
    let folder = tempfile::tempdir().unwrap();
    for (first, evil) in TEXTS.iter().enumerate() {
        let files = files(first);
        let path = |name: &str, text: &str| {
            let path = folder.path().join(name);
            fs::write(&path, text).unwrap();
            path.to_str().unwrap().to_owned()
        };
        let stack = path("stack-metadata.yaml", &files.stack);
        path("pci-profile.yaml", &files.profile);
        path("pci-exceptions.yaml", &files.exceptions);
        let mut client = Client::of(&["--stack", &stack]);
        for (tool, arguments) in [
            ("describe_stack", json!({})),
            ("pci_compliance_overview", json!({})),
            ("explain_flow", json!({"from": "gate", "to": "db"})),
            ("generate_policies", json!({})),
            ("explain_flow", json!({"from": evil, "to": "nobody"})),
            ("render_diagram", json!({"scope": evil})),
            ("pci_compliance_component_impact", json!({"component_type": evil})),
            ("what_if", json!({"changes": [{"op": "remove_component", "name": evil}]})),
            ("describe_stack", json!({"stack": evil})),
        ] {
            let result = client.call(tool, &arguments);
            assert_eq!(markup(text(&result)), Vec::<String>::new(), "{first}: {tool}");
        }
        // What a shell prints is the same Markdown.
        for command in ["stack", "overview", "gaps", "report"] {
            let output = program().arg(command).args(["--stack", &stack]).output().unwrap();
            let said = String::from_utf8_lossy(&output.stdout).into_owned();
            assert!(said.contains("evil"), "{first}: {command}: {}", String::from_utf8_lossy(&output.stderr));
            assert_eq!(markup(&said), Vec::<String>::new(), "{first}: {command}");
        }
    }
}

#[test]
fn a_client_that_says_again_and_again_that_it_is_there_is_told_once() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    let put = |name: &str| {
        let components = component(name, "redis", "", &[]);
        let configuration = "  system_name: small\n  microsegmentation_level: pci_dss_strict\n";
        fs::write(&file, format!("components:\n{components}configuration:\n{configuration}")).unwrap();
    };
    put("one");
    let mut client = Client::of(&["--stack", file.to_str().unwrap()]);
    for _ in 0..50 {
        client.send(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    }
    client.request("resources/subscribe", &json!({"uri": "pci://small/report"}));
    put("two");
    assert_eq!(client.notification()["params"]["uri"], "pci://small/report");
    client.send(&json!({"jsonrpc": "2.0", "id": 900, "method": "ping"}));
    let mut line = String::new();
    std::io::BufRead::read_line(&mut client.output, &mut line).unwrap();
    assert_eq!(serde_json::from_str::<Value>(&line).unwrap()["id"], 900, "nothing came between: {line}");
}

#[test]
fn prompts_that_nobody_waits_for_hold_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let stack = super::http::slow_stack(folder.path());
    let server = Server::of(&["--stack", &stack]);
    let params = json!({"name": "close_gaps", "arguments": {}});
    let message = json!({"jsonrpc": "2.0", "id": 1, "method": "prompts/get", "params": params}).to_string();
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n";
    for _ in 0..80 {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        write!(stream, "{head}content-length: {}\r\n\r\n{message}", message.len()).unwrap();
        thread::sleep(Duration::from_millis(5));
    }
    let begun = Instant::now();
    while server.call("describe_stack", &json!({}))["isError"] == true {
        assert!(begun.elapsed() < Duration::from_secs(20), "what nobody waits for holds all places");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn arguments_of_the_wrong_form_are_called_that() {
    let mut client = Client::of(&["--demo"]);
    for arguments in [json!([]), json!("x"), json!(1)] {
        let error = client.request("tools/call", &json!({"name": "describe_stack", "arguments": arguments}));
        assert_eq!(error["error"]["code"], -32602, "{error}");
    }
    assert_eq!(client.request("tools/burn", &json!({}))["error"]["code"], -32601);
}
