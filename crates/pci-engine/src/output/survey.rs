//! What a target holds before it is replaced: our files of an earlier run and the user's own, or why it is refused.

use std::path::{Path, PathBuf};

use rustix::{fd::OwnedFd, fs::FileType};

use super::{
    OutputError,
    error::failed,
    folder::{at, check_writable, entries, is_mount_point, open},
    ours::Ours,
};

/// A target that may be replaced.
pub(super) struct Survey {
    /// Which of its files are ours.
    pub(super) ours: Ours,
    /// The paths of the user's own files.
    pub(super) users: Vec<Vec<u8>>,
    /// How many of our files are not among the new ones.
    pub(super) gone: usize,
}

impl Survey {
    /// Walks through `folder`, which stands at `target` and is to be replaced by the files of `new`.
    pub(super) fn of(folder: &OwnedFd, target: &Path, new: &Ours) -> Result<Self, OutputError> {
        // A mount point is refused before anything in it is read.
        check(folder, target)?;
        let mut survey = Self { ours: Ours::within(target, new.manifest())?, users: Vec::new(), gone: 0 };
        survey.visit(folder, &[], target, new)?;
        Ok(survey)
    }

    fn visit(&mut self, folder: &OwnedFd, beneath: &[u8], target: &Path, new: &Ours) -> Result<(), OutputError> {
        let path = |path: &[u8]| -> PathBuf { at(target, path) };
        for entry in entries(folder, beneath).map_err(failed("read", &path(beneath)))? {
            match entry.kind {
                FileType::RegularFile if self.ours.has_file(&entry.path) => {
                    self.gone += usize::from(!new.has_file(&entry.path));
                }
                FileType::RegularFile if new.collides(&entry.path) => {
                    return Err(OutputError::Taken { path: path(&entry.path) });
                }
                FileType::RegularFile => self.users.push(entry.path),
                FileType::Directory if self.ours.has_folder(&entry.path) => {
                    let inner = open(folder, entry.name()).map_err(failed("open", &path(&entry.path)))?;
                    check(&inner, &path(&entry.path))?;
                    self.visit(&inner, &entry.path, target, new)?;
                }
                kind => return Err(OutputError::Foreign { path: path(&entry.path), what: named(kind) }),
            }
        }
        Ok(())
    }
}

fn check(folder: &OwnedFd, path: &Path) -> Result<(), OutputError> {
    if is_mount_point(folder).map_err(failed("look at", path))? {
        return Err(OutputError::Refused { target: path.to_owned(), why: "a mount point" });
    }
    check_writable(folder).map_err(failed("write in", path))
}

fn named(kind: FileType) -> &'static str {
    match kind {
        FileType::Directory => "a folder",
        FileType::Symlink => "a link",
        FileType::Fifo => "a pipe",
        FileType::Socket => "a socket",
        _ => "a device",
    }
}
