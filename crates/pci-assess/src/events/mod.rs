//! `catalog/siem/`: the sources of security events that dashboards are made of, one file each: where their events lie,
//! which fields these have, which of them serve which control, and what a person gets to see.

mod check;
mod condition;
mod shapes;
mod source;

pub use condition::{Condition, Test};
use netpol_reach::{InputError, yaml};
pub use source::{
    Count, EventRule, Field, FieldType, Index, Monitor, Need, Panel, PanelKind, Paths, Placed, Shape, Source,
};

use crate::controls::Controls;

/// All sources.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Siem {
    /// In the order of the dashboards.
    pub sources: Vec<Source>,
}

impl Siem {
    /// Reads the files of sources, each (name, text), in the order of the dashboards, and checks that they can serve
    /// `controls`.
    pub fn read(files: &[(&str, &str)], controls: &Controls) -> Result<Self, InputError> {
        let sources = files.iter().map(|(name, text)| yaml::read::<Source>(name, text));
        let siem = Self { sources: sources.collect::<Result<_, _>>()? };
        for ((name, _), source) in files.iter().zip(&siem.sources) {
            check::source(&siem.sources, name, source, controls)?;
        }
        Ok(siem)
    }

    /// The source `name`.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.source == name)
    }
}
