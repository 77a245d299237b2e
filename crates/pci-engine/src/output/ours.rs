//! Which files are ours: those that a manifest lists and that the program may have written, and the manifest.
//!
//! A manifest may lie: whoever commits to the folder can list a file of the user's in it. So a listed file counts only if
//! it has a name that the program makes or the recorded SHA-256, and only in a folder that the program makes.

use std::{collections::HashSet, path::Path};

use serde::Deserialize;

use super::OutputError;
use crate::files;

/// The folders that some outputs have and others don't. They are ours wherever a manifest is, so that a file which a user
/// put there does not hold up every run after the first that no longer generates the folder.
const FOLDERS: [&str; 3] = ["compliance", "compliance/pci-dss", "siem"];

/// The names of files that the program makes: in which folder, how they begin and how they end.
const NAMES: [(&str, &str, &str); 10] = [
    ("", "networkpolicy__", ".json"),
    ("", "network-diagram", ".md"),
    ("", "kustomization", ".yaml"),
    ("compliance/pci-dss", "README", ".md"),
    ("siem", "alerting-", ".json"),
    ("siem", "dashboards-", ".ndjson"),
    ("siem", "index-", ".json"),
    ("siem", "ism-policy", ".json"),
    ("siem", "import", ".py"),
    ("siem", "import-job", ".yaml"),
];

/// The paths of our files within a target, and of the folders above them. They are only compared with paths that a
/// walk came by, so a listed path that leads outside names nothing.
pub(super) struct Ours {
    manifest: &'static str,
    files: HashSet<Vec<u8>>,
    folders: HashSet<Vec<u8>>,
}

/// The largest manifest that is written, and read back, in bytes: as large as any input. A larger one is refused by its
/// size, before it is read.
pub(super) const LARGEST_MANIFEST: u64 = files::LARGEST;

/// What is read of a manifest.
#[derive(Deserialize)]
struct Manifest {
    files: Vec<Listed>,
}

#[derive(Deserialize)]
struct Listed {
    file: String,
    /// The SHA-256 of the file's bytes, in hexadecimal digits.
    #[serde(default)]
    sha256: String,
}

impl Listed {
    /// Whether the program may have written the file of this path in `folder`.
    fn is_ours(&self, folder: &Path) -> bool {
        let (above, name) = self.file.rsplit_once('/').unwrap_or(("", &self.file));
        let is_made = || {
            let mut names = NAMES.iter().filter(|(folder, ..)| *folder == above);
            names.any(|(_, start, end)| name.strip_prefix(start).is_some_and(|rest| rest.ends_with(end)))
        };
        let is_recorded = || {
            let read = files::read(&folder.join(&self.file));
            read.is_ok_and(|document| document.digest.to_string() == self.sha256)
        };
        (above.is_empty() || FOLDERS.contains(&above)) && (is_made() || is_recorded())
    }
}

impl Ours {
    /// The manifest alone.
    pub(super) fn nothing(manifest: &'static str) -> Self {
        Self { manifest, files: HashSet::from([manifest.into()]), folders: HashSet::new() }
    }

    /// Everything that the `manifest` of that `text` lists, and itself; or what is wrong with it.
    pub(super) fn listed(manifest: &'static str, text: &[u8]) -> Result<Self, String> {
        let mut ours = Self::nothing(manifest);
        ours.files.extend(entries(text)?.into_iter().map(|listed| listed.file.into_bytes()));
        ours.folders = ours.files.iter().flat_map(|path| above(path)).map(<[u8]>::to_vec).collect();
        Ok(ours)
    }

    /// The files in `folder` that its manifest `name` lists and that the program may have written; nothing if there is no
    /// manifest.
    pub(super) fn within(folder: &Path, name: &'static str) -> Result<Self, OutputError> {
        let manifest = folder.join(name);
        let listed = match files::read_up_to(&manifest, LARGEST_MANIFEST) {
            Ok(Some(document)) => entries(document.text.as_bytes()).map(|listed| {
                let mut ours = Self::nothing(name);
                let written = listed.into_iter().filter(|one| one.is_ours(folder));
                ours.files.extend(written.map(|one| one.file.into_bytes()));
                ours.folders.extend(FOLDERS.map(Into::into));
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

/// The entries of the manifest of that `text`.
fn entries(text: &[u8]) -> Result<Vec<Listed>, String> {
    let written: Result<Manifest, _> = serde_json::from_slice(text);
    // Without the library's words: they may quote the file.
    let wrong = |error: serde_json::Error| {
        format!("it is no manifest from line {}, column {} on", error.line(), error.column())
    };
    written.map(|manifest| manifest.files).map_err(wrong)
}

/// The folders above `path`, outermost first.
pub(super) fn above(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| &path[..end])
}
