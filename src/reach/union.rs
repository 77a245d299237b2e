//! Unions of many sets at once. One after the other, each step would copy what the steps before made.

use roaring::RoaringBitmap;

/// Whatever is in any of `sets`.
pub(super) fn union<'s>(sets: impl IntoIterator<Item = &'s RoaringBitmap>) -> RoaringBitmap {
    let mut sets = sets.into_iter();
    let Some(first) = sets.next() else { return RoaringBitmap::new() };
    let (mut largest, mut others) = (first, Vec::new());
    for set in sets {
        let smaller = if set.len() > largest.len() { std::mem::replace(&mut largest, set) } else { set };
        others.extend(smaller);
    }
    #[allow(clippy::stable_sort_primitive, reason = "it merges the runs that the sets are")]
    others.sort();
    others.dedup();
    let others = RoaringBitmap::from_sorted_iter(others);
    let mut union = largest.clone();
    union |= others.unwrap_or_default();
    union
}
