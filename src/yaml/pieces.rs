//! A large document in pieces that are read at the same time.
//!
//! Most of what an answer about a large stack costs is reading its YAML, nearly all of which is one mapping. Between
//! two entries of that the file can be cut: what follows a cut, with the mapping's own key put before it, is a document
//! of its own. The lines above it are left blank, so that its places are the file's.
//!
//! What is looked at here are lines, and not YAML. Whoever joins the pieces finds out from what was read whether it was
//! that mapping that was cut ([`Pieces::line`], [`Pieces::column`]), and reads the document whole if not. It is read
//! whole as well if a piece can't be read, so that no error depends on this.

use std::iter;

use rayon::prelude::*;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::options;

/// As many on every machine, since each has its share of the budget; two for each of two cores, as some are slower.
const PIECES: usize = 4;

/// What is nested deeper is read whole, on its reader's own thread: the stacks of rayon's may be smaller.
const DEEPEST: usize = 32;

/// What is smaller is read in less than 20 ms.
const LARGE: usize = 256 * 1024;

/// A document, cut between entries of one of its mappings.
pub struct Pieces<'t> {
    first: &'t str,
    others: Vec<Zeroizing<String>>,
    /// The line of the mapping's own key.
    pub line: u64,
    /// The column of its entries.
    pub column: u64,
}

/// Cuts `text` between entries of the mapping under the keys `path`, if it is large and its lines look as if that could
/// be done. The first of the keys begins the document.
pub fn pieces<'t>(text: &'t str, path: &[&str]) -> Option<Pieces<'t>> {
    // A carriage return of its own ends a line as well.
    let is_plain = || !text.contains('\0') && text.matches('\r').count() == text.matches("\r\n").count();
    if text.len() < LARGE || !is_plain() {
        return None;
    }
    let mut lines = lines(text).peekable();
    let mut header = String::new();
    let mut above = None;
    let mut line = 0;
    for key in path {
        let indent = first_of_a_mapping(lines.peek()?, above)?;
        let is_key = |line: &Line| line.indent == indent && line.content.strip_suffix(':') == Some(key);
        let siblings = if above.is_none() { 1 } else { usize::MAX };
        let found = lines.by_ref().take(siblings).find(|line| line.indent < indent || is_key(line));
        let found = found.filter(is_key)?;
        header.extend([&" ".repeat(indent), *key, ":\n"]);
        (above, line) = (Some(indent), found.number);
    }
    let indent = first_of_a_mapping(lines.peek()?, above)?;
    let share = text.len() / PIECES;
    let mut cuts: Vec<Line> = Vec::new();
    for line in lines.take_while(|line| line.indent >= indent) {
        if cuts.len() + 1 == PIECES {
            break;
        }
        if line.indent == indent && line.start >= (cuts.len() + 1) * share && is_plain_key(line.content) {
            cuts.push(line);
        }
    }
    let first = &text[..cuts.first()?.start];
    let ends = cuts.iter().skip(1).map(|cut| cut.start).chain([text.len()]);
    let others = cuts.iter().zip(ends).map(|(cut, end)| {
        let blank = "\n".repeat(cut.number - 1 - path.len());
        Zeroizing::new([&blank, &header, &text[cut.start..end]].concat())
    });
    Some(Pieces { first, others: others.collect(), line: line as u64, column: indent as u64 + 1 })
}

impl Pieces<'_> {
    /// Reads each piece; nothing if one can't be read, or has anything that could reach over a cut.
    pub fn read<'p, T: Deserialize<'p> + Send>(&'p self) -> Option<Vec<T>> {
        let texts: Vec<&str> = iter::once(self.first).chain(self.others.iter().map(|text| text.as_str())).collect();
        let read = |text: &&'p str| serde_saphyr::from_str_with_options(text, share_of_options()).ok();
        texts.par_iter().with_max_len(1).map(read).collect()
    }
}

/// What all pieces may have together is what a whole document may have, less what is counted or told apart over the
/// whole of it: anchors, aliases and merged keys.
fn share_of_options() -> serde_saphyr::Options {
    let mut options = options();
    if let Some(budget) = &mut options.budget {
        budget.max_events /= PIECES;
        budget.max_nodes /= PIECES;
        budget.max_total_scalar_bytes /= PIECES;
        budget.max_depth = DEEPEST;
        budget.max_aliases = 0;
        budget.max_anchors = 0;
        budget.max_merge_keys = 0;
    }
    options
}

/// A line that is neither blank nor a comment.
struct Line<'t> {
    /// From 1.
    number: usize,
    /// Where in the text it starts, in bytes.
    start: usize,
    /// How many spaces it starts with.
    indent: usize,
    /// What follows them, without the space at its end.
    content: &'t str,
}

fn lines(text: &str) -> impl Iterator<Item = Line<'_>> {
    let mut next = 0;
    let lines = text.split_inclusive('\n').zip(1..).map(move |(line, number)| {
        let start = next;
        next += line.len();
        let content = line.trim_start_matches(' ');
        Line { number, start, indent: line.len() - content.len(), content: content.trim_ascii_end() }
    });
    lines.filter(|line| !line.content.is_empty() && !line.content.starts_with('#'))
}

/// The indent of a block mapping that begins with this line, below a key that is indented as far as `above`.
fn first_of_a_mapping(line: &Line, above: Option<usize>) -> Option<usize> {
    let is_below = above.map_or(line.indent == 0, |above| line.indent > above);
    (is_below && line.content.starts_with(|c: char| c.is_ascii_alphabetic())).then_some(line.indent)
}

/// Whether this is a key with its value below, and neither a number nor anything else but a name.
fn is_plain_key(content: &str) -> bool {
    content.strip_suffix(':').is_some_and(is_name)
}

/// Whether two keys of which this is one are equal only where their texts are, but for case.
pub fn is_name(key: &str) -> bool {
    key.starts_with(|c: char| c.is_ascii_alphabetic())
        && key.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'))
}
