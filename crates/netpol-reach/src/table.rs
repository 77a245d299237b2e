//! Hash tables for thousands of short keys, looked up by the ten thousand in every proof. Their order is nobody's to see,
//! and differs from run to run.

use std::collections::{HashMap, HashSet};

use foldhash::fast::RandomState;

/// Keys and values.
pub type Table<K, V> = HashMap<K, V, RandomState>;

/// Keys alone.
pub type Keys<K> = HashSet<K, RandomState>;
