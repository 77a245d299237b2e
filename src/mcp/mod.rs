//! The MCP server: protocol → a question → protocol. Nothing is computed here.

mod asked;
mod calls;
mod flights;
pub mod http;
mod live;
mod message;
mod metrics;
mod model;
mod reading;
mod server;
mod shared;
mod stdio;
mod subscriptions;
mod unfinished;
mod work;

use std::{io, time::Duration};

use anyhow::{Context as _, Result};
use axum::middleware::{from_fn, from_fn_with_state};
pub use live::today;
use rmcp::ServiceExt as _;
pub use server::Server;
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;
use tracing::{Level, Metadata, info};
use tracing_subscriber::{
    EnvFilter, Layer as _, filter::filter_fn, fmt::Layer, layer::SubscriberExt as _, util::SubscriberInitExt as _,
};

/// How traces are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, clap::ValueEnum)]
pub enum Log {
    /// Lines for people.
    #[default]
    Text,
    /// An object a line.
    Json,
}

/// How long answers may take to be written once the client has closed its side.
const FLUSH: Duration = Duration::from_secs(2);

/// What is traced where nobody says it by `RUST_LOG`.
const TRACED: &str = "warn,pci_compliance=info";

/// Sends traces to standard error: standard output is the protocol's.
pub fn trace(log: Log) {
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new(TRACED));
    let registry = tracing_subscriber::registry().with(filter);
    let lines = Layer::new().with_writer(io::stderr);
    // Only the first subscriber of a process counts, and a second is no reason not to serve.
    let _ = match log {
        Log::Text => registry.with(lines.with_ansi(false).with_filter(filter_fn(quotes_nobody))).try_init(),
        Log::Json => registry.with(lines.json().flatten_event(true).with_filter(filter_fn(quotes_nobody))).try_init(),
    };
}

/// Whether a trace is written, however much is asked for: the SDK's hold whole messages, its warnings our answers to
/// them, and so what people typed.
fn quotes_nobody(metadata: &Metadata<'_>) -> bool {
    !metadata.target().starts_with("rmcp") || *metadata.level() == Level::ERROR
}

/// Serves over standard input and output until the client closes them. Nothing but the protocol goes to standard
/// output.
pub fn serve_stdio(server: Server) -> Result<()> {
    until_done(async {
        let followed = server.clone();
        tokio::spawn(async move { followed.follow().await });
        let (transport, written) = stdio::transport(tokio::io::stdin(), tokio::io::stdout());
        let ended = match server.serve(transport).await {
            Ok(running) => running.waiting().await.map(drop).context("the server stopped"),
            // A client that closes before it says anything has asked for nothing.
            Err(rmcp::service::ServerInitializeError::ConnectionClosed(_)) => Ok(()),
            Err(error) => Err(error).context("no session came about"),
        };
        // Answers may be on their way yet, to a client that may not read them.
        let _ = timeout(FLUSH, written).await;
        ended
    })
}

/// Serves over HTTP until the process is told to stop.
pub fn serve_http(server: Server, options: &http::Options) -> Result<()> {
    until_done(async {
        let listen = options.listen;
        let listener = TcpListener::bind(listen).await.with_context(|| format!("can't listen on {listen}"))?;
        let (streams, followed) = (CancellationToken::new(), server.clone());
        tokio::spawn(async move { followed.follow().await });
        tokio::spawn(options.auth.clone().follow());
        let routes = http::routes(&server, options, &streams).merge(http::operations(server.clone()));
        let [routes, reserved] = [routes, http::reserved(server.clone())]
            .map(|routes| routes.layer(from_fn(http::head)).layer(from_fn_with_state(server.clone(), http::count)));
        let listen = listener.local_addr().unwrap_or(listen);
        info!(%listen, "serving at http://{listen}/mcp");
        let at_rest = async move { server.at_rest().await };
        let stop = http::Stop { told: told_to_stop()?, at_rest, streams };
        http::serve(listener, routes, reserved, stop).await;
        info!("stopped");
        Ok(())
    })
}

/// Runs `served` to its end, and then waits for no thread that still computes what nobody waits for. One that writes is
/// safe to leave: a folder is replaced as a whole or not at all.
fn until_done(served: impl Future<Output = Result<()>>) -> Result<()> {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().context("no async runtime")?;
    let ended = runtime.block_on(served);
    runtime.shutdown_background();
    ended
}

/// Completes when the process is interrupted or asked to terminate.
fn told_to_stop() -> Result<impl Future<Output = ()>> {
    use tokio::signal::unix::{SignalKind, signal};
    let signals = [SignalKind::interrupt(), SignalKind::terminate()].map(signal);
    let [interrupted, terminated] = signals;
    let (mut interrupted, mut terminated) = (interrupted.context("no signals")?, terminated.context("no signals")?);
    Ok(async move {
        tokio::select! {
            _ = interrupted.recv() => {}
            _ = terminated.recv() => {}
        }
    })
}
