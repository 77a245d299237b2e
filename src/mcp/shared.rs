//! What all handlers share, and the id by which traces name a request.

use std::sync::Arc;

use pci_ask::tools::WriteTo;
use rmcp::{RoleServer, service::RequestContext};
use tokio::sync::Semaphore;
use tokio_util::task::TaskTracker;
use tower_http::request_id::RequestId;

use super::{
    asked::{Asked, Told},
    flights::Flights,
    live::Live,
    metrics::Metrics,
};

/// What all handlers share.
pub(super) struct Shared {
    pub(super) live: Arc<Live>,
    pub(super) write_to: WriteTo,
    /// One for each answer that may be computed at a time.
    pub(super) slots: Arc<Semaphore>,
    /// One for each question that is computed or waits.
    pub(super) places: Arc<Semaphore>,
    /// The answers that are being computed, for a stop that waits for them.
    pub(super) in_flight: TaskTracker,
    /// Calls of tools that are being answered, for equal ones to share.
    pub(super) flights: Flights<Asked, Told>,
    pub(super) metrics: Metrics,
}

/// By what traces name a request: the transport's id, or else the protocol's.
pub(super) fn request_id(context: &RequestContext<RoleServer>) -> String {
    let parts = context.extensions.get::<axum::http::request::Parts>();
    let given = parts.and_then(|parts| parts.extensions.get::<RequestId>());
    let given = given.and_then(|id| id.header_value().to_str().ok());
    given.map_or_else(|| context.id.to_string(), str::to_owned)
}
