//! Runs of characters of one kind.

/// Whether `text` has from `least` to `most` characters, all of which `is_taken` takes.
pub(super) fn is_all(text: &str, least: usize, most: usize, is_taken: impl Fn(&u8) -> bool) -> bool {
    (least..=most).contains(&text.len()) && text.bytes().all(|byte| is_taken(&byte))
}

/// Whether `text` consists of `least` to `most` lower-case hexadecimal digits.
pub(super) fn is_hex(text: &str, least: usize, most: usize) -> bool {
    is_all(text, least, most, |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}
