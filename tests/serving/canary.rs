//! Secrets, forged lines and doubtful requests: nothing of a stack's secrets comes out of the server on any way, nothing
//! that a stranger sends becomes more than one line of the traces, and nothing is read as two requests that was sent as
//! one.

use std::{
    fs,
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use pci_fixtures::{
    component,
    misplaced::{SECRETS, Secret},
};
use serde_json::{Value, json};

use super::{access::wait_for, http::Server};
use crate::{
    program::program,
    secrets::{CANARY, held, misplaced, poisoned},
};

/// Everything that the server says to `method`, an error too.
fn said(server: &Server, method: &str, params: &Value) -> String {
    server.request(method, params).to_string()
}

/// Asks every tool, resource, prompt and completion of `server`, rightly and wrongly, and gives all that it says.
fn everything(server: &Server) -> String {
    let mut all = String::new();
    let tools = server.request("tools/list", &json!({}))["result"]["tools"].take();
    let changes = json!([{"op": "add_component", "type": "falco"}]);
    let wrong = json!([{"op": "set_attribute", "name": "one", "attribute": "password", "value": "x"}]);
    for tool in tools.as_array().unwrap() {
        let own = match tool["name"].as_str().unwrap() {
            "pci_compliance_requirement" => json!({"requirement": 8}),
            "pci_compliance_component_impact" => json!({"component_type": "falco"}),
            "what_if" => json!({ "changes": changes }),
            "explain_flow" => json!({"from": "one", "to": "two"}),
            _ => json!({}),
        };
        let with = |name: &str, value: Value| {
            let mut arguments = own.clone();
            arguments[name] = value;
            arguments
        };
        let odd = [
            with("detail", json!("full")),
            with("what_if", changes.clone()),
            with("what_if", wrong.clone()),
            with("changes", wrong.clone()),
            with("stack", json!("nobody")),
            with("password", json!(1)),
            with("cursor", json!("7")),
            json!({"detail": 7}),
        ];
        for arguments in [own.clone()].into_iter().chain(odd) {
            all += &said(server, "tools/call", &json!({"name": tool["name"], "arguments": arguments}));
        }
    }
    let resources = server.request("resources/list", &json!({}))["result"]["resources"].take();
    let mut uris: Vec<String> =
        resources.as_array().unwrap().iter().map(|one| one["uri"].as_str().unwrap().to_owned()).collect();
    let stack = uris.iter().find_map(|uri| uri.strip_suffix("/report")).unwrap_or("pci://small").to_owned();
    for rest in
        ["requirement/8", "control/8.3.6", "component/one", "component/password", "policy/one/password", "secret"]
    {
        uris.push(format!("{stack}/{rest}"));
    }
    for uri in uris {
        all += &said(server, "resources/read", &json!({ "uri": uri }));
    }
    for name in ["assess_stack", "close_gaps", "prepare_evidence", "explore_what_if", "review_exceptions", "password"] {
        for arguments in [json!({}), json!({"requirement": "8", "goal": "one password less"}), json!({"stack": "x"})] {
            all += &said(server, "prompts/get", &json!({"name": name, "arguments": arguments}));
        }
    }
    for argument in ["stack", "name", "id", "namespace", "type"] {
        for template in ["pci://{stack}/component/{name}", "pci://{stack}/policy/{namespace}/{name}"] {
            let reference = json!({"type": "ref/resource", "uri": template});
            let params = json!({"ref": reference, "argument": {"name": argument, "value": ""}});
            all += &said(server, "completion/complete", &params);
        }
    }
    for path in ["/healthz", "/readyz", "/metrics", "/mcp", "/nothing"] {
        all += &server.text(path);
    }
    all
}

#[test]
fn no_secret_of_the_files_is_in_any_answer_error_or_trace_over_http() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    for (kind, sub) in [("cnpg", "db"), ("keycloak", "client")] {
        let good = poisoned(kind, sub);
        fs::write(&file, &good).unwrap();
        let level = ["--level", "pci_dss_strict"];
        let mut server =
            Server::traced(&["--stack", file.to_str().unwrap(), level[0], level[1], "--legacy-sse"], "trace");
        let mut all = everything(&server);
        // The line with a secret on it is the one that breaks.
        let line = good.lines().find(|line| line.contains(CANARY)).unwrap();
        for broken in [
            line.trim_end().trim_end_matches('"').to_owned(),
            format!("{line}\n{line}"),
            format!("{} {CANARY}: {CANARY}", line.replace('"', "")),
        ] {
            fs::write(&file, good.replacen(line, &broken, 1)).unwrap();
            let begun = Instant::now();
            let stale = loop {
                let answer = server.call("describe_stack", &json!({}));
                if let Some(stale) = answer["structuredContent"]["stale"].as_str() {
                    break stale.to_owned();
                }
                assert!(begun.elapsed() < Duration::from_secs(30), "{broken}: {answer}");
                thread::sleep(Duration::from_millis(20));
            };
            assert!(stale.contains("stack-metadata.yaml:"), "it has a place: {stale}");
            all += &everything(&server);
            fs::write(&file, &good).unwrap();
            while server.call("describe_stack", &json!({}))["structuredContent"]["stale"].is_string() {
                assert!(begun.elapsed() < Duration::from_mins(1));
                thread::sleep(Duration::from_millis(20));
            }
        }
        server.terminate();
        assert!(server.child.wait().unwrap().success());
        let traced: Vec<String> = server.said.iter().collect();
        assert!(traced.iter().any(|line| line.contains("can't be used")), "the traces are there");
        assert!(all.len() > 100_000, "nothing was asked: {}", all.len());
        assert!(!all.contains(CANARY), "{kind}: an answer holds a secret");
        assert_eq!(traced.iter().find(|line| line.contains(CANARY)), None);
    }
    // Secrets in attributes that may be read, as their file and as a client gives them.
    fs::write(&file, misplaced(9)).unwrap();
    let mut server = Server::traced(&["--stack", file.to_str().unwrap(), "--level", "pci_dss_strict"], "trace");
    let mut all = everything(&server);
    let given = |attribute: &str| {
        let change = |secret: &Secret| json!({"op": "set_attribute", "name": "vault", "attribute": attribute, "value": secret.value});
        SECRETS.iter().map(change).collect::<Vec<_>>()
    };
    for attribute in ["version", "remote_host", "is_referenced"] {
        all += &said(&server, "tools/call", &json!({"name": "what_if", "arguments": {"changes": given(attribute)}}));
    }
    server.terminate();
    assert!(server.child.wait().unwrap().success());
    let traced: Vec<String> = server.said.iter().collect();
    assert!(all.len() > 100_000, "nothing was asked: {}", all.len());
    assert_eq!(held(&(all + &traced.join("\n"))), Vec::<&str>::new());
}

