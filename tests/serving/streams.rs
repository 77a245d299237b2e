//! Streams and sessions: each lasts no longer than the token that opened it, and is its owner's alone.

use std::{
    fs,
    io::{BufRead as _, BufReader, Read as _, Write as _},
    net::TcpStream,
    path::Path,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    access::{AUDIENCE, ISSUER, claims, jwks, seconds, signed, wait_for},
    http::Server,
};

const ONE: &str = "one-0123456789abcdef0123";
const TWO: &str = "two-0123456789abcdef0123";

/// The connection on which `token` opened a stream, once its head has come, and the head.
fn opened(server: &Server, token: &str, request: &str, headers: &str, body: &str) -> (TcpStream, String) {
    let mut stream = TcpStream::connect(&server.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let accept = "accept: application/json, text/event-stream\r\ncontent-type: application/json";
    let length = body.len();
    write!(
        stream,
        "{request} HTTP/1.1\r\nhost: localhost\r\nauthorization: Bearer {token}\r\n{accept}\r\n{headers}content-length: {length}\r\n\r\n{body}"
    )
    .unwrap();
    let (mut head, mut byte) = (Vec::new(), [0]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    let head = String::from_utf8(head).unwrap();
    assert!(head.contains("text/event-stream"), "{head}");
    (stream, head)
}

/// A stream of the stateless era.
fn listening(server: &Server, token: &str) -> TcpStream {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
        "io.modelcontextprotocol/clientCapabilities": {},
    });
    let params = json!({"notifications": {"resourceSubscriptions": ["pci://stacks"]}, "_meta": meta});
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "subscriptions/listen", "params": params}).to_string();
    let headers = "mcp-protocol-version: 2026-07-28\r\nmcp-method: subscriptions/listen\r\n";
    opened(server, token, "POST /mcp", headers, &body).0
}

/// What still comes until the stream ends, which it does.
fn rest(mut stream: TcpStream) -> String {
    let mut rest = Vec::new();
    let begun = std::time::Instant::now();
    let mut part = [0; 4096];
    loop {
        match stream.read(&mut part) {
            Ok(0) => break,
            Ok(count) => rest.extend_from_slice(&part[..count]),
            Err(error) => panic!("the stream goes on: {error}"),
        }
        if rest.ends_with(b"0\r\n\r\n") {
            break;
        }
        assert!(begun.elapsed() < Duration::from_secs(30), "the stream goes on");
    }
    String::from_utf8_lossy(&rest).into_owned()
}

fn session(server: &Server, token: &str) -> String {
    let version =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}});
    let greeting = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": version}).to_string();
    let response = server.post().header("authorization", format!("Bearer {token}")).send(greeting).unwrap();
    response.headers()["mcp-session-id"].to_str().unwrap().to_owned()
}

/// The status of a ping in the session `id`.
fn ping(server: &Server, token: &str, id: &str) -> u16 {
    let post = server.post().header("authorization", format!("Bearer {token}")).header("mcp-session-id", id);
    post.send(json!({"jsonrpc": "2.0", "id": 7, "method": "ping"}).to_string()).unwrap().status().as_u16()
}

fn oauth(jwks: &Path) -> Server {
    let jwks = jwks.to_str().unwrap();
    Server::of(&["--demo", "--oauth-issuer", ISSUER, "--oauth-audience", AUDIENCE, "--jwks", jwks, "--sessions"])
}

#[test]
fn streams_end_with_the_token_that_opened_them_and_others_go_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("{ONE}\n{TWO}\n")).unwrap();
    let server = Server::of(&["--demo", "--sessions", "--legacy-sse", "--token-file", file.to_str().unwrap()]);
    let id = session(&server, ONE);
    let of_session = opened(&server, ONE, "GET /mcp", &format!("mcp-session-id: {id}\r\n"), "").0;
    let retired = opened(&server, ONE, "GET /sse", "", "").0;
    let stateless = listening(&server, ONE);
    let mut others = listening(&server, TWO);
    fs::write(&file, format!("{TWO}\n")).unwrap();
    for stream in [of_session, retired, stateless] {
        rest(stream);
    }
    others.set_read_timeout(Some(Duration::from_millis(500))).unwrap();
    let mut part = [0; 4096];
    // Whatever it says meanwhile, it does not end.
    while let Ok(count) = others.read(&mut part) {
        assert!(count > 0 && !part[..count].ends_with(b"0\r\n\r\n"));
    }
    // And the session is nobody's any more, were the token to come back: it ends within a second.
    std::thread::sleep(Duration::from_secs(3));
    fs::write(&file, format!("{ONE}\n{TWO}\n")).unwrap();
    wait_for(|| ping(&server, ONE, &id) == 404);
}

