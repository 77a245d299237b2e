//! The flows that a stack declares, end to end: what the policies are to allow between namespaces, neither more nor
//! less. Made from the stack and the tables alone and never from the rules, so that the proof can hold one against
//! the other.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use super::{Basis, Kind, RulePorts, ports_of};
use crate::{
    catalog::{Dns, Exception, ExceptionPeer, ExceptionPorts, Section, Subject, WebhookSource},
    stack::ComponentId,
    terms::{AddressBlock, Direction, Level, Namespace, Port, Ports, Protocol},
};

/// One end of a flow.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum End {
    /// All pods of a namespace.
    Namespace(Namespace),
    /// Addresses outside the pod network, under a name that people know them by.
    Addresses(Outside, Arc<[AddressBlock]>),
}

/// What people call addresses outside the pod network.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Outside {
    /// Networks that nobody vouches for.
    Internet,
    /// Where the profile says that a load balancer's connections come from.
    LoadBalancer,
    /// The API server's own addresses.
    ApiServer,
    /// The node's own DNS cache.
    Dns,
    /// Addresses that an exception names.
    Addresses,
}

/// A declared flow. Flows of the same ends and ports, declared by several, are one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Who opens connections.
    pub from: End,
    /// Who takes them.
    pub to: End,
    /// On which ports.
    pub ports: RulePorts,
    /// What declares it first.
    pub kind: Kind,
    /// The links and exceptions that declare it.
    pub sources: BTreeSet<Arc<str>>,
    /// The components that need it at its start; empty if the namespace as such does.
    pub from_components: BTreeSet<ComponentId>,
    /// The components that need it at its end; empty if the namespace as such does.
    pub to_components: BTreeSet<ComponentId>,
}

/// What an exception says of one side of a connection whose other side is a managed namespace.
struct Half {
    direction: Direction,
    flow: Flow,
}

/// All declared flows, by ends and ports.
pub fn flows(basis: &Basis) -> Vec<Flow> {
    let mut gathered = Gathered { basis, managed: basis.namespaces().iter().cloned().collect(), flows: BTreeMap::new(), halves: Vec::new() };
    if !gathered.managed.is_empty() {
        gathered.within_namespaces();
        gathered.links();
        for entry in &basis.catalog.exceptions.entries {
            gathered.exception(entry);
        }
        gathered.cluster();
        gathered.level();
        gathered.matching_halves();
    }
    gathered.flows.into_values().collect()
}

struct Gathered<'b> {
    basis: &'b Basis<'b>,
    managed: BTreeSet<Namespace>,
    flows: BTreeMap<(End, End, RulePorts), Flow>,
    halves: Vec<Half>,
}

