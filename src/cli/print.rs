//! Results to standard output, everything else to standard error.

use std::{
    io::{self, Write as _},
    process::ExitCode,
};

use anyhow::Result;

/// Prints `text` and a line's end if it has none. A reader that has gone away is no error.
pub(super) fn line(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    let end = if text.ends_with('\n') { "" } else { "\n" };
    match out.write_all(text.as_bytes()).and_then(|()| out.write_all(end.as_bytes())).and_then(|()| out.flush()) {
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
