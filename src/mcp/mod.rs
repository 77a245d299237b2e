//! The MCP server: protocol → a question → protocol. Nothing is computed here.

mod server;

use anyhow::{Context as _, Result};
use rmcp::{ServiceExt as _, transport::stdio};

use self::server::Server;
use crate::{fleet::Fleet, tools::WriteTo};

/// Serves over standard input and output until the client closes them. Nothing but the protocol goes to standard
/// output; traces go to standard error.
pub fn serve_stdio(fleet: Fleet, write_to: WriteTo) -> Result<()> {
    tracing_subscriber::fmt()
        .with_env_filter(tracing_subscriber::EnvFilter::from_default_env())
        .with_writer(std::io::stderr)
        .init();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no async runtime")?;
    runtime.block_on(async {
        match Server::new(fleet, write_to).serve(stdio()).await {
            Ok(running) => running.waiting().await.map(drop).context("the server stopped"),
            // A client that closes before it says anything has asked for nothing.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(error) => Err(error).context("no session came about"),
        }
    })
}
