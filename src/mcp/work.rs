//! Work that may block: on threads for that, a few at a time, and left alone once nobody waits for it.

use std::sync::{
    Arc, Mutex, PoisonError,
    atomic::{AtomicBool, Ordering},
};

use pci_stack::{Step, Watch};
use tokio::{
    runtime::Handle,
    sync::{OwnedSemaphorePermit, Semaphore, mpsc},
    task::spawn_blocking,
};
use tokio_util::sync::CancellationToken;

use super::{shared::Shared, unfinished::Unfinished};

/// Tells the work that nobody waits for it any more, once this is dropped.
struct Waits(Arc<AtomicBool>);

impl Drop for Waits {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// One of the slots for answers that are computed at a time.
struct Slot {
    slots: Arc<Semaphore>,
    held: Mutex<Option<OwnedSemaphorePermit>>,
    runtime: Handle,
}

impl Slot {
    /// Gives the slot to others while the work waits for another's, and takes one again. Called on a thread that may block.
    fn pause(&self, waits: bool) {
        // The semaphore is never closed.
        let held = if waits { None } else { self.runtime.block_on(Arc::clone(&self.slots).acquire_owned()).ok() };
        *self.held.lock().unwrap_or_else(PoisonError::into_inner) = held;
    }
}

/// What `compute` makes for somebody who has left once `left` is cancelled or the future is dropped. Its steps are told to
/// `tell`; whoever is slow to hear misses some, and does not hold it up.
pub(super) async fn done<T: Send + 'static>(
    shared: &Arc<Shared>,
    left: &CancellationToken,
    tell: Option<mpsc::Sender<Step>>,
    compute: impl FnOnce(&Shared, &Watch) -> T + Send + 'static,
) -> Result<T, Unfinished> {
    let place = Arc::clone(&shared.places).try_acquire_owned().map_err(|_| Unfinished::Busy)?;
    let slots = Arc::clone(&shared.slots);
    let permit = tokio::select! {
        permit = Arc::clone(&slots).acquire_owned() => permit.map_err(|_| Unfinished::Busy)?,
        () = left.cancelled() => return Err(Unfinished::Left),
    };
    let gone = Arc::new(AtomicBool::new(false));
    let _waits = Waits(Arc::clone(&gone));
    let slot = Slot { slots, held: Mutex::new(Some(permit)), runtime: Handle::current() };
    let thread = {
        let (shared, in_flight) = (Arc::clone(shared), shared.in_flight.token());
        spawn_blocking(move || {
            let _held = (place, in_flight);
            let hears = move |step| {
                let _ = tell.as_ref().map(|tell| tell.try_send(step));
            };
            let has_left = move || gone.load(Ordering::Relaxed);
            let pause = |waits| slot.pause(waits);
            compute(&shared, &Watch::new(&hears, &has_left).that_waits(&pause))
        })
    };
    tokio::select! {
        made = thread => made.map_err(|_| Unfinished::Lost),
        () = left.cancelled() => Err(Unfinished::Left),
    }
}
