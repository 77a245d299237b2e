//! One component: what it is, what it is linked to, what may reach it and what it may reach, which controls look at it.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::Place;
use pci_assess::{ControlResult, Status};
use pci_engine::Snapshot;
use pci_policy::{
    declared::{End, Flow},
    proof::ProvenFlow,
};
use pci_render::Header;
use pci_stack::{ComponentId, ControlId, Level, Link};
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::{
    ResourceError,
    error::none_such,
    template::{Asked, JSON, Offer, Template, Variable, json, unlisted},
};

/// One component.
pub(super) const COMPONENT: Template = Template {
    uri: "pci://{stack}/component/{name}",
    name: "component",
    title: "One component",
    description: "One component, `NAME` or `PARENT/NAME`: type, namespace, ports, its links both ways, the flows in and \
        out that its namespace is allowed, with the policies that allow them, and the controls that look at it.",
    mime_type: JSON,
    variables: &[Variable { name: "name", values: names, takes_rest: true }],
    is_as_written: false,
    is_listed: unlisted,
    read: component,
};

/// All components, each found by its type too.
fn names(snapshot: &Snapshot, _: &BTreeMap<String, String>) -> Vec<Offer> {
    let components = snapshot.stack.components.iter();
    components.map(|component| Offer::found_by(component.name.to_string(), component.kind.as_str())).collect()
}

#[derive(Serialize)]
struct Response<'s> {
    #[serde(flatten)]
    header: Header,
    /// What `describe_stack` says of it.
    #[serde(flatten)]
    described: Map<String, Value>,
    r#where: &'s Place,
    /// Its sub-components.
    parts: Vec<String>,
    links_out: Vec<Value>,
    links_in: Vec<Value>,
    /// What its namespace may open. Policies act on namespaces; `needed` says whose need it is.
    flows_out: Vec<FlowEntry<'s>>,
    flows_in: Vec<FlowEntry<'s>>,
    flows_within: Vec<FlowEntry<'s>>,
    /// Why there are no flows, where that does not mean that none is allowed.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<&'static str>,
    controls: Vec<ControlEntry<'s>>,
}

/// A flow, and whether this component needs it or has it because of a neighbour.
#[derive(Serialize)]
struct FlowEntry<'s> {
    #[serde(flatten)]
    flow: &'s ProvenFlow,
    needed: bool,
}

#[derive(Serialize)]
struct ControlEntry<'s> {
    id: &'s ControlId,
    title: &'s str,
    status: Status,
}

fn component(asked: &Asked) -> Result<String, ResourceError> {
    let snapshot = &asked.snapshot;
    let name = asked.value(0);
    let mut known = snapshot.stack.with_ids();
    let Some((id, component)) = known.find(|(_, component)| component.name.to_string() == name) else {
        return Err(none_such(
            "component",
            name,
            names(snapshot, &BTreeMap::new()).into_iter().map(|offer| offer.value),
        ));
    };
    let fields = asked.ask("describe_stack", Map::from_iter([("detail".to_owned(), json!("full"))]))?.fields;
    let list = |name: &str| fields[name].as_array().cloned().unwrap_or_default();
    let mut described = list("components").into_iter().filter(|entry| entry["name"] == name);
    let (links_out, links_in) = links(snapshot, id, &list("links"));
    let parts = snapshot.stack.components.iter().filter(|part| part.parent == Some(id));
    let mut response = Response {
        header: Header::of(snapshot),
        described: described.next().and_then(|entry| entry.as_object().cloned()).unwrap_or_default(),
        r#where: &component.place,
        parts: parts.map(|part| part.name.to_string()).collect(),
        links_out,
        links_in,
        flows_out: Vec::new(),
        flows_in: Vec::new(),
        flows_within: Vec::new(),
        note: note(snapshot, id),
        controls: controls(snapshot, id),
    };
    flows(snapshot, id, &mut response);
    json(&response)
}

/// The links that start and that end at `id` or at a part of it, as `described`.
fn links(snapshot: &Snapshot, id: ComponentId, described: &[Value]) -> (Vec<Value>, Vec<Value>) {
    let is_own = |end: ComponentId| end == id || snapshot.stack.component(end).parent == Some(id);
    let of = |end: fn(&Link) -> ComponentId| {
        let own = snapshot.stack.links.iter().filter(|link| is_own(end(link))).map(|link| link.id.as_str());
        let own: BTreeSet<&str> = own.collect();
        let is_own = |entry: &&Value| entry["id"].as_str().is_some_and(|link| own.contains(link));
        described.iter().filter(is_own).cloned().collect()
    };
    (of(|link| link.source), of(|link| link.target))
}

/// The flows of the namespace of `id`. A need of the namespace as such, and one of a part of the same component, is its
/// own: they share their pods.
fn flows<'s>(snapshot: &'s Snapshot, id: ComponentId, response: &mut Response<'s>) {
    let stack = &snapshot.stack;
    let Some(home) = stack.namespace(id).filter(|_| !stack.owner(id).is_external) else { return };
    let owner = |party: ComponentId| stack.component(party).parent.unwrap_or(party);
    let needs = |parties: &[ComponentId]| parties.is_empty() || parties.iter().any(|party| owner(*party) == owner(id));
    let is_home = |end: &End| matches!(end, End::Namespace(namespace) if namespace == home);
    for (declared, flow) in snapshot.flows().iter().zip(snapshot.proven()) {
        let Flow { from, to, from_components, to_components, .. } = declared;
        match (is_home(from), is_home(to)) {
            (true, true) => response.flows_within.push(FlowEntry { flow, needed: needs(from_components) }),
            (true, false) => response.flows_out.push(FlowEntry { flow, needed: needs(from_components) }),
            (false, true) => response.flows_in.push(FlowEntry { flow, needed: needs(to_components) }),
            (false, false) => {}
        }
    }
}

fn note(snapshot: &Snapshot, id: ComponentId) -> Option<&'static str> {
    let home = snapshot.stack.namespace(id);
    if snapshot.stack.owner(id).is_external {
        Some("it runs in another stack, whose policies are not known here")
    } else if snapshot.level() == Level::None {
        Some("no policies at this level: nothing restricts what it may reach, nor what may reach it")
    } else if home.is_some_and(|home| !snapshot.basis().manages(home)) {
        Some("its namespace is the cluster's own and gets no policies: nothing here restricts its traffic")
    } else {
        None
    }
}

/// The controls whose rules look at it, or that rest on it or lack something of it.
fn controls(snapshot: &Snapshot, id: ComponentId) -> Vec<ControlEntry<'_>> {
    let name = snapshot.stack.component(id).name.to_string();
    let is_about = |result: &ControlResult| {
        let mut subjects =
            result.evidence.iter().map(|one| &one.subject).chain(result.missing.iter().map(|one| &one.subject));
        result.components.contains(&id) || subjects.any(|subject| **subject == *name)
    };
    let looking = snapshot.assessment().iter().filter(|(_, result)| is_about(result));
    looking
        .map(|(control, result)| ControlEntry { id: &control.id, title: &control.title, status: result.status() })
        .collect()
}
