//! Streamable HTTP at `/mcp`: plain JSON, or a stream of server-sent events where progress comes first. Without
//! sessions, so that replicas need share nothing; sessions for clients of the `initialize` handshake, and the retired
//! pair of `GET /sse` and `POST /messages`, are options.

mod auth;
mod body;
mod guard;
mod legacy_sse;
mod limits;
mod operations;
mod places;
mod serve;
mod sessions;
mod unread;

use std::{net::SocketAddr, num::NonZeroU32, sync::Arc};

pub use auth::{Auth, OAuth, TokenFile, Watched};
use axum::{
    Extension, Router,
    extract::{DefaultBodyLimit, Request},
    http::{
        HeaderName, HeaderValue, Method, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    middleware::{Next, from_fn, from_fn_with_state, map_request},
    response::Response,
};
pub use guard::{Allowed, AllowedOrigin};
pub(super) use limits::head;
pub(super) use operations::{count, reserved, routes as operations};
use rmcp::{
    ServerHandler,
    transport::{StreamableHttpServerConfig, StreamableHttpService},
};
pub use serve::{Stop, serve};
use tokio_util::sync::CancellationToken;
use tower_http::{
    catch_panic::CatchPanicLayer,
    request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer},
    set_header::SetResponseHeaderLayer,
    timeout::{RequestBodyTimeoutLayer, TimeoutLayer},
};

use super::subscriptions::KeepsSessions;

/// How HTTP is served.
#[derive(Debug, Clone)]
pub struct Options {
    /// Where to listen.
    pub listen: SocketAddr,
    /// Whether clients of the `initialize` handshake get sessions.
    pub sessions: bool,
    /// Whether the retired pair is served too.
    pub legacy_sse: bool,
    /// Under which names the server may be asked, and from pages of which origins.
    pub allowed: Allowed,
    /// Who may ask.
    pub auth: Auth,
    /// How many requests a second each address may send; any number if this is not said.
    pub rate: Option<NonZeroU32>,
}

/// The routes on which `handler` speaks MCP. All streams end when `stop` is cancelled.
/// What a request meets first stands last.
pub fn routes<H: ServerHandler + Clone>(handler: &H, options: &Options, stop: &CancellationToken) -> Router {
    // Host and Origin are checked by the guard, on all routes alike.
    let config = StreamableHttpServerConfig::default()
        .with_legacy_session_mode(options.sessions)
        .with_json_response(true)
        .with_sse_keep_alive(Some(limits::KEEP_ALIVE))
        .with_max_request_body_bytes(limits::LARGEST_REQUEST)
        .with_cancellation_token(stop.child_token())
        .disable_allowed_hosts()
        .disable_allowed_origins();
    let (each, room) = (handler.clone(), unread::Room::default());
    let sessions = Arc::new(sessions::Sessions::default());
    let service = StreamableHttpService::new(move || Ok(each.clone()), Arc::clone(&sessions), config);
    let routes = Router::new().route_service("/mcp", service).layer(from_fn_with_state(sessions, sessions::check));
    let routes = routes.layer(from_fn(body::whole));
    let mut routes = routes.layer(DefaultBodyLimit::max(limits::LARGEST_REQUEST)).layer(from_fn(ended));
    if options.sessions {
        routes = routes.layer(Extension(KeepsSessions));
    }
    if options.legacy_sse {
        routes = routes.merge(legacy_sse::routes(handler.clone(), room.clone(), stop.clone()));
    }
    let allowed = Arc::new(options.allowed.clone());
    let routes = routes
        .layer(from_fn_with_state(room, unread::bound))
        .layer(from_fn_with_state(options.auth.clone(), auth::check))
        .merge(options.auth.metadata())
        .layer(options.allowed.cors())
        .layer(from_fn_with_state(allowed, guard::check));
    let routes = match options.rate {
        Some(rate) => routes.layer(from_fn_with_state(limits::rate(rate), limits::check)),
        None => routes,
    };
    secure_headers()
        .into_iter()
        .fold(routes, |routes, (name, value)| {
            routes.layer(SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value)))
        })
        .layer(RequestBodyTimeoutLayer::new(limits::BODY))
        .layer(TimeoutLayer::with_status_code(StatusCode::GATEWAY_TIMEOUT, limits::ANSWER))
        .layer(PropagateRequestIdLayer::x_request_id())
        .layer(SetRequestIdLayer::x_request_id(MakeRequestUuid))
        .layer(map_request(without_odd_id))
        .layer(CatchPanicLayer::new())
}

/// A session that is ended leaves nothing to wait for, which "accepted" would say: clients take it for a failure.
async fn ended(request: Request, next: Next) -> Response {
    let ends_session = request.method() == Method::DELETE;
    let mut response = next.run(request).await;
    if ends_session && response.status() == StatusCode::ACCEPTED {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

/// The header by which a request is named in traces.
const REQUEST_ID: &str = "x-request-id";

/// The longest such name that is taken, in characters.
const LONGEST_ID: usize = 128;

/// `request` without a name that is not one short word, so that it gets one of ours: the name is in traces and in the
/// answer.
async fn without_odd_id(mut request: Request) -> Request {
    let mut given = request.headers().get_all(REQUEST_ID).iter();
    let (first, second) = (given.next(), given.next());
    let is_word =
        |id: &HeaderValue| id.len() <= LONGEST_ID && !id.is_empty() && id.as_bytes().iter().all(u8::is_ascii_graphic);
    if second.is_some() || !first.is_some_and(is_word) {
        request.headers_mut().remove(REQUEST_ID);
    }
    request
}

/// What keeps browsers and caches from doing more with an answer than handing it over.
fn secure_headers() -> [(HeaderName, &'static str); 4] {
    [
        (CACHE_CONTROL, "no-store"),
        (CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
        (REFERRER_POLICY, "no-referrer"),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ]
}
