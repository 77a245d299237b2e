//! The tables that a stack is judged by, read and checked together: the folder `catalog/`, shipped or a user's own.

use std::sync::Arc;

use netpol_reach::{InputError, Place, clean, nearest};
use pci_assess::{controls::Controls, events::Siem};
use pci_stack::{Digest, catalog::Catalog};

use crate::Source;

/// The files of the folder, each by its path in it. Requirements come in their order, sources of events in the order of
/// the dashboards.
pub const TABLES: [&str; 20] = [
    "component-types.yaml",
    "pci-exceptions.yaml",
    "pci-dss-v4/requirement-01.yaml",
    "pci-dss-v4/requirement-02.yaml",
    "pci-dss-v4/requirement-03.yaml",
    "pci-dss-v4/requirement-04.yaml",
    "pci-dss-v4/requirement-05.yaml",
    "pci-dss-v4/requirement-06.yaml",
    "pci-dss-v4/requirement-07.yaml",
    "pci-dss-v4/requirement-08.yaml",
    "pci-dss-v4/requirement-09.yaml",
    "pci-dss-v4/requirement-10.yaml",
    "pci-dss-v4/requirement-11.yaml",
    "pci-dss-v4/requirement-12.yaml",
    "pci-dss-v4/appendices.yaml",
    "siem/falco.yaml",
    "siem/apisix.yaml",
    "siem/opa.yaml",
    "siem/audit.yaml",
    "siem/trivy.yaml",
];

/// The texts of the folder's files, in the order of [`TABLES`].
pub type TableFiles<'a> = [Source<'a>; TABLES.len()];

/// The first of these stand at the top of the folder, and each folder of one's own must hold them.
const REQUIRED: usize = 2;

/// The tables, checked.
#[derive(Debug, Clone)]
pub struct Tables {
    /// Component types, their ports, and exceptions.
    pub catalog: Catalog,
    /// The controls of PCI DSS, and what would show each.
    pub controls: Arc<Controls>,
    /// The sources of security events that dashboards are made of.
    pub siem: Arc<Siem>,
}

impl Tables {
    /// Reads the texts of [`TABLES`].
    pub fn read(files: &TableFiles) -> Result<Self, InputError> {
        let [types, exceptions, requirements @ .., falco, apisix, opa, audit, trivy] =
            files.map(|file| (file.name, file.text));
        let [requirements @ .., appendices] = requirements;
        let catalog = Catalog::read(types, exceptions)?;
        let controls = Controls::read(&requirements, appendices, &catalog.types)?;
        let siem = Siem::read(&[falco, apisix, opa, audit, trivy], &controls)?;
        Ok(Self { catalog, controls: controls.into(), siem: siem.into() })
    }

    /// Reads a user's `folder` of tables, whose `files` are given by their paths in it. It must hold
    /// `component-types.yaml` and `pci-exceptions.yaml`. `pci-dss-v4/` and `siem/` are taken from `shipped` where it has
    /// none of their files. The digest covers all files of the user's.
    ///
    /// # Errors
    ///
    /// A file is no table, and so would not be read; a table is missing; a table can't be used.
    pub fn read_over(shipped: &TableFiles, folder: &str, files: &[(&str, Source)]) -> Result<Self, InputError> {
        for (path, _) in files {
            if !TABLES.contains(path) {
                return Err(no_table(folder, path));
            }
        }
        let given = |table: &str| files.iter().find(|(path, _)| *path == table).map(|(_, source)| *source);
        let mut all = *shipped;
        for ((index, table), file) in TABLES.iter().enumerate().zip(&mut all) {
            match given(table) {
                Some(own) => *file = own,
                None if index < REQUIRED || files.iter().any(|(path, _)| group(path) == group(table)) => {
                    return Err(missing(folder, table));
                }
                None => {}
            }
        }
        let mut tables = Self::read(&all)?;
        let texts = TABLES.iter().filter_map(|table| given(table)).map(|own| own.text);
        tables.catalog.digest = Digest::of(texts.collect::<String>().as_bytes());
        Ok(tables)
    }
}

/// The folder that `path` stands in, empty at the top.
fn group(path: &str) -> &str {
    path.split_once('/').map_or("", |(folder, _)| folder)
}

fn no_table(folder: &str, path: &str) -> InputError {
    let place = Place::whole(&format!("{folder}/{}", clean(path)));
    let near = nearest(path, TABLES);
    let near = near.map_or_else(String::new, |near| format!("did you mean `{near}`? "));
    let what = "this is no table of the program, and it would not be read";
    InputError::new(place, what).help(format!("{near}a folder of tables holds files as the shipped `catalog/` does"))
}

fn missing(folder: &str, table: &str) -> InputError {
    let error = InputError::new(Place::whole(folder), format!("there is no `{table}` in this folder"));
    error
        .help("start from a copy of the shipped `catalog/`; `pci-dss-v4/` and `siem/` may be left out, each as a whole")
}
