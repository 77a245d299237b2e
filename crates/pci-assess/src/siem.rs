//! Which sources of security events dashboards are made of, and in which shape their events come.
//!
//! OpenSearch's `siem` must be on, and a link of the source's own type must lead there. A source whose way there the
//! policies don't let through, over the collector where events take that way, is cut off: its dashboard would stay
//! empty, and no control of requirement 10 counts on it.

use netpol_reach::Namespace;
use pci_stack::{Change, ComponentId, Finding, Link, TypeName};

use super::{
    Case, Grounds, Missing, Openness, Zone,
    case::owner,
    condition::of_value,
    findings::{SOURCE_CUT_OFF, SOURCE_NOT_LINKED},
};
use crate::{
    Truth,
    controls::Condition,
    events::{Need, Source},
};

/// The shape of events that come straight from their source.
const DIRECT: &str = "direct";

/// How far a source is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum SourceState {
    /// No link says that its events are to go there: no dashboard.
    NotLinked,
    /// It is linked, and the policies don't let its events through: a dashboard that says so.
    CutOff,
    /// Its events may arrive.
    Linked,
}

/// A source of events that is in the stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SiemSource {
    /// Its name in the catalogue, which is its type.
    pub name: String,
    /// The component.
    pub component: ComponentId,
    /// How far it is.
    pub state: SourceState,
    /// In which shape its events come.
    pub shape: String,
    /// What would have to be otherwise.
    pub missing: Vec<Missing>,
}

/// What dashboards are made of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SiemPlan {
    /// The OpenSearch whose `siem` is on.
    pub store: Option<ComponentId>,
    /// The sources that are in the stack, in the order of the dashboards.
    pub sources: Vec<SiemSource>,
    /// The namespaces in scope, from each of which something should arrive.
    pub namespaces: Vec<Namespace>,
}

impl SiemPlan {
    /// The sources that get a dashboard.
    pub fn made(&self) -> impl Iterator<Item = &SiemSource> {
        self.sources.iter().filter(|source| source.state > SourceState::NotLinked && self.store.is_some())
    }

    /// Whether the source `name` has a dashboard and its events a way.
    pub fn source(&self, name: &str) -> Option<&SiemSource> {
        self.sources.iter().find(|source| source.name == name)
    }
}

/// What dashboards of the stack of `grounds` are made of.
pub fn siem(grounds: Grounds) -> SiemPlan {
    plan(&Case::of(grounds))
}

/// What dashboards of `case` are made of.
pub(super) fn plan(case: &Case) -> SiemPlan {
    let stores: Vec<ComponentId> =
        case.of_type(&TypeName::new("opensearch")).iter().filter(|id| is_on(case, **id)).copied().collect();
    let sources = case.grounds.siem.sources.iter();
    let sources = sources.filter_map(|source| {
        let components = case.of_type(&TypeName::new(&source.source)).iter();
        components.map(|id| found(case, source, *id, &stores)).max_by_key(|one| one.state)
    });
    let in_scope =
        |namespace: &&Namespace| case.grounds.scope.zone(namespace).is_some_and(|zone| zone != Zone::OutOfScope);
    let namespaces = case.grounds.basis.namespaces().iter().filter(in_scope).cloned();
    SiemPlan { store: stores.first().copied(), sources: sources.collect(), namespaces: namespaces.collect() }
}

/// Whether the SIEM of an OpenSearch is switched on.
pub(super) fn is_on(case: &Case, id: ComponentId) -> bool {
    let on = Condition::Is(vec!["true".to_owned()]);
    case.component(id).facts.get("siem").is_some_and(|fact| of_value(&on, &fact.value) == Truth::True)
}

