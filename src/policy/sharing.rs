//! What a component may do only because of a neighbour. Policies act on namespaces, so components that share one
//! share its openings.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    Basis, Kind, RulePorts,
    declared::{End, Flow, Outside},
    findings,
};
use crate::{
    stack::ComponentId,
    terms::{Finding, Namespace, Ports, Severity},
};

/// A flow that a component has because of a neighbour.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shared<'f> {
    /// Who has it without needing it.
    pub component: ComponentId,
    /// What it is.
    pub flow: &'f Flow,
    /// On which ports, beyond those it needs itself; `None` for all.
    pub ports: Option<Ports>,
}

/// Both ends of a flow as one component sees it: itself at one, and whether at the start.
type Own<'f> = (ComponentId, bool, &'f End);

/// All such flows, and a finding for each namespace that has any.
pub fn by_sharing<'f>(basis: &Basis, flows: &'f [Flow]) -> (Vec<Shared<'f>>, Vec<Finding>) {
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
    let mut shared = Vec::new();
    for flow in flows.iter().filter(|flow| flow.kind != Kind::IntraNamespace) {
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
                    let ports = (flow.ports != RulePorts::All).then_some(ports);
                    shared.push(Shared { component: *id, flow, ports });
                }
            }
        }
    }
    let findings = crowded.iter().filter_map(|(namespace, components)| finding(basis, namespace, components, &shared));
    let findings = findings.collect();
    (shared, findings)
}

fn exact(flow: &Flow) -> Ports {
    match &flow.ports {
        RulePorts::Exact(ports) => ports.clone(),
        RulePorts::None | RulePorts::All => Ports::default(),
    }
}

/// High where what is shared touches the internet or a data store.
fn finding(basis: &Basis, namespace: &Namespace, components: &[ComponentId], shared: &[Shared]) -> Option<Finding> {
    let here: Vec<&Shared> = shared.iter().filter(|shared| components.contains(&shared.component)).collect();
    if here.is_empty() {
        return None;
    }
    let is_store = |id: &ComponentId| basis.catalog.types.is_data_store(&basis.stack.owner(*id).kind);
    let touches = |end: &End, parties: &BTreeSet<ComponentId>| {
        matches!(end, End::Addresses(Outside::Internet, _)) || parties.iter().any(is_store)
    };
    let is_high = here.iter().any(|shared| {
        let flow = shared.flow;
        touches(&flow.from, &flow.from_components) || touches(&flow.to, &flow.to_components)
    });
    let names: Vec<String> = components.iter().map(|id| format!("`{}`", basis.stack.component(*id).name)).collect();
    let message = format!(
        "{} share `{namespace}`: {} flows are open to components that declare no need of them",
        names.join(", "),
        here.len()
    );
    let place = components.first().map(|id| basis.stack.component(*id).place.clone());
    let finding = Finding::new(&findings::SHARED_NAMESPACE, message, place);
    Some(if is_high { finding.severity(Severity::High) } else { finding })
}
