//! What the profile's facts of the cluster declare: the API server, its calls to webhooks, DNS.

use std::{collections::BTreeSet, sync::Arc};

use netpol_reach::{AddressBlock, Direction, Port, Ports, Protocol};
use pci_stack::catalog::{Dns, WebhookSource};

use super::{End, Gathered, Half, Outside, flow, needed_by};
use crate::{Kind, RulePorts};

impl Gathered<'_> {
    /// What the profile's facts of the cluster add.
    pub(super) fn cluster(&mut self) {
        let (basis, cluster) = (self.basis, self.basis.cluster);
        let dns_port = |number: u64| {
            let number = number.try_into().ok();
            number.map(|number| {
                [Protocol::Udp, Protocol::Tcp].map(|protocol| Port { number, protocol }).into_iter().collect()
            })
        };
        let dns: Option<(End, Option<Ports>)> = match cluster.dns {
            Some(Dns::Nodelocal) => "169.254.20.10/32"
                .parse()
                .ok()
                .map(|net| (End::Addresses(Outside::Dns, [AddressBlock::all_of(net)].into()), dns_port(53))),
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
        for (id, component) in basis.stack.with_ids().filter(|(_, component)| component.parent.is_none()) {
            let ports = basis.webhook_ports(component);
            let home = self.home(id).filter(|home| self.is_managed(home) && !ports.is_empty());
            let Some(to) = home else { continue };
            let is_half = self.is_managed(from) && *from != to;
            let source = Some(basis.webhook_source_name().into());
            let declared = flow(from.clone(), to, RulePorts::Exact(ports), Kind::ComponentException, source);
            let declared = needed_by(declared, (None, Some(id)));
            if is_half {
                self.halves.push(Half { direction: Direction::Ingress, flow: declared });
            } else {
                self.add(declared);
            }
        }
    }
}
