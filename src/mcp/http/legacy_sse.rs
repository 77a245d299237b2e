//! The retired transport of 2024-11-05 for clients that know no other: `GET /sse` opens a stream whose first event
//! names the address to `POST` messages to, and answers come back on the stream.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
};

use axum::{
    Json, Router,
    extract::{DefaultBodyLimit, Query, State},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use futures::{StreamExt as _, channel::mpsc, stream};
use rmcp::{
    ServerHandler, ServiceExt as _,
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage},
};
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::limits::{KEEP_ALIVE, LARGEST_REQUEST};

/// How many clients may be there at a time: each holds a connection and a task.
const MOST_SESSIONS: usize = 256;

/// How many messages may wait, each way.
const WAITING: usize = 16;

/// The streams that are open: each one's id, and where messages for it go.
type Sessions = Arc<Mutex<HashMap<Uuid, mpsc::Sender<ClientJsonRpcMessage>>>>;

#[derive(Clone)]
struct Pair<H> {
    handler: H,
    sessions: Sessions,
    stop: CancellationToken,
}

/// Ends the session when its stream is dropped.
struct Lease(Sessions, Uuid);

impl Drop for Lease {
    fn drop(&mut self) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.1);
    }
}

/// The two routes. Streams end when `stop` is cancelled.
pub(super) fn routes<H: ServerHandler + Clone>(handler: H, stop: CancellationToken) -> Router {
    Router::new()
        .route("/sse", get(open::<H>))
        .route("/messages", post(message::<H>))
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .with_state(Pair { handler, sessions: Sessions::default(), stop })
}

async fn open<H: ServerHandler + Clone>(State(pair): State<Pair<H>>) -> Response {
    let id = Uuid::new_v4();
    let (inbox, inbound) = mpsc::channel::<ClientJsonRpcMessage>(WAITING);
    let (outbound, outbox) = mpsc::channel::<ServerJsonRpcMessage>(WAITING);
    {
        let mut sessions = pair.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MOST_SESSIONS {
            return (StatusCode::SERVICE_UNAVAILABLE, "too many streams are open\n").into_response();
        }
        sessions.insert(id, inbox);
    }
    let lease = Lease(pair.sessions, id);
    let (handler, stop) = (pair.handler, pair.stop.child_token());
    tokio::spawn(async move {
        if let Ok(running) = handler.serve_with_ct((outbound, inbound), stop).await {
            let _ = running.waiting().await;
        }
    });
    let address = Event::default().event("endpoint").data(format!("/messages?sessionId={id}"));
    let answers = outbox.filter_map(move |message| {
        let _held = &lease;
        let event = Event::default().event("message").json_data(message);
        async { event.ok() }
    });
    let events = stream::once(async { address }).chain(answers).map(Ok::<_, Infallible>);
    let events = events.take_until(pair.stop.cancelled_owned());
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Session {
    session_id: Uuid,
}

async fn message<H: ServerHandler + Clone>(
    State(pair): State<Pair<H>>,
    Query(Session { session_id }): Query<Session>,
    Json(message): Json<ClientJsonRpcMessage>,
) -> Response {
    let inbox = pair.sessions.lock().unwrap_or_else(PoisonError::into_inner).get(&session_id).cloned();
    let Some(mut inbox) = inbox else {
        return (StatusCode::NOT_FOUND, "no such session: open one with `GET /sse`\n").into_response();
    };
    if inbox.try_send(message).is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many messages are waiting\n").into_response();
    }
    StatusCode::ACCEPTED.into_response()
}