#[test]
fn a_stream_ends_when_its_jwt_expires_or_its_key_is_withdrawn() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    fs::write(&file, jwks("k1")).unwrap();
    let server = oauth(&file);
    // Clocks may differ by half a minute.
    let mut brief = claims();
    brief["exp"] = json!(seconds(-27));
    rest(listening(&server, &signed(&brief, "k1")));
    let lasting = listening(&server, &signed(&claims(), "k1"));
    fs::write(&file, r#"{"keys": []}"#).unwrap();
    rest(lasting);
    let refused = server.post().header("authorization", format!("Bearer {}", signed(&claims(), "k1")));
    assert_eq!(refused.send("{}").unwrap().status(), 401, "a JWKS without keys withdraws them all");
    fs::write(&file, jwks("k1")).unwrap();
    wait_for(|| {
        let request = server.post().header("authorization", format!("Bearer {}", signed(&claims(), "k1")));
        request.send("{}").unwrap().status() != 401
    });
}

#[test]
fn a_session_is_used_and_ended_by_its_own_client_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("{ONE}\n{TWO}\n")).unwrap();
    let server = Server::of(&["--demo", "--sessions", "--token-file", file.to_str().unwrap()]);
    let id = session(&server, ONE);
    let end = |token: &str| {
        let end = server.agent.delete(server.url("/mcp")).header("mcp-session-id", &id);
        end.header("authorization", format!("Bearer {token}")).call().unwrap().status().as_u16()
    };
    assert_eq!((ping(&server, TWO, &id), end(TWO), ping(&server, ONE, &id)), (404, 404, 200));
    assert_eq!((end(ONE), ping(&server, ONE, &id)), (204, 404));
}

#[test]
fn a_session_goes_on_with_the_next_token_of_the_same_subject() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("jwks.json");
    fs::write(&file, jwks("k1")).unwrap();
    let server = oauth(&file);
    let of = |subject: &str, lasts: i64| {
        let mut claims = claims();
        (claims["sub"], claims["exp"]) = (json!(subject), json!(seconds(lasts)));
        signed(&claims, "k1")
    };
    let id = session(&server, &of("somebody", 300));
    assert_eq!(ping(&server, &of("somebody", 600), &id), 200);
    assert_eq!(ping(&server, &of("another", 300), &id), 404);
}

#[test]
fn messages_on_the_retired_pair_are_taken_of_whom_opened_the_stream() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("tokens");
    fs::write(&file, format!("{ONE}\n{TWO}\n")).unwrap();
    let server = Server::of(&["--demo", "--legacy-sse", "--token-file", file.to_str().unwrap()]);
    let (stream, _) = opened(&server, ONE, "GET /sse", "", "");
    let mut lines = BufReader::new(stream).lines().map(Result::unwrap);
    let address = lines.find_map(|line| line.strip_prefix("data: ").map(str::to_owned)).unwrap();
    let post = |token: &str, body: &str| {
        let post = server.agent.post(server.url(&address)).header("content-type", "application/json");
        post.header("authorization", format!("Bearer {token}")).send(body).unwrap().status().as_u16()
    };
    let ping = json!({"jsonrpc": "2.0", "id": 7, "method": "ping"}).to_string();
    assert_eq!((post(TWO, &ping), post(ONE, &ping), post(ONE, "{")), (404, 202, 400));
}

#[test]
fn equal_questions_hold_one_slot_and_those_that_wait_for_the_same_part_hold_none() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::of(&["--stack", &super::http::slow_stack(folder.path())]);
    server.call("describe_stack", &json!({}));
    let ask = |arguments: Value| {
        let params = json!({"name": "pci_compliance_gaps", "arguments": arguments});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}).to_string();
        let mut stream = TcpStream::connect(&server.address).unwrap();
        let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n";
        write!(stream, "{head}content-length: {}\r\n\r\n{body}", body.len()).unwrap();
        stream
    };
    let equal = (0..16).map(|_| ask(json!({})));
    let others = (1..=12).map(|requirement| ask(json!({ "requirement": requirement })));
    let mut asked: Vec<TcpStream> = equal.chain(others).collect();
    std::thread::sleep(Duration::from_millis(200));
    server.call("describe_stack", &json!({}));
    asked[0].set_nonblocking(true).unwrap();
    let early = asked[0].read(&mut [0; 1]);
    assert!(early.is_err(), "the gaps were found at once: the stack is too small for this test");
    asked[0].set_nonblocking(false).unwrap();
    for mut stream in asked {
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        assert!(answer.contains("structuredContent") && answer.contains("\"isError\":false"), "{answer}");
    }
}
