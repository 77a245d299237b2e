//! What rules are made from: the stack, the tables, the facts of the cluster, the level.

use std::{collections::BTreeMap, sync::Arc};

use ipnet::IpNet;
use netpol_reach::{AddressBlock, Keys, Namespace, Port, Ports};
use pci_stack::{
    Component, ComponentId, Level, Stack,
    catalog::{Catalog, Cluster, Role, WebhookSource},
};

/// What is not the internet, and why it may not count as such: private use (RFC 1918, RFC 4193), shared address space
/// (RFC 6598), link-local with the clouds' metadata services, loopback, and Azure's platform address.
const NOT_INTERNET: [&str; 9] = [
    "10.0.0.0/8",
    "172.16.0.0/12",
    "192.168.0.0/16",
    "100.64.0.0/10",
    "169.254.0.0/16",
    "127.0.0.0/8",
    "168.63.129.16/32",
    "fc00::/7",
    "fe80::/10",
];

/// What rules are made from.
#[derive(Debug, Clone)]
pub struct Basis<'a> {
    /// The declared stack.
    pub stack: &'a Stack,
    /// Ports, exceptions, types.
    pub catalog: &'a Catalog,
    /// What is known of the cluster.
    pub cluster: &'a Cluster,
    /// How strict.
    pub level: Level,
    /// The namespaces that get policies, ascending.
    namespaces: Vec<Namespace>,
    /// The same, to be looked up.
    managed: Keys<&'a Namespace>,
    /// The components of this stack, without sub-components, by namespace.
    by_namespace: BTreeMap<&'a Namespace, Vec<ComponentId>>,
}

impl<'a> Basis<'a> {
    /// What the rules of `stack` at `level` are made from.
    pub fn new(stack: &'a Stack, catalog: &'a Catalog, cluster: &'a Cluster, level: Level) -> Self {
        let mut by_namespace: BTreeMap<&Namespace, Vec<ComponentId>> = BTreeMap::new();
        for (id, component) in stack.with_ids().filter(|(_, component)| !component.is_external) {
            if let Some(namespace) = component.namespace.as_ref() {
                by_namespace.entry(namespace).or_default().push(id);
            }
        }
        let build = stack.build_namespace.iter().map(|(build, _)| build).filter(|_| level == Level::PciDssStrict);
        let all = by_namespace.keys().copied().chain(build);
        let managed: Keys<&Namespace> =
            all.filter(|namespace| level != Level::None && !namespace.is_protected()).collect();
        let mut namespaces: Vec<Namespace> = managed.iter().copied().cloned().collect();
        namespaces.sort_unstable();
        Self { stack, catalog, cluster, level, namespaces, managed, by_namespace }
    }

    /// Whether every rule names exact ports and addresses.
    pub fn is_strict(&self) -> bool {
        self.level == Level::PciDssStrict
    }

    /// The namespaces that get policies: those of components and, in strict mode, the one that builds images.
    pub fn namespaces(&self) -> &[Namespace] {
        &self.namespaces
    }

    /// All namespaces of this stack: those of its components, protected ones too, and the one that builds images.
    pub fn all_namespaces(&self) -> impl Iterator<Item = &Namespace> {
        self.by_namespace.keys().copied().chain(self.stack.build_namespace.iter().map(|(build, _)| build))
    }

    /// Whether `namespace` gets policies.
    pub fn manages(&self, namespace: &Namespace) -> bool {
        self.managed.contains(namespace)
    }

    /// The managed namespaces that hold a component, each with its components, without sub-components.
    pub fn inhabited(&self) -> impl Iterator<Item = (&'a Namespace, &[ComponentId])> {
        let managed = self.by_namespace.iter().filter(|(namespace, _)| self.manages(namespace));
        managed.map(|(namespace, components)| (*namespace, components.as_slice()))
    }

