//! `catalog/siem/`: the sources of security events that dashboards are made of, one file each: where their events lie,
//! which fields these have, which of them serve which control, and what a person gets to see.

mod check;
mod condition;
mod source;

pub use condition::{Condition, Test};
pub use source::{
    Count, EventRule, Field, FieldType, Index, Monitor, Need, Panel, PanelKind, Paths, Placed, Shape, Source,
};

use super::controls::Controls;
use crate::{terms::InputError, yaml};

/// The shipped sources, in the order of the dashboards; another source is one more file and one more line.
const SOURCES: [(&str, &str); 5] = [
    ("catalog/siem/falco.yaml", include_str!("../../../catalog/siem/falco.yaml")),
    ("catalog/siem/apisix.yaml", include_str!("../../../catalog/siem/apisix.yaml")),
    ("catalog/siem/opa.yaml", include_str!("../../../catalog/siem/opa.yaml")),
    ("catalog/siem/audit.yaml", include_str!("../../../catalog/siem/audit.yaml")),
    ("catalog/siem/trivy.yaml", include_str!("../../../catalog/siem/trivy.yaml")),
];

/// All sources.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Siem {
    /// In the order of the dashboards.
    pub sources: Vec<Source>,
}

impl Siem {
    /// The shipped sources, checked against `controls`.
    pub fn embedded(controls: &Controls) -> Result<Self, InputError> {
        Self::read(&SOURCES, controls)
    }

    /// Reads the files of sources, each (name, text), and checks them against `controls`.
    pub fn read(files: &[(&str, &str)], controls: &Controls) -> Result<Self, InputError> {
        let sources = files.iter().map(|(file, text)| yaml::read::<Source>(file, text));
        let siem = Self { sources: sources.collect::<Result<_, _>>()? };
        let named = files.iter().map(|(file, _)| *file).zip(&siem.sources);
        for (file, source) in named {
            check::source(&siem, file, source, controls)?;
        }
        Ok(siem)
    }

    /// The source `name`.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.source == name)
    }
}
