//! The server over HTTP.

use std::{
    fs,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Child, ChildStderr, Command, Stdio},
    sync::mpsc,
    thread,
    time::Duration,
};

use pci_fixtures::{component, fixture, stack};
use serde_json::{Value, json};
use ureq::{Agent, Body, RequestBuilder, http::Response, typestate::WithBody};

/// A server that listens.
pub struct Server {
    pub child: Child,
    pub address: String,
    pub agent: Agent,
    /// What it says on standard error after that.
    pub said: mpsc::Receiver<String>,
}

impl Server {
    pub fn of(arguments: &[&str]) -> Self {
        Self::traced(arguments, "warn,pci_compliance=info")
    }

    /// The same, with traces of what `filter` says.
    pub fn traced(arguments: &[&str], filter: &str) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"))
            .args(["serve", "--http", "127.0.0.1:0"])
            .args(arguments)
            .env("RUST_LOG", filter)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        Self::running(child)
    }

    /// The server that `child` is, whose standard error is piped.
    pub fn running(mut child: Child) -> Self {
        let (address, said) = listening(child.stderr.take().unwrap());
        let config = Agent::config_builder().http_status_as_error(false).timeout_global(Some(Duration::from_mins(2)));
        Self { child, address, agent: config.build().into(), said }
    }

    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    pub fn get(&self, path: &str) -> Response<Body> {
        self.agent.get(self.url(path)).call().unwrap()
    }

    pub fn text(&self, path: &str) -> String {
        self.get(path).body_mut().read_to_string().unwrap()
    }

    pub fn post(&self) -> RequestBuilder<WithBody> {
        let post = self.agent.post(self.url("/mcp")).header("accept", "application/json, text/event-stream");
        post.header("content-type", "application/json")
    }

    /// The result of a request of the `initialize` era.
    pub fn request(&self, method: &str, params: &Value) -> Value {
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
        let response = self.post().send(message.to_string()).unwrap();
        assert_eq!(response.status(), 200);
        json_of(response)
    }

    pub fn call(&self, tool: &str, arguments: &Value) -> Value {
        self.request("tools/call", &json!({"name": tool, "arguments": arguments}))["result"].take()
    }

    /// What is told of what is `wanted`, as it happens.
    pub fn listening(&self, wanted: &Value) -> impl Iterator<Item = Value> {
        let params = json!({"notifications": wanted, "_meta": stateless()});
        let response = self.send_stateless("subscriptions/listen", None, &params);
        assert_eq!(response.status(), 200);
        let lines = BufReader::new(response.into_body().into_reader()).lines();
        lines.map_while(Result::ok).filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok())
    }

    /// What a server of the stateless era says of itself.
    pub fn discovered(&self) -> Value {
        let params = json!({ "_meta": stateless() });
        json_of(self.send_stateless("server/discover", None, &params))["result"].take()
    }

    /// What a request of the stateless era is answered with, whatever that is.
    pub fn send_stateless(&self, method: &str, name: Option<&str>, params: &Value) -> Response<Body> {
        let headers = [("mcp-protocol-version", Some("2026-07-28")), ("mcp-method", Some(method)), ("mcp-name", name)];
        let said = headers.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let request = said.fold(self.post(), |request, (name, value)| request.header(name, value));
        request.send(json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params}).to_string()).unwrap()
    }

    /// The messages that a call of the stateless era is answered with.
    fn call_stateless(&self, tool: &str, arguments: &Value, progress: bool) -> Vec<Value> {
        let mut meta = stateless();
        if progress {
            meta["progressToken"] = json!("p");
        }
        let params = json!({"name": tool, "arguments": arguments, "_meta": meta});
        let mut response = self.send_stateless("tools/call", Some(tool), &params);
        let kind = response.headers()["content-type"].to_str().unwrap().to_owned();
        assert_eq!(kind, if progress { "text/event-stream" } else { "application/json" });
        let body = response.body_mut().read_to_string().unwrap();
        if !progress {
            return vec![serde_json::from_str(&body).unwrap()];
        }
        body.lines().filter_map(|line| serde_json::from_str(line.strip_prefix("data: ")?).ok()).collect()
    }

    /// Asks it to stop.
    pub fn terminate(&self) {
        assert!(Command::new("kill").arg(self.child.id().to_string()).status().unwrap().success());
    }
}

