//! Where an output goes: the parent folder, which is held open and locked, and the names of the target and of its
//! staging sibling in it.

use std::{
    env,
    ffi::OsString,
    fs,
    io::{ErrorKind, Write as _},
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

use rustix::{
    fd::OwnedFd,
    fs::{
        AtFlags, CWD, FlockOperation, Mode, OFlags, RenameFlags, fchmod, flock, fstat, fsync, linkat, mkdirat, openat,
        renameat_with, syncfs, unlinkat,
    },
    io::Errno,
};

use super::{
    OutputError,
    error::failed,
    files::Files,
    folder::{self, at, empty, inode, is_same, make_above},
    ours::{Ours, above},
    survey::Survey,
};

/// How often the lock is tried, and how long to wait before the next time: half a minute in all.
const TRIES: (u32, Duration) = (600, Duration::from_millis(50));

/// The writers of this process, one after the other: who only tries a lock now and then may find it taken each time.
static IN_LINE: Mutex<()> = Mutex::new(());

/// A target's place, ours alone until it is dropped.
pub(super) struct Site {
    /// The target, resolved.
    pub(super) target: PathBuf,
    staging: PathBuf,
    manifest: &'static str,
    parent: OwnedFd,
    name: OsString,
    staging_name: OsString,
    /// Given up after the lock.
    _turn: MutexGuard<'static, ()>,
}

impl Site {
    /// Resolves `target`, whose manifest is called `manifest`, makes the folders above it and locks its parent.
    pub(super) fn lock(target: &Path, manifest: &'static str) -> Result<Self, OutputError> {
        let target = resolve(target)?;
        let (Some(folder), Some(name)) = (target.parent(), target.file_name()) else {
            return Err(OutputError::Refused { target, why: "the root of the file system" });
        };
        if env::current_dir().is_ok_and(|current| current.starts_with(&target)) {
            return Err(OutputError::Refused { target, why: "the current folder or above it" });
        }
        let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let parent = openat(CWD, folder, flags, Mode::empty()).map_err(failed("open", folder))?;
        let turn = IN_LINE.lock().unwrap_or_else(PoisonError::into_inner);
        wait_for_lock(&parent, folder)?;
        let mut staging_name = OsString::from(".");
        staging_name.push(name);
        staging_name.push(".pci-compliance-staging");
        let (name, staging) = (name.to_owned(), folder.join(&staging_name));
        Ok(Self { target, staging, manifest, parent, name, staging_name, _turn: turn })
    }

    /// The target, if there is one.
    pub(super) fn open(&self) -> Result<Option<OwnedFd>, OutputError> {
        match folder::open(&self.parent, &self.name) {
            Ok(old) => Ok(Some(old)),
            Err(Errno::NOENT) => Ok(None),
            Err(Errno::NOTDIR | Errno::LOOP) => {
                Err(OutputError::Refused { target: self.target.clone(), why: "not a folder" })
            }
            Err(error) => Err(failed("open", &self.target)(error)),
        }
    }

    /// Removes what a run that ended early left of its staging folder. A file in it that is not ours and that the
    /// target `old` lacks is moved there. Says whether there was something to remove.
    pub(super) fn settle_leftover(&self, old: Option<&OwnedFd>) -> Result<bool, OutputError> {
        let left = match folder::open(&self.parent, &self.staging_name) {
            Err(Errno::NOENT) => return Ok(false),
            left => left.map_err(failed("open", &self.staging))?,
        };
        // The manifest is written first and removed last, so one that can't be read stands alone, or what is beside it
        // is not ours to touch.
        let (ours, heir) =
            Ours::within(&self.staging, self.manifest).map_or((Ours::nothing(self.manifest), None), |ours| (ours, old));
        self.remove(&left, &ours, heir).map_err(|path| OutputError::Leftover { path })?;
        Ok(true)
    }

    /// Empties the folder `staging` into `heir` and removes it; the error is the path of what had to stay.
    pub(super) fn remove(&self, staging: &OwnedFd, ours: &Ours, heir: Option<&OwnedFd>) -> Result<(), PathBuf> {
        empty(staging, &[], ours, heir).map_err(|path| at(&self.staging, &path))?;
        unlinkat(&self.parent, &self.staging_name, AtFlags::REMOVEDIR).map_err(|_| self.staging.clone())
    }

    /// Writes the staging folder: `files`, and links to the user's files in `old`.
    pub(super) fn stage(&self, files: &Files, old: Option<&(OwnedFd, Survey)>) -> Result<OwnedFd, OutputError> {
        let mode = Mode::from_raw_mode(if old.is_some() { 0o700 } else { 0o777 });
        mkdirat(&self.parent, &self.staging_name, mode).map_err(failed("make", &self.staging))?;
        let staging = folder::open(&self.parent, &self.staging_name).map_err(failed("open", &self.staging))?;
        self.fill(&staging, files, old)?;
        // All of it in one go: one file after the other would take minutes.
        syncfs(&staging).map_err(failed("sync", &self.staging))?;
        Ok(staging)
    }

    fn fill(&self, staging: &OwnedFd, files: &Files, old: Option<&(OwnedFd, Survey)>) -> Result<(), OutputError> {
        let here = |path: &str| self.staging.join(path);
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
        let mut made = None;
        for (name, bytes) in files.manifest_first() {
            let folder = above(name.as_bytes()).last();
            if made != folder {
                make_above(staging, name.as_bytes()).map_err(failed("make the folder of", &here(name)))?;
                made = folder;
            }
            let file = openat(staging, name, flags, Mode::from_raw_mode(0o666));
            let mut file = file.map(fs::File::from).map_err(failed("make", &here(name)))?;
            file.write_all(bytes).map_err(failed("write", &here(name)))?;
        }
        let Some((folder, survey)) = old else { return Ok(()) };
        for path in &survey.users {
            let linked = make_above(staging, path).and_then(|()| linkat(folder, path, staging, path, AtFlags::empty()));
            linked.map_err(failed("keep a hard link to", &at(&self.target, path)))?;
        }
        let status = fstat(folder).map_err(failed("look at", &self.target))?;
        fchmod(staging, Mode::from_raw_mode(status.st_mode & 0o7777)).map_err(failed("set the mode of", &self.staging))
    }

    /// Puts the staging folder in the target's place, in one step; the old folder bears the staging folder's name then.
    pub(super) fn swap(&self, old: Option<&OwnedFd>) -> Result<(), OutputError> {
        let flag = if old.is_some() { RenameFlags::EXCHANGE } else { RenameFlags::NOREPLACE };
        let rename = || renameat_with(&self.parent, &self.staging_name, &self.parent, &self.name, flag);
        rename().map_err(|error| match error {
            Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP | Errno::XDEV => {
                OutputError::NoExchange { target: self.target.clone() }
            }
            Errno::NOENT | Errno::EXIST => OutputError::Changed { target: self.target.clone() },
            error => failed("exchange", &self.target)(error),
        })?;
        let Some(old) = old else { return Ok(()) };
        // What was exchanged must be what was surveyed: another program may have renamed it meanwhile.
        match (fstat(old), inode(&self.parent, &self.staging_name)) {
            (Ok(surveyed), Ok(replaced)) if is_same(&surveyed, &replaced) => Ok(()),
            _ => {
                rename().map_err(failed("exchange back", &self.target))?;
                Err(OutputError::Changed { target: self.target.clone() })
            }
        }
    }

    /// Makes the exchange last.
    pub(super) fn sync(&self) -> Result<(), OutputError> {
        fsync(&self.parent).map_err(failed("sync the folder of", &self.target))
    }
}

/// `target` with all links resolved; the folders above it are made if it is missing.
fn resolve(target: &Path) -> Result<PathBuf, OutputError> {
    let refused = |why| OutputError::Refused { target: target.to_owned(), why };
    match target.canonicalize() {
        Err(error) if error.kind() == ErrorKind::NotFound => {}
        resolved => return resolved.map_err(failed("find", target)),
    }
    if target.is_symlink() {
        return Err(refused("a link that leads nowhere"));
    }
    let name = target.file_name().ok_or_else(|| refused("not the name of a folder"))?;
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    Ok(made(parent)?.join(name))
}

/// `folder` with all links resolved, made if it is missing.
pub(super) fn made(folder: &Path) -> Result<PathBuf, OutputError> {
    fs::create_dir_all(folder).map_err(failed("make", folder))?;
    folder.canonicalize().map_err(failed("find", folder))
}

fn wait_for_lock(parent: &OwnedFd, folder: &Path) -> Result<(), OutputError> {
    for _ in 0..TRIES.0 {
        match flock(parent, FlockOperation::NonBlockingLockExclusive) {
            Err(Errno::WOULDBLOCK) => thread::sleep(TRIES.1),
            Err(Errno::INTR) => {}
            locked => return locked.map_err(failed("lock", folder)),
        }
    }
    Err(OutputError::Busy { folder: folder.to_owned() })
}
