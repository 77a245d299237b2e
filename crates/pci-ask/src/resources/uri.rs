//! URIs of resources: `pci://stacks`, and `pci://STACK/KIND/…` for what a stack has.
//!
//! A part is percent-encoded (RFC 3986) as filling in a template does it (RFC 6570), so that what is built here and what a
//! client fills in are the same: the component `PARENT/NAME` is `component/PARENT%2FNAME`. Written plainly, with the
//! slash, it is understood too.

use netpol_reach::clean;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

const SCHEME: &str = "pci://";

/// All but RFC 3986's unreserved characters.
const RESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
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

/// `text` percent-encoded. Dots alone too: parsers of URLs take them for steps in a path.
fn encoded(text: &str) -> String {
    let is_dots = text.bytes().all(|byte| byte == b'.');
    utf8_percent_encode(text, if is_dots { NON_ALPHANUMERIC } else { RESERVED }).to_string()
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
    // The library leaves any other `%` as it is.
    let are_digits =
        |rest: &str| rest.as_bytes().first_chunk::<2>().is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit));
    if !part.split('%').skip(1).all(are_digits) {
        return Err("two hexadecimal digits follow a `%`; the character itself is `%25`".to_owned());
    }
    let text = percent_decode_str(part).decode_utf8().map_err(|_| "what `%` encodes is no UTF-8".to_owned())?;
    if text.split('/').all(|piece| clean(piece) == piece) {
        Ok(text.into_owned())
    } else {
        Err("a name has at most 300 characters, all of them visible".to_owned())
    }
}
