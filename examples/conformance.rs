//! Fixtures for the MCP conformance suite, served by this program's own transport:
//! `cargo run --example conformance -- PORT [--sessions]`.
//!
//! The suite calls tools of its own names, and a server without them is asked little. Here are those that it needs for
//! what the transport answers for: messages as JSON or as a stream, progress, errors and their status, headers, what is
//! sent to whom without a session, and cancellation, which the suite leaves out. The others would test the SDK.

use std::{
    future::ready,
    io::{self, Write as _},
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use pci_compliance::mcp::http::{Allowed, Auth, Options, Stop, routes, serve};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ClientCapabilities, ContentBlock, Implementation,
        JsonObject, ListToolsResult, PaginatedRequestParams, PingRequest, ProgressNotificationParam,
        ReadResourceRequestParams, ReadResourceResponse, ServerCapabilities, ServerConfig, ServerRequest,
        SubscriptionFilter, Tool,
    },
    service::{RequestContext, SubscriptionContext},
};
use serde_json::{Value, json};
use tokio::{net::TcpListener, sync::watch, time::sleep};
use tokio_util::sync::CancellationToken;

/// What a tool without arguments takes.
const NOTHING: &str = r#"{"type": "object"}"#;

/// What a tool takes whose argument stands in a header too (SEP-2243).
const IN_A_HEADER: &str =
    r#"{"type": "object", "properties": {"region": {"type": "string", "x-mcp-header": "Region"}}}"#;

/// What `test_wait` takes: to count only, and not to wait.
const COUNT_ONLY: &str = r#"{"type": "object", "properties": {"count": {"type": "boolean"}}}"#;

/// Each tool: its name, what it is there for, what it takes.
const TOOLS: [(&str, &str, &str); 10] = [
    ("test_simple_text", "Answers with a text", NOTHING),
    ("test_error_handling", "Answers with an error", NOTHING),
    ("test_tool_with_progress", "Tells of its progress three times, then answers", NOTHING),
    ("test_custom_header", "Takes an argument that a header repeats", IN_A_HEADER),
    ("test_missing_capability", "Asks for a client that can sample", NOTHING),
    ("test_streaming_elicitation", "Tries to ask the client something before it answers", NOTHING),
    ("test_logging_tool", "Answers, and logs nothing to the client: no server of ours does", NOTHING),
    ("test_reconnection", "Answers after a while, on a stream where there is a session", NOTHING),
    ("test_trigger_tool_change", "Tells all who listen that the tools changed", NOTHING),
    ("test_wait", "Waits until whoever asked leaves, and answers how many have left", COUNT_ONLY),
];

/// How long `test_wait` waits for somebody to leave.
const PATIENCE: Duration = Duration::from_secs(5);

/// The handler of all requests.
#[derive(Clone)]
struct Fixtures {
    /// Counts the changes of the tools.
    changes: Arc<watch::Sender<u64>>,
    /// How many calls of `test_wait` were left alone.
    left: Arc<AtomicUsize>,
}

