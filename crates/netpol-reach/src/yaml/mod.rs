//! The one way in which YAML text becomes typed values: one budget, one set of scalar rules, and errors that hold
//! no text of the file.
//!
//! The library's own errors print the lines around a fault and echo values, and in a stack file those may be
//! passwords. So an [`InputError`] is rebuilt here from the kind of fault and its place alone.

mod fault;
mod location;

use std::sync::Arc;

pub use fault::key_name;
pub use location::place;
use serde::Deserialize;
use serde_saphyr::Options;
pub use serde_saphyr::{Location, Spanned};

use crate::{InputError, Place};

/// The largest input that is read, in bytes.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// The deepest nesting that is read. A real stack file nests 11 deep.
const DEEPEST: usize = 64;

/// Reads one document of `text`; `file` is how errors name it.
pub fn read<'de, T: Deserialize<'de>>(file: &str, text: &'de str) -> Result<T, InputError> {
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(InputError::new(Place::whole(file), "the file is empty"));
    }
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| fault::input_error(file, &error))
}

/// One of several documents in a file.
#[derive(Debug, Clone, Copy)]
pub struct Part<'t> {
    /// The lines before it.
    lines_before: u32,
    /// What it says.
    pub text: &'t str,
}

/// The documents of `text`. A line that begins with `---` begins one, wherever it stands: not even a quoted scalar
/// can hold such a line (YAML 1.2, `c-forbidden`). So documents can be read apart from each other.
pub fn parts(text: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut lines_before, mut at) = (0, 0, 0);
    for (line, number) in text.split_inclusive('\n').zip(0..) {
        if at > start && line.starts_with("---") && !line[3..].starts_with(|c: char| !c.is_ascii_whitespace()) {
            parts.push(Part { lines_before, text: &text[start..at] });
            (start, lines_before) = (at, number);
        }
        at += line.len();
    }
    parts.push(Part { lines_before, text: &text[start..] });
    let says_nothing = |line: &str| {
        let line = line.trim_start_matches('\u{feff}').trim();
        matches!(line, "---" | "...") || matches!(line.chars().next(), None | Some('#' | '%'))
    };
    parts.retain(|part| !part.text.lines().all(says_nothing));
    parts
}

impl Part<'_> {
    /// Reads the document; `file` is how errors name the file.
    pub fn read<'de, T: Deserialize<'de>>(&'de self, file: &Arc<str>) -> Result<T, InputError> {
        serde_saphyr::from_str_with_options(self.text, options()).map_err(|error| {
            let mut error = fault::input_error(file, &error);
            error.place = self.moved(error.place);
            error
        })
    }

    /// The place in `file` of something in this document that was read with its position.
    pub fn place(&self, file: &Arc<str>, location: Location) -> Place {
        self.moved(place(file, location))
    }

    fn moved(&self, place: Place) -> Place {
        let line = if place.line > 0 { place.line + self.lines_before } else { 0 };
        Place { line, ..place }
    }
}

fn options() -> Options {
    let mut options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 10_000_000,
            max_nodes: 5_000_000,
            max_depth: DEEPEST,
            max_documents: 100_000,
        },
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        duplicate_keys: serde_saphyr::DuplicateKeyPolicy::Error,
        with_snippet: false,
    };
    // Real files have no aliases; this leaves room for those that people write to save a few lines.
    options.alias_limits.max_total_replayed_events = 100_000;
    options
}
