//! Why work has no result.

use rmcp::ErrorData;

/// Why work has no result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Unfinished {
    /// Too many wait already.
    #[error("the server is busy: ask again in a moment")]
    Busy,
    /// Whoever asked has left.
    #[error("the request was cancelled")]
    Left,
    /// Its thread panicked.
    #[error("the answer could not be computed")]
    Lost,
}

impl From<Unfinished> for ErrorData {
    fn from(why: Unfinished) -> Self {
        Self::internal_error(why.to_string(), None)
    }
}
