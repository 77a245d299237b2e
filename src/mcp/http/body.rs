//! A request's body, read whole before it is parsed. A client may break it off, send it in a coding that is none, send too
//! much of it, or send what is no JSON-RPC message: each is told as the client's fault, which the SDK takes for one of the
//! server's or of the media type.

use axum::{
    Json,
    body::{Body, Bytes},
    extract::{FromRequest as _, Request},
    http::{HeaderMap, Method, StatusCode, header::CONTENT_TYPE},
    middleware::Next,
    response::{IntoResponse as _, Response},
};
use rmcp::model::ServerJsonRpcMessage;

use crate::mcp::message;

/// Hands a request on with its body at hand, if all of it arrives within the limit of its route, and, of a `POST` of JSON,
/// is a message.
pub(super) async fn whole(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    let bytes = match Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(bytes) => bytes,
        Err(refused) => return refused.into_response(),
    };
    let is_message = parts.method == Method::POST && is_json(&parts.headers);
    if is_message && let Err(refused) = message::parse(&bytes) {
        return refuse(refused);
    }
    next.run(Request::from_parts(parts, Body::from(bytes))).await
}

/// What is no message, answered as JSON-RPC has it.
pub(super) fn refuse(error: Box<ServerJsonRpcMessage>) -> Response {
    (StatusCode::BAD_REQUEST, Json(error)).into_response()
}

/// Whether a body is JSON by what its headers say of it.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case("application/json")
}
