//! What rules are judged on: the stack, its proven flows, its scope and what people state, looked up by what rules ask.

use std::sync::{Arc, OnceLock};

use netpol_reach::{Direction, Namespace, PortSet, Ports, Table};
use pci_policy::{
    Basis, PolicySet,
    declared::{End, Flow},
    ports_of,
    proof::{self, Verdict},
};
use pci_stack::{
    Change, Component, ComponentId, Date, Digest, Level, Link, Stack, TypeName,
    catalog::{Exception, Profile, StatedFact},
};

use super::{Evidence, EvidenceKind, Missing, Scope, Zone};
use crate::{controls::Controls, events::Siem};

/// What a stack is judged on.
#[derive(Clone, Copy)]
pub struct Grounds<'a> {
    /// Stack, tables, cluster, level.
    pub basis: &'a Basis<'a>,
    /// What people state.
    pub profile: &'a Profile,
    /// The controls.
    pub controls: &'a Arc<Controls>,
    /// The sources of security events.
    pub siem: &'a Siem,
    /// Zones.
    pub scope: &'a Scope,
    /// The rules.
    pub rules: &'a PolicySet,
    /// The declared flows.
    pub flows: &'a [Flow],
    /// The proof, and what it rests on.
    pub evidence: &'a proof::Evidence,
    /// The day that statements are held against; `None` if nobody says.
    pub as_of: Option<Date>,
    /// The digest of the stack's file, which some statements are given for.
    pub stack_digest: Digest,
}

/// What became of a declared link.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Openness {
    /// The policies let it through.
    Allowed,
    /// They don't.
    Refused,
    /// It makes no rule: nothing says on which port it runs.
    NoPort,
    /// No policy is enforced at this level, so that nothing shows.
    NothingEnforced,
}

/// Grounds, with what is looked up often.
pub struct Case<'a> {
    /// What the stack is judged on.
    pub grounds: Grounds<'a>,
    by_type: Table<&'a TypeName, Vec<ComponentId>>,
    links_from: Table<ComponentId, Vec<&'a Link>>,
    links_to: Table<ComponentId, Vec<&'a Link>>,
    parts: Table<ComponentId, Vec<ComponentId>>,
    flows_from: Table<&'a Namespace, Vec<usize>>,
    flows_into: Table<&'a Namespace, Vec<usize>>,
    facts: Table<(&'a str, &'a str), &'a StatedFact>,
    names: Vec<String>,
    // Made on first use: what makes them must not wait for other threads' work, which may wait for them.
    openness: Table<&'a str, OnceLock<Openness>>,
    in_use: OnceLock<Vec<&'a Exception>>,
}

impl<'a> Case<'a> {
    /// The case of `grounds`.
    pub fn of(grounds: Grounds<'a>) -> Self {
        let stack = grounds.basis.stack;
        let mut case = Self {
            grounds,
            by_type: Table::default(),
            links_from: Table::default(),
            links_to: Table::default(),
            parts: Table::default(),
            flows_from: Table::default(),
            flows_into: Table::default(),
            facts: grounds
                .profile
                .facts
                .iter()
                .map(|fact| ((fact.component.as_str(), fact.fact.as_str()), fact))
                .collect(),
            names: stack.components.iter().map(|component| component.name.to_string()).collect(),
            openness: stack.links.iter().map(|link| (link.id.as_str(), OnceLock::new())).collect(),
            in_use: OnceLock::new(),
        };
        for (id, component) in stack.with_ids().filter(|(id, _)| !stack.owner(*id).is_external) {
            case.by_type.entry(&component.kind).or_default().push(id);
            if let Some(parent) = component.parent {
                case.parts.entry(parent).or_default().push(id);
            }
        }
        for (index, flow) in grounds.flows.iter().enumerate() {
            if let End::Namespace(from) = &flow.from {
                case.flows_from.entry(from).or_default().push(index);
            }
            if let End::Namespace(to) = &flow.to {
                case.flows_into.entry(to).or_default().push(index);
            }
        }
        for link in &stack.links {
            case.links_from.entry(owner(stack, link.source)).or_default().push(link);
            case.links_to.entry(owner(stack, link.target)).or_default().push(link);
        }
        case
    }

