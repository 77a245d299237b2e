//! How much a document may keep in memory while it is read. A few bytes of YAML can be hundreds in memory, and nodes
//! alone say too little: what is kept is counted where it is kept.

use std::cell::Cell;

use serde::de;

use crate::budget::of_manifests::KEPT;

thread_local! {
    /// What may still be kept; a document is read by one thread from its start to its end.
    static LEFT: Cell<usize> = const { Cell::new(usize::MAX) };
}

/// Runs `read`, which may keep `most` bytes.
pub(super) fn within<T>(most: usize, read: impl FnOnce() -> T) -> T {
    let before = LEFT.replace(most);
    let read = read();
    LEFT.set(before);
    read
}

/// Takes what one `T` occupies; an error if there is not so much left.
pub fn take<T, E: de::Error>() -> Result<(), E> {
    take_bytes(size_of::<T>())
}

/// Takes `bytes`; an error if there are not so many left.
pub fn take_bytes<E: de::Error>(bytes: usize) -> Result<(), E> {
    match LEFT.get().checked_sub(bytes) {
        Some(left) => {
            LEFT.set(left);
            Ok(())
        }
        None => Err(E::custom(format_args!(
            "what is kept of this document up to here is over the budget '{}' of {} MiB; split the document",
            KEPT.name,
            KEPT.most >> 20
        ))),
    }
}