    /// Where the pods of `id` run, if it is of this stack.
    pub fn home(&self, id: ComponentId) -> Option<&'a Namespace> {
        self.stack.namespace(id).filter(|_| !self.stack.owner(id).is_external)
    }

    /// The ports that `id` or, for a sub-component without its own, its parent declares.
    pub fn declared_ports(&self, id: ComponentId) -> Ports {
        let component = self.stack.component(id);
        let holder = if component.declared_ports.is_empty() { self.stack.owner(id) } else { component };
        holder.declared_ports.values().map(|number| Port::tcp(*number)).collect()
    }

    /// The ports on which clients use the component: those of a sub-component's own type, else what it or its parent
    /// declares, else the client ports of its type. A link without a say of its own opens the same.
    pub fn client_ports(&self, id: ComponentId) -> Ports {
        let of_type = |kind| self.catalog.exceptions.ports.with_roles(kind, &[Role::Client]);
        let component = self.stack.component(id);
        let own = component.parent.map(|_| of_type(&component.kind));
        let mut candidates = own.into_iter().chain([self.declared_ports(id), of_type(&self.stack.owner(id).kind)]);
        candidates.find(|ports| !ports.is_empty()).unwrap_or_default()
    }

    /// `ports` and, for each that is a Service port of `component`'s type, the pod ports it stands for. Policies see
    /// a connection after the Service's translation.
    pub fn with_pod_ports(&self, component: &Component, ports: &Ports) -> Ports {
        let table = &self.catalog.exceptions.ports;
        let behind =
            ports.iter().flat_map(|port| table.behind_service(&component.kind, port.number).iter().collect::<Vec<_>>());
        ports.iter().chain(behind).collect()
    }

    /// The ports of `ports` on which no pod of `component`'s type listens, since they are its Service's.
    pub fn service_only(&self, component: &Component, ports: &Ports) -> Ports {
        let table = &self.catalog.exceptions.ports;
        let is_service_only = |port: &Port| {
            !table.is_pod_port(&component.kind, *port)
                && !table.behind_service(&component.kind, port.number).is_empty()
                && !component.declared_ports.values().any(|declared| *declared == port.number)
        };
        ports.iter().filter(is_service_only).collect()
    }

    /// The webhook ports of `component`'s type.
    pub fn webhook_ports(&self, component: &Component) -> Ports {
        self.catalog.exceptions.ports.with_roles(&component.kind, &[Role::Webhook])
    }

    /// Where calls to webhooks come from, as far as the profile says.
    pub fn webhook_sources(&self) -> Vec<WebhookSource> {
        match &self.cluster.api_server {
            _ if !self.cluster.webhook_sources.is_empty() => self.cluster.webhook_sources.clone(),
            Some(server) => server.addresses.iter().copied().map(WebhookSource::Addresses).collect(),
            None => Vec::new(),
        }
    }

    /// What of the profile says where calls to webhooks come from.
    pub fn webhook_source_name(&self) -> &'static str {
        if self.cluster.webhook_sources.is_empty() {
            "profile: cluster.api_server"
        } else {
            "profile: cluster.webhook_sources"
        }
    }

    /// The internet as connections leave for it: every address but private and platform ones, and the profile's.
    pub fn internet(&self) -> Arc<[AddressBlock]> {
        let fixed = NOT_INTERNET.iter().filter_map(|range| range.parse::<IpNet>().ok());
        let holes: Vec<IpNet> = fixed.chain(self.cluster.private_ranges.iter().copied()).collect();
        let less_holes = |all: &AddressBlock| {
            let inside = holes.iter().copied().filter(|hole| all.cidr.contains(hole) && *hole != all.cidr);
            AddressBlock::without(all.cidr, inside).unwrap_or_else(|_| all.clone())
        };
        everywhere().iter().map(less_holes).collect()
    }

    /// Where connections from outside arrive from: anywhere, since a load balancer's source is a node's address by
    /// default, or the profile's `load_balancer_sources`.
    pub fn outside(&self) -> Arc<[AddressBlock]> {
        match self.cluster.load_balancer_sources.as_slice() {
            [] => everywhere().into(),
            sources => sources.iter().copied().map(AddressBlock::all_of).collect(),
        }
    }

    /// The components of `namespace`, without sub-components.
    pub fn components_of(&self, namespace: &Namespace) -> impl Iterator<Item = (ComponentId, &'a Component)> {
        let ids = self.by_namespace.get(namespace).into_iter().flatten();
        ids.map(|id| (*id, self.stack.component(*id)))
    }
}

/// All of IPv4 and all of IPv6.
fn everywhere() -> [AddressBlock; 2] {
    [IpNet::V4(ipnet::Ipv4Net::default()), IpNet::V6(ipnet::Ipv6Net::default())].map(AddressBlock::all_of)
}
