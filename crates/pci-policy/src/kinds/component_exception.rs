//! Component exceptions: what a component type needs that links can't say; applied only where the type is in the
//! stack. Where the profile says from where the API server calls webhooks, every webhook is opened to it.

use netpol_reach::{AddressBlock, Direction, Ports};
use pci_stack::catalog::{Section, WebhookSource};

use super::{Made, exception};
use crate::{Basis, Intent, Kind, Peer, PeerLabel, RulePorts};

/// The rules of the section `component-exceptions`, and those for webhooks.
pub(super) fn make(basis: &Basis, made: &mut Made) {
    for entry in basis.catalog.exceptions.section(Section::Component) {
        exception::make(basis, Kind::ComponentException, entry, made);
    }
    if !basis.namespaces().is_empty() {
        webhooks(basis, made);
    }
}

fn webhooks(basis: &Basis, made: &mut Made) {
    let sources = basis.webhook_sources();
    let is_address = |source: &WebhookSource| match source {
        WebhookSource::Addresses(net) => Some(AddressBlock::all_of(*net)),
        WebhookSource::Namespace(_) => None,
    };
    let mut blocks: Vec<AddressBlock> = sources.iter().filter_map(is_address).collect();
    blocks.sort_unstable();
    blocks.dedup();
    for (namespace, components) in basis.inhabited() {
        let webhooks = components.iter().map(|id| basis.webhook_ports(basis.stack.component(*id)));
        let ports = webhooks.fold(Ports::default(), |ports, more| ports.union(&more));
        if ports.is_empty() {
            continue;
        }
        let mut open = |peer, label| {
            let exact = RulePorts::Exact(ports.clone());
            let intent = Intent::allowing(namespace, Kind::ComponentException, Direction::Ingress, peer, exact);
            let intent = intent.labelled(label).from_source(basis.webhook_source_name().into());
            made.intents.push(intent.because(Some("the API server calls the webhooks that run here".into())));
        };
        if !blocks.is_empty() {
            open(Peer::Addresses(blocks.as_slice().into()), PeerLabel::KubeApi);
        }
        for source in &sources {
            if let WebhookSource::Namespace(from) = source
                && from != namespace
            {
                open(Peer::Namespace(from.clone()), PeerLabel::Namespace);
            }
        }
    }
}
