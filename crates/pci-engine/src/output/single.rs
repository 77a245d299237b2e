//! One document, in place of whatever regular file stood there, or not at all.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
};

use rustix::{
    fs::{FlockOperation, Mode, OFlags, flock, open},
    io::Errno,
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
    let written = fill(&file, bytes, old.map(|old| old.permissions())).and_then(|()| fs::rename(&staging, &target));
    written.map_err(|error| {
        // What can't be removed now, the next run meets again.
        let _ = fs::remove_file(&staging);
        failed("write", &target)(error)
    })
}

fn fill(mut file: &File, bytes: &[u8], mode: Option<fs::Permissions>) -> io::Result<()> {
    file.write_all(bytes)?;
    if let Some(mode) = mode {
        file.set_permissions(mode)?;
    }
    file.sync_all()
}

/// A new file beside `target`, locked as long as it is open. It is made, never opened: a link that waits under its name is
/// not followed.
fn stage(target: &Path) -> io::Result<(PathBuf, File)> {
    let name = target.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_string_lossy();
    let mut taken = None;
    for attempt in 0..100 {
        let staging = target.with_file_name(format!(".{name}.{attempt}.pci-compliance-staging"));
        remove_leftover(&staging);
        match OpenOptions::new().write(true).create_new(true).open(&staging) {
            // Another run may take it for a leftover until it is locked. Where there are no locks, nobody does.
            Ok(file) if lock(&file) != Err(Errno::WOULDBLOCK) && stands_at(&file, &staging) => {
                return Ok((staging, file));
            }
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => taken = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(taken.unwrap_or_else(|| io::ErrorKind::AlreadyExists.into()))
}

/// Removes what a run that was killed left at `staging`: nobody holds its lock any more.
fn remove_leftover(staging: &Path) {
    let flags = OFlags::WRONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let Ok(left) = open(staging, flags, Mode::empty()).map(File::from) else { return };
    let is_file = left.metadata().is_ok_and(|left| left.is_file());
    if is_file && lock(&left).is_ok() && stands_at(&left, staging) {
        // Else another name is free.
        let _ = fs::remove_file(staging);
    }
}

fn lock(file: &File) -> rustix::io::Result<()> {
    flock(file, FlockOperation::NonBlockingLockExclusive)
}

/// Whether `path` still leads to `file`.
fn stands_at(file: &File, path: &Path) -> bool {
    let which = |of: fs::Metadata| (of.dev(), of.ino());
    file.metadata().is_ok_and(|file| path.symlink_metadata().is_ok_and(|path| which(path) == which(file)))
}
