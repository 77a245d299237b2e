//! Work that may block: on threads for that, a few at a time, and left alone once nobody waits for it.

use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

use pci_stack::{Step, Watch};
use rmcp::ErrorData;
use tokio::{sync::mpsc, task::spawn_blocking};
use tokio_util::sync::CancellationToken;

use super::shared::Shared;

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

/// What `compute` makes for somebody who has left once `left` is cancelled. Its steps are told to `tell`; whoever is slow to
/// hear misses some, and does not hold it up.
pub(super) async fn done<T: Send + 'static>(
    shared: &Arc<Shared>,
    left: &CancellationToken,
    tell: Option<mpsc::Sender<Step>>,
    compute: impl FnOnce(&Shared, &Watch) -> T + Send + 'static,
) -> Result<T, Unfinished> {
    let place = Arc::clone(&shared.places).try_acquire_owned().map_err(|_| Unfinished::Busy)?;
    let slot = tokio::select! {
        slot = Arc::clone(&shared.slots).acquire_owned() => slot.map_err(|_| Unfinished::Busy)?,
        () = left.cancelled() => return Err(Unfinished::Left),
    };
    let gone = Arc::new(AtomicBool::new(false));
    let thread = {
        let (shared, gone, in_flight) = (Arc::clone(shared), Arc::clone(&gone), shared.in_flight.token());
        spawn_blocking(move || {
            let _held = (place, slot, in_flight);
            let hears = move |step| {
                let _ = tell.as_ref().map(|tell| tell.try_send(step));
            };
            let has_left = move || gone.load(Ordering::Relaxed);
            compute(&shared, &Watch::new(&hears, &has_left))
        })
    };
    tokio::select! {
        made = thread => made.map_err(|_| Unfinished::Lost),
        () = left.cancelled() => {
            gone.store(true, Ordering::Relaxed);
            Err(Unfinished::Left)
        }
    }
}
