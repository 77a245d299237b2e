//! What people call the ends of a connection → the ends that are meant.

use std::net::IpAddr;

use netpol_reach::{AddressBlock, EndId, Namespace, Port, clean, nearest};
use pci_engine::Snapshot;
use pci_policy::proof::{EndName, Ground};
use pci_stack::{ComponentId, catalog::WebhookSource};

/// A connection as it was asked about.
pub(super) struct Asked {
    pub(super) from: AskedEnd,
    pub(super) to: AskedEnd,
    pub(super) port: Option<Port>,
}

/// An end that a question names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum AskedEnd {
    /// A component, and where its pods run.
    Component(ComponentId, Namespace),
    /// A namespace.
    Namespace(Namespace),
    /// The internet.
    Internet,
    /// The internet, whose connections the profile says arrive from these.
    LoadBalancer(Vec<AddressBlock>),
    /// The API server, at addresses that the profile names, or else behind its Service.
    ApiServer(Vec<AddressBlock>),
    /// An address outside the pod network.
    Address(IpAddr),
}

impl AskedEnd {
    /// The end that `text` names. A bare name is a component first, then a namespace.
    pub(super) fn find(snapshot: &Snapshot, text: &str) -> Result<Self, String> {
        let text = text.trim();
        match text.to_ascii_lowercase().as_str() {
            "internet" => return Ok(Self::Internet),
            "load-balancer" => return Ok(Self::LoadBalancer(snapshot.basis().outside().to_vec())),
            "api-server" => return Ok(Self::ApiServer(api_server(snapshot))),
            _ => {}
        }
        if let Some(name) = text.strip_prefix("ns:") {
            return name.parse().map(Self::Namespace);
        }
        if let Ok(address) = text.parse::<IpAddr>() {
            return Ok(Self::Address(address.to_canonical()));
        }
        if text.contains('/') && text.parse::<ipnet::IpNet>().is_ok() {
            return Err(format!("`{}` is a range: say one address of it", clean(text)));
        }
        match snapshot.stack.named(text).as_slice() {
            [only] => return Self::component(snapshot, *only),
            [] => {}
            several => {
                let list: Vec<String> = several.iter().map(|id| shown(snapshot, *id)).collect();
                return Err(format!("`{}` may be any of {}: say which", clean(text), list.join(", ")));
            }
        }
        let known = snapshot.stack.components.iter().filter_map(|component| component.namespace.as_ref());
        let build = snapshot.stack.build_namespace.iter().map(|(build, _)| build);
        match known.chain(build).find(|namespace| namespace.as_str() == text) {
            Some(namespace) => Ok(Self::Namespace(namespace.clone())),
            None => Err(unknown(snapshot, text)),
        }
    }

    /// The same, at the start of a connection: those from outside come by the load balancer, and the API server's from
    /// where the profile says that it calls webhooks from.
    pub(super) fn at_start(self, snapshot: &Snapshot) -> Self {
        let basis = snapshot.basis();
        match self {
            Self::Internet if !basis.cluster.load_balancer_sources.is_empty() => {
                Self::LoadBalancer(basis.outside().to_vec())
            }
            Self::ApiServer(_) => {
                let mut addresses = Vec::new();
                for source in basis.webhook_sources() {
                    match source {
                        WebhookSource::Namespace(namespace) => return Self::Namespace(namespace),
                        WebhookSource::Addresses(net) => addresses.push(AddressBlock::all_of(net)),
                    }
                }
                Self::ApiServer(addresses)
            }
            other => other,
        }
    }

    fn component(snapshot: &Snapshot, id: ComponentId) -> Result<Self, String> {
        if snapshot.stack.owner(id).is_external {
            return Err(format!(
                "`{}` runs in another stack: ask for `internet`, or for its address",
                shown(snapshot, id)
            ));
        }
        match snapshot.stack.namespace(id) {
            Some(namespace) => Ok(Self::Component(id, namespace.clone())),
            None => Err(format!("`{}` has no namespace", shown(snapshot, id))),
        }
    }

    /// The ends of the proof that are meant, and what they are called together.
    pub(super) fn ends(&self, snapshot: &Snapshot, ground: &Ground) -> (Vec<EndId>, EndName) {
        let of_blocks = |blocks: &[AddressBlock]| {
            let mut ends: Vec<EndId> = blocks.iter().flat_map(|block| ground.evaluation.ends.of_block(block)).collect();
            ends.sort_unstable();
            ends.dedup();
            ends
        };
        match self {
            Self::Component(_, namespace) | Self::Namespace(namespace) => {
                (vec![ground.namespace(namespace)], EndName::Namespace(namespace.clone()))
            }
            Self::Internet => (of_blocks(&snapshot.basis().internet()), EndName::Internet),
            Self::LoadBalancer(blocks) => (of_blocks(blocks), EndName::LoadBalancer),
            Self::ApiServer(blocks) if blocks.is_empty() => {
                let home = Namespace::default_namespace();
                (vec![ground.namespace(&home)], EndName::Namespace(home))
            }
            Self::ApiServer(blocks) => (of_blocks(blocks), EndName::ApiServer),
            Self::Address(address) => {
                let end = ground.evaluation.ends.of_address(*address);
                (end.into_iter().collect(), EndName::Addresses(address.to_string().into()))
            }
        }
    }

    /// The name of the component that was asked about.
    pub(super) fn component_name(&self, snapshot: &Snapshot) -> Option<String> {
        match self {
            Self::Component(id, _) => Some(shown(snapshot, *id)),
            _ => None,
        }
    }

    /// The component that is meant: the one named, or the only one of the namespace.
    pub(super) fn stands_for(&self, snapshot: &Snapshot) -> Option<ComponentId> {
        match self {
            Self::Component(id, _) => Some(*id),
            Self::Namespace(namespace) => {
                let basis = snapshot.basis();
                let mut components = basis.components_of(namespace);
                components.next().filter(|_| components.next().is_none()).map(|(id, _)| id)
            }
            Self::Internet | Self::LoadBalancer(_) | Self::ApiServer(_) | Self::Address(_) => None,
        }
    }
}

/// Where the profile says that the API server is.
fn api_server(snapshot: &Snapshot) -> Vec<AddressBlock> {
    let basis = snapshot.basis();
    let addresses = basis.cluster.api_server.iter().flat_map(|server| server.addresses.clone());
    addresses.map(AddressBlock::all_of).collect()
}

pub(super) fn shown(snapshot: &Snapshot, id: ComponentId) -> String {
    snapshot.stack.component(id).name.to_string()
}

fn unknown(snapshot: &Snapshot, text: &str) -> String {
    let components = snapshot.stack.components.iter().map(|component| component.name.to_string());
    let namespaces = snapshot.basis().namespaces().iter().map(ToString::to_string).collect::<Vec<_>>();
    let names: Vec<String> = components.chain(namespaces).collect();
    let meant = snapshot.stack.meant_by_type(snapshot.catalog().vocabulary(), text).map(|meant| format!("; {meant}."));
    let near = || nearest(text, names.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
    let hint = meant.or_else(near).unwrap_or_else(|| ".".to_owned());
    format!(
        "no component or namespace `{}`{} An end is a component, `PARENT/NAME`, `ns:NAMESPACE`, an address, `internet` \
         or `api-server`",
        clean(text),
        hint
    )
}
