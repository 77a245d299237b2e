//! Attributes of components and of links: what the stack's file says of them.

use pci_stack::{Change, ComponentId, Fact, Link, TypeName};

use super::asked::Asked;
use crate::{
    Answer, Case, Evidence, EvidenceKind, Missing, Truth,
    condition::{asked as wanted, example, of_text, of_value, shown},
    controls::{Condition, Quantifier},
};

/// Whether `condition` holds of the attribute `name` of the subjects, or of their parts of type `of`.
pub(super) fn of_components(
    case: &Case,
    asked: Asked,
    name: &str,
    of: Option<&TypeName>,
    condition: &Condition,
    quantifier: Quantifier,
) -> Answer {
    let parts = of.map(|kind| case.parts(asked.subjects, kind));
    let subjects = parts.as_deref().unwrap_or(asked.subjects);
    let answers = subjects.iter().map(|id| of_component(case, asked, *id, name, condition));
    let nothing = || nothing_to_judge(case, asked, of, (name, condition), quantifier);
    joined(answers, quantifier, nothing)
}

fn of_component(case: &Case, asked: Asked, id: ComponentId, name: &str, condition: &Condition) -> Answer {
    let component = case.component(id);
    let subject = case.name(id);
    let fact = component.facts.get(name);
    let recommended = case.recommended_attribute(&component.kind, name).cloned();
    let recommended = recommended.filter(|value| of_text(condition, value) == Truth::True);
    let remedy = recommended.or_else(|| example(condition));
    let remedy = remedy.map(|value| Change::of_component(subject, name, value));
    let answer = of_fact(asked.says, subject, name, condition, fact);
    completed(answer, &component.kind, &component.place, remedy.as_ref())
}

/// Whether `condition` holds of the attribute `name` of the links that start at the subjects and end at one of `to`.
pub(super) fn of_links(
    case: &Case,
    asked: Asked,
    name: &str,
    to: &[TypeName],
    condition: &Condition,
    quantifier: Quantifier,
) -> Answer {
    let links = asked.subjects.iter().flat_map(|id| case.links_from(*id));
    let links: Vec<&Link> = links.filter(|link| to.is_empty() || case.is_of(link.target, to)).copied().collect();
    let answers = links.iter().map(|link| {
        let (from, far) = (case.name(link.source), case.name(link.target));
        let remedy = example(condition).map(|value| Change::of_link(from, far, name, value));
        let answer = of_fact(asked.says, link.id.as_str(), name, condition, link.facts.get(name));
        let types = [&case.component(link.source).kind, &case.component(link.target).kind];
        let answer = completed(answer, types[0], &link.place, remedy.as_ref());
        Answer { missing: answer.missing.into_iter().map(|one| one.of_types([types[1]])).collect(), ..answer }
    });
    let nothing = || {
        let what =
            format!("no link of {} leads to anything that this is asked of: nothing to judge", asked.kind_name());
        Missing::not_known(what, asked.kind_name()).of_types(asked.kind)
    };
    joined(answers, quantifier, nothing)
}

fn joined(answers: impl Iterator<Item = Answer>, quantifier: Quantifier, nothing: impl FnOnce() -> Missing) -> Answer {
    match quantifier {
        Quantifier::Each => Answer::all(answers, nothing),
        Quantifier::Any => Answer::any(answers, nothing),
    }
}

/// What the attribute says, if it is there.
fn of_fact(says: &str, subject: &str, name: &str, condition: &Condition, fact: Option<&Fact>) -> Answer {
    let Some(fact) = fact else {
        let what = format!("{says}: `{name}` is not declared, and {} is asked", wanted(condition));
        return Answer::lacking(Missing::not_known(what, subject));
    };
    let is = shown(&fact.value);
    match of_value(condition, &fact.value) {
        Truth::True => {
            let says = format!("`{name}` is {is}: {says}");
            Answer::shown_by(Evidence::new(EvidenceKind::Fact, subject, says, Some(&fact.place)))
        }
        Truth::False => {
            let what = format!("{says}: `{name}` is {is}, and {} is asked", wanted(condition));
            Answer::lacking(Missing::disproved(what, subject).at(&fact.place))
        }
        Truth::Unknown => {
            let what = format!("{says}: `{name}` is {is}, which shows nothing; {} is asked", wanted(condition));
            Answer::lacking(Missing::not_known(what, subject).at(&fact.place))
        }
    }
}

fn completed(answer: Answer, kind: &TypeName, place: &netpol_reach::Place, remedy: Option<&Change>) -> Answer {
    let complete = |missing: Missing| {
        let place = missing.place.clone().unwrap_or_else(|| place.clone());
        let missing = missing.of_types([kind]).at(&place);
        match remedy {
            Some(change) => missing.remedied_by(change.clone()),
            None => missing,
        }
    };
    Answer { missing: answer.missing.into_iter().map(complete).collect(), ..answer }
}

/// Over no part, "each" is not known, and "one" is not there.
fn nothing_to_judge(
    case: &Case,
    asked: Asked,
    of: Option<&TypeName>,
    (name, condition): (&str, &Condition),
    quantifier: Quantifier,
) -> Missing {
    let part = of.map_or("component", TypeName::as_str);
    let parent = asked.subjects.first().map(|id| case.name(*id));
    let subject = parent.unwrap_or(asked.kind_name());
    let what = format!("{}: `{subject}` has no `{part}`", asked.says);
    let missing = match quantifier {
        Quantifier::Any => Missing::disproved(what, subject),
        Quantifier::Each => Missing::not_known(format!("{what}, so there is nothing to judge"), subject),
    };
    let missing = missing.of_types(asked.kind.into_iter().chain(of));
    match (parent, of, example(condition)) {
        (Some(parent), Some(of), Some(value)) => {
            let attributes = [(name.to_owned(), value.into())].into_iter().collect();
            let part = format!("{parent}/{}", of.as_str().replace('_', "-"));
            missing.remedied_by(Change::add_component(of.as_str(), &part, attributes))
        }
        _ => missing,
    }
}
