//! What those who run the server ask: is it alive, can it answer, what has it done. Outside of `/mcp`, and without names
//! of stacks, since anybody on the network may ask.

use axum::{
    Json, Router,
    extract::{Request, State},
    http::{
        StatusCode,
        header::{CONTENT_TYPE, RETRY_AFTER},
    },
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
use serde::Serialize;

use crate::mcp::{Server, metrics};

/// Whether the server can answer.
#[derive(Serialize)]
struct Readiness {
    /// While any stack can be answered: one that can't be read is no reason to take the others out of service.
    ready: bool,
    /// Stacks that answers are given of.
    stacks: usize,
    /// Of these, stacks whose newest files can't be used, so that answers are of earlier ones.
    stale: usize,
    /// Stacks that can't be read.
    unreadable: usize,
}

/// `/healthz`, which Stacktic's own server calls `/health`, `/readyz` and `/metrics`.
pub(in crate::mcp) fn routes(server: Server) -> Router {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/health", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(counted))
        .with_state(server)
}

/// The same for connections beyond the places; whatever else they ask is refused.
pub(in crate::mcp) fn reserved(server: Server) -> Router {
    let refuse = || async {
        (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], "too many connections are open: ask again\n")
    };
    routes(server).fallback(refuse)
}

async fn ready(State(server): State<Server>) -> impl IntoResponse {
    let fleet = server.fleet();
    let stacks = fleet.snapshots().count();
    let stale = fleet.members().filter(|(_, member)| member.stale().is_some()).count();
    let unreadable = fleet.members().len() - stacks;
    let ready = stacks > 0 || unreadable == 0;
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Readiness { ready, stacks, stale, unreadable }))
}

/// Hands a request on, and counts it if it is refused.
pub(in crate::mcp) async fn count(State(server): State<Server>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    server.shared.metrics.answered(response.status().as_u16());
    response
}

async fn counted(State(server): State<Server>) -> impl IntoResponse {
    ([(CONTENT_TYPE, metrics::CONTENT_TYPE)], server.shared.metrics.text())
}
