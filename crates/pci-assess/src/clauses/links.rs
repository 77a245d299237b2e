//! Parts of components, and declared links that the policies let through.

use pci_stack::{Change, ComponentId, Link, TypeName};

use super::asked::Asked;
use crate::{Answer, Case, Evidence, EvidenceKind, Missing, Verdicts};

/// Whether each subject has a part of type `part`.
pub(super) fn has_part(case: &Case, asked: Asked, part: &TypeName) -> Answer {
    let of_subject = |id: &ComponentId| {
        let parts = case.parts(&[*id], part);
        let found = parts.first().map(|part| {
            let place = &case.component(*part).place;
            Answer::shown_by(Evidence::new(EvidenceKind::Component, case.name(*part), asked.says, Some(place)))
        });
        found.unwrap_or_else(|| {
            let what = format!("{}: there is no `{part}` in it", asked.says);
            let missing = Missing::disproved(what, case.name(*id)).of_types(asked.kind.into_iter().chain([part]));
            let name = format!("{}/{}", case.name(*id), part.as_str().replace('_', "-"));
            let add = Change::add_component(part.as_str(), &name, serde_json::Map::new());
            Answer::lacking(missing.at(&case.component(*id).place).remedied_by(add))
        })
    };
    Answer::all(asked.subjects.iter().map(of_subject), || nothing(asked))
}

/// Whether each subject has a link to one of `types` that the policies let through.
pub(super) fn link_to(verdicts: &Verdicts, asked: Asked, types: &[TypeName]) -> Answer {
    let case = &verdicts.case;
    let of_subject = |id: &ComponentId| {
        let links: Vec<&Link> =
            case.links_from(*id).iter().filter(|link| case.is_of(link.target, types)).copied().collect();
        verdicts.any_allowed(&links, || no_link(case, asked, *id, types, true))
    };
    Answer::all(asked.subjects.iter().map(of_subject), || nothing(asked))
}

/// Whether each subject has a link from one of `types` that the policies let through.
pub(super) fn link_from(verdicts: &Verdicts, asked: Asked, types: &[TypeName]) -> Answer {
    let case = &verdicts.case;
    let of_subject = |id: &ComponentId| {
        let links: Vec<&Link> =
            case.links_to(*id).iter().filter(|link| case.is_of(link.source, types)).copied().collect();
        verdicts.any_allowed(&links, || no_link(case, asked, *id, types, false))
    };
    Answer::all(asked.subjects.iter().map(of_subject), || nothing(asked))
}

fn nothing(asked: Asked) -> Missing {
    let what = format!("{}: there is nothing to judge", asked.says);
    Missing::not_known(what, asked.kind_name()).of_types(asked.kind)
}

fn no_link(case: &Case, asked: Asked, id: ComponentId, types: &[TypeName], is_from: bool) -> Missing {
    let listed = types.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" or ");
    let way = if is_from { "to" } else { "from" };
    let what = format!("{}: no link {way} {listed} is declared", asked.says);
    let missing = Missing::disproved(what, case.name(id)).of_types(asked.kind.into_iter().chain(types));
    let missing = missing.at(&case.component(id).place);
    match first_of(case, types) {
        Some(far) if is_from => missing.remedied_by(Change::add_link(case.name(id), case.name(far), None)),
        Some(far) => missing.remedied_by(Change::add_link(case.name(far), case.name(id), None)),
        None => missing,
    }
}

/// The first component of the first of `types` that the stack has.
pub(crate) fn first_of(case: &Case, types: &[TypeName]) -> Option<ComponentId> {
    types.iter().find_map(|kind| case.of_type(kind).first().copied())
}
