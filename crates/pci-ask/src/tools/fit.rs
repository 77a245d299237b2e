//! Making an answer fit a chat: its text and its fields each within their size, whatever the stack is.
//!
//! The paged list gets what the rest leaves. Where that is too little, all other lists are cut further, with their
//! lengths beside them; where one entry alone is too much, its own lists are. What is still too long after that, which
//! takes names and sentences of unusual length, is cut in the middle of a sentence.

use std::io;

use netpol_reach::clipped;
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    AskError, Detail, Question, Reply,
    page::{Asked, Bounded, Entry, Page, start},
    schema,
};

/// How many characters a text, and the fields as compact JSON, may have.
#[derive(Debug, Clone, Copy)]
struct Size {
    text: usize,
    fields: usize,
}

impl Size {
    fn of(detail: Detail) -> Self {
        /// How many characters a token is counted as.
        const TOKEN: usize = 4;
        match detail {
            Detail::Summary => Self { text: 1_500 * TOKEN, fields: 2_500 * TOKEN },
            Detail::Full => Self { text: 8_000 * TOKEN, fields: 8_000 * TOKEN },
        }
    }

    fn less(self, reserved: usize) -> Self {
        Self { text: self.text.saturating_sub(reserved), fields: self.fields.saturating_sub(reserved) }
    }

    fn holds(self, draft: &Draft) -> bool {
        draft.text.chars().count() <= self.text && length(&draft.fields) <= self.fields
    }
}

/// How many entries a list other than the paged one may hold, one try after the other.
const BESIDE: [usize; 6] = [10, 6, 4, 2, 1, 0];
/// So many entries, or half of the room, a page has before other lists keep theirs.
const ENOUGH: usize = 5;
/// What `next_cursor` takes at most.
const CURSOR: usize = 60;
/// Fields that are passed on as they are: half a Kubernetes object, or half a change, is another one.
const AS_IT_IS: [&str; 2] = ["object", "attributes"];

/// An answer as it would be given.
struct Draft {
    text: String,
    fields: Value,
}

/// `response` to what was `asked`, fit for a chat, with room for so many `reserved` characters more. `mark` stands for the
/// stack and the question.
pub(super) fn reply<Q: Question>(
    mut response: Q::Response,
    asked: Asked,
    mark: String,
    reserved: usize,
) -> Result<Reply, AskError> {
    let detail = asked.detail.unwrap_or_default();
    let mut entries = response.take();
    let total = entries.len();
    let start = start(&mark, asked.cursor, total)?;
    entries.drain(..start);
    let within = if detail == Detail::Summary { BESIDE[0] } else { usize::MAX };
    let (document, attachments, holds) = (Q::document(&response), Q::attachments(&response), Q::holds(&response));
    let fitting =
        Fitting::<Q> { response, entries, start, total, mark, detail, size: Size::of(detail).less(reserved), within };
    let Draft { text, fields } = fitting.fitted()?;
    Ok(Reply { text, fields, document, attachments, holds })
}

struct Fitting<Q: Question> {
    response: Q::Response,
    /// The paged list, from where the page starts.
    entries: Vec<<Q::Response as Bounded>::Entry>,
    start: usize,
    total: usize,
    mark: String,
    detail: Detail,
    size: Size,
    /// How long the lists inside an entry may be.
    within: usize,
}

impl<Q: Question> Fitting<Q> {
    fn fitted(mut self) -> Result<Draft, AskError> {
        let available = self.entries.len().min(self.response.most());
        let wanted = ENOUGH.min(available);
        if let Some(draft) = self.whole(available)? {
            return Ok(draft);
        }
        for beside in BESIDE {
            self.response.cut(beside);
            let rest = self.draft(0, beside)?;
            let (text, fields) = (rest.text.chars().count(), length(&rest.fields));
            let is_roomy = text <= self.size.text / 2 && fields <= self.size.fields / 2;
            let least = if is_roomy || beside == 0 { wanted.min(1) } else { wanted };
            let count = self.count(self.size.fields.saturating_sub(fields + CURSOR), available)?;
            if let Some(draft) = self.most(least, count, beside)? {
                return Ok(draft);
            }
        }
        self.shortest(wanted.min(1))
    }

