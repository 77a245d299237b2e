//! What is made of a file, kept as the file says.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::spawn_blocking, time::sleep};
use tracing::{error, info, warn};

use super::of_file::{OfFile, Unusable};
use crate::mcp::live::LOOK;

/// The longest time until the clock is asked again.
const LONGEST_WAIT: Duration = Duration::from_mins(10);

/// After how many looks a file that is gone is taken to be gone for good, so that nobody is let in by it any more. One
/// that is put in another's place is gone for a moment.
const PATIENCE: usize = 5;

/// What was made of a file last.
#[derive(Debug)]
pub struct Watched<T>(Arc<watch::Sender<Arc<T>>>);

impl<T> Clone for Watched<T> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<T> Watched<T> {
    /// `made`, until its file changes.
    pub fn new(made: T) -> Self {
        Self(Arc::new(watch::Sender::new(Arc::new(made))))
    }

    /// What was made of the file last.
    pub(super) fn load(&self) -> Arc<T> {
        Arc::clone(&self.0.borrow())
    }

    /// Completes once `left` says of what is made of the file that no time is left. It is asked again whenever the file
    /// changes and whenever the time that it says is over, but every ten minutes at least: the clock may be set meanwhile.
    pub(super) async fn over(&self, left: impl Fn(&T) -> Option<Duration>) {
        let mut changes = self.0.subscribe();
        while let Some(left) = left(&self.load()) {
            tokio::select! {
                _ = changes.changed() => {}
                () = sleep(left.min(LONGEST_WAIT)) => {}
            }
        }
    }
}

impl<T: OfFile> Watched<T> {
    /// Makes it anew whenever its file changes.
    pub(super) async fn follow(self) {
        let (mut seen, mut is_there, mut missed) = (None, true, 0);
        loop {
            let now = self.load();
            let looked = spawn_blocking(move || now.look()).await;
            let look = looked.unwrap_or_else(|_| {
                error!("the file that says who may ask could not be looked at");
                None
            });
            // The first look is not compared: the file may have changed since it was read.
            if seen.replace(look) != Some(look) {
                is_there = look.is_some() && self.renew().await;
            }
            missed = if is_there { 0 } else { missed + 1 };
            if missed == PATIENCE {
                error!("the file that says who may ask is gone: nobody is let in until it is back");
                let closed = self.load().closed();
                self.0.send_replace(Arc::new(closed));
            }
            sleep(LOOK).await;
        }
    }

    /// Reads the file anew. Whether there is one.
    async fn renew(&self) -> bool {
        let now = self.load();
        match spawn_blocking(move || now.read()).await {
            Ok(Ok(newer)) => {
                self.0.send_replace(Arc::new(newer));
                info!("who may ask was read anew");
                true
            }
            Ok(Err(Unusable::Content(error))) => {
                warn!("who may ask stays as it was: {error}");
                true
            }
            Ok(Err(Unusable::File(error))) => {
                warn!("the file that says who may ask can't be read: {error}");
                false
            }
            Err(_) => {
                error!("the file that says who may ask could not be read anew");
                false
            }
        }
    }
}