/// What a request of the stateless era says of itself.
fn stateless() -> Value {
    json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientInfo": {"name": "test", "version": "0"},
        "io.modelcontextprotocol/clientCapabilities": {},
    })
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The JSON that `response` has.
fn json_of(mut response: Response<Body>) -> Value {
    serde_json::from_str(&response.body_mut().read_to_string().unwrap()).unwrap()
}

/// Where the server says that it listens, and the lines that follow.
fn listening(stderr: ChildStderr) -> (String, mpsc::Receiver<String>) {
    let mut lines = BufReader::new(stderr).lines();
    let address = lines.by_ref().map(Result::unwrap).find_map(|line| {
        let (_, rest) = line.split_once("http://")?;
        Some(rest.split_once("/mcp")?.0.to_owned())
    });
    let (tell, said) = mpsc::channel();
    thread::spawn(move || lines.map_while(Result::ok).try_for_each(|line| tell.send(line)));
    (address.expect("it says where it listens"), said)
}

/// A stack whose gaps take a while to find.
pub fn slow_stack(folder: &Path) -> String {
    let components: String = (0..120)
        .map(|number| component(&format!("app{number}"), "fastapi", "", &[&format!("app{}", (number + 1) % 120)]))
        .collect();
    let text = stack(&components) + "  microsegmentation_level: pci_dss_strict\n";
    let file = folder.join("stack-metadata.yaml");
    fs::write(&file, text).unwrap();
    file.to_str().unwrap().to_owned()
}

/// What the server has counted in the line that begins with `what`.
pub fn counted(server: &Server, what: &str) -> u64 {
    let text = server.text("/metrics");
    text.lines().find_map(|line| line.strip_prefix(what)?.trim().parse().ok()).unwrap_or(0)
}

const FLOW: (&str, &str) = ("explain_flow", r#"{"from": "checkout", "to": "card-vault", "port": 8443}"#);

#[test]
fn one_request_asks_one_tool_in_each_era_and_the_answers_are_the_same() {
    let server = Server::of(&["--demo"]);
    let arguments: Value = serde_json::from_str(FLOW.1).unwrap();
    let earlier = server.call(FLOW.0, &arguments);
    let stateless = server.call_stateless(FLOW.0, &arguments, false).remove(0);
    assert_eq!(earlier["structuredContent"]["verdict"], "allowed");
    assert_eq!(earlier["structuredContent"], stateless["result"]["structuredContent"]);
    assert_eq!(earlier["content"], stateless["result"]["content"]);
}

#[test]
fn what_the_stateless_era_no_longer_has_is_no_method_whatever_its_parameters() {
    let server = Server::of(&["--demo"]);
    for method in ["resources/subscribe", "resources/unsubscribe"] {
        let uri = "pci://stacks";
        // The transport wants to be told in a header too what is asked for.
        for (mut params, name) in [(json!({}), None), (json!({ "uri": uri }), Some(uri))] {
            params["_meta"] = stateless();
            let response = server.send_stateless(method, name, &params);
            assert_eq!(response.status(), 404, "{method}");
            assert_eq!(json_of(response)["error"]["code"], -32601, "{method}");
        }
    }
}

#[test]
fn progress_comes_before_the_answer_and_only_rises() {
    let server = Server::of(&["--demo"]);
    let messages = server.call_stateless("pci_compliance_gaps", &json!({}), true);
    let (answer, steps) = messages.split_last().unwrap();
    assert!(answer["result"]["structuredContent"]["total"].is_u64());
    let reached: Vec<f64> = steps.iter().map(|step| step["params"]["progress"].as_f64().unwrap()).collect();
    assert!(reached.len() >= 4 && reached.is_sorted_by(|a, b| a < b), "{reached:?}");
    assert!(steps.iter().all(|step| {
        let params = &step["params"];
        params["progressToken"] == "p" && params["progress"].as_f64() <= params["total"].as_f64()
    }));
}

#[test]
fn work_that_nobody_waits_for_is_given_up() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::of(&["--stack", &slow_stack(folder.path())]);
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "pci_compliance_gaps"}});
    let impatient = server.post().config().timeout_global(Some(Duration::from_millis(300))).build();
    assert!(impatient.send(body.to_string()).is_err(), "the answer came at once: the stack is too small for this test");
    let cancelled = r#"pci_compliance_mcp_calls_total{tool="pci_compliance_gaps",outcome="cancelled"}"#;
    for _ in 0..200 {
        if counted(&server, cancelled) == 1 {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    panic!("{}", server.text("/metrics"));
}

#[test]
fn a_server_that_is_told_to_stop_finishes_what_it_was_asked() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::of(&["--stack", &slow_stack(folder.path())]);
    let request = server.post();
    let asked = thread::spawn(move || {
        let params = json!({"name": "pci_compliance_gaps", "arguments": {}});
        let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        json_of(request.send(message.to_string()).unwrap())
    });
    thread::sleep(Duration::from_millis(300));
    server.terminate();
    let answer = asked.join().unwrap();
    assert!(answer["result"]["structuredContent"]["total"].is_u64(), "{answer}");
    assert!(server.child.wait().unwrap().success());
    assert!(server.agent.get(server.url("/healthz")).call().is_err(), "nobody listens any more");
}

