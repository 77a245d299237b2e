//! Shapes that no secret may have: one that suppliers set, one that another component has too. The secrets themselves
//! end where the file is read.

use super::Asked;
use crate::{
    assess::{Answer, Case, Evidence, EvidenceKind, Missing, case::owner},
    catalog::controls::ValueShape,
    stack::{ComponentId, Fact, FactValue, SecretShape},
};

/// A secret's holder, its attribute, the attribute's place and what may be known of the secret.
type Held<'a> = (ComponentId, &'a str, &'a Fact, SecretShape);

/// Whether no secret of the subjects and their parts has `shape`.
pub(super) fn none_of(case: &Case, asked: Asked, shape: ValueShape) -> Answer {
    let held: Vec<Held> =
        all_secrets(case).filter(|(id, ..)| asked.subjects.contains(&owner(case.stack(), *id))).collect();
    if held.is_empty() {
        let what = format!("{}: it declares no secret, so there is nothing to judge", asked.says);
        return Answer::lacking(Missing::not_known(what, asked.kind_name()).of_types(asked.kind));
    }
    let is_bad = |secret: &&Held| match shape {
        ValueShape::DefaultSecret => secret.3.is_default,
        ValueShape::SharedSecret => is_shared(case, secret),
    };
    let bad = held.iter().filter(is_bad).map(|(id, name, fact, _)| {
        let what = match shape {
            ValueShape::DefaultSecret => format!("{}: `{name}` looks like one that suppliers set", asked.says),
            ValueShape::SharedSecret => format!("{}: `{name}` is a secret of another component too", asked.says),
        };
        let missing = Missing::disproved(what, case.name(*id)).of_types([&case.component(*id).kind]);
        Answer::lacking(missing.at(&fact.place))
    });
    let bad: Vec<Answer> = bad.collect();
    if bad.is_empty() {
        let says = format!("{}, of {} that are declared", asked.says, held.len());
        return Answer::shown_by(Evidence::new(EvidenceKind::Fact, asked.kind_name(), says, None));
    }
    Answer::all(bad, || Missing::not_known("", ""))
}

fn all_secrets<'a>(case: &Case<'a>) -> impl Iterator<Item = Held<'a>> {
    case.stack().with_ids().flat_map(|(id, component)| {
        component.facts.iter().filter_map(move |(name, fact)| match fact.value {
            FactValue::Secret(shape) => Some((id, &**name, fact, shape)),
            _ => None,
        })
    })
}

/// Whether a component that no link joins with the holder has the same secret. Two that a link joins have it as what
/// one logs in to the other with.
fn is_shared(case: &Case, (holder, _, _, shape): &Held) -> bool {
    let stack = case.stack();
    let own = owner(stack, *holder);
    let is_joined = |other: ComponentId| {
        case.links_from(own).iter().any(|link| owner(stack, link.target) == other)
            || case.links_to(own).iter().any(|link| owner(stack, link.source) == other)
    };
    all_secrets(case).any(|(id, _, _, theirs)| {
        let other = owner(stack, id);
        theirs.group == shape.group && other != own && !is_joined(other)
    })
}
