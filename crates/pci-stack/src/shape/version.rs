//! Versions, images and git revisions, told from words and blobs.
//!
//! A version has numbers and, between them, words of a closed set: suffixes of releases, distributions, platforms. One
//! other word may stand beside a number with a dot, which is how products write their name before it. What has more
//! letters than that may be a passphrase or base64.

use super::{
    digits::{is_all, is_hex},
    host::{is_name, is_port},
};

/// Words of versions and of tags of images.
const WORDS: &str = "v ver version release rel rc alpha beta a b c pre preview dev devel develop snapshot nightly \
    canary edge stable latest lts final ga sp post build hotfix patch fix next fips slim full light minimal base core \
    alpine debian ubuntu bookworm bullseye buster trixie noble jammy focal bionic rocky rhel ubi centos fedora \
    amazonlinux al distroless nonroot rootless scratch static musl glibc gnu windows linux darwin nanoserver ltsc \
    servercore amd arm armv armhf aarch ppc le x cuda cudnn cu rocm cpu gpu avx runtime \
    server client debug jdk jre temurin openjdk corretto java python py node nodejs npm go golang dotnet aspnet sdk php \
    fpm apache nginx cli eks gke aks rke k k3s ce ee oss os enterprise community oracle management bitnami photon \
    mariner azurelinux cbl ol el fc deb r p rev git sha pr ci gha main master head trunk default operator chart \
    helm app standalone contrib postgis postgres pg mysql kafka scala spark hadoop";

/// Names of branches, and of what revisions stand in.
const BRANCHES: &str = "main master head trunk develop development dev stage staging prod production preprod stable \
    latest release releases hotfix next qa uat test testing integration live canary env environment environments \
    refs heads tags origin deploy deployment gitops cluster default";

/// The longest tag of an image, and the longest part of its name.
const TAG: usize = 128;
const NAME: usize = 40;

/// Whether `text` is a version, or an image with its version.
pub(super) fn is_version(text: &str) -> bool {
    let tagged = match text.split_once("@sha256:") {
        Some((tagged, digest)) if is_hex(digest, 64, 64) => tagged,
        Some(_) => return false,
        None => text.strip_prefix("sha256:").filter(|digest| is_hex(digest, 64, 64)).map_or(text, |_| ""),
    };
    let has_digest = tagged.len() < text.len();
    if tagged.is_empty() {
        return has_digest;
    }
    let (folders, last) = match tagged.rsplit_once('/') {
        Some((folders, last)) => (Some(folders), last),
        None => (None, tagged),
    };
    if !folders.is_none_or(are_folders) {
        return false;
    }
    match last.split_once([':', '@']) {
        Some((name, tag)) => is_image_name(name) && is_tag(tag, WORDS),
        None if folders.is_some() || has_digest => has_digest && is_image_name(last),
        None => is_tag(last, WORDS),
    }
}

/// Whether `text` is a registry and folders of it.
fn are_folders(text: &str) -> bool {
    const MOST: usize = 6;
    let mut parts = text.split('/');
    let first = parts.next().unwrap_or_default();
    let registry = match first.split_once(':') {
        Some((host, port)) if is_port(port) => host,
        Some(_) => return false,
        None => first,
    };
    (is_name(registry) || is_image_name(registry)) && text.split('/').count() <= MOST && parts.all(is_image_name)
}

/// Whether `text` is a part of an image's name.
fn is_image_name(text: &str) -> bool {
    is_all(text, 1, NAME, |byte| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'_' | b'.')
    }) && text.split(['-', '_', '.']).all(|part| !part.is_empty())
}

/// Whether `text` is a version or a git revision.
pub(super) fn is_revision(text: &str) -> bool {
    // A range of versions, as charts may be asked for.
    let bare = text.trim_start_matches(['^', '~', '>', '<', '=']).trim_start();
    let is_sha = is_hex(text, 7, 16) || is_hex(text, 40, 40) || is_hex(text, 64, 64);
    let parts: Vec<&str> = bare.split('/').collect();
    let is_range = bare.contains('*') && is_tag(&bare.replace('*', "0"), WORDS);
    let is_known = |part: &&str| is_tag(part, BRANCHES) || is_tag(part, WORDS);
    is_sha || is_range || (parts.len() <= 5 && parts.iter().all(is_known))
}

/// What was seen of the parts of a tag.
#[derive(Default)]
struct Seen {
    /// Runs of more than three digits.
    long_numbers: usize,
    hashes: usize,
    /// Runs of one or two letters that are no known word.
    short: usize,
    /// Parts that are another word.
    others: usize,
}

/// Whether `text` is made of numbers and of `words`, and a little else.
fn is_tag(text: &str, words: &str) -> bool {
    const PARTS: usize = 12;
    let parts: Vec<&str> = text.split(['.', '-', '_', '+', '~']).collect();
    let mut seen = Seen::default();
    let is_sound = text.len() <= TAG && parts.len() <= PARTS && parts.iter().all(|part| seen.take(part, words));
    // A PAN in groups has more long numbers, a key in groups more short runs and hashes.
    is_sound
        && seen.long_numbers <= 2
        && seen.hashes <= 1
        && seen.short <= 2
        && (seen.others == 0 || (seen.others == 1 && has_dotted_number(text)))
}

impl Seen {
    /// Takes one part of a tag; false if it is none.
    fn take(&mut self, part: &str, words: &str) -> bool {
        /// The longest other word.
        const WORD: usize = 15;
        let is_known = |run: &str| words.split_ascii_whitespace().any(|word| word.eq_ignore_ascii_case(run));
        if part.is_empty() || !part.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return false;
        }
        if is_known(part) {
            return true;
        }
        if is_all(part, 1, WORD, u8::is_ascii_lowercase) && part.len() > 2 {
            self.others += 1;
            return true;
        }
        // An abbreviated hash of git, also as `git describe` writes it.
        let hash = part.strip_prefix('g').unwrap_or(part);
        let is_mixed = hash.bytes().any(|byte| byte.is_ascii_digit()) && hash.bytes().any(|byte| byte > b'9');
        if is_hex(hash, 7, 12) && is_mixed {
            self.hashes += 1;
            return true;
        }
        self.runs(part, &is_known)
    }

    /// Takes the runs of letters and of digits of `part`.
    fn runs(&mut self, part: &str, is_known: &dyn Fn(&str) -> bool) -> bool {
        const RUNS: usize = 4;
        let alike = |one: &u8, other: &u8| one.is_ascii_digit() == other.is_ascii_digit();
        let runs: Vec<&[u8]> = part.as_bytes().chunk_by(alike).collect();
        runs.len() <= RUNS
            && runs.iter().all(|run| {
                let run = str::from_utf8(run).unwrap_or_default();
                if run.starts_with(|c: char| c.is_ascii_digit()) {
                    self.long_numbers += usize::from(run.len() > 3);
                    is_short_number(run)
                } else {
                    self.short += usize::from(!is_known(run));
                    is_known(run) || run.len() <= 2
                }
            })
    }
}

/// Whether `digits` are a number or a point in time, and no PAN.
fn is_short_number(digits: &str) -> bool {
    digits.len() <= 10 || (digits.len() <= 14 && digits.starts_with("20"))
}

/// Whether `text` has two numbers with a dot between.
fn has_dotted_number(text: &str) -> bool {
    text.as_bytes().windows(3).any(|three| three[0].is_ascii_digit() && three[1] == b'.' && three[2].is_ascii_digit())
}