#[test]
fn a_stop_ends_streams_that_would_never_end() {
    let mut server = Server::of(&["--demo", "--legacy-sse"]);
    let mut stream = server.agent.get(server.url("/sse")).call().unwrap();
    let mut first = [0; 16];
    stream.body_mut().as_reader().read_exact(&mut first).unwrap();
    server.terminate();
    assert!(server.child.wait().unwrap().success());
}

#[test]
fn foreign_hosts_and_origins_are_refused_on_every_route_that_speaks_the_protocol() {
    let server = Server::of(&[
        "--demo",
        "--legacy-sse",
        "--allowed-host",
        "pci.internal",
        "--allowed-host",
        "pci.example:8443",
        "--allowed-origin",
        "https://chat.example.com",
    ]);
    let status = |path: &str, header: &str, value: &str| {
        let request = server.agent.get(server.url(path)).header(header, value);
        request.call().unwrap().status().as_u16()
    };
    for path in ["/mcp", "/sse", "/messages"] {
        for host in ["evil.example", "localhost.evil.example", "pci.example", "pci.example:80", "user@localhost", ""] {
            assert_eq!(status(path, "host", host), 403, "{path} of host {host}");
        }
        for origin in
            ["http://evil.example", "null", "https://chat.example.com:444", "http://chat.example.com", "localhost", ""]
        {
            assert_eq!(status(path, "origin", origin), 403, "{path} from {origin}");
        }
    }
    for host in ["localhost:1", "127.0.0.1", "[::1]:9", "PCI.internal:9", "pci.example:8443"] {
        assert_ne!(status("/mcp", "host", host), 403, "{host}");
    }
    for origin in ["http://localhost:6274", "https://chat.example.com", "https://chat.example.com:443"] {
        assert_ne!(status("/mcp", "origin", origin), 403, "{origin}");
    }
    for path in ["/healthz", "/health", "/readyz", "/metrics"] {
        assert_eq!(status(path, "host", "10.1.2.3:8080"), 200, "probes ask by address");
    }
}

