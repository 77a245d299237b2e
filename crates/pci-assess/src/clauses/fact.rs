//! Facts that no topology holds, as the profile states them.

use pci_stack::{Change, ComponentId};

use super::asked::Asked;
use crate::{
    Answer, Case, Evidence, EvidenceKind, Missing, Truth,
    condition::{asked as wanted, example, is_said, of_text},
    controls::Condition,
};

/// Whether the profile states the fact `name` of each subject, as `condition` asks. A fact that nobody is named for
/// is not stated.
pub(super) fn stated(case: &Case, asked: Asked, name: &str, condition: &Condition) -> Answer {
    let nothing = || {
        let what = format!("{}: there is nothing to judge", asked.says);
        Missing::not_known(what, asked.kind_name()).of_types(asked.kind)
    };
    Answer::all(asked.subjects.iter().map(|id| of_component(case, asked, *id, name, condition)), nothing)
}

fn of_component(case: &Case, asked: Asked, id: ComponentId, name: &str, condition: &Condition) -> Answer {
    let (component, subject) = (case.component(id), case.name(id));
    let says = asked.says;
    let remedied = |missing: Missing| {
        let missing = missing.of_types([&component.kind]);
        let recommended = case.recommended_fact(&component.kind, name).cloned();
        match recommended.filter(|value| of_text(condition, value) == Truth::True).or_else(|| example(condition)) {
            Some(value) => missing.remedied_by(Change::set_fact(subject, name, value)),
            None => missing,
        }
    };
    let Some(fact) = case.fact(subject, name) else {
        let what = format!("{says}: nobody states the fact `{name}`; {} is asked", wanted(condition));
        return Answer::lacking(remedied(Missing::not_known(what, subject)));
    };
    let Some(who) = fact.stated_by.as_deref().filter(|who| is_said(who, &fact.place)) else {
        let what = format!("{says}: the fact `{name}` does not say who states it");
        return Answer::lacking(remedied(Missing::not_known(what, subject)).at(&fact.place));
    };
    if let (Some(date), Some(day)) = (fact.date, case.grounds.as_of)
        && date > day
    {
        let what = format!("{says}: the fact `{name}` is dated {date}, after {day}");
        return Answer::lacking(remedied(Missing::not_known(what, subject)).at(&fact.place));
    }
    let truth = if is_said(&fact.value, &fact.place) { of_text(condition, &fact.value) } else { Truth::Unknown };
    match truth {
        Truth::True => {
            let when = fact.date.map(|date| format!(", {date}")).unwrap_or_default();
            let says = format!("`{name}` is `{}`, stated by {who}{when}: {says}", fact.value);
            Answer::shown_by(Evidence::new(EvidenceKind::Fact, subject, says, Some(&fact.place)))
        }
        Truth::False => {
            let what = format!("{says}: `{name}` is stated as `{}`, and {} is asked", fact.value, wanted(condition));
            Answer::lacking(remedied(Missing::disproved(what, subject)).at(&fact.place))
        }
        Truth::Unknown => {
            let what = format!("{says}: `{name}` is stated as `{}`, which shows nothing", fact.value);
            Answer::lacking(remedied(Missing::not_known(what, subject)).at(&fact.place))
        }
    }
}
