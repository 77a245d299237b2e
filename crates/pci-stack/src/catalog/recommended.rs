//! What to set and state of a component type so that the controls that it can show are shown: a suggestion, true of
//! nothing until somebody sets and states it.

use std::collections::BTreeMap;

use netpol_reach::{InputError, Place, clean, nearest};
use schemars::JsonSchema;
use serde::Deserialize;

use super::{ComponentType, text::Scalar};
use crate::{TypeName, Vocabulary};

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

/// Checks what is recommended of `owner`, which stands at `place`: whoever follows it must get what a reader of stacks
/// understands.
pub(super) fn check(
    recommended: &Recommended,
    owner: &TypeName,
    types: &BTreeMap<TypeName, ComponentType>,
    vocabulary: &Vocabulary,
    place: &Place,
) -> Result<(), InputError> {
    let wrong = |what: String| InputError::new(place.clone(), format!("recommended of `{owner}`: {what}"));
    let known = |name: &TypeName| {
        types.get(name).ok_or_else(|| {
            let error = wrong(format!("no component type `{name}`"));
            match nearest(name.as_str(), types.keys().map(TypeName::as_str)) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error,
            }
        })
    };
    let readable = |kind: &TypeName, attributes: &BTreeMap<String, String>| match attributes
        .keys()
        .find(|name| vocabulary.reading(kind, name).is_none())
    {
        Some(name) => Err(wrong(format!("`{kind}` has no attribute `{}` that may be read", clean(name)))),
        None => Ok(()),
    };
    readable(owner, &recommended.attributes)?;
    if let Some(name) = recommended.link_attributes.keys().find(|name| vocabulary.link_reading(owner, name).is_none()) {
        return Err(wrong(format!("links of `{owner}` have no attribute `{}` that may be read", clean(name))));
    }
    for part in &recommended.sub_components {
        if known(&part.kind)?.parent.as_ref() != Some(owner) {
            return Err(wrong(format!("`{}` is no sub-component of `{owner}`", part.kind)));
        }
        if part.name.trim().is_empty() {
            return Err(wrong(format!("a sub-component of type `{}` has no name", part.kind)));
        }
        readable(&part.kind, &part.attributes)?;
    }
    for group in recommended.links_to.iter().chain(&recommended.links_from) {
        if group.is_empty() {
            return Err(wrong("a list of links names no type".to_owned()));
        }
        for name in group {
            known(name)?;
        }
    }
    Ok(())
}
