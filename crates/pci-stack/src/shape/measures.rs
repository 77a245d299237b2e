//! Numbers, resource quantities and durations.

use super::digits::is_all;

/// Suffixes of resource quantities, and how configurations of databases write the same.
const QUANTITIES: [&str; 23] = [
    "m", "k", "K", "M", "G", "T", "P", "Ki", "Mi", "Gi", "Ti", "Pi", "B", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB",
    "GiB", "TiB", "g",
];

/// Units of time.
const TIMES: [&str; 28] = [
    "ns", "us", "ms", "s", "m", "h", "d", "w", "y", "sec", "secs", "second", "seconds", "min", "mins", "minute",
    "minutes", "hr", "hour", "hours", "day", "days", "week", "weeks", "month", "months", "year", "years",
];

/// The most digits of a number: fewer than a PAN has.
const DIGITS: usize = 12;

/// Whether `text` is a decimal number or a percentage.
pub(super) fn is_number(text: &str) -> bool {
    let digits = text.strip_suffix('%').unwrap_or(text);
    is_unsigned(digits.strip_prefix('-').unwrap_or(digits))
}

fn is_unsigned(text: &str) -> bool {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    text.len() <= DIGITS + 1 && [whole, part].iter().all(|digits| is_all(digits, 1, DIGITS, u8::is_ascii_digit))
}

/// Whether `text` is a number, with or without the suffix of a quantity.
pub(super) fn is_quantity(text: &str) -> bool {
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let suffix = suffix.trim_start();
    is_unsigned(number) && (suffix.is_empty() || QUANTITIES.contains(&suffix))
}

/// Whether `text` is a number, or up to six numbers with units of time.
pub(super) fn is_duration(text: &str) -> bool {
    const MOST: usize = 6;
    let mut rest = text;
    for _ in 0..MOST {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
        let (number, tail) = rest.split_at(end);
        let tail = tail.trim_start();
        let (unit, tail) = tail.split_at(tail.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(tail.len()));
        let is_bare = unit.is_empty() && tail.is_empty() && number.len() == text.len();
        if !is_unsigned(number) || !(is_bare || TIMES.iter().any(|known| known.eq_ignore_ascii_case(unit))) {
            return false;
        }
        rest = tail.trim_start();
        if rest.is_empty() {
            return true;
        }
    }
    false
}
