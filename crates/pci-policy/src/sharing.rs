//! What a component may do only because of a neighbour. Policies act on namespaces, so components that share one
//! share its openings.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::{Namespace, Port, Ports, Table};
use pci_stack::{ComponentId, Finding, Severity};

use super::{
    Basis, Kind, RulePorts,
    declared::{End, Flow, Outside},
    findings,
};

/// A flow that a component has because of a neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared {
    /// Who has it without needing it.
    pub component: ComponentId,
    /// What it is: its place among the flows.
    pub flow: usize,
    /// On which ports, beyond those it needs itself; `None` for all.
    pub ports: Option<Ports>,
}

/// Both ends of a flow as one component sees it: itself at one, and whether at the start.
type Own<'f> = (ComponentId, bool, &'f End);

/// How many components a finding names.
const NAMED: usize = 5;

/// How many such flows are listed: components and flows of one namespace multiply.
const MOST_LISTED: usize = 5_000;

/// What sharing namespaces brings.
#[derive(Debug, Default)]
pub struct Sharing {
    /// The flows that components have because of neighbours, at most 5,000.
    pub listed: Vec<Shared>,
    /// How many there are.
    pub total: usize,
    /// A finding for each namespace that has any.
    pub findings: Vec<Finding>,
}

/// What the components of one namespace have of each other.
#[derive(Default)]
struct Count {
    flows: usize,
    is_high: bool,
}

/// All flows that components have because of neighbours. Components and flows of one namespace multiply, so that their
/// pairs are counted, and gone through only as far as they are listed.
pub fn by_sharing(basis: &Basis, flows: &[Flow]) -> Sharing {
    let needs = Needs::of(basis, flows);
    let crowded: BTreeMap<&Namespace, &[ComponentId]> =
        basis.inhabited().filter(|(_, components)| components.len() > 1).collect();
    let mut sharing = Sharing::default();
    let mut counts: BTreeMap<&Namespace, Count> = BTreeMap::new();
    for (index, flow) in flows.iter().enumerate().filter(|(_, flow)| flow.kind != Kind::IntraNamespace) {
        let sides =
            [(true, &flow.from, &flow.to, &flow.from_components), (false, &flow.to, &flow.from, &flow.to_components)];
        for (is_start, own, far, components) in sides {
            let End::Namespace(namespace) = own else { continue };
            let Some(neighbours) = crowded.get(namespace).filter(|_| !components.is_empty()) else { continue };
            let open = exact(flow);
            let mut own: BTreeSet<ComponentId> = components.iter().map(|party| owner(basis, *party)).collect();
            own.retain(|id| neighbours.binary_search(id).is_ok());
            let covered = if flow.ports == RulePorts::All {
                Vec::new()
            } else {
                needs.covering((namespace, is_start, far), &open)
            };
            let without_need = covered.iter().filter(|id| !own.contains(id)).count() + own.len();
            let found =
                if flow.ports == RulePorts::All || !open.is_empty() { neighbours.len() - without_need } else { 0 };
            if found == 0 {
                continue;
            }
            let count = counts.entry(namespace).or_default();
            count.flows += found;
            count.is_high |= is_high(basis, flow);
            sharing.total += found;
            for id in neighbours.iter().filter(|id| !own.contains(id)) {
                if sharing.listed.len() >= MOST_LISTED {
                    break;
                }
                let ports = open.minus(&needs.of_component(*id, is_start, far));
                if flow.ports == RulePorts::All || !ports.is_empty() {
                    let ports = (flow.ports != RulePorts::All).then_some(ports);
                    sharing.listed.push(Shared { component: *id, flow: index, ports });
                }
            }
        }
    }
    sharing.findings = counts.iter().map(|(namespace, count)| finding(basis, namespace, count)).collect();
    sharing
}

/// The namespace of an end, whether connections start there, and their other end.
type OwnEnd<'f> = (&'f Namespace, bool, &'f End);

/// What components need themselves.
struct Needs<'f> {
    by_component: Table<Own<'f>, Vec<Port>>,
    /// Who needs a port at an end, ascending, each once.
    by_port: Table<(OwnEnd<'f>, Port), Vec<ComponentId>>,
}

impl<'f> Needs<'f> {
    fn of(basis: &Basis<'f>, flows: &'f [Flow]) -> Self {
        let mut needs = Self { by_component: Table::default(), by_port: Table::default() };
        for flow in flows {
            for (is_start, end, components) in
                [(true, &flow.to, &flow.from_components), (false, &flow.from, &flow.to_components)]
            {
                for id in components.iter().map(|id| owner(basis, *id)) {
                    let ports = exact(flow);
                    needs.by_component.entry((id, is_start, end)).or_default().extend(ports.iter());
                    let Some(home) = basis.home(id) else { continue };
                    for port in ports.iter() {
                        needs.by_port.entry(((home, is_start, end), port)).or_default().push(id);
                    }
                }
            }
        }
        for who in needs.by_port.values_mut() {
            who.sort_unstable();
            who.dedup();
        }
        needs
    }

    /// The ports that `id` needs to or from `far`.
    fn of_component(&self, id: ComponentId, is_start: bool, far: &End) -> Ports {
        self.by_component.get(&(id, is_start, far)).into_iter().flatten().copied().collect()
    }

    /// Who needs all of `ports` at an end.
    fn covering(&self, end: OwnEnd, ports: &Ports) -> Vec<ComponentId> {
        let mut who: Vec<&[ComponentId]> = Vec::new();
        for port in ports.iter() {
            match self.by_port.get(&(end, port)) {
                Some(some) => who.push(some),
                None => return Vec::new(),
            }
        }
        who.sort_by_key(|some| some.len());
        let Some((fewest, others)) = who.split_first() else { return Vec::new() };
        fewest.iter().filter(|id| others.iter().all(|some| some.binary_search(id).is_ok())).copied().collect()
    }
}

/// The component that `id` is, or is a part of.
fn owner(basis: &Basis, id: ComponentId) -> ComponentId {
    basis.stack.component(id).parent.unwrap_or(id)
}

fn exact(flow: &Flow) -> Ports {
    match &flow.ports {
        RulePorts::Exact(ports) => ports.clone(),
        RulePorts::None | RulePorts::All => Ports::default(),
    }
}

/// Whether a flow touches networks outside or a data store.
fn is_high(basis: &Basis, flow: &Flow) -> bool {
    let is_store = |id: &ComponentId| basis.catalog.types.is_data_store(&basis.stack.owner(*id).kind);
    let touches = |end: &End, parties: &[ComponentId]| {
        matches!(end, End::Addresses(Outside::Internet | Outside::LoadBalancer | Outside::Addresses, _))
            || parties.iter().any(is_store)
    };
    touches(&flow.from, &flow.from_components) || touches(&flow.to, &flow.to_components)
}

fn finding(basis: &Basis, namespace: &Namespace, count: &Count) -> Finding {
    let components: Vec<_> = basis.components_of(namespace).map(|(_, component)| component).collect();
    let mut names: Vec<String> =
        components.iter().take(NAMED).map(|component| format!("`{}`", component.name)).collect();
    if components.len() > NAMED {
        names.push(format!("{} more", components.len() - NAMED));
    }
    let message = format!(
        "{} share `{namespace}`: {} flows are open to components that declare no need of them",
        names.join(", "),
        count.flows
    );
    let finding =
        Finding::new(&findings::SHARED_NAMESPACE, message, components.first().map(|first| first.place.clone()));
    if count.is_high { finding.severity(Severity::High) } else { finding }
}
