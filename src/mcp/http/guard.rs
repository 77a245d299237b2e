//! Under which names the server may be asked, and from pages of which origins.
//!
//! A page in somebody's browser can send requests to this machine, and a name that an attacker rebinds to this address
//! makes them look as if they came from the same site. So the `Host` of a request must be one of ours, and its
//! `Origin`, which browsers send, must be allowed (MCP, transports, security warning).

use std::{str::FromStr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{
        HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri,
        header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HOST, ORIGIN, WWW_AUTHENTICATE},
        request::Parts,
        uri::Authority,
    },
    middleware::Next,
    response::{IntoResponse, Response},
};
use tower_http::cors::{AllowOrigin, CorsLayer};

/// Names by which a machine calls itself.
const LOOPBACK: [&str; 3] = ["localhost", "127.0.0.1", "[::1]"];

/// What is allowed.
#[derive(Debug, Clone, Default)]
pub struct Allowed {
    /// Hosts besides this machine's own names: `NAME`, on any port, or `NAME:PORT`.
    pub hosts: Vec<Authority>,
    /// Origins of pages besides this machine's own.
    pub origins: Vec<AllowedOrigin>,
}

/// An origin that pages may have: `SCHEME://HOST`, with `:PORT` or `:*` where it is not the scheme's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowedOrigin {
    scheme: String,
    host: String,
    /// `None` is any.
    port: Option<u16>,
}

impl FromStr for AllowedOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (bare, any_port) = text.strip_suffix(":*").map_or((text, false), |bare| (bare, true));
        let (scheme, host, port) =
            parts(bare).ok_or_else(|| "expected an origin, such as https://chat.example.com".to_owned())?;
        Ok(Self { scheme, host, port: (!any_port).then_some(port) })
    }
}

impl AllowedOrigin {
    fn is(&self, scheme: &str, host: &str, port: u16) -> bool {
        self.scheme == scheme && self.host == host && self.port.is_none_or(|own| own == port)
    }
}

/// Scheme, host and port of an origin.
fn parts(origin: &str) -> Option<(String, String, u16)> {
    let uri = Uri::from_str(origin).ok()?;
    let scheme = uri.scheme_str()?.to_lowercase();
    let usual = match scheme.as_str() {
        "http" => 80,
        "https" => 443,
        _ => return None,
    };
    let authority = uri.authority()?;
    let is_bare = uri.path_and_query().is_none_or(|path| path == "/") && !authority.as_str().contains('@');
    is_bare.then(|| (scheme, authority.host().to_lowercase(), authority.port_u16().unwrap_or(usual)))
}

impl Allowed {
    /// What pages of the origins that are named may do (CORS). Those of this machine, which nobody named, may send, and read
    /// no answer.
    pub(super) fn cors(&self) -> CorsLayer {
        let named = self.origins.clone();
        let is_named = move |origin: &HeaderValue, _: &Parts| {
            let origin = origin.to_str().ok().and_then(parts);
            origin.is_some_and(|(scheme, host, port)| named.iter().any(|own| own.is(&scheme, &host, port)))
        };
        CorsLayer::new()
            .allow_origin(AllowOrigin::predicate(is_named))
            .allow_methods([Method::GET, Method::POST, Method::DELETE])
            .allow_headers(
                [ACCEPT, AUTHORIZATION, CONTENT_TYPE]
                    .into_iter()
                    .chain(OWN.map(HeaderName::from_static))
                    .collect::<Vec<_>>(),
            )
            .expose_headers([WWW_AUTHENTICATE, HeaderName::from_static(OWN[3])])
    }
}

/// The protocol's own headers.
const OWN: [&str; 6] =
    ["last-event-id", "mcp-method", "mcp-name", "mcp-session-id", "mcp-protocol-version", "x-request-id"];

/// Hands a request on, if its `Host` and its `Origin` are allowed.
pub(super) async fn check(State(allowed): State<Arc<Allowed>>, request: Request, next: Next) -> Response {
    if !is_ours(&allowed, request.uri(), request.headers()) {
        return (StatusCode::FORBIDDEN, "this host is not allowed: see `--allowed-host`\n").into_response();
    }
    if !is_welcome(&allowed, request.headers()) {
        return (StatusCode::FORBIDDEN, "this origin is not allowed: see `--allowed-origin`\n").into_response();
    }
    next.run(request).await
}

fn is_ours(allowed: &Allowed, uri: &Uri, headers: &HeaderMap) -> bool {
    let mut hosts = headers.get_all(HOST).iter();
    let asked = match (uri.authority(), hosts.next(), hosts.next()) {
        (_, Some(_), Some(_)) => None,
        // Of a request for an absolute address that is the host, whatever `Host` says (RFC 9112, 3.2.2).
        (Some(authority), ..) => Some(authority.clone()),
        (None, host, _) => host.and_then(|host| Authority::from_str(host.to_str().ok()?).ok()),
    };
    asked.filter(|asked| !asked.as_str().contains('@')).is_some_and(|asked| {
        let is = |name: &str| asked.host().eq_ignore_ascii_case(name);
        let is_named =
            |own: &Authority| is(own.host()) && own.port_u16().is_none_or(|port| asked.port_u16() == Some(port));
        LOOPBACK.into_iter().any(is) || allowed.hosts.iter().any(is_named)
    })
}

fn is_welcome(allowed: &Allowed, headers: &HeaderMap) -> bool {
    let mut origins = headers.get_all(ORIGIN).iter();
    let Some(origin) = origins.next() else { return true };
    let origin = origin.to_str().ok().and_then(parts).filter(|_| origins.next().is_none());
    origin.is_some_and(|(scheme, host, port)| {
        LOOPBACK.contains(&host.as_str()) || allowed.origins.iter().any(|own| own.is(&scheme, &host, port))
    })
}
