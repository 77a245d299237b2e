//! Names in Mermaid, Markdown, XML and HTML. What a file calls something may hold anything; here it can neither break a chart
//! nor become markup.

use std::fmt::Write as _;

/// `text` inside a quoted Mermaid label: punctuation that Mermaid, Markdown, HTML, its icons or its formulas could take
/// for their own becomes the full-width character that looks the same. Mermaid's entities won't do: it turns them back
/// before it looks for icons, formulas and line breaks.
pub(super) fn mermaid(text: &str) -> String {
    /// From a printable ASCII character to its full-width form (Unicode, Halfwidth and Fullwidth Forms).
    const FULL_WIDTH: u32 = 0xfee0;
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            c if c.is_ascii_alphanumeric() => escaped.push(c),
            ' ' | '-' | '_' | '.' | ',' | '/' => escaped.push(c),
            '!'..='~' => escaped.push(char::from_u32(u32::from(c) + FULL_WIDTH).unwrap_or(' ')),
            // Mermaid marks its own entities with these three.
            'ﬂ' => escaped.push_str("fl"),
            '°' => escaped.push('˚'),
            '¶' => escaped.push('⁋'),
            c => escaped.push(c),
        }
    }
    escaped
}

/// `text` as text of Markdown, on one line. A word that viewers of GitHub's Markdown turn into a link by themselves
/// becomes code: some of them look for such words after escapes are resolved, so that no escape keeps it text.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for word in words(text) {
        if is_linked(word) {
            let _ = write!(escaped, "`{word}`");
            continue;
        }
        for c in word.chars() {
            match c {
                '&' => escaped.push_str("&amp;"),
                '<' => escaped.push_str("&lt;"),
                '>' => escaped.push_str("&gt;"),
                '\n' | '\r' => escaped.push(' '),
                c if c.is_control() => {}
                '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' | '$' => {
                    escaped.push('\\');
                    escaped.push(c);
                }
                c => escaped.push(c),
            }
        }
    }
    guarded(escaped)
}

/// A sentence of ours as text of Markdown, on one line: what stands between backticks stays as it is (no name holds
/// one), and of the rest only what could become markup is escaped.
pub fn prose(text: &str) -> String {
    let parts: Vec<&str> = text.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return markdown(text);
    }
    let mut escaped = String::with_capacity(text.len());
    for (index, part) in parts.iter().enumerate() {
        if index % 2 == 1 {
            escaped.push_str(&code_span(part));
            continue;
        }
        for word in words(part) {
            if is_linked(word) {
                let _ = write!(escaped, "`{word}`");
                continue;
            }
            for c in word.chars() {
                match c {
                    '\n' | '\r' => escaped.push(' '),
                    c if c.is_control() => {}
                    '&' => escaped.push_str("&amp;"),
                    '<' => escaped.push_str("&lt;"),
                    '\\' | '*' | '[' | ']' | '|' => {
                        escaped.push('\\');
                        escaped.push(c);
                    }
                    c => escaped.push(c),
                }
            }
        }
    }
    guarded(escaped)
}

/// `text` as code, on one line, within a table too. Its fence is longer than any run of backticks in it.
pub fn code_span(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest + 1);
    let pad = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    let mut inner = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\r' => inner.push(' '),
            c if c.is_control() => {}
            '|' => inner.push_str("\\|"),
            c => inner.push(c),
        }
    }
    format!("{fence}{pad}{inner}{pad}{fence}")
}

/// The words of `text`, and what stands between them: white space, and what a code span can't hold everywhere.
fn words(text: &str) -> impl Iterator<Item = &str> {
    let is_between = |c: char| c.is_whitespace() || c.is_control() || matches!(c, '`' | '|' | '\\' | '<' | '>' | '&');
    let mut rest = text;
    std::iter::from_fn(move || {
        let begins_between = rest.starts_with(is_between);
        let end = rest.find(|c: char| is_between(c) != begins_between).unwrap_or(rest.len());
        let (word, tail) = rest.split_at(end);
        rest = tail;
        (!word.is_empty()).then_some(word)
    })
}

/// Whether a viewer may make a link of `word`, which is no link of ours: an address of the web, whose domain has a
/// period, an address of e-mail, or a mention (GitHub Flavored Markdown, 6.9).
fn is_linked(word: &str) -> bool {
    let word = word.to_ascii_lowercase();
    let is_of_web = word.split_once("://").is_some_and(|(_, rest)| rest.contains('.'));
    is_of_web || word.contains("www.") || word.contains('@')
}

/// `escaped`, which may stand at the start of a line, and then is no heading, quote, list or rule.
fn guarded(escaped: String) -> String {
    if escaped.starts_with(['#', '>', '-', '+', '=']) { format!("\\{escaped}") } else { escaped }
}

/// `text` as text or as an attribute's value of XML or HTML.
pub(super) fn markup(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            // XML has no way of writing these.
            c if c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}') => escaped.push(' '),
            c => escaped.push(c),
        }
    }
    escaped
}
