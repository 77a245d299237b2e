//! Why an output was not written, and what to do.

use std::{
    io,
    path::{Path, PathBuf},
};

use netpol_reach::clean;

/// Why an output was not written. Unless it says otherwise, the target is as it was.
#[derive(Debug, thiserror::Error)]
pub enum OutputError {
    /// A file to be written has no name that stays inside the target.
    #[error("`{}` is no name for an output file: it must be a relative path of plain names, each used once", clean(.name))]
    Name {
        /// The name.
        name: String,
    },
    /// The manifest to be written does not list the other files to be written.
    #[error("the manifest to be written must list all files beside it and no others, so that a later run knows them")]
    Listing,
    /// The manifest to be written is larger than a later run reads.
    #[error("the manifest to be written is over 64 MiB, more than a later run reads: split the stack")]
    TooLarge,
    /// The target can't be a folder of ours.
    #[error("`{}` is {why}: choose a folder that holds nothing but the output", shown(.target))]
    Refused {
        /// The target.
        target: PathBuf,
        /// What it is instead.
        why: &'static str,
    },
    /// The target's manifest can't be read, so nobody knows which files are ours.
    #[error("`{}` can't be read ({why}), so which files are ours is unknown: restore it or move the folder away", shown(.manifest))]
    Manifest {
        /// The manifest.
        manifest: PathBuf,
        /// What is wrong with it.
        why: String,
    },
    /// The target holds something other than a regular file that no earlier run wrote.
    #[error("`{}` is {what} and not part of an earlier output: move it elsewhere or choose another folder", shown(.path))]
    Foreign {
        /// What is in the way.
        path: PathBuf,
        /// What it is.
        what: &'static str,
    },
    /// A user's own file bears the name of one that is to be written.
    #[error("`{}` is not part of an earlier output and stands where one is to be written: move it elsewhere", shown(.path))]
    Taken {
        /// The user's file.
        path: PathBuf,
    },
    /// Another run holds the parent folder's lock.
    #[error("another run is writing in `{}`: wait for it to end, then run this again", shown(.folder))]
    Busy {
        /// The parent folder.
        folder: PathBuf,
    },
    /// An earlier run that was killed left something that is not ours, and that the target lacks or has otherwise.
    #[error("`{}`, left by an earlier run, holds what is not ours: move it elsewhere, then run this again", shown(.path))]
    Leftover {
        /// What holds the run up.
        path: PathBuf,
    },
    /// The target became another while the output was prepared.
    #[error("`{}` was changed by another program meanwhile: run this again", shown(.target))]
    Changed {
        /// The target.
        target: PathBuf,
    },
    /// The file system can't swap two folders in one step.
    #[error("the file system of `{}` can't exchange two folders in one step: choose a folder on ext4, xfs, btrfs or tmpfs", shown(.target))]
    NoExchange {
        /// The target.
        target: PathBuf,
    },
    /// The new output is in place, but something of the old folder could be neither taken over nor removed.
    #[error("the new output is in place, but `{}` of the folder that it replaced could not be taken over: move it elsewhere", shown(.path))]
    LeftBehind {
        /// What is left, in the staging folder.
        path: PathBuf,
    },
    /// The operating system refused a step.
    #[error("can't {step} `{}`: {cause}", shown(.path))]
    Io {
        /// The step.
        step: &'static str,
        /// What it was about.
        path: PathBuf,
        /// What the operating system says.
        cause: io::Error,
    },
}

/// An error of the step `step`, about `path`.
pub(super) fn failed<E: Into<io::Error>>(step: &'static str, path: &Path) -> impl FnOnce(E) -> OutputError {
    move |cause| OutputError::Io { step, path: path.to_owned(), cause: cause.into() }
}

fn shown(path: &Path) -> String {
    clean(&path.to_string_lossy())
}