    /// The whole answer, if all but the paged list takes half of a full page, and this is the first.
    fn whole(&mut self, available: usize) -> Result<Option<Draft>, AskError> {
        if self.detail == Detail::Summary || self.start > 0 {
            return Ok(None);
        }
        self.response.put(Vec::new(), self.page(0));
        let half = if available == 0 { self.size.fields } else { self.size.fields / 2 };
        let Some(rest) = length_within(&self.response, half) else { return Ok(None) };
        self.response.cut(usize::MAX);
        let count = self.count(self.size.fields.saturating_sub(rest + CURSOR), available)?;
        self.most(available.min(1), count, usize::MAX)
    }

    /// How many of the entries fit into `room`, of those that are `available`.
    fn count(&mut self, room: usize, available: usize) -> Result<usize, AskError> {
        let (mut left, mut count) = (room, 0);
        for entry in self.entries.iter_mut().take(available) {
            let length = entry_length(entry, self.within, self.size.fields / 4 * 3)?;
            let Some(rest) = left.checked_sub(length + 1) else { break };
            (left, count) = (rest, count + 1);
        }
        Ok(count)
    }

    /// The answer with `count` entries, or with fewer where its text is too long, but not with less than `least`.
    fn most(&mut self, least: usize, mut count: usize, beside: usize) -> Result<Option<Draft>, AskError> {
        while count >= least {
            let draft = self.draft(count, beside)?;
            if self.size.holds(&draft) {
                return Ok(Some(draft));
            }
            if count == 0 {
                break;
            }
            count -= count.div_ceil(8);
        }
        Ok(None)
    }

    fn page(&self, count: usize) -> Page {
        Page::of(self.start, count, self.total, &self.mark)
    }

    /// The answer with `count` entries, and other lists of `beside`.
    fn draft(&mut self, count: usize, beside: usize) -> Result<Draft, AskError> {
        let page = self.page(count);
        let listed = self.entries.get(..count).unwrap_or_default().to_vec();
        self.response.put(listed, page.clone());
        let mut fields = json(&self.response)?;
        if let Value::Object(object) = &mut fields {
            self.trim_answer(object, beside);
        }
        let text = Q::text(&self.response) + &self.more(&page, count, &fields);
        Ok(Draft { text, fields })
    }

    fn trim_answer(&self, answer: &mut Map<String, Value>, beside: usize) {
        let is_paged = |key: &str| Q::Response::PAGED.contains(&key);
        let is_kept = |key: &str| is_paged(key) || Q::Response::WHOLE.contains(&key);
        for (key, value) in answer.iter_mut() {
            trim(value, if is_paged(key) { self.within } else { beside });
        }
        cut_lists(answer, beside, is_kept);
    }

    /// That there is more, and how to get it.
    fn more(&self, page: &Page, count: usize, fields: &Value) -> String {
        let (from, to) = (page.start + 1, page.start + count);
        let which = format!("{from} to {to} of {} {}", self.total, Q::Response::NOUN);
        let mut text = match &page.next_cursor {
            Some(cursor) => format!("\n{which}. For more, call again with `cursor`: \"{cursor}\"\n"),
            None if page.is_later() => format!("\n{which}, the last.\n"),
            None => String::new(),
        };
        if self.detail == Detail::Summary && Q::HAS_DETAIL && is_cut(fields, Q::Response::PAGED) {
            text += "\nLists are cut; `detail: full` holds more.\n";
        }
        text
    }

    /// The answer with one entry at most, whose own lists are cut, or with what is left of that.
    fn shortest(mut self, count: usize) -> Result<Draft, AskError> {
        for most in BESIDE {
            self.within = self.within.min(most);
            if let Some(entry) = self.entries.first_mut() {
                entry.shorten(most);
            }
            let draft = self.draft(count, 0)?;
            if self.size.holds(&draft) {
                return Ok(draft);
            }
        }
        let mut draft = self.draft(count, 0)?;
        draft.text = first_lines(&draft.text, self.size.text);
        for most in [300, 100, 30] {
            if length(&draft.fields) > self.size.fields {
                clip(&mut draft.fields, most);
            }
        }
        Ok(draft)
    }
}

