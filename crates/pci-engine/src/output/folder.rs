//! A folder that is held open, so that no change of a path can redirect what is done in it, and links are never
//! followed.

use std::{
    ffi::OsStr,
    os::unix::ffi::OsStrExt as _,
    path::{Path, PathBuf},
    result::Result as StdResult,
};

use rustix::{
    fd::OwnedFd,
    fs::{
        Access, AtFlags, Dir, FileType, Mode, OFlags, RenameFlags, Stat, StatxAttributes, StatxFlags, accessat,
        mkdirat, openat, renameat_with, statat, statx, unlinkat,
    },
    io::{Errno, Result},
    path::Arg,
};

use super::ours::{Ours, above};

/// What is in a folder.
pub(super) struct Entry {
    /// Its path from the outermost folder, `/`-separated.
    pub(super) path: Vec<u8>,
    /// Where in `path` its name starts.
    name: usize,
    /// What it is.
    pub(super) kind: FileType,
}

impl Entry {
    /// Its name in the folder.
    pub(super) fn name(&self) -> &[u8] {
        &self.path[self.name..]
    }
}

/// Opens the folder `name` in `parent`.
pub(super) fn open<P: Arg>(parent: &OwnedFd, name: P) -> Result<OwnedFd> {
    openat(parent, name, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC, Mode::empty())
}

/// All that is in `folder`, which lies at `beneath` from the outermost one.
pub(super) fn entries(folder: &OwnedFd, beneath: &[u8]) -> Result<Vec<Entry>> {
    let prefix = if beneath.is_empty() { Vec::new() } else { [beneath, b"/"].concat() };
    let mut entries = Vec::new();
    for entry in Dir::read_from(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_bytes();
        if name != b"." && name != b".." {
            let kind = match entry.file_type() {
                FileType::Unknown => FileType::from_raw_mode(inode(folder, name)?.st_mode),
                kind => kind,
            };
            entries.push(Entry { path: [&prefix, name].concat(), name: prefix.len(), kind });
        }
    }
    Ok(entries)
}

/// What `path` in `folder` is, links not followed.
pub(super) fn inode<P: Arg>(folder: &OwnedFd, path: P) -> Result<Stat> {
    statat(folder, path, AtFlags::SYMLINK_NOFOLLOW)
}

/// Whether two names lead to one thing.
pub(super) fn is_same(one: &Stat, other: &Stat) -> bool {
    (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)
}

/// Whether something is mounted on `folder`.
pub(super) fn is_mount_point(folder: &OwnedFd) -> Result<bool> {
    let status = statx(folder, "", AtFlags::EMPTY_PATH, StatxFlags::empty())?;
    Ok(status.stx_attributes.contains(StatxAttributes::MOUNT_ROOT))
}

/// An error unless we may add to `folder` and remove from it.
pub(super) fn check_writable(folder: &OwnedFd) -> Result<()> {
    accessat(folder, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS)
}

/// Makes the folders above `path` in `folder` that are missing.
pub(super) fn make_above(folder: &OwnedFd, path: &[u8]) -> Result<()> {
    above(path).try_for_each(|above| match mkdirat(folder, above, Mode::from_raw_mode(0o777)) {
        Err(Errno::EXIST) => Ok(()),
        made => made,
    })
}

/// Empties `folder`, which lies at `beneath`: our files are removed, and any other thing too if `heir` has the very
/// same under the same name. What `heir` lacks is moved there. The error is the path of the first that has to stay.
pub(super) fn empty(folder: &OwnedFd, beneath: &[u8], ours: &Ours, heir: Option<&OwnedFd>) -> StdResult<(), Vec<u8>> {
    let mut emptied = Ok(());
    let mut entries = entries(folder, beneath).map_err(|_| beneath.to_vec())?;
    // The manifest goes last: until then, a run that is killed leaves word of what is ours.
    entries.sort_unstable_by_key(|entry| entry.path == ours.manifest().as_bytes());
    for entry in entries {
        let gone = match entry.kind {
            FileType::RegularFile if entry.path == ours.manifest().as_bytes() && emptied.is_err() => continue,
            FileType::RegularFile if ours.has_file(&entry.path) => unlinkat(folder, entry.name(), AtFlags::empty()),
            FileType::Directory => {
                let inner = open(folder, entry.name()).map_err(|_| entry.path.clone());
                let inner = inner.and_then(|inner| empty(&inner, &entry.path, ours, heir));
                emptied = emptied.and(inner);
                unlinkat(folder, entry.name(), AtFlags::REMOVEDIR)
            }
            _ => hand_over(folder, &entry, heir),
        };
        emptied = emptied.and(gone.map_err(|_| entry.path));
    }
    emptied
}

/// Sees that `heir` has `entry`, and that `folder` no longer does.
fn hand_over(folder: &OwnedFd, entry: &Entry, heir: Option<&OwnedFd>) -> Result<()> {
    let heir = heir.ok_or(Errno::NOENT)?;
    match inode(heir, &entry.path) {
        Ok(has) if is_same(&has, &inode(folder, entry.name())?) => unlinkat(folder, entry.name(), AtFlags::empty()),
        Ok(_) => Err(Errno::EXIST),
        Err(_) => {
            make_above(heir, &entry.path)?;
            renameat_with(folder, entry.name(), heir, &entry.path, RenameFlags::NOREPLACE)
        }
    }
}

/// `path`, which lies in `folder`, as a path.
pub(super) fn at(folder: &Path, path: &[u8]) -> PathBuf {
    if path.is_empty() { folder.to_owned() } else { folder.join(OsStr::from_bytes(path)) }
}
