//! One document, in place of whatever regular file stood there, or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

use super::{OutputError, error::failed};

/// Puts `bytes` into the file `target`: staged beside it, brought to disk, renamed. A link is followed; what is no
/// regular file is refused. The file keeps its mode.
pub fn write_file(target: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let target = fs::canonicalize(target).unwrap_or_else(|_| target.to_owned());
    let old = match fs::metadata(&target) {
        Ok(old) if old.is_file() => Some(old),
        Ok(_) => return Err(failed("write", &target)(io::Error::other("it is no regular file"))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => return Err(failed("write", &target)(error)),
    };
    let (staging, file) = stage(&target).map_err(failed("write", &target))?;
    let written = fill(file, bytes, old.map(|old| old.permissions())).and_then(|()| fs::rename(&staging, &target));
    written.map_err(|error| {
        // What can't be removed stands under a name that nobody reads.
        let _ = fs::remove_file(&staging);
        failed("write", &target)(error)
    })
}

fn fill(mut file: File, bytes: &[u8], mode: Option<fs::Permissions>) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(mode) = mode {
        file.set_permissions(mode)?;
    }
    file.sync_all()
}

/// A new file beside `target`. It is made, never opened: a link that waits under its name is not followed.
fn stage(target: &Path) -> io::Result<(PathBuf, File)> {
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let mut taken = None;
    for attempt in 0..100 {
        let staging = target.with_file_name(format!(".{name}.{}.{attempt}.pci-compliance-staging", std::process::id()));
        match OpenOptions::new().write(true).create_new(true).open(&staging) {
            Ok(file) => return Ok((staging, file)),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(taken.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into()))
}
