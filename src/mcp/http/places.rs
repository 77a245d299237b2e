//! Who holds the places for connections.

use std::{
    collections::{HashMap, VecDeque},
    net::IpAddr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio_util::sync::{CancellationToken, DropGuard};

use super::limits::network;

/// The places for connections.
#[derive(Debug)]
pub(super) struct Places {
    most: usize,
    held: Mutex<Held>,
}

#[derive(Debug, Default)]
struct Held {
    all: usize,
    by_address: HashMap<IpAddr, usize>,
}

/// A place that is held until this is dropped.
#[derive(Debug)]
pub(super) struct Place {
    places: Arc<Places>,
    address: IpAddr,
}

impl Places {
    /// `most` places.
    pub(super) fn new(most: usize) -> Arc<Self> {
        Arc::new(Self { most, held: Mutex::default() })
    }

    /// A place for a connection from `peer`, if there is one. An address has at most half of the places that the others leave:
    /// however many connections it opens, another finds a place.
    pub(super) fn take(self: &Arc<Self>, peer: IpAddr) -> Option<Place> {
        let address = network(peer);
        let mut held = self.held();
        let own = held.by_address.get(&address).copied().unwrap_or_default();
        if own >= self.most - held.all {
            return None;
        }
        held.all += 1;
        held.by_address.insert(address, own + 1);
        Some(Place { places: Arc::clone(self), address })
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut held = self.places.held();
        held.all -= 1;
        let own = held.by_address.remove(&self.address).unwrap_or_default();
        if own > 1 {
            held.by_address.insert(self.address, own - 1);
        }
    }
}

/// Places for those who run the server, beside the others: each new connection has one, and the oldest loses it if all
/// are taken.
#[derive(Debug)]
pub(super) struct Reserve {
    most: usize,
    held: VecDeque<DropGuard>,
}

impl Reserve {
    /// `most` places.
    pub(super) fn new(most: usize) -> Self {
        Self { most, held: VecDeque::new() }
    }

    /// A place. It is lost once the token is cancelled.
    pub(super) fn take(&mut self) -> CancellationToken {
        let lost = CancellationToken::new();
        self.held.push_back(lost.clone().drop_guard());
        if self.held.len() > self.most {
            // Dropped, its guard cancels.
            self.held.pop_front();
        }
        lost
    }
}
