//! Who may ask over HTTP: whoever reaches the server, whoever has one of the tokens of a file, or whoever an
//! authorization server has given a token for this server (MCP, authorization; OAuth 2.1, resource server).

mod oauth;
mod of_file;
mod tokens;

use std::sync::Arc;

use arc_swap::ArcSwap;
use axum::{
    Json, Router,
    extract::{Request, State},
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    middleware::Next,
    response::{IntoResponse, Response},
    routing::get,
};
pub use oauth::OAuth;
pub use tokens::TokenFile;
use tokio::{task::spawn_blocking, time::sleep};
use tracing::{error, info, warn};

use self::of_file::OfFile;
use crate::mcp::live::LOOK;

/// Who may ask.
#[derive(Debug, Clone)]
pub enum Auth {
    /// Whoever reaches the server.
    None,
    /// Whoever has one of the tokens of a file.
    Tokens(Watched<TokenFile>),
    /// Whoever an authorization server has given a token for this server.
    OAuth(Watched<OAuth>),
}

/// After how many looks a file that is gone is taken to be gone for good, so that nobody is let in by it any more. One
/// that is put in another's place is gone for a moment.
const PATIENCE: usize = 5;

/// What was made of a file last.
#[derive(Debug)]
pub struct Watched<T>(Arc<ArcSwap<T>>);

impl<T> Clone for Watched<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Watched<T> {
    /// `made`, until its file changes.
    pub fn new(made: T) -> Self {
        Self(Arc::new(ArcSwap::from_pointee(made)))
    }
}

impl<T: OfFile> Watched<T> {
    /// Makes it anew whenever its file changes.
    async fn follow(self) {
        let (mut seen, mut missed) = (None, 0);
        loop {
            let now = self.0.load_full();
            let looked = spawn_blocking(move || now.look()).await;
            let look = looked.unwrap_or_else(|_| {
                error!("the file that says who may ask could not be looked at");
                None
            });
            missed = if look.is_none() { missed + 1 } else { 0 };
            if missed == PATIENCE {
                error!("the file that says who may ask is gone: nobody is let in until it is back");
                let closed = self.0.load().closed();
                self.0.store(Arc::new(closed));
            }
            // The first look is not compared: the file may have changed since it was read.
            if look.is_some() && seen.replace(look) != Some(look) {
                self.renew().await;
            }
            sleep(LOOK).await;
        }
    }

    async fn renew(&self) {
        let now = self.0.load_full();
        match spawn_blocking(move || now.read()).await {
            Ok(Ok(newer)) => {
                self.0.store(Arc::new(newer));
                info!("who may ask was read anew");
            }
            Ok(Err(error)) => warn!("who may ask stays as it was: {error}"),
            Err(_) => error!("the file that says who may ask could not be read anew"),
        }
    }
}

impl Auth {
    /// Reads its file anew whenever that changes, as long as this is awaited.
    pub(in crate::mcp) async fn follow(self) {
        match self {
            Self::None => {}
            Self::Tokens(tokens) => tokens.follow().await,
            Self::OAuth(oauth) => oauth.follow().await,
        }
    }

    /// Whether what a client shows lets it in.
    fn lets_in(&self, shown: Option<&str>) -> bool {
        match self {
            Self::None => true,
            Self::Tokens(tokens) => shown.is_some_and(|token| tokens.0.load().has(token)),
            Self::OAuth(oauth) => shown.is_some_and(|token| oauth.0.load().takes(token)),
        }
    }

    /// What a client that is not let in is told of how to be.
    fn challenge(&self, shown: Option<&str>) -> String {
        let wrong = shown.map(|_| "error=\"invalid_token\"".to_owned());
        let metadata = match self {
            Self::OAuth(oauth) => Some(format!("resource_metadata=\"{}\"", oauth.0.load().metadata_url())),
            Self::None | Self::Tokens(_) => None,
        };
        let parameters: Vec<String> = wrong.into_iter().chain(metadata).collect();
        format!("Bearer {}", parameters.join(", ")).trim_end().to_owned()
    }

    /// Where clients learn which authorization server to ask (RFC 9728).
    pub(super) fn metadata(&self) -> Router {
        let Self::OAuth(oauth) = self else { return Router::new() };
        let told = |State(oauth): State<Watched<OAuth>>| async move { Json(oauth.0.load().metadata()) };
        let paths = oauth.0.load().metadata_paths();
        let routes = paths.iter().fold(Router::new(), |routes, path| routes.route(path, get(told)));
        routes.with_state(oauth.clone())
    }
}

/// What a client shows: the only `Authorization` header, a bearer token.
fn shown(headers: &HeaderMap) -> Option<&str> {
    let mut all = headers.get_all(AUTHORIZATION).iter();
    let only = all.next().filter(|_| all.next().is_none())?.to_str().ok()?;
    let (scheme, token) = only.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

/// Hands a request on, if its client is let in. What the client showed goes no further, so that no trace can hold it.
pub(super) async fn check(State(auth): State<Auth>, mut request: Request, next: Next) -> Response {
    let shown = shown(request.headers()).map(str::to_owned);
    if !auth.lets_in(shown.as_deref()) {
        let mut refused = (StatusCode::UNAUTHORIZED, "a bearer token of this server is needed\n").into_response();
        if let Ok(challenge) = HeaderValue::from_str(&auth.challenge(shown.as_deref())) {
            refused.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        return refused;
    }
    request.headers_mut().remove(AUTHORIZATION);
    next.run(request).await
}
