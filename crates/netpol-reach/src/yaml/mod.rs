//! The one way in which YAML text becomes typed values: one budget, one set of scalar rules, and errors that hold
//! no text of the file.
//!
//! The library's own errors print the lines around a fault and echo values, and in a stack file those may be
//! passwords. So an [`InputError`] is rebuilt here from the kind of fault and its place alone.

mod fault;
mod location;
mod room;

use std::sync::Arc;

pub use fault::key_name;
pub use location::place;
pub use room::{take, take_bytes};
use serde::Deserialize;
use serde_saphyr::Options;
pub use serde_saphyr::{Location, Spanned};

use crate::{InputError, Place, budget::of_manifests::KEPT};

/// The largest input that is read, in bytes.
pub const LARGEST: u64 = 64 * 1024 * 1024;

/// The deepest nesting that is read. A real stack file nests 11 deep.
const DEEPEST: usize = 64;

/// How many values of a document are read at most: keys, scalars, lists, mappings. A stack of 5,000 components with
/// 25,000 links has 3.5 million.
const MOST_VALUES: usize = 5_000_000;

/// How many values of a table that people write by hand are read at most: exceptions, a profile.
const MOST_WRITTEN: usize = 500_000;

/// Reads one document of `text`; `file` is how errors name it.
pub fn read<'de, T: Deserialize<'de>>(file: &str, text: &'de str) -> Result<T, InputError> {
    read_up_to(file, text, MOST_VALUES)
}

/// The same of a table that people write by hand, of which fewer values are read.
pub fn read_table<'de, T: Deserialize<'de>>(file: &str, text: &'de str) -> Result<T, InputError> {
    read_up_to(file, text, MOST_WRITTEN)
}

fn read_up_to<'de, T: Deserialize<'de>>(file: &str, text: &'de str, values: usize) -> Result<T, InputError> {
    if text.trim_start_matches('\u{feff}').trim().is_empty() {
        return Err(InputError::new(Place::whole(file), "the file is empty"));
    }
    let read = || serde_saphyr::from_str_with_options(text, options(values));
    room::within(KEPT.most, read).map_err(|error| fault::input_error(file, &error))
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
///
/// Of more than `most` only so many, and one more.
pub fn parts(text: &str, most: usize) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut lines_before, mut at) = (0, 0, 0);
    for (line, number) in text.split_inclusive('\n').zip(0..) {
        if at > start && line.starts_with("---") && !line[3..].starts_with(|c: char| !c.is_ascii_whitespace()) {
            let part = Part { lines_before, text: &text[start..at] };
            if !part.says_nothing() {
                parts.push(part);
            }
            if parts.len() > most {
                return parts;
            }
            (start, lines_before) = (at, number);
        }
        at += line.len();
    }
    let last = Part { lines_before, text: &text[start..] };
    if !last.says_nothing() {
        parts.push(last);
    }
    parts
}

impl Part<'_> {
    /// Whether there is nothing in it but comments and marks.
    fn says_nothing(&self) -> bool {
        let says_nothing = |line: &str| {
            let line = line.trim_start_matches('\u{feff}').trim();
            matches!(line, "---" | "...") || matches!(line.chars().next(), None | Some('#' | '%'))
        };
        self.text.lines().all(says_nothing)
    }

    /// The place in `file` where it begins.
    pub fn start(&self, file: &Arc<str>) -> Place {
        Place { file: Arc::clone(file), line: self.lines_before + 1, column: 1 }
    }

    /// Reads the document; `file` is how errors name the file.
    pub fn read<'de, T: Deserialize<'de>>(&'de self, file: &Arc<str>) -> Result<T, InputError> {
        let read = || serde_saphyr::from_str_with_options(self.text, options(MOST_VALUES));
        room::within(KEPT.most, read).map_err(|error| {
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

fn options(values: usize) -> Options {
    let mut options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_events: 2 * values,
            max_nodes: values,
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
