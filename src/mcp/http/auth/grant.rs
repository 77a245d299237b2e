//! A client that was let in, and how long that holds: streams end with the token that they were opened with.

use std::{fmt, time::Duration};

use axum::{
    body::Body,
    http::{HeaderValue, header::CONTENT_TYPE},
    response::Response,
};
use futures::StreamExt as _;
use pci_stack::Digest;

use super::{
    oauth::{Claim, OAuth},
    tokens::TokenFile,
    watched::Watched,
};

/// What let a client in.
#[derive(Clone)]
pub(in crate::mcp::http) enum Grant {
    /// One of the tokens of a file, by its digest.
    Token {
        /// The file's tokens.
        tokens: Watched<TokenFile>,
        /// The digest of the client's.
        digest: Digest,
    },
    /// A token of an authorization server.
    Jwt {
        /// The server's keys.
        keys: Watched<OAuth>,
        /// What of the token counts.
        claim: Claim,
    },
}

impl fmt::Debug for Grant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grant").finish_non_exhaustive()
    }
}

impl Grant {
    /// Whose it is. A session belongs to its holder: to a token of a file, or to the subject and client of a JWT, which
    /// change their tokens while a session lasts.
    pub(in crate::mcp::http) fn holder(&self) -> Digest {
        match self {
            Self::Token { digest, .. } => *digest,
            Self::Jwt { claim, .. } => claim.holder,
        }
    }

    /// Whether the token still lets in.
    pub(in crate::mcp::http) fn holds(&self) -> bool {
        match self {
            Self::Token { tokens, digest } => in_file(&tokens.load(), digest).is_some(),
            Self::Jwt { keys, claim } => by_keys(&keys.load(), claim).is_some(),
        }
    }

    /// Completes when the token lets in no more.
    async fn ended(self) {
        match self {
            Self::Token { tokens, digest } => tokens.over(|tokens| in_file(tokens, &digest)).await,
            Self::Jwt { keys, claim } => keys.over(|keys| by_keys(keys, &claim)).await,
        }
    }

    /// `response`, which ends with the token if it is a stream of events.
    pub(super) fn bind(self, response: Response) -> Response {
        let is_stream = |kind: &HeaderValue| kind.as_bytes().starts_with(b"text/event-stream");
        if !response.headers().get(CONTENT_TYPE).is_some_and(is_stream) {
            return response;
        }
        response.map(|body| Body::from_stream(body.into_data_stream().take_until(Box::pin(self.ended()))))
    }
}

/// How long a token of `tokens` holds, if it is one.
fn in_file(tokens: &TokenFile, digest: &Digest) -> Option<Duration> {
    tokens.knows(digest).then_some(Duration::MAX)
}

/// How long a JWT holds by `keys`, if it does.
fn by_keys(keys: &OAuth, claim: &Claim) -> Option<Duration> {
    let left = claim.expires.checked_sub(jsonwebtoken::get_current_timestamp()).filter(|left| *left > 0);
    left.filter(|_| keys.trusts(&claim.key)).map(Duration::from_secs)
}