    /// The stack.
    pub fn stack(&self) -> &'a Stack {
        self.grounds.basis.stack
    }

    /// The components and sub-components of this stack that are of type `kind`.
    pub fn of_type(&self, kind: &TypeName) -> &[ComponentId] {
        self.by_type.get(kind).map_or(&[], Vec::as_slice)
    }

    /// Whether the stack has no component of its own, so that its policies show nothing.
    pub fn is_empty(&self) -> bool {
        self.by_type.is_empty()
    }

    /// The component `id`.
    pub fn component(&self, id: ComponentId) -> &'a Component {
        self.stack().component(id)
    }

    /// What people call `id`.
    pub fn name(&self, id: ComponentId) -> &str {
        &self.names[id.index()]
    }

    /// The sub-components of `parents` that are of type `kind`.
    pub fn parts(&self, parents: &[ComponentId], kind: &TypeName) -> Vec<ComponentId> {
        let parts = parents.iter().filter_map(|parent| self.parts.get(parent)).flatten();
        parts.filter(|id| self.component(**id).kind == *kind).copied().collect()
    }

    /// The links that start at `id` or at a part of it.
    pub fn links_from(&self, id: ComponentId) -> &[&'a Link] {
        self.links_from.get(&owner(self.stack(), id)).map_or(&[], Vec::as_slice)
    }

    /// The links that end at `id` or at a part of it.
    pub fn links_to(&self, id: ComponentId) -> &[&'a Link] {
        self.links_to.get(&owner(self.stack(), id)).map_or(&[], Vec::as_slice)
    }

    /// Whether `id`, or what it is a part of, is of one of `kinds`.
    pub fn is_of(&self, id: ComponentId, kinds: &[TypeName]) -> bool {
        kinds.contains(&self.component(id).kind) || kinds.contains(&self.stack().owner(id).kind)
    }

    /// What is stated of `component` as `fact`.
    pub fn fact(&self, component: &str, fact: &str) -> Option<&'a StatedFact> {
        self.facts.get(&(component, fact)).copied()
    }

    /// What is recommended as the attribute `name` of components of type `kind`.
    pub fn recommended_attribute(&self, kind: &TypeName, name: &str) -> Option<&'a String> {
        self.grounds.basis.catalog.types.get(kind)?.recommended.as_ref()?.attributes.get(name)
    }

    /// What is recommended as the fact `name` of components of type `kind`.
    pub fn recommended_fact(&self, kind: &TypeName, name: &str) -> Option<&'a String> {
        self.grounds.basis.catalog.types.get(kind)?.recommended.as_ref()?.facts.get(name)
    }

    /// Whether nothing is enforced at the level that holds.
    pub fn is_open(&self) -> bool {
        self.grounds.basis.level == Level::None
    }

    /// What would make the level enforce something.
    pub fn set_level(&self) -> Change {
        Change::set_level(Level::PciDssStrict.as_str())
    }

    /// The zone of `id`.
    pub fn zone(&self, id: ComponentId) -> Option<Zone> {
        self.grounds.scope.zone(self.grounds.basis.home(id)?)
    }

    /// The components that are in scope, without parts and without what is no party on the network.
    pub fn in_scope(&self) -> impl Iterator<Item = (ComponentId, &'a Component)> {
        let types = &self.grounds.basis.catalog.types;
        let components = self.stack().with_ids().filter(|(_, component)| component.parent.is_none());
        components
            .filter(|(_, component)| !component.is_external && types.is_on_network(&component.kind))
            .filter(|(id, _)| self.zone(*id).is_some_and(|zone| zone != Zone::OutOfScope))
    }

    /// The declared flows, each with whether the policies let it through.
    pub fn flows(&self) -> impl Iterator<Item = (&'a Flow, Verdict)> {
        self.grounds.flows.iter().zip(self.grounds.evidence.verdicts.iter().copied())
    }

    /// The flows that leave `namespace`, each with whether the policies let it through.
    pub fn flows_from(&self, namespace: &Namespace) -> impl Iterator<Item = (&'a Flow, Verdict)> {
        self.indexed(self.flows_from.get(namespace))
    }

    /// The flows that enter `namespace`, each with whether the policies let it through.
    pub fn flows_into(&self, namespace: &Namespace) -> impl Iterator<Item = (&'a Flow, Verdict)> {
        self.indexed(self.flows_into.get(namespace))
    }

    fn indexed(&self, indices: Option<&Vec<usize>>) -> impl Iterator<Item = (&'a Flow, Verdict)> {
        let (flows, verdicts) = (self.grounds.flows, &self.grounds.evidence.verdicts);
        indices
            .cloned()
            .unwrap_or_default()
            .into_iter()
            .filter_map(|index| Some((flows.get(index)?, *verdicts.get(index)?)))
    }

    /// The exceptions that open anything in this stack, each once.
    pub fn exceptions_in_use(&self) -> &[&'a Exception] {
        self.in_use.get_or_init(|| {
            let entries = &self.grounds.basis.catalog.exceptions.entries;
            let mut is_used: Table<&str, bool> = entries.iter().map(|entry| (&*entry.id, false)).collect();
            for source in self.grounds.rules.rules.iter().flat_map(|rule| &rule.sources) {
                if let Some(is_used) = is_used.get_mut(&**source) {
                    *is_used = true;
                }
            }
            entries.iter().filter(|entry| is_used.remove(&*entry.id) == Some(true)).collect()
        })
    }

    /// What became of `link`.
    pub fn openness(&self, link: &'a Link) -> Openness {
        let found = || self.find_openness(link);
        self.openness.get(link.id.as_str()).map_or_else(found, |cell| *cell.get_or_init(found))
    }

    fn find_openness(&self, link: &Link) -> Openness {
        if self.is_open() {
            return Openness::NothingEnforced;
        }
        let basis = self.grounds.basis;
        let is_outbound = self.stack().owner(link.target).is_external;
        if let (Some(home), true) = (basis.home(link.source), is_outbound) {
            return if self.lets_out(home, &Ports::https()) { Openness::Allowed } else { Openness::Refused };
        }
        let known = ports_of(basis, link);
        let (Some(from), Some(to)) = (basis.home(known.from), basis.home(known.to)) else { return Openness::Refused };
        if known.ports.is_empty() {
            return Openness::NoPort;
        }
        let ground = &self.grounds.evidence.ground;
        let allowed = ground.ports(ground.namespace(from), ground.namespace(to));
        if PortSet::from(&known.ports).minus(&allowed).is_empty() { Openness::Allowed } else { Openness::Refused }
    }

    /// Whether the policies let connections out of the cluster from `home`, on all of `ports`.
    pub fn lets_out(&self, home: &Namespace, ports: &Ports) -> bool {
        self.flows_from(home)
            .any(|(flow, verdict)| flow.to.is_outside() && verdict == Verdict::Allowed && flow.covers(ports))
    }

    /// The ports on which `link` runs. What leads out of the stack leaves on HTTPS, by an exception.
    pub fn link_ports(&self, link: &Link) -> Ports {
        let leads_out = self.stack().owner(link.target).is_external;
        if leads_out { Ports::https() } else { ports_of(self.grounds.basis, link).ports }
    }

    /// What shows that `link` is let through.
    pub fn allowed_link(&self, link: &Link) -> Evidence {
        let basis = self.grounds.basis;
        let known = ports_of(basis, link);
        let ground = &self.grounds.evidence.ground;
        let policy = || {
            let (from, to) = (basis.home(known.from)?, basis.home(known.to)?);
            let ports = PortSet::from(&known.ports);
            let policies = ground.policies(ground.namespace(from), ground.namespace(to), Direction::Egress, &ports);
            policies.first().map(ToString::to_string)
        };
        let by = policy().map(|policy| format!(", let out by {policy}")).unwrap_or_default();
        let on = if known.ports.is_empty() { String::new() } else { format!(" on {}", known.ports) };
        Evidence::new(EvidenceKind::Flow, link.id.as_str(), format!("declared and allowed{on}{by}"), Some(&link.place))
    }

    /// What is missing of `link`, which is declared and not let through.
    pub fn refused_link(&self, link: &Link, openness: Openness) -> Missing {
        let types = [link.source, link.target].map(|end| &self.component(end).kind);
        let missing = match openness {
            Openness::NothingEnforced => {
                let what = "nothing is enforced at this level, so that no path is shown";
                Missing::not_known(what, link.id.as_str()).remedied_by(self.set_level())
            }
            Openness::NoPort => Missing::disproved("nothing says on which port this link runs", link.id.as_str()),
            Openness::Refused | Openness::Allowed => {
                Missing::disproved("the policies do not let this link through", link.id.as_str())
            }
        };
        missing.of_types(types).at(&link.place)
    }
}

/// The component that `id` is, or is a part of.
pub(super) fn owner(stack: &Stack, id: ComponentId) -> ComponentId {
    stack.component(id).parent.unwrap_or(id)
}