impl Gathered<'_> {
    fn add(&mut self, flow: Flow) {
        if flow.from == flow.to && flow.kind != Kind::IntraNamespace {
            return;
        }
        let key = (flow.from.clone(), flow.to.clone(), flow.ports.clone());
        if let Some(known) = self.flows.get_mut(&key) {
            known.sources.extend(flow.sources);
            known.from_components.extend(flow.from_components);
            known.to_components.extend(flow.to_components);
        } else {
            self.flows.insert(key, flow);
        }
    }

    /// Where `id` runs, if it is in this stack.
    fn home(&self, id: ComponentId) -> Option<End> {
        let here = !self.basis.stack.owner(id).is_external;
        self.basis.stack.namespace(id).filter(|_| here).cloned().map(End::Namespace)
    }

    fn is_managed(&self, end: &End) -> bool {
        matches!(end, End::Namespace(namespace) if self.managed.contains(namespace))
    }

    fn within_namespaces(&mut self) {
        let (basis, table) = (self.basis, &self.basis.catalog.exceptions.ports);
        let mut ports: BTreeMap<Namespace, Vec<Port>> = BTreeMap::new();
        for (id, component) in basis.stack.with_ids() {
            let Some(End::Namespace(namespace)) = self.home(id) else { continue };
            let declared = component.declared_ports.values().map(|number| Port::tcp(*number));
            ports.entry(namespace).or_default().extend(table.of_type(&component.kind).chain(declared));
        }
        for link in &basis.stack.links {
            if let (Some(End::Namespace(from)), Some(End::Namespace(to))) = (self.home(link.source), self.home(link.target))
                && from == to
            {
                ports.entry(from).or_default().extend(ports_of(basis, link).ports.iter());
            }
        }
        for namespace in self.managed.clone() {
            let known: Ports = ports.remove(&namespace).unwrap_or_default().into_iter().collect();
            let ports = if basis.is_strict() { RulePorts::Exact(known) } else { RulePorts::All };
            if ports != RulePorts::Exact(Ports::default()) {
                let end = End::Namespace(namespace);
                self.add(flow(end.clone(), end, ports, Kind::IntraNamespace, None));
            }
        }
    }

    fn links(&mut self) {
        let basis = self.basis;
        for link in &basis.stack.links {
            let is_connection = basis.catalog.types.is_on_network(&basis.stack.component(link.target).kind);
            let ports = ports_of(basis, link);
            if let (Some(from), Some(to), true) = (self.home(ports.from), self.home(ports.to), is_connection)
                && !ports.ports.is_empty()
                && (self.is_managed(&from) || self.is_managed(&to))
            {
                let parties = (Some(ports.from), Some(ports.to));
                let declared = flow(from, to, RulePorts::Exact(ports.ports), Kind::Link, Some(link.id.shared()));
                self.add(needed_by(declared, parties));
            }
        }
    }

    fn exception(&mut self, entry: &Exception) {
        let basis = self.basis;
        match &entry.subject {
            Subject::EveryNamespace => {
                for namespace in self.managed.clone() {
                    self.opening(entry, &End::Namespace(namespace), None);
                }
            }
            Subject::Type(name) => {
                for (id, _) in basis.stack.of_type(name) {
                    if let Some(home) = self.home(id).filter(|home| self.is_managed(home)) {
                        self.opening(entry, &home, Some(id));
                    }
                }
            }
        }
    }

    /// What `entry` declares for its subject, which runs at `home`.
    fn opening(&mut self, entry: &Exception, home: &End, own: Option<ComponentId>) {
        let basis = self.basis;
        let kind = match entry.section {
            Section::Component => Kind::ComponentException,
            Section::System => Kind::System,
            Section::Internet => Kind::Internet,
        };
        let source: Arc<str> = entry.id.as_str().into();
        let egress = entry.direction == Direction::Egress;
        let one_sided = |far: End, own: Option<ComponentId>, ports| {
            let (from, to) = turned(egress, home.clone(), far);
            needed_by(flow(from, to, ports, kind, Some(Arc::clone(&source))), turned(egress, own, None))
        };
        let far = match &entry.peer {
            ExceptionPeer::ComponentType(_) | ExceptionPeer::Stack => {
                for (id, component) in basis.stack.with_ids() {
                    let client = matches!(entry.peer, ExceptionPeer::Stack).then(|| basis.client_ports(id));
                    let is_peer = match &entry.peer {
                        ExceptionPeer::ComponentType(name) => component.kind == *name,
                        _ => basis.catalog.types.is_on_network(&component.kind),
                    };
                    let arrives_at = if egress { Some(id) } else { own };
                    let ports = client.map_or_else(|| self.ports(entry, arrives_at), |ports| Some(RulePorts::Exact(ports)));
                    let ports = ports.filter(|ports| *ports != RulePorts::Exact(Ports::default()));
                    if let (Some(far), Some(ports), true) = (self.home(id), ports, is_peer) {
                        let (from, to) = turned(egress, home.clone(), far);
                        let declared = flow(from, to, ports, kind, Some(Arc::clone(&source)));
                        self.add(needed_by(declared, turned(egress, own, Some(id))));
                    }
                }
                return;
            }
            ExceptionPeer::Namespace(namespace) => End::Namespace(namespace.clone()),
            ExceptionPeer::KubeApi => End::Namespace(Namespace::default_namespace()),
            ExceptionPeer::Dns => End::Namespace(Namespace::kube_system()),
            ExceptionPeer::External if egress => End::Addresses(Outside::Internet, basis.internet()),
            ExceptionPeer::External if basis.cluster.load_balancer_sources.is_empty() => {
                End::Addresses(Outside::Internet, basis.outside())
            }
            ExceptionPeer::External => End::Addresses(Outside::LoadBalancer, basis.outside()),
            ExceptionPeer::Addresses(block) => End::Addresses(Outside::Addresses, [block.clone()].into()),
        };
        let Some(ports) = self.ports(entry, own.filter(|_| !egress)) else { return };
        let is_half = self.is_managed(&far) && far != *home;
        let declared = one_sided(far, own, ports);
        if is_half {
            self.halves.push(Half { direction: entry.direction, flow: declared });
        } else {
            self.add(declared);
        }
    }

    fn ports(&self, entry: &Exception, arrives_at: Option<ComponentId>) -> Option<RulePorts> {
        let listed = match &entry.ports {
            ExceptionPorts::AllOr(_) if !self.basis.is_strict() => return Some(RulePorts::All),
            ExceptionPorts::AllOr(ports) | ExceptionPorts::Exact(ports) => ports.clone(),
            ExceptionPorts::ClientPortsOfPeer => return None,
        };
        let target = arrives_at.map(|id| self.basis.stack.owner(id));
        let ports = target.map_or_else(|| listed.clone(), |target| self.basis.with_pod_ports(target, &listed));
        (!ports.is_empty()).then_some(RulePorts::Exact(ports))
    }

    /// What the profile's facts of the cluster add.
    fn cluster(&mut self) {
        let (basis, cluster) = (self.basis, self.basis.cluster);
        let dns_port = |number: u64| {
            let number = number.try_into().ok();
            number.map(|number| [Protocol::Udp, Protocol::Tcp].map(|protocol| Port { number, protocol }).into_iter().collect())
        };
        let dns: Option<(End, Option<Ports>)> = match cluster.dns {
            Some(Dns::Nodelocal) => "169.254.20.10/32".parse().ok().map(|net| {
                (End::Addresses(Outside::Dns, [AddressBlock::all_of(net)].into()), dns_port(53))
            }),
            Some(Dns::Openshift) => "openshift-dns".parse().ok().map(|name| (End::Namespace(name), dns_port(5353))),
            Some(Dns::Coredns) | None => None,
        };
        let blocks = |nets: &[ipnet::IpNet]| {
            let blocks: BTreeSet<AddressBlock> = nets.iter().copied().map(AddressBlock::all_of).collect();
            blocks.into_iter().collect::<Arc<[_]>>()
        };
        for namespace in self.managed.clone() {
            let home = End::Namespace(namespace);
            if let Some(server) = &cluster.api_server {
                let listed: Arc<[_]> = server.addresses.iter().copied().map(AddressBlock::all_of).collect();
                let ports = RulePorts::Exact(server.ports.iter().copied().map(Port::tcp).collect());
                let to = End::Addresses(Outside::ApiServer, listed);
                self.add(flow(home.clone(), to, ports, Kind::System, Some("profile: cluster.api_server".into())));
            }
            if let Some((to, Some(ports))) = &dns {
                let source = Some("profile: cluster.dns".into());
                self.add(flow(home.clone(), to.clone(), RulePorts::Exact(ports.clone()), Kind::System, source));
            }
        }
        let sources = basis.webhook_sources();
        let address = |source: &WebhookSource| match source {
            WebhookSource::Addresses(net) => Some(*net),
            WebhookSource::Namespace(_) => None,
        };
        let nets: Vec<_> = sources.iter().filter_map(address).collect();
        let namespaces = sources.iter().filter_map(|source| match source {
            WebhookSource::Namespace(namespace) => Some(End::Namespace(namespace.clone())),
            WebhookSource::Addresses(_) => None,
        });
        let addresses = (!nets.is_empty()).then(|| End::Addresses(Outside::ApiServer, blocks(&nets)));
        for from in addresses.into_iter().chain(namespaces) {
            self.webhooks(&from);
        }
    }

    /// Every webhook of a namespace, called from `from`.
    fn webhooks(&mut self, from: &End) {
        let basis = self.basis;
        let mut webhooks: BTreeMap<End, (Vec<Port>, BTreeSet<ComponentId>)> = BTreeMap::new();
        for (id, component) in basis.stack.with_ids().filter(|(_, component)| component.parent.is_none()) {
            let ports = basis.webhook_ports(component);
            if let Some(home) = self.home(id).filter(|home| self.is_managed(home) && !ports.is_empty()) {
                let known = webhooks.entry(home).or_default();
                known.0.extend(ports.iter());
                known.1.insert(id);
            }
        }
        for (to, (ports, components)) in webhooks {
            let is_half = self.is_managed(from) && *from != to;
            let source = Some("profile: cluster.webhook_sources".into());
            let ports = RulePorts::Exact(ports.into_iter().collect());
            let mut declared = flow(from.clone(), to, ports, Kind::ComponentException, source);
            declared.to_components = components;
            if is_half {
                self.halves.push(Half { direction: Direction::Ingress, flow: declared });
            } else {
                self.add(declared);
            }
        }
    }

    /// What the level `standard` adds: web ports for all but data stores.
    fn level(&mut self) {
        let basis = self.basis;
        if basis.level != Level::Standard {
            return;
        }
        for (id, component) in basis.stack.with_ids().filter(|(_, component)| component.parent.is_none()) {
            let home = self.home(id).filter(|home| self.is_managed(home));
            if let Some(home) = home.filter(|_| !basis.catalog.types.is_data_store(&component.kind)) {
                let web = [80_u64, 443].into_iter().filter_map(|number| number.try_into().ok()).map(Port::tcp).collect();
                let to = End::Addresses(Outside::Internet, basis.internet());
                let source = Some("level: standard".into());
                let declared = flow(home, to, RulePorts::Exact(web), Kind::Internet, source);
                self.add(needed_by(declared, (Some(id), None)));
            }
        }
    }

    /// Two exceptions that each open one side of the same connection declare it together.
    fn matching_halves(&mut self) {
        let halves = std::mem::take(&mut self.halves);
        let (out, into): (Vec<_>, Vec<_>) = halves.into_iter().partition(|half| half.direction == Direction::Egress);
        for leaving in &out {
            let arriving = into.iter().filter(|half| half.flow.from == leaving.flow.from && half.flow.to == leaving.flow.to);
            for arriving in arriving {
                let ports = match (&leaving.flow.ports, &arriving.flow.ports) {
                    (RulePorts::All, other) | (other, RulePorts::All) => other.clone(),
                    (RulePorts::Exact(a), RulePorts::Exact(b)) => RulePorts::Exact(a.intersection(b)),
                    _ => RulePorts::None,
                };
                if matches!(&ports, RulePorts::None) || ports == RulePorts::Exact(Ports::default()) {
                    continue;
                }
                let mut both = Flow { ports, ..leaving.flow.clone() };
                both.sources.extend(arriving.flow.sources.iter().cloned());
                both.to_components.extend(arriving.flow.to_components.iter().copied());
                self.add(both);
            }
        }
    }
}

/// Own end and far end as start and end of a connection.
fn turned<T>(is_egress: bool, own: T, far: T) -> (T, T) {
    if is_egress { (own, far) } else { (far, own) }
}

fn flow(from: End, to: End, ports: RulePorts, kind: Kind, source: Option<Arc<str>>) -> Flow {
    let sources = source.into_iter().collect();
    Flow { from, to, ports, kind, sources, from_components: BTreeSet::new(), to_components: BTreeSet::new() }
}

fn needed_by(flow: Flow, (from, to): (Option<ComponentId>, Option<ComponentId>)) -> Flow {
    Flow { from_components: from.into_iter().collect(), to_components: to.into_iter().collect(), ..flow }
}
