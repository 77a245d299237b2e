//! Names as files give them. What a file calls something is data: it is cleaned where it enters, and each renderer
//! escapes it for its own format.

/// The longest name that is kept; what is over is cut and marked with `…`.
const LONGEST: usize = 300;

/// `text` as it may be shown: without control characters, line breaks and invisible or direction-changing Unicode, at
/// most 300 characters long, and with `'` for a backtick, so that messages can set it between two of those.
pub fn clean(text: &str) -> String {
    let mut kept: String =
        text.chars().filter(|c| is_visible(*c)).take(LONGEST + 1).map(|c| if c == '`' { '\'' } else { c }).collect();
    if kept.chars().count() > LONGEST {
        kept.pop();
        kept.push('…');
    }
    let trimmed = kept.trim();
    if trimmed.len() == kept.len() { kept } else { trimmed.to_owned() }
}

/// `text`, or its first `most` characters.
pub fn clipped(text: &str, most: usize) -> String {
    let kept: String = text.chars().take(most).collect();
    if kept.len() < text.len() { kept + "…" } else { kept }
}

/// The first `most` of `names`, one after the other, and how many more there are.
pub fn named<S: AsRef<str>>(names: &[S], most: usize, separator: &str) -> String {
    let mut list: Vec<String> = names.iter().take(most).map(|name| name.as_ref().to_owned()).collect();
    if names.len() > most {
        list.push(format!("and {} more", names.len() - most));
    }
    list.join(separator)
}

/// Whether `c` shows: no control, no format character (zero width, bidirectional, tags, variation selectors), no filler.
fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}
