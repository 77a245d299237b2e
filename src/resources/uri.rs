//! URIs of resources: `pci://stacks`, and `pci://STACK/KIND/…` for what a stack has.
//!
//! A part is percent-encoded (RFC 3986) as filling in a template does it (RFC 6570), so that what is built here and what a
//! client fills in are the same: the component `PARENT/NAME` is `component/PARENT%2FNAME`. Written plainly, with the
//! slash, it is understood too.

use std::fmt::Write as _;

use crate::terms::clean;

const SCHEME: &str = "pci://";

/// What stands for a stack in the URI of the list of all stacks.
pub(super) const STACKS: &str = "stacks";

/// The list of all stacks.
pub fn stacks() -> String {
    format!("{SCHEME}{STACKS}")
}

/// The report on `stack`.
pub fn report(stack: &str) -> String {
    of(stack, &["report"])
}

/// The manifest of the policies of `stack`.
pub fn manifest(stack: &str) -> String {
    of(stack, &["manifest"])
}

/// The diagram of what `stack` allows.
pub fn diagram(stack: &str) -> String {
    of(stack, &["diagram"])
}

/// The map of what `stack` allows and of where its controls stand.
pub fn map(stack: &str) -> String {
    of(stack, &["map"])
}

/// What stands beside an answer about `stack`, under a file's `name`.
pub fn attachment(stack: &str, name: &str) -> String {
    of(stack, &[name])
}

/// One requirement, 1 to 12, of `stack`.
pub fn requirement(stack: &str, requirement: u16) -> String {
    of(stack, &["requirement", &requirement.to_string()])
}

/// The control `id` of `stack`.
pub fn control(stack: &str, id: &str) -> String {
    of(stack, &["control", id])
}

/// The policy `name` in `namespace` of `stack`.
pub fn policy(stack: &str, namespace: &str, name: &str) -> String {
    of(stack, &["policy", namespace, name])
}

/// The component `name`, or `PARENT/NAME`, of `stack`.
pub fn component(stack: &str, name: &str) -> String {
    of(stack, &["component", name])
}

fn of(stack: &str, parts: &[&str]) -> String {
    let parts = [stack].iter().chain(parts).map(|part| encoded(part)).collect::<Vec<_>>();
    format!("{SCHEME}{}", parts.join("/"))
}

/// `text` with all but RFC 3986's unreserved characters percent-encoded. Dots alone too: parsers of URLs take them for
/// steps in a path.
fn encoded(text: &str) -> String {
    let is_dots = text.bytes().all(|byte| byte == b'.');
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        let is_unreserved = byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~');
        if is_unreserved && !is_dots {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    encoded
}

/// The stack that the resource at `uri` is of, if it is of one.
pub fn stack(uri: &str) -> Option<String> {
    let mut parts = parts(uri).ok()?.into_iter();
    parts.next().filter(|_| parts.next().is_some())
}

/// The parts of `uri` after its scheme, decoded; each as a name may be.
pub(super) fn parts(uri: &str) -> Result<Vec<String>, String> {
    let Some(rest) = uri.strip_prefix(SCHEME) else {
        return Err(format!("`{}` is no resource here: its URI begins with `{SCHEME}`", clean(uri)));
    };
    rest.split('/')
        .map(|part| decoded(part).map_err(|wrong| format!("no resource `{}`: {wrong}", clean(uri))))
        .collect()
}

/// A part as it was before it was encoded. A name that the reader of stacks keeps is clean; what isn't names nothing.
fn decoded(part: &str) -> Result<String, String> {
    if part.is_empty() {
        return Err("nothing stands before or after a `/`".to_owned());
    }
    let mut bytes = Vec::with_capacity(part.len());
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        (bytes, rest) = match (first, tail) {
            (b'%', [high, low, tail @ ..]) => (pushed(bytes, hexadecimal(*high, *low)?), tail),
            (b'%', _) => return Err(NO_HEXADECIMAL.to_owned()),
            (byte, tail) => (pushed(bytes, *byte), tail),
        };
    }
    let text = String::from_utf8(bytes).map_err(|_| "what `%` encodes is no UTF-8".to_owned())?;
    if text.split('/').all(|piece| clean(piece) == piece) {
        Ok(text)
    } else {
        Err("a name has at most 300 characters, all of them visible".to_owned())
    }
}

fn pushed(mut bytes: Vec<u8>, byte: u8) -> Vec<u8> {
    bytes.push(byte);
    bytes
}

const NO_HEXADECIMAL: &str = "two hexadecimal digits follow a `%`; the character itself is `%25`";

fn hexadecimal(high: u8, low: u8) -> Result<u8, String> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    match (digit(high), digit(low)) {
        (Some(high), Some(low)) => Ok(high << 4 | low),
        _ => Err(NO_HEXADECIMAL.to_owned()),
    }
}