#[test]
fn no_secret_of_files_that_were_never_good_is_in_any_answer_error_or_trace_over_http() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    let text = format!("components:\n  one:\n    type: redis\n    attributes:\n      password: {CANARY}: {CANARY}\n");
    fs::write(&file, text).unwrap();
    let mut server = Server::traced(&["--stack", file.to_str().unwrap()], "trace");
    let all = everything(&server);
    assert!(all.contains("stack-metadata.yaml:5:"), "{all}");
    server.terminate();
    assert!(server.child.wait().unwrap().success());
    assert!(!all.contains(CANARY), "{all}");
    assert_eq!(server.said.iter().find(|line| line.contains(CANARY)), None);
}

#[test]
fn what_a_client_asks_is_in_no_trace_whether_it_is_answered_or_refused() {
    let mut server = Server::traced(&["--demo"], "trace,rmcp=trace");
    let change = json!({"op": "set_attribute", "name": "ledger", "attribute": "password", "value": CANARY});
    server.call("what_if", &json!({ "changes": [change] }));
    server.call("describe_stack", &json!({ CANARY: CANARY }));
    server.request("prompts/get", &json!({"name": "explore_what_if", "arguments": {"goal": CANARY}}));
    for (method, params) in [
        ("prompts/get", json!({"name": "prepare_evidence", "arguments": {"requirement": CANARY, "stack": CANARY}})),
        ("prompts/get", json!({ "name": CANARY })),
        ("resources/read", json!({"uri": format!("pci://payments-shop/component/{CANARY}")})),
        ("resources/list", json!({ "cursor": CANARY })),
        ("resources/subscribe", json!({"uri": format!("pci://{CANARY}/report")})),
        ("tools/call", json!({ "name": CANARY })),
        (CANARY, json!({})),
    ] {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        server.post().send(message.to_string()).unwrap();
    }
    server.post().send(format!("{{\"jsonrpc\": \"2.0\", \"method\": 7, \"{CANARY}")).unwrap();
    let client = json!({"name": CANARY, "version": CANARY});
    let params = json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client});
    server.request("initialize", &params);
    server.terminate();
    assert!(server.child.wait().unwrap().success());
    let traced: Vec<String> = server.said.iter().collect();
    assert!(traced.iter().any(|line| line.contains("what_if")), "the traces are there");
    assert_eq!(traced.iter().find(|line| line.contains(CANARY)), None);
}

