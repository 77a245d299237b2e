//! What a snapshot is under the changes that were last asked about.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use super::Snapshot;
use crate::terms::{Change, is_worth_a_thread};

/// How many are kept: the next question of a conversation is mostly about the same changes, and what a component would
/// bring is two of them.
const MOST: usize = 3;

/// Changes, and what a snapshot is under them, the newest first.
#[derive(Debug, Default)]
pub(super) struct Changed(Mutex<VecDeque<(Vec<Change>, Arc<Snapshot>)>>);

impl Changed {
    pub(super) fn get(&self, changes: &[Change]) -> Option<Arc<Snapshot>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| known == changes).map(|(_, snapshot)| Arc::clone(snapshot))
    }

    pub(super) fn keep(&self, changes: &[Change], snapshot: &Arc<Snapshot>) {
        let oldest = {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push_front((changes.to_vec(), Arc::clone(snapshot)));
            let most = MOST.min(kept.len());
            kept.split_off(most)
        };
        // Nobody has to wait until thousands of policies are let go.
        if oldest.iter().any(|(_, snapshot)| is_worth_a_thread(snapshot.stack.links.len())) {
            rayon::spawn(|| drop(oldest));
        }
    }
}