#[test]
fn the_retired_pair_speaks_to_clients_that_know_no_other() {
    let server = Server::of(&["--demo", "--legacy-sse"]);
    let mut stream = server.agent.get(server.url("/sse")).call().unwrap();
    let mut lines = BufReader::new(stream.body_mut().as_reader()).lines().map(Result::unwrap);
    let mut data = || lines.by_ref().find_map(|line| line.strip_prefix("data: ").map(str::to_owned)).unwrap();
    let address = server.url(&data());
    let post = |address: &str, message: Value| {
        let post = server.agent.post(address).header("content-type", "application/json");
        post.send(message.to_string()).unwrap().status().as_u16()
    };
    let send = |message| assert_eq!(post(&address, message), 202);
    let version =
        json!({"protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}});
    send(json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": version}));
    let greeting: Value = serde_json::from_str(&data()).unwrap();
    assert_eq!(greeting["result"]["protocolVersion"], "2024-11-05");
    send(json!({"jsonrpc": "2.0", "method": "notifications/initialized"}));
    send(json!({"jsonrpc": "2.0", "id": 2, "method": "tools/call", "params": {"name": "describe_stack"}}));
    let answer: Value = serde_json::from_str(&data()).unwrap();
    assert_eq!(answer["result"]["structuredContent"]["stack"], "payments-shop");
    let lost = server.url("/messages?sessionId=00000000-0000-0000-0000-000000000000");
    assert_eq!(post(&lost, json!({"jsonrpc": "2.0", "id": 1, "method": "ping"})), 404);
}

#[test]
fn the_retired_pair_is_not_there_unless_asked_for() {
    assert_eq!(Server::of(&["--demo"]).get("/sse").status(), 404);
}

#[test]
fn there_are_no_sessions_unless_asked_for() {
    let version =
        json!({"protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": {"name": "t", "version": "0"}});
    let greeting = json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": version});
    let session = |server: &Server| {
        let response = server.post().send(greeting.to_string()).unwrap();
        assert_eq!(response.status(), 200);
        response.headers().get("mcp-session-id").map(|id| id.to_str().unwrap().to_owned())
    };
    assert_eq!(session(&Server::of(&["--demo"])), None);
    let server = Server::of(&["--demo", "--sessions"]);
    let id = session(&server).unwrap();
    let end = || server.agent.delete(server.url("/mcp")).header("mcp-session-id", &id).call().unwrap().status();
    assert_eq!(end(), 204, "it is over");
}

#[test]
fn an_address_that_others_reach_takes_a_word() {
    let refused = crate::program::program().args(["serve", "--demo", "--http", "0.0.0.0:0"]).assert().code(2);
    let said = String::from_utf8(refused.get_output().stderr.clone()).unwrap();
    assert!(said.contains("--auth none"), "{said}");
    let wrong = crate::program::program().args(["serve", "--demo", "--http", "here"]).assert().code(2);
    assert!(String::from_utf8(wrong.get_output().stderr.clone()).unwrap().contains("such as 127.0.0.1:8080"));
}

#[test]
fn a_request_too_large_is_refused_and_the_server_goes_on() {
    let server = Server::of(&["--demo", "--legacy-sse"]);
    let large = "x".repeat(2 << 20);
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": large});
    // The server closes before it has read it all, so that a client may never see why.
    let refused = server.post().send(body.to_string());
    assert!(refused.is_err() || refused.unwrap().status() == 413);
    assert_eq!(server.call("describe_stack", &json!({}))["structuredContent"]["stack"], "payments-shop");
}

#[test]
fn readiness_and_metrics_say_what_is_loaded_and_called() {
    let server = Server::of(&["--demo"]);
    assert_eq!(server.text("/readyz"), r#"{"ready":true,"stacks":1,"stale":0,"unreadable":0}"#);
    server.call("describe_stack", &json!({}));
    server.call("describe_stack", &json!({"stack": "other"}));
    assert_eq!(counted(&server, r#"pci_compliance_mcp_calls_total{tool="describe_stack",outcome="ok"}"#), 1);
    assert_eq!(counted(&server, r#"pci_compliance_mcp_calls_total{tool="describe_stack",outcome="error"}"#), 1);
    assert_eq!(counted(&server, r#"pci_compliance_mcp_call_seconds_count{tool="describe_stack"}"#), 2);
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("stack-metadata.yaml");
    fs::write(&file, "components: 7\n").unwrap();
    let server = Server::of(&["--stack", file.to_str().unwrap()]);
    assert_eq!(server.get("/readyz").status(), 503);
    assert_eq!(server.get("/healthz").status(), 200);
}

#[test]
fn a_stack_that_can_t_be_read_takes_no_other_out_of_service() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        fs::create_dir_all(folder.path().join(name)).unwrap();
        fs::write(folder.path().join(name).join("stack-metadata.yaml"), text).unwrap();
    };
    let good = stack(&component("web", "fastapi", "", &[]));
    put("a", &good);
    put("b", "components: 7\n");
    // Its name is taken.
    put("c", &good);
    let server = Server::of(&["--stacks", folder.path().to_str().unwrap()]);
    assert_eq!(server.get("/readyz").status(), 200);
    assert_eq!(server.text("/readyz"), r#"{"ready":true,"stacks":1,"stale":0,"unreadable":2}"#);
}

#[test]
fn a_call_is_traced_by_the_id_that_the_request_has() {
    let server = Server::of(&["--stack", fixture("demo/stack-metadata.yaml").to_str().unwrap(), "--log", "json"]);
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {"name": "describe_stack"}});
    let response = server.post().header("x-request-id", "trace-me-7").send(body.to_string()).unwrap();
    assert_eq!(response.headers()["x-request-id"], "trace-me-7");
    let line = server.said.recv_timeout(Duration::from_secs(10)).unwrap();
    let traced: Value = serde_json::from_str(&line).unwrap();
    assert_eq!((&traced["request_id"], &traced["tool"]), (&json!("trace-me-7"), &json!("describe_stack")));
    assert_eq!(traced["outcome"], "ok");
}

#[test]
fn a_page_of_a_named_origin_may_ask_and_read_and_no_other_page_may() {
    let server = Server::of(&["--demo", "--allowed-origin", "https://chat.example.com", "--token-file", &token_file()]);
    let preflight = |origin: &str| {
        let request = ureq::http::Request::options(server.url("/mcp"))
            .header("origin", origin)
            .header("access-control-request-method", "POST")
            .header("access-control-request-headers", "authorization, content-type, mcp-protocol-version")
            .body(())
            .unwrap();
        server.agent.run(request).unwrap()
    };
    let allowed = preflight("https://chat.example.com");
    assert_eq!(allowed.status(), 200);
    assert_eq!(allowed.headers()["access-control-allow-origin"], "https://chat.example.com");
    let headers = allowed.headers()["access-control-allow-headers"].to_str().unwrap().to_owned();
    assert!(headers.contains("authorization") && headers.contains("mcp-protocol-version"), "{headers}");
    assert!(!preflight("http://localhost:3000").headers().contains_key("access-control-allow-origin"));
    assert_eq!(preflight("https://evil.example").status(), 403);
}

/// A file with one token, which outlives the test.
fn token_file() -> String {
    let file = std::env::temp_dir().join(format!("pci-tokens-{}", std::process::id()));
    fs::write(&file, "0123456789abcdef0123456789\n").unwrap();
    file.to_str().unwrap().to_owned()
}

#[test]
fn questions_about_all_stacks_and_about_one_never_wait_for_each_other_for_ever() {
    let folder = tempfile::tempdir().unwrap();
    for number in 0..2 {
        let inside = folder.path().join(format!("s{number}"));
        fs::create_dir(&inside).unwrap();
        let text =
            pci_fixtures::generator::stack(400, 3, 7).replace("system_name:", &format!("system_name: s{number} #"));
        fs::write(inside.join("stack-metadata.yaml"), text).unwrap();
    }
    // With one thread for parallel work, whoever waits on it waits for all.
    let child = Command::new(env!("CARGO_BIN_EXE_pci-compliance-mcp"))
        .args(["serve", "--http", "127.0.0.1:0", "--level", "pci_dss_strict", "--stacks"])
        .arg(folder.path())
        .env("RAYON_NUM_THREADS", "1")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let server = Server::running(child);
    let (agent, address) = (&server.agent, server.url("/mcp"));
    thread::scope(|scope| {
        for stack in ["*", "*", "s0", "s1"] {
            let address = &address;
            scope.spawn(move || {
                let params = json!({"name": "pci_compliance_overview", "arguments": {"stack": stack}});
                let message = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
                let post = agent.post(address).header("accept", "application/json, text/event-stream");
                let answer = post.header("content-type", "application/json").send(message.to_string());
                let answer = json_of(answer.expect("an answer within two minutes"));
                assert_eq!(answer["result"]["structuredContent"]["stack"], stack, "{answer}");
            });
        }
    });
}
