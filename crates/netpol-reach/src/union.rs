//! The union of bit sets.

use roaring::{MultiOps, RoaringBitmap};

/// How many members sets have in all that are gathered one by one. The library's own union of many fills 8 KiB for every
/// block of 65,536 numbers, and looks through them again: what pays for large sets, and is most of the time for small ones.
const FEW: u64 = 1024;

/// What is in any of `sets`.
pub(super) fn union<'s>(sets: impl IntoIterator<Item = &'s RoaringBitmap>) -> RoaringBitmap {
    let sets: Vec<&RoaringBitmap> = sets.into_iter().filter(|set| !set.is_empty()).collect();
    match sets.as_slice() {
        [] => RoaringBitmap::new(),
        [only] => RoaringBitmap::clone(only),
        all if all.iter().map(|set| set.len()).sum::<u64>() <= FEW => {
            let mut members: Vec<u32> = all.iter().flat_map(|set| set.iter()).collect();
            members.sort_unstable();
            members.dedup();
            members.into_iter().collect()
        }
        all => all.iter().copied().union(),
    }
}
