//! What must hold of an event for it to count: tests of its fields, all of which must hold.

use serde::Deserialize;

/// A test of one field.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Test {
    /// The field, by the name that its source gives it.
    pub field: String,
    /// It is one of these; of a text, it holds one of these phrases.
    pub is: Vec<String>,
    /// It starts with one of these.
    pub starts: Vec<String>,
    /// It is a number, and at least this.
    pub from: Option<i64>,
    /// It is a number, and at most this.
    pub to: Option<i64>,
    /// It says anything at all.
    pub is_there: bool,
}

/// Tests that must all hold; none at all hold of every event.
pub type Condition = Vec<Test>;

impl Test {
    /// Whether it asks exactly one sort of thing.
    pub(super) fn is_clear(&self) -> bool {
        let asks =
            [!self.is.is_empty(), !self.starts.is_empty(), self.from.is_some() || self.to.is_some(), self.is_there];
        asks.into_iter().filter(|asked| *asked).count() == 1
    }
}
