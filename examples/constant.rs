//! A server whose only tool answers what it was started with, to hold this program's speed against: the SDK's own
//! service on plain axum, `cargo run --release --example constant < RESULT`, where `RESULT` is a result as JSON.

use std::{
    future::ready,
    io::{self, Write as _},
    sync::Arc,
};

use axum::{Router, serve::ListenerExt as _};
use rmcp::{
    ErrorData, RoleServer, ServerHandler,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, JsonObject, ListToolsResult, PaginatedRequestParams,
        ServerCapabilities, ServerConfig, Tool,
    },
    service::RequestContext,
    transport::{
        StreamableHttpServerConfig, StreamableHttpService, streamable_http_server::session::local::LocalSessionManager,
    },
};
use tokio::net::TcpListener;

/// The handler of all requests, and what it answers.
#[derive(Clone)]
struct Constant(Arc<CallToolResult>);

fn tool() -> Tool {
    Tool::new("constant", "Answers the same, always", Arc::new(JsonObject::new()))
}

impl ServerHandler for Constant {
    fn get_info(&self) -> ServerConfig {
        ServerConfig::new(ServerCapabilities::builder().enable_tools().build())
    }

    fn list_tools(
        &self,
        _: Option<PaginatedRequestParams>,
        _: RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<ListToolsResult, ErrorData>> + Send + '_ {
        ready(Ok(ListToolsResult::with_all_items(vec![tool()])))
    }

    fn get_tool(&self, name: &str) -> Option<Tool> {
        (name == "constant").then(tool)
    }

    fn call_tool(
        &self,
        _: CallToolRequestParams,
        _: RequestContext<RoleServer>,
    ) -> impl Future<Output = Result<CallToolResponse, ErrorData>> + Send + '_ {
        ready(Ok(CallToolResult::clone(&self.0).into()))
    }
}

#[tokio::main]
async fn main() -> io::Result<()> {
    let constant = Constant(Arc::new(serde_json::from_reader(io::stdin().lock())?));
    let config = StreamableHttpServerConfig::default().with_legacy_session_mode(false).with_json_response(true);
    let sessions = Arc::new(LocalSessionManager::default());
    let service = StreamableHttpService::new(move || Ok(constant.clone()), sessions, config);
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    writeln!(io::stderr(), "serving at http://{}/mcp", listener.local_addr()?)?;
    let listener = listener.tap_io(|stream| drop(stream.set_nodelay(true)));
    axum::serve(listener, Router::new().route_service("/mcp", service)).await
}
