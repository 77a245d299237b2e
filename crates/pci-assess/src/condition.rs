//! What must hold of a value: the three-valued reading of attributes and stated facts.

use netpol_reach::Place;
use pci_stack::{FactValue, is_placeholder};

use super::Truth;
use crate::controls::Condition;

/// Whether `text`, which stands at `place`, is what somebody says: no placeholder, and none of the texts in brackets that
/// answers propose, unless a what-if tries what they would bring.
pub(super) fn is_said(text: &str, place: &Place) -> bool {
    let text = text.trim();
    let is_proposal = text.starts_with('(') && text.ends_with(')') && &*place.file != WHAT_IF;
    !is_placeholder(text) && !is_proposal
}

/// How places name what a what-if makes.
const WHAT_IF: &str = "what-if";

/// Whether `condition` holds of an attribute's value. What was not read, or is neither true nor false, is unknown.
pub(super) fn of_value(condition: &Condition, value: &FactValue) -> Truth {
    match value {
        FactValue::True => of_text(condition, "true"),
        FactValue::False => of_text(condition, "false"),
        FactValue::Text(text) => of_text(condition, text),
        FactValue::Doubtful(_) | FactValue::Misfit | FactValue::Present | FactValue::Secret(_) => Truth::Unknown,
    }
}

/// Whether `condition` holds of `text`.
pub(super) fn of_text(condition: &Condition, text: &str) -> Truth {
    let text = text.trim();
    if is_placeholder(text) {
        return Truth::Unknown;
    }
    let is_one_of = |values: &[String]| values.iter().any(|value| value.eq_ignore_ascii_case(text));
    let number = |holds: &dyn Fn(i64) -> bool| text.parse().map_or(Truth::Unknown, |number| truth(holds(number)));
    let is_flag = |text: &str| text.eq_ignore_ascii_case("true") || text.eq_ignore_ascii_case("false");
    match condition {
        // What is neither true nor false is no answer to a question of yes or no.
        Condition::Is(values) if values.iter().all(|value| is_flag(value)) && !is_flag(text) => Truth::Unknown,
        Condition::Is(values) => truth(is_one_of(values)),
        Condition::IsNot(values) => truth(!is_one_of(values)),
        Condition::AtLeast(least) => number(&|number| number >= *least),
        Condition::AtMost(most) => number(&|number| number <= *most),
        Condition::Stated => Truth::True,
    }
}

/// A value that `condition` holds of, if there is one to propose.
pub(super) fn example(condition: &Condition) -> Option<String> {
    match condition {
        Condition::Is(values) => values.first().cloned(),
        Condition::AtLeast(number) | Condition::AtMost(number) => Some(number.to_string()),
        Condition::IsNot(_) | Condition::Stated => None,
    }
}

/// What `condition` asks, for people.
pub(super) fn asked(condition: &Condition) -> String {
    let listed = |values: &[String]| values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ");
    match condition {
        Condition::Is(values) => listed(values),
        Condition::IsNot(values) => format!("something other than {}", listed(values)),
        Condition::AtLeast(number) => format!("at least {number}"),
        Condition::AtMost(number) => format!("at most {number}"),
        Condition::Stated => "a value".to_owned(),
    }
}

fn truth(holds: bool) -> Truth {
    if holds { Truth::True } else { Truth::False }
}

/// A value as people read it.
pub(super) fn shown(value: &FactValue) -> String {
    match value {
        FactValue::True => "`true`".to_owned(),
        FactValue::False => "`false`".to_owned(),
        FactValue::Text(text) => format!("`{text}`"),
        FactValue::Doubtful(_) => "neither true nor false".to_owned(),
        FactValue::Misfit => "present, not shown".to_owned(),
        FactValue::Present | FactValue::Secret(_) => "a value that is not read".to_owned(),
    }
}
