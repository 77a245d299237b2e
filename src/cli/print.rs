//! Results to standard output, everything else to standard error.

use std::{
    io::{self, IsTerminal as _, Write as _},
    process::ExitCode,
};

use anyhow::{Result, bail};
use pci_ask::tools::AskError;

/// Prints `text` and a line's end if it has none. A reader that has gone away is no error.
pub(super) fn line(text: &str) -> Result<()> {
    let end = if text.ends_with('\n') { "" } else { "\n" };
    pieces(&[text.as_bytes(), end.as_bytes()])
}

/// Passes on `picture`, which is no text. A terminal is spared it.
pub(super) fn bytes(picture: &[u8]) -> Result<()> {
    if io::stdout().is_terminal() {
        bail!(
            "a picture is no text for a terminal: put it into a file with `--out FILE`, or pass it on with `|` or `>`"
        );
    }
    pieces(&[picture])
}

fn pieces(pieces: &[&[u8]]) -> Result<()> {
    let mut out = io::stdout().lock();
    heard(pieces.iter().try_for_each(|piece| out.write_all(piece)).and_then(|()| out.flush()))
}

/// The exit code after something else `printed`.
pub(super) fn said(printed: io::Result<()>) -> ExitCode {
    match heard(printed.and_then(|()| io::stdout().flush())) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => failure(&format!("{error:#}"), 2),
    }
}

fn heard(printed: io::Result<()>) -> Result<()> {
    match printed {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(()),
    }
}

/// Says on standard error what went wrong.
pub(super) fn failure(what: &str, code: u8) -> ExitCode {
    // Nobody is left to be told if this fails.
    let _ = writeln!(io::stderr().lock(), "error: {what}");
    ExitCode::from(code)
}

/// Prints why a question has no answer.
pub(super) fn refuse(error: &AskError) -> ExitCode {
    failure(&error.to_string(), error.exit_code())
}
