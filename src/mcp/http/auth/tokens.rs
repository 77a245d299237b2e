//! Bearer tokens of a file: one a line, empty lines and lines that begin with `#` aside.

use std::path::{Path, PathBuf};

use subtle::{Choice, ConstantTimeEq as _};

use super::OfFile;
use crate::{
    files::{self, Look},
    terms::{Digest, InputError, Place},
};

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
        let document = files::read(path)?;
        let wrong = |line: usize, what: &str| {
            let line = u32::try_from(line + 1).unwrap_or(u32::MAX);
            InputError::new(Place { file: document.name.as_str().into(), line, column: 1 }, what)
        };
        let lines = document.text.lines().map(str::trim).enumerate();
        let mut known = Vec::new();
        for (number, token) in lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#')) {
            if token.len() < SHORTEST {
                let short = format!("this token has fewer than {SHORTEST} characters");
                return Err(wrong(number, &short).help("make one with `openssl rand -hex 32`"));
            }
            if !token.bytes().all(|byte| byte.is_ascii_graphic()) {
                return Err(wrong(number, "a token is one word of ASCII characters"));
            }
            known.push(Digest::of(token.as_bytes()));
        }
        if known.is_empty() {
            return Err(wrong(0, "there is no token in this file").help("write one a line"));
        }
        Ok(Self { path: path.to_owned(), known })
    }

    /// Whether `token` is one of them. How long that takes says nothing of any: digests are compared, each with all.
    pub(super) fn has(&self, token: &str) -> bool {
        let shown = Digest::of(token.as_bytes());
        let is_any = self.known.iter().fold(Choice::from(0), |found, known| found | known.bytes().ct_eq(shown.bytes()));
        is_any.into()
    }
}

impl OfFile for TokenFile {
    fn read(&self) -> Result<Self, InputError> {
        Self::of(&self.path)
    }

    fn look(&self) -> Look {
        files::look(&self.path)
    }
}
