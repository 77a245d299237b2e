//! Two things at once, where that pays.

/// From how many policies or flows on a second thread pays: waking one costs what some hundred of them do.
const WORTH_A_THREAD: usize = 1000;

/// What `one` and `other` make, at the same time if they are about `many` policies or flows. Neither may wait for what
/// somebody else computes: while they run, the thread that waits may take up anything.
pub fn both<A: Send, B: Send>(many: usize, one: impl FnOnce() -> A + Send, other: impl FnOnce() -> B + Send) -> (A, B) {
    if is_worth_a_thread(many) { rayon::join(one, other) } else { (one(), other()) }
}

/// Whether what is about `many` policies or flows is worth a second thread.
pub fn is_worth_a_thread(many: usize) -> bool {
    many >= WORTH_A_THREAD
}
