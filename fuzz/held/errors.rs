//! An error says where and what: the file as it was named, a line that there is, and words on one line.

use netpol_reach::InputError;

/// Holds `error` against the `text` of the `file` that it is about.
pub fn hold(error: &InputError, file: &str, text: &str) {
    let place = &error.place;
    assert_eq!(&*place.file, file, "another file: {error}");
    assert_eq!(place.line == 0, place.column == 0, "half a place: {error}");
    // A file may end in a line that is empty; of what ends too early it is the line after.
    let lines = text.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{2029}']).count();
    assert!(place.line as usize <= lines + 1, "line {} of {lines}: {error}", place.line);
    words(&error.what);
    error.help.as_deref().into_iter().for_each(words);
}

/// Holds that `words` are shown as they stand: on one line, with nothing that a terminal obeys.
pub fn words(words: &str) {
    assert!(!words.trim().is_empty(), "nothing is said");
    assert!(!words.chars().any(char::is_control), "a control character: {words:?}");
    assert!(!words.ends_with('.') || words.ends_with(".."), "a full stop: {words:?}");
}
