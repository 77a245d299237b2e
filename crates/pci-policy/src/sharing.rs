//! What a component may do only because of a neighbour. Policies act on namespaces, so components that share one
//! share its openings.

use std::collections::BTreeMap;

use netpol_reach::{Namespace, Ports};
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

/// All flows that components have because of neighbours.
pub fn by_sharing(basis: &Basis, flows: &[Flow]) -> Sharing {
    let mut needed: BTreeMap<Own, Ports> = BTreeMap::new();
    for flow in flows {
        for (is_start, end, components) in
            [(true, &flow.to, &flow.from_components), (false, &flow.from, &flow.to_components)]
        {
            for id in components {
                let owner = basis.stack.component(*id).parent.unwrap_or(*id);
                let ports = needed.entry((owner, is_start, end)).or_default();
                *ports = ports.union(&exact(flow));
            }
        }
    }
    let crowded: BTreeMap<&Namespace, &[ComponentId]> =
        basis.inhabited().filter(|(_, components)| components.len() > 1).collect();
    let mut sharing = Sharing::default();
    let mut counts: BTreeMap<&Namespace, Count> = BTreeMap::new();
    for (index, flow) in flows.iter().enumerate().filter(|(_, flow)| flow.kind != Kind::IntraNamespace) {
        let sides =
            [(true, &flow.from, &flow.to, &flow.from_components), (false, &flow.to, &flow.from, &flow.to_components)];
        for (is_start, own, far, components) in sides {
            let End::Namespace(namespace) = own else { continue };
            let neighbours = crowded.get(namespace).filter(|_| !components.is_empty());
            for id in neighbours.into_iter().copied().flatten() {
                let own_need = needed.get(&(*id, is_start, far)).cloned().unwrap_or_default();
                let is_own =
                    components.iter().any(|party| basis.stack.component(*party).parent.unwrap_or(*party) == *id);
                let ports = exact(flow).minus(&own_need);
                if !is_own && (flow.ports == RulePorts::All || !ports.is_empty()) {
                    let count = counts.entry(namespace).or_default();
                    count.flows += 1;
                    count.is_high |= is_high(basis, flow);
                    sharing.total += 1;
                    if sharing.listed.len() < MOST_LISTED {
                        let ports = (flow.ports != RulePorts::All).then_some(ports);
                        sharing.listed.push(Shared { component: *id, flow: index, ports });
                    }
                }
            }
        }
    }
    sharing.findings = counts.iter().map(|(namespace, count)| finding(basis, namespace, count)).collect();
    sharing
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
