//! The one writer: a folder of output, replaced as a whole or not at all.
//!
//! The new folder is made beside the target, brought to disk and exchanged with it in one step, so that a run that is
//! killed at any point leaves the old output or the new. `networkpolicy-manifest.json` says which files are ours: of
//! an earlier run's, those that are no longer generated go. The user's own files stay, as the same inodes.

mod error;
mod files;
mod folder;
mod ours;
mod single;
mod site;
mod survey;

use std::path::{Path, PathBuf};

pub use error::OutputError;
use files::Files;
use pci_stack::MANIFEST;
pub use single::write_file;
use site::Site;
use survey::Survey;

/// What was done to a target.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The target, with all links resolved.
    pub folder: PathBuf,
    /// How many files were written.
    pub files: usize,
    /// How many files of an earlier run are gone.
    pub removed: usize,
    /// How many files of the user's were kept.
    pub kept: usize,
}

/// Makes `target` hold exactly `files`, by their `/`-separated paths, and the user's own regular files.
///
/// One of `files` is the [`MANIFEST`], which lists all others. A target with anything but regular files in it that an
/// earlier run did not write is refused, and so is one with a file of the user's where one of `files` is to be.
pub fn replace<'a>(
    target: &Path,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<Written, OutputError> {
    replace_by(target, MANIFEST, files)
}

/// The same by another `manifest`: what one lists is a stranger to the other, so that a run of one command never takes
/// away what another wrote.
pub fn replace_by<'a>(
    target: &Path,
    manifest: &'static str,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<Written, OutputError> {
    put(&Site::lock(target, manifest)?, &Files::checked(manifest, files)?)
}

/// The same as [`replace`] for the folder `name` in `folder`, and nowhere else: a link in its place is refused.
pub fn replace_within<'a>(
    folder: &Path,
    name: &str,
    files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
) -> Result<Written, OutputError> {
    let files = Files::checked(MANIFEST, files)?;
    let target = site::made(folder)?.join(name);
    let site = Site::lock(&target, MANIFEST)?;
    if site.target != target {
        return Err(OutputError::Refused { target, why: "a link to another place" });
    }
    put(&site, &files)
}

fn put(site: &Site, files: &Files) -> Result<Written, OutputError> {
    let mut old = survey(site, files)?;
    if site.settle_leftover(old.as_ref().map(|(folder, _)| folder))? {
        old = survey(site, files)?;
    }
    let folder = old.as_ref().map(|(folder, _)| folder);
    let staged = site.stage(files, old.as_ref()).and_then(|staging| site.swap(folder).map(|()| staging));
    let staging = staged.inspect_err(|_| {
        // What can't be removed now, the next run meets again.
        let _ = site.settle_leftover(folder);
    })?;
    site.sync()?;
    let (mut removed, mut kept) = (0, 0);
    if let Some((folder, survey)) = old {
        site.remove(&folder, &survey.ours, Some(&staging)).map_err(|path| OutputError::LeftBehind { path })?;
        (removed, kept) = (survey.gone, survey.users.len());
    }
    Ok(Written { folder: site.target.clone(), files: files.bytes.len(), removed, kept })
}

fn survey(site: &Site, files: &Files) -> Result<Option<(rustix::fd::OwnedFd, Survey)>, OutputError> {
    let Some(folder) = site.open()? else { return Ok(None) };
    let survey = Survey::of(&folder, &site.target, &files.ours)?;
    Ok(Some((folder, survey)))
}
