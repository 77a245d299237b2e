//! Whether every component in scope has a way for its logs to where they are kept (10.2.1, 10.3.3): a declared link
//! there, or to a collector that passes on, which the policies let through.

use pci_stack::{Change, ComponentId, TypeName};

use super::{asked::Asked, links::first_of};
use crate::{
    Answer, Case, Evidence, EvidenceKind, Missing, Verdicts,
    case::{Openness, owner},
};

/// Types that pass on the logs that others send them.
const COLLECTORS: [&str; 5] = ["otel", "alloy", "fluent_bit", "logstash", "data_prepper"];

/// Types that read logs and metrics where they are kept. Their links there carry questions, and no log of theirs;
/// those to a collector do.
const READERS: [&str; 4] = ["grafana", "prometheus", "jaeger", "opensearch_dashboards"];

/// Whether every component in scope has a log path to one of `types`.
pub(super) fn each_in_scope(verdicts: &Verdicts, asked: Asked, types: &[TypeName]) -> Answer {
    let case = &verdicts.case;
    let nothing = || Missing::not_known(format!("{}: nothing is in scope", asked.says), "the stack");
    if first_of(case, types).is_none() {
        let what = format!("{}: there is nowhere for logs to go", asked.says);
        return Answer::lacking(Missing::disproved(what, "the stack").of_types(types));
    }
    let has_path = paths(verdicts, types);
    let asked_of: Vec<ComponentId> = case.in_scope().map(|(id, _)| id).filter(|id| !case.is_of(*id, types)).collect();
    let without: Vec<ComponentId> = asked_of.iter().filter(|id| !has_path[id.index()]).copied().collect();
    if asked_of.is_empty() || without.is_empty() {
        let says = format!("{}: all {} of them", asked.says, asked_of.len());
        let shown = Evidence::new(EvidenceKind::Flow, "log paths", says, None);
        return if asked_of.is_empty() { Answer::lacking(nothing()) } else { Answer::shown_by(shown) };
    }
    Answer::all(without.iter().map(|id| Answer::lacking(no_path(case, asked, *id, types))), nothing)
}

fn no_path(case: &Case, asked: Asked, id: ComponentId, types: &[TypeName]) -> Missing {
    let component = case.component(id);
    if case.is_open() {
        let what = format!("{}: nothing is enforced at this level, so that no path is shown", asked.says);
        return Missing::not_known(what, case.name(id)).of_types([&component.kind]).remedied_by(case.set_level());
    }
    let what = format!("{}: it has none", asked.says);
    let missing = Missing::disproved(what, case.name(id)).of_types([&component.kind]).at(&component.place);
    // A collector is the usual way; what is kept there is reached directly by few.
    let collector = case.of_type(&TypeName::new("otel")).iter().find(|one| **one != id).copied();
    match collector.or_else(|| first_of(case, types)) {
        Some(far) => missing.remedied_by(Change::add_link(case.name(id), case.name(far), None)),
        None => missing,
    }
}

/// For each component of the stack, whether its logs have a way to one of `types`.
fn paths(verdicts: &Verdicts, types: &[TypeName]) -> Vec<bool> {
    let case = &verdicts.case;
    let stack = case.stack();
    let mut reached = vec![false; stack.components.len()];
    let mut open: Vec<ComponentId> = stack.with_ids().map(|(id, _)| id).filter(|id| case.is_of(*id, types)).collect();
    while let Some(end) = open.pop() {
        for link in case.links_to(end) {
            let source = owner(stack, link.source);
            let reads = case.is_of(end, types) && READERS.contains(&case.component(source).kind.as_str());
            let is_way = case.openness(link) == Openness::Allowed && verdicts.cut_off(link).is_none();
            if !reads && !reached[source.index()] && is_way {
                reached[source.index()] = true;
                if passes_on(case, source) {
                    open.push(source);
                }
            }
        }
    }
    reached
}

/// Whether a component passes on the logs that others send it.
fn passes_on(case: &Case, id: ComponentId) -> bool {
    COLLECTORS.contains(&case.component(id).kind.as_str())
}

/// For each collector of the stack, whether it passes on what it gathers.
pub(crate) fn collectors(verdicts: &Verdicts) -> Vec<Answer> {
    let case = &verdicts.case;
    let collectors = COLLECTORS.iter().flat_map(|kind| case.of_type(&TypeName::new(kind)).to_vec());
    let passes_on = |id: ComponentId| {
        let links: Vec<_> = case.links_from(id).to_vec();
        verdicts.any_allowed(&links, || {
            let component = case.component(id);
            let what = "it gathers logs and passes them on to nobody: no link leads from it";
            Missing::disproved(what, case.name(id)).of_types([&component.kind]).at(&component.place)
        })
    };
    collectors.map(passes_on).collect()
}
