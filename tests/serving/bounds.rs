//! What one client may take of the server: connections, heads, answers that it does not read.

use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use serde_json::{Value, json};

use super::{
    Client,
    abuse::{goes_on, resident},
    http::{Server, counted},
};

/// A large answer.
const LARGE: &str = "ui://pci-compliance/map.html";

fn read(uri: &str) -> String {
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "resources/read", "params": {"uri": uri}}).to_string();
    let head = "POST /mcp HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\n";
    format!("{head}content-length: {}\r\n\r\n{body}", body.len())
}

#[test]
fn a_client_that_reads_nothing_is_shown_out() {
    let server = Server::of(&["--demo"]);
    let mut stream = TcpStream::connect(&server.address).unwrap();
    let asked = 100;
    stream.set_nonblocking(true).unwrap();
    let _ = stream.write(read(LARGE).repeat(asked).as_bytes()).unwrap();
    stream.set_nonblocking(false).unwrap();
    thread::sleep(Duration::from_secs(14));
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut got = Vec::new();
    // Reset, or closed in the middle.
    let _ = stream.read_to_end(&mut got);
    assert!(got.len() < asked * 500_000, "all was sent: {} bytes", got.len());
    goes_on(&server);
}

#[test]
fn answers_that_nobody_reads_take_so_much_memory_and_no_more() {
    let server = Server::of(&["--demo", "--rate", "0"]);
    let held: Vec<TcpStream> = (0..600)
        .map(|_| {
            let mut stream = TcpStream::connect(&server.address).unwrap();
            // Of the first the system's own buffers take some.
            stream.write_all(read(LARGE).repeat(20).as_bytes()).unwrap();
            stream
        })
        .collect();
    thread::sleep(Duration::from_secs(3));
    // 600 of half a MiB would be 300 MiB.
    assert!(resident(&server) < 220, "{} MiB", resident(&server));
    drop(held);
    goes_on(&server);
}

#[test]
fn however_many_connections_an_address_holds_probes_are_answered() {
    let limited = Command::new("sh")
        .args(["-c", "ulimit -n 200; exec \"$0\" \"$@\"", env!("CARGO_BIN_EXE_pci-compliance-mcp")])
        .args(["serve", "--demo", "--http", "127.0.0.1:0"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let server = Server::running(limited);
    // Half of them are this address's; the rest is for others.
    let held: Vec<TcpStream> = (0..150).map_while(|_| TcpStream::connect(&server.address).ok()).collect();
    for path in ["/healthz", "/health", "/readyz", "/metrics"] {
        assert_eq!(server.get(path).status(), 200, "{path}");
    }
    let refused = server.get("/mcp");
    assert_eq!((refused.status().as_u16(), refused.headers()["retry-after"].to_str().unwrap()), (503, "1"));
    assert!(counted(&server, r#"pci_compliance_mcp_refusals_total{status="503"}"#) > 0);
    drop(held);
    thread::sleep(Duration::from_millis(300));
    goes_on(&server);
}

#[test]
fn a_head_has_so_many_bytes_and_no_more() {
    let server = Server::of(&["--demo"]);
    let status = |length: usize| {
        let start = "GET /healthz HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\nx: ";
        let mut stream = TcpStream::connect(&server.address).unwrap();
        let _ = write!(stream, "{start}{}\r\n\r\n", "x".repeat(length - start.len() - 4));
        let mut answer = String::new();
        let _ = stream.read_to_string(&mut answer);
        answer.get(9..12).unwrap_or_default().to_owned()
    };
    assert_eq!(status(32 << 10), "200");
    for length in [(32 << 10) + 1, 40 << 10, 48 << 10, 63 << 10] {
        assert_eq!(status(length), "431", "{length}");
    }
}

#[test]
fn of_an_absolute_address_the_host_counts_and_not_the_header() {
    let server = Server::of(&["--demo"]);
    let status = |target: &str, host: &str| {
        let mut stream = TcpStream::connect(&server.address).unwrap();
        write!(stream, "GET {target} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\n\r\n").unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer[9..12].to_owned()
    };
    assert_eq!(status("http://evil.example/mcp", "localhost"), "403");
    assert_eq!(status("http://localhost@evil.example/mcp", "localhost"), "403");
    assert_ne!(status("http://localhost/mcp", "evil.example"), "403");
    assert_eq!(status("/mcp", "evil.example"), "403");
}

#[test]
fn what_is_no_message_is_answered_as_the_protocol_has_it() {
    let server = Server::of(&["--demo"]);
    let answered = |text: &str| {
        let mut response = server.post().send(text).unwrap();
        let answer: Value = serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap();
        (response.status().as_u16(), answer["error"]["code"].as_i64().unwrap(), answer["id"].clone())
    };
    for text in ["", "{", "[1, 2", "\u{1b}[2J", "NaN"] {
        assert_eq!(answered(text), (400, -32700, Value::Null), "{text}");
    }
    for text in ["null", "7", "{}", "[]", "{\"jsonrpc\": \"1.0\"}", "[{\"jsonrpc\": \"2.0\"}]"] {
        assert_eq!(answered(text), (400, -32600, Value::Null), "{text}");
    }
    assert_eq!(answered(r#"{"id": 7, "method": "ping"}"#), (400, -32600, json!(7)));
    // Many small values would take a hundred times their bytes; what is in a text is none.
    let many = |list: &str| format!(r#"{{"jsonrpc": "2.0", "id": 1, "method": "ping", "params": {{"x": {list}}}}}"#);
    assert_eq!(answered(&many(&format!("[{}0]", "0,".repeat(20_000)))).1, -32600);
    let text = format!(r#""{}\"[,""#, ",[{".repeat(20_000));
    assert_eq!(server.post().send(many(&text)).unwrap().status(), 200);
    let mut client = Client::of(&["--demo"]);
    let long = format!("\"{}\"", "x".repeat(17 << 20));
    for (line, code, id) in [
        ("{", -32700, Value::Null),
        ("\u{1b}[2J", -32700, Value::Null),
        (long.as_str(), -32700, Value::Null),
        ("null", -32600, Value::Null),
        (r#"{"jsonrpc": "2.0", "id": "a", "method": 7}"#, -32600, json!("a")),
    ] {
        writeln!(client.input, "{line}").unwrap();
        let answer = client.message();
        assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{answer}");
    }
    assert_eq!(client.call("describe_stack", &json!({}))["structuredContent"]["stack"], "payments-shop");
}

#[test]
fn refusals_are_counted_by_their_status_and_by_nothing_else() {
    let folder = tempfile::tempdir().unwrap();
    let tokens = folder.path().join("tokens");
    std::fs::write(&tokens, "one-0123456789abcdef0123\n").unwrap();
    let server = Server::of(&["--demo", "--rate", "4", "--token-file", tokens.to_str().unwrap()]);
    let count = |status: u16| counted(&server, &format!("pci_compliance_mcp_refusals_total{{status=\"{status}\"}}"));
    assert_eq!((count(401), count(403), count(429)), (0, 0, 0));
    assert_eq!(server.get("/mcp").status(), 401);
    assert_eq!(server.agent.get(server.url("/mcp")).header("host", "evil.example").call().unwrap().status(), 403);
    let statuses: Vec<u16> = (0..20).map(|_| server.get("/mcp").status().as_u16()).collect();
    let refused = u64::try_from(statuses.iter().filter(|status| **status == 429).count()).unwrap();
    assert!(refused > 0 && count(429) == refused, "{statuses:?}");
    assert_eq!((count(401) + count(429), count(403)), (21, 1));
}
