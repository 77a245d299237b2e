//! What to set and state of a component type so that the controls that it can show are shown: a suggestion, true of
//! nothing until somebody sets and states it.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Deserialize;

use super::text::Scalar;
use crate::TypeName;

/// What to set and state of a component of a type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recommended {
    /// Attributes of its own.
    pub attributes: BTreeMap<String, String>,
    /// Attributes of the links of `links_to`.
    pub link_attributes: BTreeMap<String, String>,
    /// Sub-components to have.
    pub sub_components: Vec<RecommendedPart>,
    /// Links that start at it: per group one, to the first type that the stack has.
    pub links_to: Vec<Vec<TypeName>>,
    /// The same for links that end at it.
    pub links_from: Vec<Vec<TypeName>>,
    /// Facts of the profile.
    pub facts: BTreeMap<String, String>,
}

/// A sub-component to have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecommendedPart {
    /// Its type.
    pub kind: TypeName,
    /// Its name.
    pub name: String,
    /// Its attributes.
    pub attributes: BTreeMap<String, String>,
    /// Facts of the profile about it.
    pub facts: BTreeMap<String, String>,
}

/// The block as written.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct RecommendedRow {
    /// Attributes of its own, with the value to set.
    attributes: BTreeMap<String, Scalar>,
    /// Attributes of the links of `links_to`.
    link_attributes: BTreeMap<String, Scalar>,
    /// Sub-components to have.
    sub_components: Vec<PartRow>,
    /// Links that start at it: per list one, to the first of its types that the stack has.
    links_to: Vec<Vec<String>>,
    /// The same for links that end at it.
    links_from: Vec<Vec<String>>,
    /// Facts of the profile.
    facts: BTreeMap<String, Scalar>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct PartRow {
    r#type: String,
    name: String,
    #[serde(default)]
    attributes: BTreeMap<String, Scalar>,
    #[serde(default)]
    facts: BTreeMap<String, Scalar>,
}

impl From<RecommendedRow> for Recommended {
    fn from(row: RecommendedRow) -> Self {
        Self {
            attributes: texts(row.attributes),
            link_attributes: texts(row.link_attributes),
            sub_components: row.sub_components.into_iter().map(part).collect(),
            links_to: groups(&row.links_to),
            links_from: groups(&row.links_from),
            facts: texts(row.facts),
        }
    }
}

fn part(row: PartRow) -> RecommendedPart {
    RecommendedPart {
        kind: TypeName::new(&row.r#type),
        name: row.name,
        attributes: texts(row.attributes),
        facts: texts(row.facts),
    }
}

fn texts(values: BTreeMap<String, Scalar>) -> BTreeMap<String, String> {
    values.into_iter().map(|(name, value)| (name, value.text())).collect()
}

fn groups(written: &[Vec<String>]) -> Vec<Vec<TypeName>> {
    written.iter().map(|group| group.iter().map(|name| TypeName::new(name)).collect()).collect()
}
