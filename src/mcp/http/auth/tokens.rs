//! Bearer tokens of a file: one a line, empty lines and lines that begin with `#` aside.

use std::path::{Path, PathBuf};

use netpol_reach::{InputError, Place};
use pci_engine::files::{self, Look};
use pci_stack::Digest;
use subtle::{Choice, ConstantTimeEq as _};
use tracing::warn;

use super::of_file::{OfFile, Unusable};

/// The shortest token that is taken, in characters: what is shorter can be guessed.
const SHORTEST: usize = 20;

/// The tokens of a file, as their digests.
#[derive(Debug)]
pub struct TokenFile {
    path: PathBuf,
    known: Vec<Digest>,
}

impl TokenFile {
    /// Reads the tokens of the file at `path`.
    ///
    /// # Errors
    ///
    /// The file can't be read, has no token, or has one that can be guessed or that no header can hold.
    pub fn of(path: &Path) -> Result<Self, InputError> {
        let (tokens, faults) = Self::lines(path)?;
        match faults.into_iter().next() {
            Some(fault) => Err(fault),
            None => Ok(tokens),
        }
    }

    /// The tokens of the file at `path`, and what is wrong with it. Each line is decoded by itself: a byte in a comment that
    /// is no UTF-8 says nothing of the tokens.
    fn lines(path: &Path) -> Result<(Self, Vec<InputError>), InputError> {
        let document = files::read_bytes(path)?;
        let wrong = |line: usize, what: &str| {
            let line = u32::try_from(line + 1).unwrap_or(u32::MAX);
            InputError::new(Place { file: document.name.as_str().into(), line, column: 1 }, what)
        };
        let text = document.bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&document.bytes);
        let lines = text.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).enumerate();
        let (mut known, mut faults) = (Vec::new(), Vec::new());
        for (number, token) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with(b"#")) {
            if token.len() < SHORTEST {
                let short = format!("this token has fewer than {SHORTEST} characters");
                faults.push(wrong(number, &short).help("make one with `openssl rand -hex 32`"));
            } else if !token.iter().all(u8::is_ascii_graphic) {
                faults.push(wrong(number, "a token is one word of ASCII characters"));
            } else {
                known.push(Digest::of(token));
            }
        }
        if known.is_empty() {
            faults.push(wrong(0, "there is no token in this file").help("write one a line"));
        }
        Ok((Self { path: path.to_owned(), known }, faults))
    }

    /// The digest of `token`, if it is one of them. How long that takes says nothing of any: digests are compared, each with
    /// all.
    pub(super) fn find(&self, token: &str) -> Option<Digest> {
        let shown = Digest::of(token.as_bytes());
        self.knows(&shown).then_some(shown)
    }

    /// Whether the token of that `digest` is one of them.
    pub(super) fn knows(&self, digest: &Digest) -> bool {
        let is_any = |found: Choice, known: &Digest| found | known.bytes().ct_eq(digest.bytes());
        self.known.iter().fold(Choice::from(0), is_any).into()
    }
}

impl OfFile for TokenFile {
    /// A token that is not in the file any more lets nobody in, whatever else is wrong with the file: that is how one is
    /// taken back.
    fn read(&self) -> Result<Self, Unusable> {
        let (tokens, mut faults) = Self::lines(&self.path).map_err(Unusable::File)?;
        if files::is_open_to_all(&self.path) {
            let what = "every user of this machine may read or write this file";
            let file = Place::whole(&self.path.display().to_string());
            faults.push(InputError::new(file, what).help("let its owner alone read it: `chmod 600`"));
        }
        for fault in faults {
            warn!("{fault}");
        }
        Ok(tokens)
    }

    fn closed(&self) -> Self {
        Self { path: self.path.clone(), known: Vec::new() }
    }

    fn look(&self) -> Look {
        files::look(&self.path)
    }
}
