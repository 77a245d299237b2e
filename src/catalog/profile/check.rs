//! What must hold of statements for them to count: each once, of a control that there is, in a way that it allows.

use std::collections::{BTreeMap, btree_map::Entry};

use super::{Approach, Attestation, Profile};
use crate::{
    catalog::{
        controls::{Control, Controls, CustomizedApproach},
        siem::Siem,
    },
    terms::{ControlId, InputError, Place, clean, nearest},
};

/// The longest period, in months, that a targeted risk analysis may set here.
const LONGEST_INTERVAL: u8 = 12;

/// Refuses two statements of one sort about the same.
pub(super) fn statements_once(profile: &Profile) -> Result<(), InputError> {
    once(profile.attestations.iter().map(|one| (&one.control, &one.place)), "attested")?;
    once(profile.not_applicable.iter().map(|one| (&one.control, &one.place)), "not applicable")?;
    once(profile.inherited.iter().map(|one| (&one.control, &one.place)), "inherited")?;
    once(profile.facts.iter().map(|one| ((&one.component, &one.fact), &one.place)), "stated")?;
    once(profile.flows.iter().map(|one| (&one.link, &one.place)), "given a reason")
}

fn once<'p, K: Ord>(entries: impl Iterator<Item = (K, &'p Place)>, what: &str) -> Result<(), InputError> {
    let mut known: BTreeMap<K, &Place> = BTreeMap::new();
    for (key, place) in entries {
        match known.entry(key) {
            Entry::Vacant(free) => drop(free.insert(place)),
            Entry::Occupied(first) => {
                let what = format!("this is {what} twice, first at {}", first.get());
                return Err(InputError::new(place.clone(), what).help("keep one"));
            }
        }
    }
    Ok(())
}

impl Profile {
    /// Checks what it says of the shapes of events against the sources of `siem`.
    pub fn check_shapes(&self, siem: &Siem) -> Result<(), InputError> {
        self.siem_shapes.iter().try_for_each(|(source, shape)| shape_exists(siem, source, shape))
    }

    /// Checks the statements against `controls`.
    pub fn check(&self, controls: &Controls) -> Result<(), InputError> {
        let known: BTreeMap<&ControlId, &Control> = controls.iter().map(|control| (&control.id, control)).collect();
        let find = |id: &ControlId, place: &Place| {
            let unknown = || InputError::new(place.clone(), format!("there is no control {id}"));
            known.get(id).copied().ok_or_else(|| unknown().help("controls stand in sections 1 to 12 of PCI DSS v4.0.1"))
        };
        for attestation in &self.attestations {
            approach(find(&attestation.control, &attestation.place)?, attestation)?;
        }
        self.not_applicable.iter().try_for_each(|one| find(&one.control, &one.place).map(drop))?;
        self.inherited.iter().try_for_each(|one| find(&one.control, &one.place).map(drop))
    }
}

fn approach(control: &Control, attestation: &Attestation) -> Result<(), InputError> {
    let wrong = |what: String| InputError::new(attestation.place.clone(), what);
    let id = &control.id;
    if attestation.approach == Approach::Customized && control.customized_approach == CustomizedApproach::Closed {
        let error = wrong(format!("{id} is closed to the customized approach"));
        return Err(error.help("attest it by the defined approach, or by a compensating control"));
    }
    match attestation.interval_months {
        Some(months) if !(1..=LONGEST_INTERVAL).contains(&months) => {
            Err(wrong(format!("the interval of {id} is not 1 to {LONGEST_INTERVAL} months")))
        }
        Some(_) if attestation.interval_reference.is_none() => {
            let error = wrong(format!("the interval of {id} names no targeted risk analysis"));
            Err(error.help("say where it stands, as `interval_reference`"))
        }
        None if control.needs_interval() => {
            let error =
                wrong(format!("a targeted risk analysis sets how often {id} falls due, and `interval` is missing"));
            Err(error.help("say the months, as `interval`, and where the analysis stands, as `interval_reference`"))
        }
        _ => Ok(()),
    }
}

fn shape_exists(siem: &Siem, source: &str, shape: &str) -> Result<(), InputError> {
    let wrong = |what: String, asked: &str, known: Vec<&str>| {
        let near = nearest(asked, known.iter().copied());
        let hint =
            near.map_or_else(|| format!("there are {}", known.join(", ")), |near| format!("did you mean `{near}`?"));
        Err(InputError::new(Place::whole("pci-profile.yaml"), what).help(hint))
    };
    let Some(found) = siem.source(source) else {
        let known = siem.sources.iter().map(|source| source.source.as_str()).collect();
        return wrong(format!("`siem.shapes` names `{}`, which is no source of events", clean(source)), source, known);
    };
    if found.shapes.contains_key(shape) {
        return Ok(());
    }
    let known = found.shapes.keys().map(String::as_str).collect();
    wrong(format!("events of `{source}` have no shape `{}`", clean(shape)), shape, known)
}