#[test]
fn those_who_run_the_server_are_told_numbers_and_no_names() {
    let server = Server::of(&["--demo"]);
    server.call("describe_stack", &json!({"stack": "payments-shop"}));
    server.request("tools/call", &json!({"name": "no_such_tool", "arguments": {}}));
    let told = ["/healthz", "/readyz", "/metrics"].map(|path| server.text(path)).concat();
    for name in ["payments", "shop", "no_such_tool", "stack-metadata"] {
        assert!(!told.contains(name), "{name}: {told}");
    }
}

fn fifo(path: &Path) {
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

const TOKEN: &str = "one-0123456789abcdef0123";
const JWKS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k1", "x": "osbQQK-q_FivVTOW9UfNxTDxwNqRtKpc-LfvuOeomjc"}]}"#;

/// The flags by which `path` says who may ask, and what the file may hold.
fn who_may_ask(path: &str) -> [(Vec<&str>, &'static str); 2] {
    let oauth = ["--oauth-issuer", "https://login.example.com", "--oauth-audience", "https://pci.example.com/mcp"];
    [(vec!["--token-file", path], TOKEN), ([&oauth[..], &["--jwks", path]].concat(), JWKS)]
}

#[test]
fn a_folder_or_a_pipe_in_place_of_tokens_or_keys_lets_nobody_in_and_holds_nobody_up() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("who");
    for (flags, good) in who_may_ask(path.to_str().unwrap()) {
        let odd: [(&str, &dyn Fn()); 2] =
            [("this is a folder", &|| fs::create_dir(&path).unwrap()), ("not a regular file", &|| fifo(&path))];
        for (expected, put) in odd {
            put();
            let mut serve = program();
            serve.args(["serve", "--demo", "--http", "0"]).args(&flags).timeout(Duration::from_secs(20));
            let refused = serve.assert().code(2);
            let error = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
            assert!(error.contains(expected), "{error}");
            let _ = fs::remove_dir(&path).or_else(|_| fs::remove_file(&path));
        }
        fs::write(&path, good).unwrap();
        let server = Server::of(&[&["--demo"], &flags[..]].concat());
        let status = |authorization: &str| {
            let body = json!({"jsonrpc": "2.0", "id": 1, "method": "ping"}).to_string();
            server.post().header("authorization", authorization).send(body).unwrap().status().as_u16()
        };
        for (why, put) in odd {
            let _ = fs::remove_dir(&path).or_else(|_| fs::remove_file(&path));
            put();
            let line = server.said.iter().find(|line| line.contains("can't be read") && line.contains(why));
            assert!(line.is_some());
            // Nobody is let in by a file that is none: a token that was in it may be gone.
            wait_for(|| status(&format!("Bearer {TOKEN}")) == 401);
            assert_eq!(status("Bearer "), 401);
            let _ = fs::remove_dir(&path).or_else(|_| fs::remove_file(&path));
            fs::write(&path, good).unwrap();
            if good == TOKEN {
                wait_for(|| status(&format!("Bearer {TOKEN}")) == 200);
            }
        }
        let _ = fs::remove_file(&path);
    }
}

#[test]
fn a_request_is_named_by_its_client_only_with_one_short_word() {
    let server = Server::of(&["--demo", "--log", "json"]);
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "describe_stack"}});
    let named = |ids: &[&str]| {
        let post = ids.iter().fold(server.post(), |post, id| post.header("x-request-id", *id));
        let response = post.send(body.to_string()).unwrap();
        let answered = response.headers()["x-request-id"].to_str().unwrap().to_owned();
        let line = server.said.recv_timeout(Duration::from_secs(10)).unwrap();
        let traced: Value = serde_json::from_str(&line).unwrap();
        assert_eq!(traced["request_id"], *answered);
        answered
    };
    let longest = "x".repeat(128);
    for word in ["trace-me-7", "\"}{\"level\":\"ERROR", longest.as_str()] {
        assert_eq!(named(&[word]), word);
    }
    for odd in [&["two words"][..], &[""], &["tab\tbed"], &["x".repeat(129).as_str()], &["one", "two"]] {
        let ours = named(odd);
        assert!(ours.len() == 36 && !odd.contains(&ours.as_str()), "{odd:?}: {ours}");
    }
}

