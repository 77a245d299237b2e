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
    /// The shipped sources, not yet held against each other and the controls.
    pub(super) fn unchecked() -> Result<Self, InputError> {
        let sources = SOURCES.iter().map(|(file, text)| yaml::read::<Source>(file, text));
        Ok(Self { sources: sources.collect::<Result<_, _>>()? })
    }

    /// The same, if they can serve `controls`.
    pub(super) fn checked(self, controls: &Controls) -> Result<Self, InputError> {
        for ((file, _), source) in SOURCES.iter().zip(&self.sources) {
            check::source(&self, file, source, controls)?;
        }
        Ok(self)
    }

    /// The source `name`.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.source == name)
    }
}
