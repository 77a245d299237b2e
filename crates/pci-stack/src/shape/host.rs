//! Hosts, and the hosts of URLs (RFC 3986, 3.2).

use std::net::{IpAddr, Ipv6Addr};

use ipnet::IpNet;

/// The longest host name (RFC 1035, 2.3.4) and the longest label of one.
const NAME: usize = 253;
const LABEL: usize = 63;

/// Returns the host of `text` with its port: `text` may be a host or a URL, with or without its scheme.
///
/// What stands before an `@` of the authority, the path, the query and the fragment are dropped. A text with another
/// `@` is refused: a password that holds a `/`, `?` or `#` would end the authority too early, and part of it would be
/// taken for the host.
pub(super) fn host(text: &str) -> Option<String> {
    let rest = match text.split_once("://") {
        Some((scheme, rest)) => Some(rest).filter(|_| is_scheme(scheme))?,
        None => text,
    };
    let (authority, tail) = rest.split_at(rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len()));
    if tail.contains('@') {
        return None;
    }
    let place = match authority.split_once('@') {
        // A user part without a scheme may be an address of e-mail, which is personal data.
        Some((_, place)) => Some(place).filter(|place| rest.len() < text.len() && !place.contains('@'))?,
        None => authority,
    };
    is_place(place).then(|| place.to_owned())
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic())
        && text.len() <= 20
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// Whether `text` is a host, with or without a port.
fn is_place(text: &str) -> bool {
    if text.parse::<Ipv6Addr>().is_ok() {
        return true;
    }
    let (host, port) = match text.rsplit_once(':') {
        Some((host, port)) => (host, Some(port)),
        None => (text, None),
    };
    let is_bracketed = |host: &str| host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).is_some_and(is_ipv6);
    let is_host = if text.ends_with(']') { is_bracketed(text) } else { is_bracketed(host) || is_name(host) };
    is_host && (text.ends_with(']') || port.is_none_or(is_port))
}

fn is_ipv6(text: &str) -> bool {
    text.parse::<Ipv6Addr>().is_ok()
}

/// Whether `text` is the number of a port.
pub(super) fn is_port(text: &str) -> bool {
    text.parse::<u16>().is_ok_and(|port| port > 0) && !text.starts_with('+')
}

/// Whether `text` is an IPv4 address or a host name with a dot, or `localhost`. A single label could be any word, a
/// passphrase too; so could labels in which upper and lower case mix, such as those of a JWT.
pub(super) fn is_name(text: &str) -> bool {
    if text.len() > NAME {
        return false;
    }
    if text.parse::<IpAddr>().is_ok() || text == "localhost" {
        return true;
    }
    let labels: Vec<&str> = text.strip_suffix('.').unwrap_or(text).split('.').collect();
    let is_top = |label: &str| label.len() >= 2 && !label.starts_with(|c: char| c.is_ascii_digit());
    labels.len() >= 2 && labels.iter().all(|label| is_label(label)) && labels.last().is_some_and(|last| is_top(last))
}

fn is_label(text: &str) -> bool {
    let is_of_one_case = {
        let small = text.bytes().any(|byte| byte.is_ascii_lowercase());
        let capitals = text.bytes().skip(1).any(|byte| byte.is_ascii_uppercase());
        !capitals || !small
    };
    (1..=LABEL).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !text.starts_with('-')
        && !text.ends_with('-')
        && is_of_one_case
}

/// Whether `text` is an address or a range of addresses.
pub(super) fn is_range(text: &str) -> bool {
    text.parse::<IpNet>().is_ok() || text.parse::<IpAddr>().is_ok()
}
