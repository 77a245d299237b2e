//! The retired transport of 2024-11-05 for clients that know no other: `GET /sse` opens a stream whose first event
//! names the address to `POST` messages to, and answers come back on the stream.

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{DefaultBodyLimit, Query, State},
    http::StatusCode,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
    routing::{get, post},
};
use futures::{SinkExt as _, StreamExt as _, channel::mpsc, future::ready, stream};
use pci_stack::Digest;
use rmcp::{
    ServerHandler, ServiceExt as _,
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage},
};
use serde::Deserialize;
use thiserror::Error;
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;
use uuid::Uuid;

use super::{
    auth::Grant,
    body::refuse,
    limits::{KEEP_ALIVE, LARGEST_REQUEST},
    unread::{Room, Waiting},
};
use crate::mcp::message;

/// How many clients may be there at a time: each holds a connection and a task.
const MOST_SESSIONS: usize = 256;

/// How long a client may take to begin, once its stream is open.
const GREETING: Duration = Duration::from_mins(1);

/// How many messages may wait, each way.
const WAITING: usize = 16;

/// The streams that are open, by their ids.
type Sessions = Arc<Mutex<HashMap<Uuid, Session>>>;

/// An open stream.
struct Session {
    /// Where messages for it go.
    inbox: mpsc::Sender<ClientJsonRpcMessage>,
    /// Whose token opened it, if tokens are asked for.
    holder: Option<Digest>,
}

#[derive(Clone)]
struct Pair<H> {
    handler: H,
    sessions: Sessions,
    room: Room,
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
pub(super) fn routes<H: ServerHandler + Clone>(handler: H, room: Room, stop: CancellationToken) -> Router {
    Router::new()
        .route("/sse", get(open::<H>))
        .route("/messages", post(post_message::<H>))
        .layer(DefaultBodyLimit::max(LARGEST_REQUEST))
        .with_state(Pair { handler, sessions: Sessions::default(), room, stop })
}

async fn open<H: ServerHandler + Clone>(State(pair): State<Pair<H>>, grant: Option<Extension<Grant>>) -> Response {
    let id = Uuid::new_v4();
    let (inbox, inbound) = mpsc::channel::<ClientJsonRpcMessage>(WAITING);
    let (outbound, outbox) = mpsc::unbounded::<Waiting>();
    {
        let mut sessions = pair.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        if sessions.len() >= MOST_SESSIONS {
            return (StatusCode::SERVICE_UNAVAILABLE, "too many streams are open\n").into_response();
        }
        sessions.insert(id, Session { inbox, holder: holder(grant) });
    }
    let lease = Lease(pair.sessions, id);
    let (handler, stop) = (pair.handler, pair.stop.child_token());
    let (room, ended) = (pair.room, stop.clone());
    // Answers wait as text, so that they can be counted; a client that leaves too much unread loses its stream.
    let outbound = outbound.with(move |message: ServerJsonRpcMessage| {
        let text = serde_json::to_vec(&message).unwrap_or_default();
        let waiting = room.hold(text.into()).ok_or_else(|| {
            stop.cancel();
            Full
        });
        ready(waiting)
    });
    let (over, stop) = (ended.clone().cancelled_owned(), ended);
    tokio::spawn(async move {
        // A client that never begins gives its place back.
        if let Ok(Ok(running)) = timeout(GREETING, handler.serve_with_ct((outbound, inbound), stop)).await {
            let _ = running.waiting().await;
        }
    });
    let address = Event::default().event("endpoint").data(format!("/messages?sessionId={id}"));
    let answers = outbox.map(move |message| {
        let _held = &lease;
        Event::default().event("message").data(String::from_utf8_lossy(message.as_ref()))
    });
    let events = stream::once(async { address }).chain(answers).map(Ok::<_, Infallible>);
    let events = events.take_until(over);
    Sse::new(events).keep_alive(KeepAlive::new().interval(KEEP_ALIVE)).into_response()
}

/// There is no room for an answer.
#[derive(Debug, Error)]
#[error("too much waits to be read")]
struct Full;

impl From<mpsc::SendError> for Full {
    fn from(_: mpsc::SendError) -> Self {
        Self
    }
}

fn holder(grant: Option<Extension<Grant>>) -> Option<Digest> {
    grant.map(|Extension(grant)| grant.holder())
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Named {
    session_id: Uuid,
}

async fn post_message<H: ServerHandler + Clone>(
    State(pair): State<Pair<H>>,
    Query(Named { session_id }): Query<Named>,
    grant: Option<Extension<Grant>>,
    body: Bytes,
) -> Response {
    let message = match message::parse(&body) {
        Ok(message) => message,
        Err(refused) => return refuse(refused),
    };
    let holder = holder(grant);
    let inbox = {
        let sessions = pair.sessions.lock().unwrap_or_else(PoisonError::into_inner);
        sessions.get(&session_id).filter(|session| session.holder == holder).map(|session| session.inbox.clone())
    };
    // Another client's session is not told from one that there is not.
    let Some(mut inbox) = inbox else {
        return (StatusCode::NOT_FOUND, "no such session: open one with `GET /sse`\n").into_response();
    };
    if inbox.try_send(message).is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "too many messages are waiting\n").into_response();
    }
    StatusCode::ACCEPTED.into_response()
}
