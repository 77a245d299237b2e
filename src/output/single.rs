//! One document, in place of whatever stood there, or not at all.

use std::{
    fs::{self, OpenOptions},
    io::Write as _,
    path::Path,
};

use super::OutputError;

/// Puts `bytes` into the file `target`: staged beside it, brought to disk, renamed.
pub fn write_file(target: &Path, bytes: &[u8]) -> Result<(), OutputError> {
    let io = |cause| OutputError::Io { step: "write", path: target.to_owned(), cause };
    let Some(name) = target.file_name() else { return Err(io(std::io::ErrorKind::InvalidInput.into())) };
    if target.is_dir() {
        return Err(io(std::io::ErrorKind::IsADirectory.into()));
    }
    let mut staged = std::ffi::OsString::from(".");
    staged.push(name);
    staged.push(".pci-compliance-staging");
    let staging = target.with_file_name(staged);
    let mut file = OpenOptions::new().write(true).create(true).truncate(true).open(&staging).map_err(io)?;
    let written = file.write_all(bytes).and_then(|()| file.sync_all()).and_then(|()| fs::rename(&staging, target));
    written.map_err(|cause| {
        // What can't be removed is overwritten by the next run.
        let _ = fs::remove_file(&staging);
        io(cause)
    })
}