#[test]
fn the_name_of_a_stacks_folder_forges_no_line_of_the_traces_and_no_id() {
    let folder = tempfile::tempdir().unwrap();
    let forged = "torn\u{1b}[31m\n2026-01-01T00:00:00Z  INFO forged\u{202e}";
    let inside = folder.path().join(forged);
    fs::create_dir(&inside).unwrap();
    let file = inside.join("stack-metadata.yaml");
    let configuration = "configuration:\n  system_name: small\n  microsegmentation_level: pci_dss_strict\n";
    fs::write(&file, format!("components:\n{}{configuration}", component("cache", "redis", "", &[]))).unwrap();
    let server = Server::of(&["--stacks", folder.path().to_str().unwrap()]);
    fs::write(&file, "components: 7\n").unwrap();
    let line = server.said.iter().find(|line| line.contains("can't be used")).unwrap();
    assert!(line.contains("stack-metadata.yaml:1:1") && !line.contains('\u{1b}'), "{line}");
    // One that never could be read goes by its folder.
    let server = Server::of(&["--stacks", folder.path().to_str().unwrap()]);
    let answer = server.call("pci_compliance_overview", &json!({"stack": "*"}));
    let id = answer["structuredContent"]["stacks"][0]["stack"].as_str().unwrap();
    assert_eq!(id, "torn[31m2026-01-01T00:00:00Z  INFO forged");
}

/// What the server answers to `bytes`, until it closes or says no more for a while, and whether it closed.
fn answered(server: &Server, bytes: &[u8]) -> (String, bool) {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(3))).unwrap();
    stream.write_all(bytes).unwrap();
    let (mut said, mut some) = (Vec::new(), [0; 4096]);
    let is_closed = loop {
        match stream.read(&mut some) {
            Ok(0) => break true,
            Ok(count) => said.extend_from_slice(&some[..count]),
            Err(error) => break error.kind() == std::io::ErrorKind::ConnectionReset,
        }
    };
    (String::from_utf8_lossy(&said).into_owned(), is_closed)
}

/// A proxy in front may see another end of such a request than the server, and take what follows for the next client's.
#[test]
fn a_request_whose_end_is_doubtful_is_refused_or_the_last_of_its_connection() {
    let server = Server::of(&["--demo"]);
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n";
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let (length, chunked) = (ping.len(), format!("{:x}\r\n{ping}\r\n0\r\n\r\n", ping.len()));
    let hidden = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n";
    let both = chunked.len() + hidden.len();
    for (what, lines, body, may_be_answered) in [
        ("both lengths", format!("content-length: {both}\r\ntransfer-encoding: chunked\r\n"), &chunked, true),
        (
            "both, the other way round",
            format!("transfer-encoding: chunked\r\ncontent-length: {both}\r\n"),
            &chunked,
            true,
        ),
        ("both, one short", "content-length: 4\r\ntransfer-encoding: chunked\r\n".to_owned(), &chunked, true),
        ("two lengths", format!("content-length: {length}\r\ncontent-length: 3\r\n"), &ping.to_owned(), false),
        ("a signed length", format!("content-length: +{length}\r\n"), &ping.to_owned(), false),
        ("an unknown coding", "transfer-encoding: xchunked\r\n".to_owned(), &chunked, false),
        ("a coding that is not last", "transfer-encoding: chunked, identity\r\n".to_owned(), &chunked, false),
        ("a blank before the colon", "transfer-encoding : chunked\r\n".to_owned(), &chunked, false),
        (
            "a folded line",
            format!("x-a: 1\r\n transfer-encoding: chunked\r\ncontent-length: {length}\r\n"),
            &ping.to_owned(),
            false,
        ),
        ("a bare return", format!("x-request-id: a\rb: c\r\ncontent-length: {length}\r\n"), &ping.to_owned(), false),
        ("a zero byte", format!("x-request-id: a\0b\r\ncontent-length: {length}\r\n"), &ping.to_owned(), false),
    ] {
        let (said, is_closed) = answered(&server, format!("{head}{lines}\r\n{body}{hidden}").as_bytes());
        assert_eq!(said.matches("HTTP/1.1 ").count(), 1, "{what}: {said}");
        assert!(is_closed && !said.ends_with("ok\n"), "{what}: {said}");
        let refused = said.starts_with("HTTP/1.1 400 ");
        assert!(refused || (may_be_answered && said.starts_with("HTTP/1.1 200 ")), "{what}: {said}");
    }
}

/// Found by fuzzing: the SDK takes a body that can't be read for a fault of the server's own.
#[test]
fn a_body_that_can_t_be_read_is_its_clients_fault_and_not_the_servers() {
    let server = Server::of(&["--demo", "--legacy-sse"]);
    for path in ["/mcp", "/messages?sessionId=1"] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n"
        );
        for body in
            ["3\r\n{}\r\n0\r\n\r\n", "2\r\n{}x\r\n0\r\n\r\n", "zz\r\n{}\r\n0\r\n\r\n", "ffffffffffffffffff\r\n{}"]
        {
            let (said, is_closed) =
                answered(&server, format!("{head}transfer-encoding: chunked\r\n\r\n{body}").as_bytes());
            assert!(is_closed && said.starts_with("HTTP/1.1 4"), "{path} {body:?}: {said}");
        }
    }
    assert_eq!(server.text("/healthz"), "ok\n");
}
