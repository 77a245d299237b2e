//! How much of answers may wait in memory for clients to read it.

use std::{io, sync::Arc};

use axum::{
    body::{Body, Bytes, HttpBody as _, to_bytes},
    extract::{Request, State},
    http::{StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::StreamExt as _;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// How many bytes may wait in all. A single answer may be larger: it then waits alone.
const MOST: u32 = 64 << 20;

/// The largest answer that is not counted, in bytes: so much a connection is bounded by their number.
const SMALL: usize = 8 << 10;

/// Room for what waits to be read, in bytes.
#[derive(Debug, Clone)]
pub(super) struct Room(Arc<Semaphore>);

/// Bytes that wait to be read. Their room is given back when they are dropped.
pub(super) struct Waiting {
    bytes: Bytes,
    _room: OwnedSemaphorePermit,
}

impl AsRef<[u8]> for Waiting {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Default for Room {
    fn default() -> Self {
        Self(Arc::new(Semaphore::new(MOST as usize)))
    }
}

impl Room {
    /// `bytes`, with room as long as they wait; `None` if there is too little.
    pub(super) fn hold(&self, bytes: Bytes) -> Option<Waiting> {
        let room = u32::try_from(bytes.len()).unwrap_or(MOST).min(MOST);
        let room = Arc::clone(&self.0).try_acquire_many_owned(room).ok()?;
        Some(Waiting { bytes, _room: room })
    }

    /// The same, as bytes that are counted only if they are many.
    fn counted(&self, bytes: Bytes) -> Option<Bytes> {
        if bytes.len() <= SMALL { Some(bytes) } else { self.hold(bytes).map(Bytes::from_owner) }
    }
}

/// Hands a request on. Its answer is 503 if there is no room for it, and a stream ends where there is none.
pub(super) async fn bound(State(room): State<Room>, request: Request, next: Next) -> Response {
    let (parts, body) = next.run(request).await.into_parts();
    if body.size_hint().exact().is_none() {
        let full = || io::Error::other("too much waits to be read");
        let counted = move |bytes: Result<Bytes, _>| room.counted(bytes.map_err(io::Error::other)?).ok_or_else(full);
        return Response::from_parts(parts, Body::from_stream(body.into_data_stream().map(counted)));
    }
    if let Some(bytes) = to_bytes(body, usize::MAX).await.ok().and_then(|bytes| room.counted(bytes)) {
        return Response::from_parts(parts, Body::from(bytes));
    }
    (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "1")], "too many answers wait to be read\n").into_response()
}
