//! Sessions of the `initialize` handshake: the SDK's own, but no more than so many at a time, each for its client alone and
//! no longer than the client's token holds. Each takes memory until its client has said nothing for a while, and clients
//! that vanish say nothing.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use axum::{
    Extension,
    extract::{Request, State},
    http::{HeaderMap, StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use futures::Stream;
use rmcp::{
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage},
    transport::{
        WorkerTransport,
        streamable_http_server::{
            SessionId, SessionManager,
            session::{
                ServerSseMessage,
                local::{LocalSessionManager, LocalSessionManagerError, LocalSessionWorker},
            },
        },
    },
};
use thiserror::Error;
use tokio::time::sleep;

use super::auth::Grant;

/// How many sessions there are at a time: each takes some tens of kilobytes.
const MOST: usize = 1_000;

/// How often sessions are looked for whose client's token holds no more.
const SWEEP: Duration = Duration::from_secs(1);

/// The header that names a session.
const SESSION_ID: &str = "mcp-session-id";

/// At most [`MOST`] sessions.
#[derive(Debug)]
pub(super) struct Sessions {
    sessions: LocalSessionManager,
    owners: Mutex<Owners>,
}

/// By what clients were let in that have a session.
#[derive(Debug, Default)]
struct Owners {
    grants: HashMap<SessionId, Grant>,
    /// Whether a task ends the sessions whose token holds no more.
    is_swept: bool,
}

impl Default for Sessions {
    fn default() -> Self {
        let mut sessions = LocalSessionManager::default();
        // An answer that was sent is not kept for clients that lost it: kept answers of many sessions have no bound.
        sessions.session_config.completed_cache_ttl = Duration::ZERO;
        Self { sessions, owners: Mutex::default() }
    }
}

/// Hands a request on, unless it names a session of another client, which is not told from one that there is not.
/// Where no session can be had any more, that is said as load and not as a fault.
pub(super) async fn check(
    State(sessions): State<Arc<Sessions>>,
    grant: Option<Extension<Grant>>,
    request: Request,
    next: Next,
) -> Response {
    let grant = grant.map(|Extension(grant)| grant);
    let named = session(request.headers());
    if let (Some(id), Some(grant)) = (&named, &grant)
        && !sessions.is_owned(id, grant)
    {
        return (StatusCode::NOT_FOUND, "there is no such session\n").into_response();
    }
    let response = next.run(request).await;
    // The SDK says so of whatever the reason is that it got no session.
    let is_refused = named.is_none() && response.status() == StatusCode::INTERNAL_SERVER_ERROR;
    if is_refused && sessions.sessions.sessions.read().await.len() >= MOST {
        let refused = (StatusCode::SERVICE_UNAVAILABLE, [(RETRY_AFTER, "60")], format!("{}\n", SessionError::TooMany));
        return refused.into_response();
    }
    if let (None, Some(grant), Some(id)) = (named, grant, session(response.headers())) {
        sessions.give(id, grant);
    }
    response
}

fn session(headers: &HeaderMap) -> Option<SessionId> {
    headers.get(SESSION_ID).and_then(|id| id.to_str().ok()).map(Into::into)
}

impl Sessions {
    fn owners(&self) -> MutexGuard<'_, Owners> {
        self.owners.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether the session is the client's that was let in by `grant`, if it is anybody's. A client may have got a newer
    /// token meanwhile, by which its session goes on.
    fn is_owned(&self, id: &SessionId, grant: &Grant) -> bool {
        match self.owners().grants.get_mut(id) {
            Some(owner) if owner.holder() != grant.holder() => false,
            Some(owner) => {
                *owner = grant.clone();
                true
            }
            None => true,
        }
    }

    /// Makes the session the client's that was let in by `grant`.
    fn give(self: &Arc<Self>, id: SessionId, grant: Grant) {
        let mut owners = self.owners();
        owners.grants.insert(id, grant);
        if !std::mem::replace(&mut owners.is_swept, true) {
            tokio::spawn(Arc::clone(self).sweep());
        }
    }

    /// Ends sessions whose client's token holds no more, until there is no session.
    async fn sweep(self: Arc<Self>) {
        loop {
            sleep(SWEEP).await;
            let is_over = |(id, grant): (&SessionId, &Grant)| (!grant.holds()).then(|| id.clone());
            let over: Vec<SessionId> = self.owners().grants.iter().filter_map(is_over).collect();
            for id in over {
                // One that can't be closed has ended by itself.
                let _ = self.sessions.close_session(&id).await;
            }
            let open = self.sessions.sessions.read().await;
            let mut owners = self.owners();
            owners.grants.retain(|id, _| open.contains_key(id));
            if owners.grants.is_empty() {
                owners.is_swept = false;
                return;
            }
        }
    }
}

/// Why there is no session.
#[derive(Debug, Error)]
pub(super) enum SessionError {
    /// There are too many already.
    #[error("too many sessions are open: ask again later, or by protocol 2026-07-28, which needs none")]
    TooMany,
    /// What the SDK says.
    #[error(transparent)]
    Other(#[from] LocalSessionManagerError),
}

impl SessionManager for Sessions {
    type Error = SessionError;
    type Transport = WorkerTransport<LocalSessionWorker>;

    async fn create_session(&self) -> Result<(SessionId, Self::Transport), SessionError> {
        // Requests that come at the same time may each find one place: there are as many as are answered at a time.
        if self.sessions.sessions.read().await.len() >= MOST {
            return Err(SessionError::TooMany);
        }
        Ok(self.sessions.create_session().await?)
    }

    async fn initialize_session(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<ServerJsonRpcMessage, SessionError> {
        Ok(self.sessions.initialize_session(id, message).await?)
    }

    async fn has_session(&self, id: &SessionId) -> Result<bool, SessionError> {
        Ok(self.sessions.has_session(id).await?)
    }

    async fn close_session(&self, id: &SessionId) -> Result<(), SessionError> {
        Ok(self.sessions.close_session(id).await?)
    }

    async fn create_stream(
        &self,
        id: &SessionId,
        message: ClientJsonRpcMessage,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.sessions.create_stream(id, message).await?)
    }

    async fn accept_message(&self, id: &SessionId, message: ClientJsonRpcMessage) -> Result<(), SessionError> {
        Ok(self.sessions.accept_message(id, message).await?)
    }

    async fn create_standalone_stream(
        &self,
        id: &SessionId,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.sessions.create_standalone_stream(id).await?)
    }

    async fn resume(
        &self,
        id: &SessionId,
        last_event_id: String,
    ) -> Result<impl Stream<Item = ServerSseMessage> + Send + Sync + 'static, SessionError> {
        Ok(self.sessions.resume(id, last_event_id).await?)
    }
}
