//! Which files are ours: those that a manifest lists, and the manifest.

use std::{collections::HashSet, path::Path};

use serde::Deserialize;

use super::OutputError;
use crate::files;

/// The folders that some outputs have and others don't. They are ours wherever a manifest is, so that a file which a user
/// put there does not hold up every run after the first that no longer generates the folder.
const FOLDERS: [&[u8]; 3] = [b"compliance", b"compliance/pci-dss", b"siem"];

/// The paths of our files within a target, and of the folders above them. They are only compared with paths that a
/// walk came by, so a listed path that leads outside names nothing.
pub(super) struct Ours {
    manifest: &'static str,
    files: HashSet<Vec<u8>>,
    folders: HashSet<Vec<u8>>,
}

/// The largest manifest that is written, and read back. It grows with the stack, and beyond the largest stack file.
pub(super) const LARGEST_MANIFEST: u64 = 1024 * 1024 * 1024;

/// What is read of a manifest.
#[derive(Deserialize)]
struct Manifest {
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    file: String,
}

impl Ours {
    /// The manifest alone.
    pub(super) fn nothing(manifest: &'static str) -> Self {
        Self { manifest, files: HashSet::from([manifest.into()]), folders: HashSet::new() }
    }

    /// What the `manifest` of that `text` lists, and itself; or what is wrong with it.
    pub(super) fn listed(manifest: &'static str, text: &[u8]) -> Result<Self, String> {
        let written: Manifest = serde_json::from_slice(text).map_err(|error| {
            // Without the library's words: they may quote the file.
            format!("it is no manifest from line {}, column {} on", error.line(), error.column())
        })?;
        let mut ours = Self::nothing(manifest);
        ours.files.extend(written.files.into_iter().map(|listed| listed.file.into_bytes()));
        ours.folders = ours.files.iter().flat_map(|path| above(path)).map(<[u8]>::to_vec).collect();
        Ok(ours)
    }

    /// What the manifest `name` in `folder` lists, or nothing if there is none.
    pub(super) fn within(folder: &Path, name: &'static str) -> Result<Self, OutputError> {
        let manifest = folder.join(name);
        let listed = match files::read_up_to(&manifest, LARGEST_MANIFEST) {
            Ok(Some(document)) => Self::listed(name, document.text.as_bytes()).map(|mut ours| {
                ours.folders.extend(FOLDERS.map(<[u8]>::to_vec));
                ours
            }),
            Ok(None) => Ok(Self::nothing(name)),
            Err(error) => Err(error.what),
        };
        listed.map_err(|why| OutputError::Manifest { manifest, why })
    }

    /// The manifest's name.
    pub(super) fn manifest(&self) -> &'static str {
        self.manifest
    }

    /// How many files are ours.
    pub(super) fn len(&self) -> usize {
        self.files.len()
    }

    /// Whether the file `path` is ours.
    pub(super) fn has_file(&self, path: &[u8]) -> bool {
        self.files.contains(path)
    }

    /// Whether one of our files lies somewhere beneath the folder `path`.
    pub(super) fn has_folder(&self, path: &[u8]) -> bool {
        self.folders.contains(path)
    }

    /// Whether another's file at `path` would be in our way.
    pub(super) fn collides(&self, path: &[u8]) -> bool {
        self.has_file(path) || self.has_folder(path) || above(path).any(|folder| self.has_file(folder))
    }
}

/// The folders above `path`, outermost first.
pub(super) fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| &path[..end])
}
