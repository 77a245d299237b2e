//! The files of one run, checked before anything is written.

use std::collections::BTreeMap;

use super::{
    OutputError,
    ours::{LARGEST_MANIFEST, Ours},
};

/// The files to be written, by their paths, none of which leads outside the target.
pub(super) struct Files<'a> {
    pub(super) bytes: BTreeMap<&'a str, &'a [u8]>,
    pub(super) ours: Ours,
}

impl<'a> Files<'a> {
    /// Checks paths, and that the manifest lists them all.
    pub(super) fn checked(
        manifest: &'static str,
        files: impl IntoIterator<Item = (&'a str, &'a [u8])>,
    ) -> Result<Self, OutputError> {
        let is_plain = |part: &str| !matches!(part, "" | "." | "..") && !part.contains('\0');
        let mut bytes = BTreeMap::new();
        for (name, content) in files {
            if !name.split('/').all(is_plain) || bytes.insert(name, content).is_some() {
                return Err(OutputError::Name { name: name.to_owned() });
            }
        }
        // What could not be read back would lock the folder against every later run.
        if bytes.get(manifest).is_some_and(|text| text.len() as u64 > LARGEST_MANIFEST) {
            return Err(OutputError::TooLarge);
        }
        let ours =
            bytes.get(manifest).and_then(|text| Ours::listed(manifest, text).ok()).ok_or(OutputError::Listing)?;
        if ours.len() != bytes.len() || !bytes.keys().all(|name| ours.has_file(name.as_bytes())) {
            return Err(OutputError::Listing);
        }
        if let Some(name) = bytes.keys().find(|name| ours.has_folder(name.as_bytes())) {
            return Err(OutputError::Name { name: (*name).to_owned() });
        }
        Ok(Self { bytes, ours })
    }

    /// The files, the manifest first: whatever else a killed run leaves, it says which of it is ours.
    pub(super) fn manifest_first(&self) -> impl Iterator<Item = (&'a str, &'a [u8])> {
        let manifest = self.bytes.get_key_value(self.ours.manifest());
        let others = self.bytes.iter().filter(|(name, _)| **name != self.ours.manifest());
        manifest.into_iter().chain(others).map(|(name, bytes)| (*name, *bytes))
    }
}