/// How many characters `entry` has, with its lists cut to `within`. One of more than `most` is more than a page takes: its
/// own lists are cut until it is not.
fn entry_length<E: Entry>(entry: &mut E, within: usize, most: usize) -> Result<usize, AskError> {
    let mut found = 0;
    for shorter in [usize::MAX, 50, 25, 10, 6, 4, 2, 1, 0] {
        entry.shorten(shorter);
        let mut value = json(entry)?;
        trim(&mut value, within);
        found = length(&value);
        if found <= most {
            break;
        }
    }
    Ok(found)
}

pub(super) fn json<T: Serialize>(value: &T) -> Result<Value, AskError> {
    serde_json::to_value(value).map_err(|error| AskError::Argument(error.to_string()))
}

/// How many characters `value` has as compact JSON.
fn length(value: &Value) -> usize {
    length_within(value, usize::MAX).unwrap_or(usize::MAX)
}

/// The same of anything, if these are at most `most`; what is longer is not read to its end.
fn length_within<T: Serialize>(value: &T, most: usize) -> Option<usize> {
    let mut counter = Counter { left: most };
    serde_json::to_writer(&mut counter, value).ok().map(|()| most - counter.left)
}

struct Counter {
    left: usize,
}

impl io::Write for Counter {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        // Every character but its first byte is a byte of the form 10xxxxxx.
        let characters = bytes.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
        self.left = self.left.checked_sub(characters).ok_or(io::ErrorKind::FileTooLarge)?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Cuts each list inside `value` to `most`, with its length beside it.
fn trim(value: &mut Value, most: usize) {
    match value {
        Value::Object(object) => {
            for (_, value) in object.iter_mut().filter(|(key, _)| !AS_IT_IS.contains(&key.as_str())) {
                trim(value, most);
            }
            cut_lists(object, most, |key| AS_IT_IS.contains(&key));
        }
        Value::Array(list) => list.iter_mut().for_each(|value| trim(value, most)),
        _ => {}
    }
}

/// Cuts the lists that `object` holds to `most`, but for those to be kept.
fn cut_lists(object: &mut Map<String, Value>, most: usize, is_kept: impl Fn(&str) -> bool) {
    let is_long = |key: &str, value: &Value| value.as_array().is_some_and(|list| list.len() > most) && !is_kept(key);
    if !object.iter().any(|(key, value)| is_long(key, value)) {
        return;
    }
    for (key, mut value) in std::mem::take(object) {
        let total = schema::total(&key);
        if is_long(&key, &value)
            && let Value::Array(list) = &mut value
        {
            let length = list.len();
            list.truncate(most);
            object.insert(key, value);
            object.insert(total, length.into());
        } else {
            // A length that was there before is that of the list before it was first cut.
            object.insert(key, value);
        }
    }
}

/// Whether a list of `fields` other than a `paged` one is shorter than the length beside it.
fn is_cut(fields: &Value, paged: &[&str]) -> bool {
    let Some(object) = fields.as_object() else { return false };
    object.iter().filter(|(key, _)| !paged.contains(&key.as_str())).any(|(key, value)| {
        let total = object.get(&schema::total(key)).and_then(Value::as_u64);
        let length = value.as_array().map(|list| list.len() as u64);
        length.zip(total).is_some_and(|(length, total)| length < total) || is_cut(value, paged)
    })
}

/// The first lines of `text`, as many as fit into `most` characters, and that there was more.
fn first_lines(text: &str, most: usize) -> String {
    const MORE: &str = "\nThe rest is longer than fits here.\n";
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let room = most.saturating_sub(MORE.len());
    let kept: String = text.chars().take(room).collect();
    let end = kept.rfind('\n').unwrap_or(kept.len());
    kept[..end].to_owned() + MORE
}

/// Cuts sentences inside `value` to `most` characters.
fn clip(value: &mut Value, most: usize) {
    match value {
        Value::String(text) => *text = clipped(text, most),
        Value::Array(list) => list.iter_mut().for_each(|value| clip(value, most)),
        Value::Object(object) => {
            let is_clipped =
                |key: &str| !AS_IT_IS.contains(&key) && !matches!(key, "mermaid" | "next_cursor" | "inputs");
            object.iter_mut().filter(|(key, _)| is_clipped(key)).for_each(|(_, value)| clip(value, most));
        }
        _ => {}
    }
}
