//! Whoever waits for an answer: hears how far it is, and may leave before it is there.

use std::{
    fmt,
    sync::atomic::{AtomicUsize, Ordering},
};

/// How far an answer is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Step {
    /// Steps that are done.
    pub done: usize,
    /// Steps that are known of.
    pub total: usize,
    /// What was done last.
    pub what: &'static str,
}

/// Nobody waits for the answer any more, so that it is not finished.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("nobody waits for the answer any more")]
pub struct Gone;

/// Whoever waits for an answer. Work of several steps tells it of each, and stops where it has left.
pub struct Watch<'a> {
    hears: &'a (dyn Fn(Step) + Sync),
    has_left: &'a (dyn Fn() -> bool + Sync),
    waits: &'a (dyn Fn(bool) + Sync),
    done: AtomicUsize,
    total: AtomicUsize,
}

impl<'a> Watch<'a> {
    /// Somebody who `hears` of each step, and may have left.
    pub fn new(hears: &'a (dyn Fn(Step) + Sync), has_left: &'a (dyn Fn() -> bool + Sync)) -> Self {
        Self { hears, has_left, waits: &|_| {}, done: AtomicUsize::new(0), total: AtomicUsize::new(0) }
    }

    /// The same, which calls `waits` with `true` before the work waits for another's and with `false` once it goes on.
    #[must_use]
    pub fn that_waits(self, waits: &'a (dyn Fn(bool) + Sync)) -> Self {
        Self { waits, ..self }
    }

    /// Somebody who waits for the answer alone.
    pub fn patient() -> Watch<'static> {
        Watch::new(&|_| {}, &|| false)
    }

    /// There will be so many more steps.
    pub fn expect(&self, steps: usize) {
        self.total.fetch_add(steps, Ordering::Relaxed);
    }

    /// A step is done: `what`.
    pub fn step(&self, what: &'static str) -> Result<(), Gone> {
        let done = self.done.fetch_add(1, Ordering::Relaxed) + 1;
        (self.hears)(Step { done, total: self.total.load(Ordering::Relaxed).max(done), what });
        self.check()
    }

    /// Calls `wait`, which waits for another's work and does none itself.
    pub fn while_waiting<T>(&self, wait: impl FnOnce() -> T) -> T {
        (self.waits)(true);
        let got = wait();
        (self.waits)(false);
        got
    }

    /// Whether anybody still waits.
    pub fn check(&self) -> Result<(), Gone> {
        if (self.has_left)() { Err(Gone) } else { Ok(()) }
    }
}

impl fmt::Debug for Watch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Watch").field("done", &self.done).field("total", &self.total).finish_non_exhaustive()
    }
}