fn found(case: &Case, source: &Source, component: ComponentId, stores: &[ComponentId]) -> SiemSource {
    let links = case.links_from(component);
    let is_store = |id: ComponentId| stores.contains(&owner(case.stack(), id));
    let link = links.iter().find(|link| is_kind(case, link, &source.link) && is_store(link.target)).copied();
    let through = links
        .iter()
        .find_map(|link| source.shape_through(case.component(owner(case.stack(), link.target)).kind.as_str()));
    let stated = case.grounds.profile.siem_shapes.get(&source.source).map(String::as_str);
    let shape = stated.or(through).unwrap_or(DIRECT).to_owned();
    let of =
        |state, missing| SiemSource { name: source.source.clone(), component, state, shape: shape.clone(), missing };
    let mut missing: Vec<Missing> = Vec::new();
    if link.is_none() {
        missing.push(no_link(case, component, &source.link, stores.first().copied()));
    }
    for Need { link: kind } in &source.needs {
        if !links.iter().any(|link| is_kind(case, link, kind)) {
            let far = kind.rsplit('-').next().map(TypeName::new);
            let far = far.and_then(|kind| case.of_type(&kind).first().copied());
            missing.push(no_link(case, component, kind, far));
        }
    }
    let Some(link) = link.filter(|_| missing.is_empty()) else { return of(SourceState::NotLinked, missing) };
    if case.is_open() {
        // Nothing is enforced, so that nothing is cut off.
        return of(SourceState::Linked, missing);
    }
    let collector = source.shapes.get(&shape).and_then(|shape| shape.through.as_deref());
    let missing = match collector {
        None => refused(case, link).into_iter().collect(),
        Some(kind) => over(case, component, link, &TypeName::new(kind)),
    };
    of(if missing.is_empty() { SourceState::Linked } else { SourceState::CutOff }, missing)
}

/// What is missing of the way over a collector of type `kind`: in, and out to where `link` leads.
fn over(case: &Case, component: ComponentId, link: &Link, kind: &TypeName) -> Vec<Missing> {
    let collectors: Vec<&Link> = case
        .links_from(component)
        .iter()
        .filter(|one| case.is_of(one.target, std::slice::from_ref(kind)))
        .copied()
        .collect();
    let ways = collectors.iter().map(|into| {
        let collector = owner(case.stack(), into.target);
        let store = owner(case.stack(), link.target);
        let out = case.links_from(collector).iter().find(|one| owner(case.stack(), one.target) == store);
        let out = match out {
            Some(out) => refused(case, out),
            None => Some(no_link(case, collector, &format!("{kind}-opensearch"), Some(store))),
        };
        refused(case, into).into_iter().chain(out).collect::<Vec<_>>()
    });
    let far = case.of_type(kind).first().copied();
    let nothing = || vec![no_link(case, component, &format!("{}-{kind}", case.component(component).kind), far)];
    ways.min_by_key(Vec::len).unwrap_or_else(nothing)
}

fn refused<'a>(case: &Case<'a>, link: &'a Link) -> Option<Missing> {
    match case.openness(link) {
        Openness::Allowed => None,
        other => Some(case.refused_link(link, other)),
    }
}

fn no_link(case: &Case, from: ComponentId, kind: &str, far: Option<ComponentId>) -> Missing {
    let component = case.component(from);
    let what = format!("no link of type `{kind}` leads from it");
    let missing = Missing::disproved(what, case.name(from)).of_types([&component.kind]).at(&component.place);
    match far {
        Some(far) => missing.remedied_by(Change::add_link(case.name(from), case.name(far), None)),
        None => missing,
    }
}

/// Whether `link` is of type `kind`, by whichever names of the types at its ends.
fn is_kind(case: &Case, link: &Link, kind: &str) -> bool {
    let ends = |kind: &str| {
        let words = case.grounds.basis.catalog.vocabulary();
        kind.split_once('-').map(|(from, to)| (words.canonical(from), words.canonical(to)))
    };
    ends(&link.kind) == ends(kind)
}

/// What should be known of the sources of `plan`, which is made of `case`.
pub(super) fn noticed(case: &Case, plan: &SiemPlan) -> Vec<Finding> {
    let Some(store) = plan.store else { return Vec::new() };
    let store = case.name(store);
    let finding = |source: &SiemSource| {
        let name = case.name(source.component);
        // Of the source itself, its name stands before it anyway.
        let said = |one: &Missing| if *one.subject == *name { one.what.to_string() } else { one.said() };
        let what = source.missing.iter().map(said).collect::<Vec<_>>().join("; ");
        let place = source.missing.iter().find_map(|one| one.place.clone());
        let (kind, message) = match source.state {
            SourceState::Linked => return None,
            SourceState::NotLinked => {
                (&SOURCE_NOT_LINKED, format!("no dashboard is made of the events of `{name}`: {what}"))
            }
            SourceState::CutOff => {
                (&SOURCE_CUT_OFF, format!("events of `{name}` have no whole way to `{store}`: {what}"))
            }
        };
        let remedies: Vec<String> =
            source.missing.iter().flat_map(|one| &one.remedy).map(ToString::to_string).collect();
        let finding =
            Finding::new(kind, message, place.or_else(|| Some(case.component(source.component).place.clone())));
        Some(if remedies.is_empty() { finding } else { finding.fix(remedies.join("; ")) })
    };
    plan.sources.iter().filter_map(finding).collect()
}