impl Fixtures {
    async fn answer(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResult, ErrorData> {
        match request.name.as_ref() {
            "test_simple_text" => Ok(text("This is a simple text response for testing.")),
            "test_error_handling" => {
                let why = "This tool intentionally returns an error for testing";
                Ok(CallToolResult::error(vec![ContentBlock::text(why)]))
            }
            "test_tool_with_progress" => {
                for done in [0.0, 50.0, 100.0] {
                    if let Some(token) = context.meta.get_progress_token() {
                        let progress = ProgressNotificationParam::new(token, done).with_total(100.0);
                        // Who has left hears nothing, and that is no error of the tool.
                        let _ = context.peer.notify_progress(progress).await;
                    }
                    sleep(Duration::from_millis(50)).await;
                }
                Ok(text("done"))
            }
            "test_custom_header" => {
                let region = request.arguments.as_ref().and_then(|arguments| arguments.get("region"));
                Ok(text(&format!("region: {}", region.and_then(Value::as_str).unwrap_or("none"))))
            }
            "test_missing_capability" => {
                let can_sample = context.client_capabilities().is_some_and(|client| client.sampling.is_some());
                #[allow(deprecated, reason = "the suite asks of this capability, which servers may still need")]
                let needed = ClientCapabilities::builder().enable_sampling().build();
                can_sample
                    .then(|| text("the client can sample"))
                    .ok_or_else(|| ErrorData::missing_required_client_capability(needed))
            }
            "test_streaming_elicitation" => {
                let asked = context.peer.send_request(ServerRequest::PingRequest(PingRequest::default())).await;
                Ok(text(if asked.is_ok() { "the client answered" } else { "the client can't be asked" }))
            }
            "test_logging_tool" => Ok(text("done, and nothing is logged")),
            "test_reconnection" => {
                sleep(Duration::from_millis(200)).await;
                Ok(text("done"))
            }
            "test_trigger_tool_change" => {
                self.changes.send_modify(|changes| *changes += 1);
                Ok(text("changed"))
            }
            "test_wait" => {
                let arguments = request.arguments.unwrap_or_default();
                if !arguments.contains_key("count") {
                    tokio::select! {
                        () = context.ct.cancelled() => { self.left.fetch_add(1, Ordering::Relaxed); }
                        () = sleep(PATIENCE) => {}
                    }
                }
                Ok(text(&self.left.load(Ordering::Relaxed).to_string()))
            }
            _ => Err(ErrorData::invalid_params("no tool of this name", None)),
        }
    }
}

fn text(text: &str) -> CallToolResult {
    CallToolResult::success(vec![ContentBlock::text(text)])
}

fn tools() -> impl Iterator<Item = Tool> {
    TOOLS.into_iter().map(|(name, what, takes)| {
        let takes: JsonObject = serde_json::from_str(takes).unwrap_or_default();
        Tool::new(name, what, Arc::new(takes))
    })
}

impl ServerHandler for Fixtures {
    fn get_info(&self) -> ServerConfig {
        let capabilities =
            ServerCapabilities::builder().enable_tools().enable_tool_list_changed().enable_resources().build();
        ServerConfig::new(capabilities).with_server_info(Implementation::new("conformance", "0"))
    }

    fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<ListToolsResult, ErrorData>> + Send + '_ {
        ready(Ok(ListToolsResult::with_all_items(tools().collect())))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        tools().find(|tool| tool.name == name)
    }

    async fn call_tool(
        &self,
        request: CallToolRequestParams,
        context: RequestContext<RoleServer>,
    ) -> Result<CallToolResponse, ErrorData> {
        self.answer(request, context).await.map(Into::into)
    }

    fn read_resource(
        &self,
        request: ReadResourceRequestParams,
        _: RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<ReadResourceResponse, ErrorData>> + Send + '_ {
        ready(Err(ErrorData::resource_not_found("no such resource", Some(json!({"uri": request.uri})))))
    }

    fn accepted_subscription_filter(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        Some(requested.clone())
    }

    async fn listen(&self, context: SubscriptionContext) -> Result<(), ErrorData> {
        let mut changes = self.changes.subscribe();
        loop {
            tokio::select! {
                () = context.cancelled() => return Ok(()),
                told = changes.changed() => {
                    if told.is_err() {
                        return Ok(());
                    }
                    // The sink refuses what this client did not ask for.
                    let _ = context.sink().notify_tool_list_changed().await;
                }
            }
        }
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let port = arguments.iter().find_map(|argument| argument.parse().ok()).unwrap_or(0);
    let sessions = arguments.iter().any(|argument| argument == "--sessions");
    let listener = TcpListener::bind(("127.0.0.1", port)).await?;
    let listen = listener.local_addr()?;
    let fixtures = Fixtures { changes: Arc::new(watch::Sender::new(0)), left: Arc::default() };
    let (allowed, auth) = (Allowed::default(), Auth::None);
    let options = Options { listen, sessions, legacy_sse: false, allowed, auth, rate: None };
    let streams = CancellationToken::new();
    let routes = routes(&fixtures, &options, &streams);
    writeln!(io::stderr(), "serving at http://{listen}/mcp")?;
    let told = async { drop(tokio::signal::ctrl_c().await) };
    serve(listener, routes.clone(), routes, Stop { told, at_rest: ready(()), streams }).await;
    Ok(())
}
