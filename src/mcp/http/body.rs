//! A request's body, read whole before anybody makes something of it. A client may break it off, send it in a coding that
//! is none, or too much of it: that is told as its own fault, and never as one of the server's, which the SDK takes it for.

use axum::{
    body::{Body, Bytes},
    extract::{FromRequest as _, Request},
    middleware::Next,
    response::{IntoResponse as _, Response},
};

/// Hands a request on with its body at hand, if all of it arrives within the limit of its route.
pub(super) async fn whole(request: Request, next: Next) -> Response {
    let (parts, body) = request.into_parts();
    match Bytes::from_request(Request::from_parts(parts.clone(), body), &()).await {
        Ok(bytes) => next.run(Request::from_parts(parts, Body::from(bytes))).await,
        Err(refused) => refused.into_response(),
    }
}
