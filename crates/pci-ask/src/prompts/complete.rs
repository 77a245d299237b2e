//! What may stand for an argument of a prompt.

use pci_assess::controls::Class;
use pci_engine::{Snapshot, fleet::Fleet};

use super::{ALL, wanted};
use crate::resources::{Offer, matching, requirements, stacks};

/// How many absent types, and how many requirements, goals are made of.
const GOALS: usize = 6;

/// What may stand for `argument` of `prompt`, given what was `typed` of it: what begins so, then what holds it.
pub fn complete(fleet: &Fleet, prompt: &str, argument: &str, typed: &str) -> Vec<String> {
    let known = ALL.iter().find(|known| known.name == prompt);
    if !known.is_some_and(|known| known.arguments.iter().any(|one| one.name == argument)) {
        return Vec::new();
    }
    let of_each = |offers: fn(&Snapshot) -> Vec<Offer>| fleet.snapshots().flat_map(|one| offers(one)).collect();
    let offers: Vec<Offer> = match argument {
        "stack" => stacks(fleet),
        "requirement" => of_each(numbers),
        "goal" => of_each(goals),
        _ => Vec::new(),
    };
    matching(offers, typed)
}

fn numbers(snapshot: &Snapshot) -> Vec<Offer> {
    requirements(snapshot).into_iter().map(|(number, title)| Offer::found_by(number, title)).collect()
}

/// Goals that the stack gives reason for: types that its open controls ask for, requirements of which it shows least.
fn goals(snapshot: &Snapshot) -> Vec<Offer> {
    let types = wanted::types(snapshot).into_iter().take(GOALS).map(|(kind, _)| Offer::new(format!("add {kind}")));
    let assessment = snapshot.assessment();
    let open = |number: u16| {
        let own = assessment.iter().filter(|(control, _)| control.id.requirement() == number);
        own.filter(|(control, result)| control.class != Class::Manual && result.is_gap()).count()
    };
    let mut requirements: Vec<(usize, u16, &str)> =
        assessment.controls.requirements.iter().map(|one| (open(one.number), one.number, one.title.as_str())).collect();
    requirements.sort_by_key(|(open, number, _)| (std::cmp::Reverse(*open), *number));
    let requirements = requirements.into_iter().filter(|(open, ..)| *open > 0).take(GOALS);
    let requirements =
        requirements.map(|(_, number, title)| Offer::found_by(format!("show more of requirement {number}"), title));
    types.chain(requirements).collect()
}
