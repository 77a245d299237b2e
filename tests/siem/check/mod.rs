//! Finds what OpenSearch would refuse or lose of the folder `siem/`. Its import is silent about a dashboard's missing
//! panel, and a retention policy that matches too much is noticed when a year of logs is gone.
//!
//! Also built into the fuzz targets.

mod objects;
mod retention;

use pci_render::siem::Files;

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Fault {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub what: String,
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "`{}`: {}", self.file, self.what)
    }
}

/// Returns what is wrong with `files`, sorted.
pub fn faults(files: &Files) -> Vec<Fault> {
    let mut faults = objects::faults(files);
    faults.extend(retention::faults(files));
    faults.sort();
    faults.dedup();
    faults
}
