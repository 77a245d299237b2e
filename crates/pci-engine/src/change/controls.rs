//! The difference of two assessments: numbers before and after, and the controls whose points rise or fall.

use pci_assess::{Assessment, ControlResult, Missing, Numbers, Status};
use pci_stack::ControlId;
use serde::Serialize;

/// A control whose points rise or fall.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct ControlChange {
    /// Its number.
    pub id: ControlId,
    /// Its requirement.
    pub requirement: u16,
    /// Its milestone.
    pub milestone: u8,
    /// How it stood.
    pub from: Status,
    /// How it stands.
    pub to: Status,
    /// What shows it now, or what is missing now.
    pub because: String,
}

/// The difference of two assessments.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct ControlsDifference {
    /// The numbers before.
    pub before: Numbers,
    /// The numbers after.
    pub after: Numbers,
    /// Controls whose points rise, or that somebody answers for now.
    pub controls_gained: Vec<ControlChange>,
    /// Controls whose points fall, or that nobody answers for any more.
    pub controls_lost: Vec<ControlChange>,
}

/// The difference of `before` and `after`. `gone` are the components and links that `after` lacks.
pub fn controls(before: &Assessment, after: &Assessment, gone: &[String]) -> ControlsDifference {
    let mut difference = ControlsDifference {
        before: before.numbers.clone(),
        after: after.numbers.clone(),
        controls_gained: Vec::new(),
        controls_lost: Vec::new(),
    };
    let pairs = before.iter().zip(&after.results);
    for ((control, was), is) in pairs {
        let order = worth(is).cmp(&worth(was));
        if order.is_eq() {
            continue;
        }
        let rises = order.is_gt();
        let change = ControlChange {
            id: control.id.clone(),
            requirement: control.id.requirement(),
            milestone: control.milestone,
            from: was.status(),
            to: is.status(),
            because: if rises { gained(was, is, gone) } else { lost(was, is) },
        };
        if rises { difference.controls_gained.push(change) } else { difference.controls_lost.push(change) }
    }
    difference
}

/// What a control is worth: its points, and whether somebody answers for it.
fn worth(result: &ControlResult) -> (u32, bool) {
    use pci_assess::Disposition::{Attested, Inherited};
    let points = if result.applies() { result.technical.half_points() } else { 0 };
    (points, matches!(result.disposition, Attested | Inherited))
}

/// Why a control rises: what no longer speaks against it, or what shows it now.
fn gained(was: &ControlResult, is: &ControlResult, gone: &[String]) -> String {
    let named = |name: &&String| {
        was.missing
            .iter()
            .any(|missing| missing.subject.contains(name.as_str()) || missing.what.contains(name.as_str()))
    };
    if let Some(name) = gone.iter().find(named) {
        return format!("no longer fails because `{name}` is gone");
    }
    let fresh = is.evidence.iter().find(|evidence| !was.evidence.contains(evidence));
    let stated = is.statements.iter().find(|statement| !was.statements.contains(statement));
    match (fresh, stated) {
        (Some(evidence), _) => evidence.said(),
        (None, Some(statement)) => format!("stated by {}, {}", statement.who, statement.date),
        (None, None) => {
            was.missing.first().map(|missing| format!("no longer missing: {}", missing.what)).unwrap_or_default()
        }
    }
}

/// Why a control falls: what is missing now and was not before.
fn lost(was: &ControlResult, is: &ControlResult) -> String {
    let fresh = is.missing.iter().find(|missing| !was.missing.contains(missing));
    let fresh = fresh.or(is.missing.first());
    fresh.map_or_else(|| "nothing shows it any more".to_owned(), Missing::said)
}
