//! Lists that are put in order, each entry once.

/// Puts a list in order, each entry once.
pub(crate) fn settle<T: Ord>(list: &mut Vec<T>) {
    list.sort();
    list.dedup();
}

/// Adds `more` to a list that is settled at last. It is settled before it grows, too: what is added again and again takes
/// room once.
pub(crate) fn gather<T: Ord>(list: &mut Vec<T>, more: impl IntoIterator<Item = T>) {
    for entry in more {
        if list.len() == list.capacity() {
            settle(list);
            list.reserve(list.len());
        }
        list.push(entry);
    }
}
