//! A cache of what the changes that were last asked about make.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
};

use pci_stack::Change;

/// How many are kept of a stack that is not large: the next question of a conversation is mostly about the same changes, and what a component would
/// bring is two of them.
const MOST: usize = 3;

/// Changes, and what they make, the newest first.
#[derive(Debug)]
pub(super) struct Changed<T>(Mutex<VecDeque<(Vec<Change>, Arc<T>)>>);

impl<T> Default for Changed<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Send + Sync + 'static> Changed<T> {
    pub(super) fn get(&self, changes: &[Change]) -> Option<Arc<T>> {
        let kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|(known, _)| known == changes).map(|(_, made)| Arc::clone(made))
    }

    /// Keeps `made` in the place of the oldest, which is dropped on another thread if that `takes_long`. Of a large stack
    /// no other is kept.
    pub(super) fn keep(&self, changes: &[Change], made: &Arc<T>, is_large: bool, takes_long: impl Fn(&T) -> bool) {
        let oldest = {
            let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            kept.push_front((changes.to_vec(), Arc::clone(made)));
            let most = if is_large { 1 } else { MOST }.min(kept.len());
            kept.split_off(most)
        };
        if oldest.iter().any(|(_, made)| takes_long(made)) {
            rayon::spawn(|| drop(oldest));
        }
    }
}
