//! Secrets of a stack. The secrets themselves ended where the file was read: what is left of each is its shape, by
//! which equal ones are known.

pub(crate) mod names;
mod noticed;
mod sharing;

use netpol_reach::Place;

use super::{ComponentId, Fact, FactValue, LinkId, SecretShape, Stack};

/// A secret, as far as it may be known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HeldSecret<'s> {
    /// Who has it, of a link's the source; absent for the stack's own configuration.
    pub holder: Option<ComponentId>,
    /// The link that it stands on, if it stands on one.
    pub link: Option<&'s LinkId>,
    /// The attribute.
    pub attribute: &'s str,
    /// Where it stands.
    pub place: &'s Place,
    /// Its shape.
    pub shape: SecretShape,
}

impl HeldSecret<'_> {
    /// Whether an administrator logs in with it, by the attribute's name.
    pub fn is_administrators(&self) -> bool {
        names::is_administrators(self.attribute)
    }
}

impl Stack {
    /// All secrets: those of components, those of links, then those of the configuration.
    pub fn secrets(&self) -> impl Iterator<Item = HeldSecret<'_>> {
        let of_components = self
            .with_ids()
            .flat_map(|(id, component)| component.facts.iter().filter_map(move |fact| held(Some(id), None, fact)));
        let of_links = self
            .links
            .iter()
            .flat_map(|link| link.facts.iter().filter_map(move |fact| held(Some(link.source), Some(&link.id), fact)));
        let of_configuration = self.configuration.iter().filter_map(|fact| held(None, None, fact));
        of_components.chain(of_links).chain(of_configuration)
    }
}

/// The attribute `fact` as a secret, if it is one.
fn held<'s>(
    holder: Option<ComponentId>,
    link: Option<&'s LinkId>,
    (attribute, fact): (&'s std::sync::Arc<str>, &'s Fact),
) -> Option<HeldSecret<'s>> {
    match fact.value {
        FactValue::Secret(shape) => Some(HeldSecret { holder, link, attribute, place: &fact.place, shape }),
        _ => None,
    }
}
