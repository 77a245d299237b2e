//! Shapes of attribute values: what a value must look like to be kept.
//!
//! An attribute that may be read can still hold a secret: a URL with a password, a connection string, a key or a
//! passphrase in the wrong place. Each listed attribute therefore declares the shape of its value, and the reader keeps
//! only what fits it. Shapes take closed sets of words, numbers and names with a fixed grammar, so that no free text
//! passes.

mod digits;
mod host;
mod measures;
mod statement;
mod version;
mod words;

pub use self::{
    statement::statement,
    words::{is_flag_word, is_placeholder},
};

/// The shape of a value that is kept as text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// A decimal number of at most 12 digits, or a percentage.
    Number,
    /// A Kubernetes resource quantity.
    Quantity,
    /// A duration: numbers with units of time.
    Duration,
    /// A version, or an image with its version.
    Version,
    /// A git revision: a version, a well-known branch or a hash.
    Revision,
    /// Hosts, with or without ports. Of a URL the host and port are kept.
    Host,
    /// Address ranges.
    Addresses,
    /// Namespaces. Those that the stack does not have are counted and not shown.
    Namespaces,
    /// These words, in any case, alone or joined.
    Words(Vec<String>),
    /// Any text without a visible credential, for tables of a user's own; the shipped ones have none of it.
    Free,
}

impl Shape {
    /// Returns what may be kept and shown of `text`, or `None` if it does not have this shape. `is_namespace` says
    /// whether the stack has a namespace of that name.
    ///
    /// Placeholders such as `Default Value` and blank text have every shape: they say nothing.
    pub fn fit(&self, text: &str, is_namespace: &dyn Fn(&str) -> bool) -> Option<String> {
        /// No value that fits is longer, in bytes.
        const LONGEST: usize = 1_000;
        let text = text.trim();
        if text.is_empty() || words::is_listed_placeholder(text) {
            return Some(text.to_owned());
        }
        if *self == Self::Free {
            return Some(statement(text)).filter(|said| !is_placeholder(said));
        }
        if text.len() > LONGEST || !text.is_ascii() {
            return None;
        }
        let whole = |fits: bool| fits.then(|| text.to_owned());
        match self {
            Self::Number => whole(measures::is_number(text)),
            Self::Quantity => whole(measures::is_quantity(text)),
            Self::Duration => whole(measures::is_duration(text)),
            Self::Version => whole(version::is_version(text)),
            Self::Revision => whole(version::is_revision(text)),
            Self::Free => None,
            Self::Words(known) => whole(words::is_made_of(text, known)),
            Self::Host => listed(text, host::host),
            Self::Addresses => listed(text, |item| host::is_range(item).then(|| item.to_owned())),
            Self::Namespaces => words::namespaces(items(text), is_namespace),
        }
    }
}

/// The items of a list that is written as text: between commas, semicolons or white space.
fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| c == ',' || c == ';' || c.is_ascii_whitespace()).filter(|item| !item.is_empty())
}

/// The items of `text` as `fit` keeps them, if it keeps all.
fn listed(text: &str, fit: impl Fn(&str) -> Option<String>) -> Option<String> {
    let kept: Vec<String> = items(text).map(fit).collect::<Option<_>>()?;
    (!kept.is_empty()).then(|| kept.join(","))
}
