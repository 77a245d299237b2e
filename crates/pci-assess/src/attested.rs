//! How long statements hold. An attestation holds twelve months, or as long as the control's own period says; what is
//! due on change lapses with the stack that it was given for. Which day it is, the caller says.

use pci_stack::{Date, Digest, catalog::Attestation};

use super::condition::is_said;
use crate::controls::Control;

/// How long an attestation holds, in months, unless its control says otherwise.
const MONTHS: u8 = 12;

/// Whether `attestation` of `control` counts on the day `as_of`; if not, why not.
pub(super) fn holds(
    attestation: &Attestation,
    control: &Control,
    as_of: Option<Date>,
    stack: &Digest,
) -> Result<(), String> {
    if !is_said(&attestation.who, &attestation.place) {
        return Err("it does not say who answers for it".to_owned());
    }
    let is_analysed = |reference: &String| is_said(reference, &attestation.place);
    if attestation.interval_months.is_some() && !attestation.interval_reference.as_ref().is_some_and(is_analysed) {
        return Err("it does not say where the analysis of its interval stands".to_owned());
    }
    let Some(as_of) = as_of else {
        return Err(
            "date not given: no attestation counts without the day that it is held against (`as_of`)".to_owned()
        );
    };
    if attestation.date > as_of {
        return Err(format!("it is dated {}, after {as_of}", attestation.date));
    }
    if let Some(until) = until(attestation, control).filter(|until| as_of > *until) {
        return Err(format!("it lapsed on {until}"));
    }
    let is_due_on_change = control.cadence.as_deref().is_some_and(|cadence| cadence.contains("on-change"));
    let given_for = attestation.stack_digest.as_deref().map(|text| text.trim_start_matches("sha256:"));
    if is_due_on_change && given_for.is_some_and(|digest| !digest.eq_ignore_ascii_case(&stack.to_string())) {
        return Err("it was given for another version of the stack".to_owned());
    }
    Ok(())
}

/// The last day on which `attestation` of `control` holds.
pub(super) fn until(attestation: &Attestation, control: &Control) -> Option<Date> {
    attestation.date.months_later(months(attestation, control))
}

/// How many months it holds. Periods of an activity (every day, every week, within 90 days) are not those of a
/// statement about it.
fn months(attestation: &Attestation, control: &Control) -> u8 {
    let cadence = control.cadence.as_deref().unwrap_or_default();
    let due =
        cadence.split('+').filter_map(|part| part.strip_suffix('m')?.parse().ok()).find(|months| *months <= MONTHS);
    match attestation.interval_months {
        Some(months) if control.takes_interval() => months,
        _ => due.unwrap_or(MONTHS),
    }
}
