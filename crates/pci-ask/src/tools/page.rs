//! Pages: an answer in chat holds as much of its one long list as fits, and says where the next one goes on.
//!
//! A cursor is an offset and a digest of the inputs and of the question (`12.3f2a9c01`), so that it is refused once
//! either is another. Nothing is kept between two answers: any replica can give the next one.

use pci_render::Header;
use pci_stack::{Date, Digest};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{AskError, Detail};

/// How a request wants its answer.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Asked<'r> {
    /// How much to say.
    pub(super) detail: Option<Detail>,
    /// Where an earlier answer went on.
    pub(super) cursor: Option<&'r str>,
}

/// Which entries of its paged list an answer holds. In the shell it is all of them, and this says nothing.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct Page {
    /// What `cursor` is for the next answer, if there is more.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) next_cursor: Option<String>,
    /// Whether the answer is for a chat.
    #[serde(skip)]
    pub(super) is_in_chat: bool,
    /// How many entries stand before it.
    #[serde(skip)]
    pub(super) start: usize,
}

impl Page {
    /// The page of `count` entries from `start` on, out of `total`, under `mark`.
    pub(super) fn of(start: usize, count: usize, total: usize, mark: &str) -> Self {
        let end = start + count;
        let next_cursor = (end < total).then(|| format!("{end}.{mark}"));
        Self { next_cursor, is_in_chat: true, start }
    }

    /// Whether an earlier page came before it, and said what stands around the list.
    pub(super) fn is_later(&self) -> bool {
        self.start > 0
    }

    /// How many names a text sets one after the other: in the shell as many as there are.
    pub(super) fn most_named(&self, in_chat: usize) -> usize {
        if self.is_in_chat { in_chat } else { usize::MAX }
    }
}

/// An answer that can be made to fit a chat.
pub(super) trait Bounded: Serialize {
    /// An entry of the list that is paged.
    type Entry: Entry;
    /// What people call its entries.
    const NOUN: &'static str = "entries";
    /// The fields that hold the list.
    const PAGED: &'static [&'static str] = &[];
    /// The fields whose lists have a known length, and are never cut.
    const WHOLE: &'static [&'static str] = &[];

    /// What the answer begins with.
    fn header(&self) -> &Header;

    /// Takes the whole paged list out, and says beside it how long it was.
    fn take(&mut self) -> Vec<Self::Entry> {
        Vec::new()
    }

    /// Puts a part of it in.
    fn put(&mut self, _: Vec<Self::Entry>, _: Page) {}

    /// Cuts every other long list to `most` entries, with its length beside it.
    fn cut(&mut self, most: usize);

    /// How many entries a page holds at most, whatever would fit.
    fn most(&self) -> usize {
        usize::MAX
    }
}

/// An entry of a paged list.
pub(super) trait Entry: Clone + Serialize {
    /// Cuts what it lists to `most`, with the length beside it: it is more than a page holds.
    fn shorten(&mut self, _most: usize) {}
}

/// The entry of answers that have no paged list.
#[derive(Debug, Clone, Serialize)]
pub(super) enum NoEntry {}

impl Entry for NoEntry {}

impl Entry for pci_stack::Finding {}

/// Cuts `list` to `most` entries, and says how long it was before it was first cut.
pub(super) fn cut<T>(list: &mut Vec<T>, total: &mut Option<usize>, most: usize) {
    total.get_or_insert(list.len());
    list.truncate(most);
}

/// The same, where it is longer than that.
pub(super) fn cut_longer<T>(list: &mut Vec<T>, total: &mut Option<usize>, most: usize) {
    if list.len() > most {
        cut(list, total, most);
    }
}

/// What a cursor is marked with of a question.
pub(super) struct Marked {
    name: &'static str,
    day: Option<Date>,
    arguments: Value,
}

impl Marked {
    /// The question `name` with `arguments`, to a server that holds statements against `day`.
    pub(super) fn of(name: &'static str, day: Option<Date>, arguments: &Map<String, Value>) -> Self {
        /// Arguments that say how the list is given, not which: the stack's id is in the answer's header.
        const OF_THE_GIVING: [&str; 5] = ["cursor", "detail", "limit", "stack", "write"];
        let is_asked = |(key, _): &(&String, &Value)| !OF_THE_GIVING.contains(&key.as_str());
        let asked = arguments.iter().filter(is_asked).map(|(key, value)| (key.clone(), value.clone()));
        Self { name, day, arguments: canonical(&asked.collect()) }
    }

    /// The mark, where the answer begins with `header`.
    pub(super) fn mark(&self, header: &Header) -> String {
        let state = (&header.stack, &header.inputs, header.level, self.name, self.day, &self.arguments);
        // Writing these types to memory can't fail.
        Digest::of(&serde_json::to_vec(&state).unwrap_or_default()).short()
    }
}

/// `value` in the one way of writing it: no nulls, fields in the order of their names.
fn canonical(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let mut fields: Vec<_> = object.iter().filter(|(_, value)| !value.is_null()).collect();
            fields.sort_unstable_by_key(|(key, _)| *key);
            fields.into_iter().map(|(key, value)| (key.clone(), canonical(value))).collect()
        }
        Value::Array(list) => list.iter().map(canonical).collect(),
        other => other.clone(),
    }
}

/// Where in a list of `total` entries `cursor`, made under `mark`, goes on; without one, at the start.
pub(super) fn start(mark: &str, cursor: Option<&str>, total: usize) -> Result<usize, AskError> {
    let Some(cursor) = cursor else { return Ok(0) };
    let wrong = |what: &str| AskError::Argument(what.to_owned());
    let no_cursor = || wrong("`cursor` is the `next_cursor` of an answer");
    let (offset, digest) = cursor.split_once('.').ok_or_else(no_cursor)?;
    if digest != mark {
        return Err(wrong("the stack or the question changed, start again: leave `cursor` out"));
    }
    // As it was written, and no other way.
    offset.parse().ok().filter(|start: &usize| *start < total && start.to_string() == offset).ok_or_else(no_cursor)
}
