//! System rules: what every managed namespace may reach, DNS and the Kubernetes API, and nothing else.

use ipnet::IpNet;
use netpol_reach::{AddressBlock, Direction, Namespace, Place, Port, PortNumber, Ports, Protocol};
use pci_stack::{
    Finding,
    catalog::{Dns, ExceptionPeer, Section},
};

use super::{Made, exception};
use crate::{Basis, Intent, Kind, Peer, PeerLabel, RulePorts, findings};

/// Where a NodeLocal DNSCache listens (Kubernetes documentation, "Using NodeLocal DNSCache").
const NODE_LOCAL: [u8; 4] = [169, 254, 20, 10];

/// The rules of the section `system-exceptions`, and what the profile says of the API server and DNS.
pub(super) fn make(basis: &Basis, made: &mut Made) {
    let namespaces = basis.namespaces();
    if namespaces.is_empty() {
        return;
    }
    for entry in basis.catalog.exceptions.section(Section::System) {
        exception::make(basis, Kind::System, entry, made);
    }
    let mut entries = basis.catalog.exceptions.section(Section::System);
    let asks_for_api = entries.any(|entry| entry.peer == ExceptionPeer::KubeApi);
    match &basis.cluster.api_server {
        Some(server) => {
            let blocks: Vec<AddressBlock> = server.addresses.iter().copied().map(AddressBlock::all_of).collect();
            let ports: Ports = server.ports.iter().copied().map(Port::tcp).collect();
            for namespace in namespaces {
                let peer = Peer::Addresses(blocks.as_slice().into());
                let source = ("profile: cluster.api_server", "pods and operators call the Kubernetes API");
                made.intents.push(egress(namespace, peer, PeerLabel::KubeApi, ports.clone(), source));
            }
        }
        None if asks_for_api => {
            let message = "rules to the Kubernetes API (default:443) and from it (webhooks) may match nothing";
            let place = basis.stack.components.first().map(|component| Place::whole(&component.place.file));
            made.findings.push(Finding::new(&findings::API_SERVER_UNKNOWN, message, place));
        }
        None => {}
    }
    for namespace in namespaces {
        made.intents.extend(dns(basis.cluster.dns, namespace));
    }
}

fn egress(namespace: &Namespace, peer: Peer, label: PeerLabel, ports: Ports, (source, reason): (&str, &str)) -> Intent {
    Intent::allowing(namespace, Kind::System, Direction::Egress, peer, RulePorts::Exact(ports))
        .labelled(label)
        .from_source(source.into())
        .because(Some(reason.into()))
}

/// Where DNS is reached besides `kube-system`.
fn dns(dns: Option<Dns>, namespace: &Namespace) -> Option<Intent> {
    let (peer, number) = match dns? {
        Dns::Coredns => return None,
        Dns::Nodelocal => {
            let address = AddressBlock::all_of(IpNet::from(std::net::IpAddr::from(NODE_LOCAL)));
            (Peer::Addresses([address].into()), 53)
        }
        Dns::Openshift => (Peer::Namespace("openshift-dns".parse().ok()?), 5353),
    };
    let number = PortNumber::try_from(number).ok()?;
    let ports = [Protocol::Udp, Protocol::Tcp].map(|protocol| Port { number, protocol }).into_iter().collect();
    let source = ("profile: cluster.dns", "names are resolved by the cluster's DNS");
    Some(egress(namespace, peer, PeerLabel::Dns, ports, source))
}
