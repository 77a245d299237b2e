//! A YAML library's location → a place in a file.

use std::sync::Arc;

use serde_saphyr::Location;

use crate::Place;

/// The place in `file` of something that was read with its position.
pub fn place(file: &Arc<str>, location: Location) -> Place {
    let number = |n: u64| u32::try_from(n).unwrap_or(u32::MAX);
    Place { file: Arc::clone(file), line: number(location.line()), column: number(location.column()) }
}
