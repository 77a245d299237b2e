//! What must hold of recommendations: whoever follows one gets a component that a reader of stacks understands.

use std::collections::BTreeMap;

use netpol_reach::{InputError, Place, clean, nearest};

use super::{component_type::ComponentType, recommended::Recommended};
use crate::{TypeName, Vocabulary};

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
