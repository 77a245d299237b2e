//! Equal questions that are asked at the same time share one computation (single-flight): one of them holds a slot, the
//! others wait for its answer.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::{BoxFuture, FutureExt as _, Shared, WeakShared};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

use super::unfinished::Unfinished;

/// How many questions may wait for another's answer; more are turned away.
const MOST: usize = 256;

type Outcome<T> = Result<Arc<T>, Unfinished>;

/// Computations by what they answer, as long as somebody waits for them.
pub(super) struct Flights<Key, T> {
    going: Mutex<HashMap<Key, WeakShared<BoxFuture<'static, Outcome<T>>>>>,
    waiting: Semaphore,
}

impl<Key, T> Default for Flights<Key, T> {
    fn default() -> Self {
        Self { going: Mutex::default(), waiting: Semaphore::new(MOST) }
    }
}

impl<Key: Hash + Eq, T: Send + Sync + 'static> Flights<Key, T> {
    /// The outcome of the computation that answers `key`: of the one that is going on, or else of the one that `begin`
    /// makes. It is dropped once nobody waits for it any more; `left` is cancelled when this caller no longer does.
    pub(super) async fn join<F>(&self, key: Key, left: &CancellationToken, begin: impl FnOnce() -> F) -> Outcome<T>
    where
        F: Future<Output = Result<T, Unfinished>> + Send + 'static,
    {
        let (flight, is_first) = self.flight(key, begin);
        let place = if is_first { None } else { Some(self.waiting.try_acquire().map_err(|_| Unfinished::Busy)?) };
        let outcome = tokio::select! {
            outcome = flight => outcome,
            () = left.cancelled() => Err(Unfinished::Left),
        };
        drop(place);
        outcome
    }

    fn flight<F>(&self, key: Key, begin: impl FnOnce() -> F) -> (Shared<BoxFuture<'static, Outcome<T>>>, bool)
    where
        F: Future<Output = Result<T, Unfinished>> + Send + 'static,
    {
        let mut going = self.going.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(flight) = going.get(&key).and_then(WeakShared::upgrade) {
            return (flight, false);
        }
        going.retain(|_, flight| flight.upgrade().is_some());
        let flight = begin().map(|outcome| outcome.map(Arc::new)).boxed().shared();
        going.extend(flight.downgrade().map(|weak| (key, weak)));
        (flight, true)
    }
}
