//! What must hold of a profile's statements for them to count: each of a control that there is, in a way that it allows.

use std::collections::BTreeMap;

use netpol_reach::{InputError, Place};
use pci_stack::{
    ControlId,
    catalog::{Approach, Attestation, Profile},
};

use super::{Control, Controls, CustomizedApproach};

/// The longest period, in months, that a targeted risk analysis may set here.
const LONGEST_INTERVAL: u8 = 12;

impl Controls {
    /// Checks the statements of `profile` against these controls.
    pub fn check_statements(&self, profile: &Profile) -> Result<(), InputError> {
        let known: BTreeMap<&ControlId, &Control> = self.iter().map(|control| (&control.id, control)).collect();
        let find = |id: &ControlId, place: &Place| {
            let unknown = || InputError::new(place.clone(), format!("there is no control {id}"));
            known.get(id).copied().ok_or_else(|| unknown().help("controls stand in sections 1 to 12 of PCI DSS v4.0.1"))
        };
        for attestation in &profile.attestations {
            approach(find(&attestation.control, &attestation.place)?, attestation)?;
        }
        profile.not_applicable.iter().try_for_each(|one| find(&one.control, &one.place).map(drop))?;
        profile.inherited.iter().try_for_each(|one| find(&one.control, &one.place).map(drop))
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
