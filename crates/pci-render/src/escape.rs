//! Names in Mermaid, Markdown, XML and HTML. What a file calls something may hold anything; here it can neither break a chart
//! nor become markup.

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

/// `text` as text of Markdown, on one line.
pub fn markdown(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '\n' | '\r' => escaped.push(' '),
            c if c.is_control() => {}
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '(' | ')' | '#' | '+' | '!' | '|' | '~' | '$' | '@' => {
                escaped.push('\\');
                escaped.push(c);
            }
            c => escaped.push(c),
        }
    }
    escaped
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
        let is_code = index % 2 == 1;
        if index > 0 {
            escaped.push('`');
        }
        for c in part.chars() {
            match c {
                '\n' | '\r' => escaped.push(' '),
                c if c.is_control() => {}
                '|' => escaped.push_str("\\|"),
                '&' if !is_code => escaped.push_str("&amp;"),
                '<' if !is_code => escaped.push_str("&lt;"),
                '\\' | '*' | '[' | ']' if !is_code => {
                    escaped.push('\\');
                    escaped.push(c);
                }
                c => escaped.push(c),
            }
        }
    }
    escaped
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
