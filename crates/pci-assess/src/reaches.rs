//! Whether a component reaches what it serves: a log collector that no policy lets out is no evidence of logging.

use netpol_reach::{Namespace, Port, PortNumber, Ports};
use pci_policy::{
    declared::{End, Outside},
    proof::Verdict,
};
use pci_stack::{Change, ComponentId, Link, TypeName};

use super::{Answer, Case, Evidence, EvidenceKind, Missing, Verdicts, clauses::links::first_of};
use crate::controls::Reachable;

/// Whether each of `subjects` reaches one of each of `groups`.
pub(super) fn all(
    verdicts: &Verdicts,
    kind: &TypeName,
    subjects: &[ComponentId],
    groups: &[Vec<Reachable>],
) -> Option<Answer> {
    let answers = subjects.iter().flat_map(|id| groups.iter().map(|group| one_of(verdicts, *id, group)));
    let mut answers = answers.peekable();
    answers.peek()?;
    Some(Answer::all(answers, || Missing::not_known("nothing to judge", kind.as_str())))
}

/// Whether `id` reaches one of `group`.
fn one_of(verdicts: &Verdicts, id: ComponentId, group: &[Reachable]) -> Answer {
    let answers: Vec<Answer> = group.iter().filter_map(|end| reaches(verdicts, id, end)).collect();
    Answer::any(answers, || nothing_declared(&verdicts.case, id, group))
}

/// Whether `id` reaches `end`; nothing if the stack declares no way.
fn reaches(verdicts: &Verdicts, id: ComponentId, end: &Reachable) -> Option<Answer> {
    let case = &verdicts.case;
    match end {
        Reachable::To(kind) => by_links(verdicts, case.links_from(id), |link| link.target, kind),
        Reachable::From(kind) => by_links(verdicts, case.links_to(id), |link| link.source, kind),
        Reachable::Internet(number) => internet(case, id, *number),
        Reachable::ApiServer => api_server(case, id),
    }
}

/// Whether one of `links` whose far end is of type `kind` is let through; nothing if there is none.
fn by_links<'a>(
    verdicts: &Verdicts<'a>,
    links: &[&'a Link],
    far: impl Fn(&Link) -> ComponentId,
    kind: &TypeName,
) -> Option<Answer> {
    let kinds = std::slice::from_ref(kind);
    let links: Vec<&Link> = links.iter().filter(|link| verdicts.case.is_of(far(link), kinds)).copied().collect();
    let nothing = || Missing::not_known("nothing to judge", kind.as_str());
    (!links.is_empty()).then(|| verdicts.any_allowed(&links, nothing))
}

fn internet(case: &Case, id: ComponentId, number: u16) -> Option<Answer> {
    let home = case.grounds.basis.home(id)?;
    let ports: Ports = PortNumber::try_from(u64::from(number)).map(Port::tcp).into_iter().collect();
    if case.is_open() {
        let what = "nothing is enforced at this level, so that no path is shown";
        let missing = Missing::not_known(what, case.name(id)).of_types([&case.component(id).kind]);
        return Some(Answer::lacking(missing.remedied_by(case.set_level())));
    }
    case.lets_out(home, &ports).then(|| {
        let says = format!("may reach networks outside on {ports}");
        Answer::shown_by(Evidence::new(EvidenceKind::Flow, case.name(id), says, None))
    })
}

/// The flows to the Kubernetes API. Behind its Service, whether a policy matches depends on where its endpoints are.
fn api_server(case: &Case, id: ComponentId) -> Option<Answer> {
    let home = case.grounds.basis.home(id)?;
    let subject = case.name(id);
    let of = |missing: Missing| missing.of_types([&case.component(id).kind]);
    if case.is_open() {
        let what = "nothing is enforced at this level, so that no path is shown";
        return Some(Answer::lacking(of(Missing::not_known(what, subject)).remedied_by(case.set_level())));
    }
    let mut ways = case.flows_from(home).filter(|(_, verdict)| *verdict == Verdict::Allowed);
    let is_api = |to: &End| matches!(to, End::Addresses(Outside::ApiServer, _));
    if ways.any(|(flow, _)| is_api(&flow.to)) {
        let says = "may reach the API server where the profile says that it is";
        return Some(Answer::shown_by(Evidence::new(EvidenceKind::Flow, subject, says, None)));
    }
    let behind = Namespace::default_namespace();
    let https = Ports::https();
    let is_service = |to: &End| matches!(to, End::Namespace(to) if *to == behind);
    let mut ways = case.flows_from(home);
    ways.any(|(flow, _)| is_service(&flow.to) && flow.covers(&https)).then(|| {
        let what = "whether it reaches the API server depends on where that is, and the profile does not say \
                    (`cluster.api_server`)";
        Answer::lacking(of(Missing::not_known(what, subject)))
    })
}

/// What is missing where the stack declares no way to any of `group`.
fn nothing_declared(case: &Case, id: ComponentId, group: &[Reachable]) -> Missing {
    let mut to = Vec::new();
    let mut from = Vec::new();
    let mut kinds = vec![&case.component(id).kind];
    for end in group {
        match end {
            Reachable::To(kind) => {
                kinds.push(kind);
                to.push(format!("`{kind}`"));
            }
            Reachable::From(kind) => {
                kinds.push(kind);
                from.push(format!("`{kind}`"));
            }
            Reachable::Internet(port) => to.push(format!("the internet on {port}/TCP")),
            Reachable::ApiServer => to.push("the Kubernetes API".to_owned()),
        }
    }
    let ways = [("to", to), ("from", from)].into_iter().filter(|(_, ends)| !ends.is_empty());
    let ways: Vec<String> = ways.map(|(way, ends)| format!("{way} {}", ends.join(" or "))).collect();
    let what = format!("it can't reach what it serves: there is no way {}", ways.join(", or "));
    let missing = Missing::disproved(what, case.name(id)).of_types(kinds).at(&case.component(id).place);
    let far = group.iter().find_map(|end| match end {
        Reachable::To(kind) => Some((true, first_of(case, std::slice::from_ref(kind))?)),
        Reachable::From(kind) => Some((false, first_of(case, std::slice::from_ref(kind))?)),
        Reachable::Internet(_) | Reachable::ApiServer => None,
    });
    match far {
        Some((true, far)) => missing.remedied_by(Change::add_link(case.name(id), case.name(far), None)),
        Some((false, far)) => missing.remedied_by(Change::add_link(case.name(far), case.name(id), None)),
        None => missing,
    }
}
