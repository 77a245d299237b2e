//! Who may ask over HTTP: whoever reaches the server, whoever has one of the tokens of a file, or whoever an
//! authorization server has given a token for this server (MCP, authorization; OAuth 2.1, resource server).

mod grant;
mod oauth;
mod of_file;
mod tokens;
mod watched;

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
pub(super) use grant::Grant;
pub use oauth::OAuth;
pub use tokens::TokenFile;
pub use watched::Watched;

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

/// What a client shows does not let it in.
struct NotLetIn;

impl Auth {
    /// Reads its file anew whenever that changes, as long as this is awaited.
    pub(in crate::mcp) async fn follow(self) {
        match self {
            Self::None => {}
            Self::Tokens(tokens) => tokens.follow().await,
            Self::OAuth(oauth) => oauth.follow().await,
        }
    }

    /// What a client is granted by what it shows. Nothing is granted where whoever reaches the server may ask.
    fn admit(&self, shown: Option<&str>) -> Result<Option<Grant>, NotLetIn> {
        let grant = match self {
            Self::None => return Ok(None),
            Self::Tokens(tokens) => {
                let digest = shown.and_then(|token| tokens.load().find(token));
                digest.map(|digest| Grant::Token { tokens: tokens.clone(), digest })
            }
            Self::OAuth(oauth) => {
                let claim = shown.and_then(|token| oauth.load().check(token));
                claim.map(|claim| Grant::Jwt { keys: oauth.clone(), claim })
            }
        };
        grant.map(Some).ok_or(NotLetIn)
    }

    /// What a client that is not let in is told of how to be.
    fn challenge(&self, shown: Option<&str>) -> String {
        let wrong = shown.map(|_| "error=\"invalid_token\"".to_owned());
        let metadata = match self {
            Self::OAuth(oauth) => Some(format!("resource_metadata=\"{}\"", oauth.load().metadata_url())),
            Self::None | Self::Tokens(_) => None,
        };
        let parameters: Vec<String> = wrong.into_iter().chain(metadata).collect();
        format!("Bearer {}", parameters.join(", ")).trim_end().to_owned()
    }

    /// Where clients learn which authorization server to ask (RFC 9728).
    pub(super) fn metadata(&self) -> Router {
        let Self::OAuth(oauth) = self else { return Router::new() };
        let told = |State(oauth): State<Watched<OAuth>>| async move { Json(oauth.load().metadata()) };
        let paths = oauth.load().metadata_paths();
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

/// Hands a request on, if its client is let in; a stream that answers it ends with the client's token. What the client
/// showed goes no further, so that no trace can hold it.
pub(super) async fn check(State(auth): State<Auth>, mut request: Request, next: Next) -> Response {
    let shown = shown(request.headers()).map(str::to_owned);
    let Ok(grant) = auth.admit(shown.as_deref()) else {
        let mut refused = (StatusCode::UNAUTHORIZED, "a bearer token of this server is needed\n").into_response();
        if let Ok(challenge) = HeaderValue::from_str(&auth.challenge(shown.as_deref())) {
            refused.headers_mut().insert(WWW_AUTHENTICATE, challenge);
        }
        return refused;
    };
    request.headers_mut().remove(AUTHORIZATION);
    let Some(grant) = grant else { return next.run(request).await };
    request.extensions_mut().insert(grant.clone());
    grant.bind(next.run(request).await)
}
