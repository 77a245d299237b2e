//! The ends of connections: pods that no policy tells apart, as one, and classes of addresses.

use std::{collections::BTreeMap, sync::Arc};

use roaring::RoaringBitmap;

use super::{
    AddressClass, AddressClasses, ContainerPort, Policy, PolicyPeer, World,
    label_index::{LabelIndex, Told, Vocabulary},
};
use crate::terms::AddressBlock;

/// An end of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndId(pub(super) u32);

impl From<u32> for EndId {
    fn from(id: u32) -> Self {
        Self(id)
    }
}

/// How a pod's own addresses count, which the API leaves to network plugins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Settings {
    /// Whether an `ipBlock` matches pods by their addresses. The API says of blocks only that they are for addresses
    /// outside the cluster, since a pod's address does not last; plugins differ.
    pub ip_blocks_match_pods: bool,
}

/// All ends: classes of pods, by namespace, then classes of addresses.
#[derive(Debug, Default)]
pub struct Ends {
    /// The class of each pod of the world.
    of_pod: Vec<u32>,
    pods: Vec<PodClass>,
    pub(super) addresses: AddressClasses,
    pub(super) of_addresses: BTreeMap<u32, RoaringBitmap>,
}

/// Pods of one namespace that no policy tells apart.
#[derive(Debug)]
pub(super) struct PodClass {
    pub(super) namespace: usize,
    pub(super) ports: Option<Arc<[ContainerPort]>>,
}

/// What selectors see of all this.
#[derive(Debug, Default)]
pub(super) struct Indices {
    pub(super) namespaces: LabelIndex,
    pub(super) pods: LabelIndex,
    /// The classes of each namespace, which lie side by side.
    pub(super) of_namespace: Vec<RoaringBitmap>,
}

/// What makes pods alike.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Likeness<'w> {
    namespace: usize,
    is_selectable: bool,
    labels: Told<'w>,
    ports: Option<Vec<&'w ContainerPort>>,
    addresses: Vec<u32>,
}

impl Ends {
    /// The ends of `world` as `policies` tell them apart.
    pub(super) fn of(world: &World, policies: &[Policy], settings: Settings) -> (Self, Indices) {
        let (mut of_pods, mut of_namespaces) = (Vocabulary::default(), Vocabulary::default());
        let mut port_names: Vec<&str> = Vec::new();
        let mut blocks: Vec<&AddressBlock> = world.blocks.iter().collect();
        for policy in policies {
            of_pods.add(&policy.pods);
            for rule in policy.all_rules() {
                port_names.extend(rule.named_ports.iter().map(|port| port.name.as_ref()));
                for peer in &rule.peers {
                    match peer {
                        PolicyPeer::Everything => {}
                        PolicyPeer::Pods { namespaces, pods } => {
                            of_pods.add(pods);
                            if let Some(selector) = namespaces {
                                of_namespaces.add(selector);
                            }
                        }
                        PolicyPeer::Addresses(block) => blocks.push(block),
                    }
                }
            }
        }
        port_names.sort_unstable();
        port_names.dedup();
        let addresses = AddressClasses::of(blocks);
        let mut indices = Indices::default();
        for (namespace, id) in world.namespaces.iter().zip(0..) {
            indices.namespaces.push(id, &of_namespaces.told(&namespace.labels));
        }
        let mut alike: BTreeMap<Likeness, Vec<usize>> = BTreeMap::new();
        for (index, pod) in world.pods.iter().enumerate() {
            let ports = pod.ports.as_ref().map(|ports| {
                let told = ports.iter().filter(|port| port_names.binary_search(&port.name.name.as_ref()).is_ok());
                let mut told: Vec<_> = told.collect();
                told.sort_unstable();
                told
            });
            // A pod that selectors don't match is on the host network, and has the node's address.
            let counted = pod.addresses.iter().filter(|_| settings.ip_blocks_match_pods || !pod.is_selectable);
            let mut of_addresses: Vec<u32> = counted.filter_map(|address| addresses.of_address(*address)).collect();
            of_addresses.sort_unstable();
            of_addresses.dedup();
            let key = Likeness {
                namespace: pod.namespace,
                is_selectable: pod.is_selectable,
                labels: of_pods.told(&pod.labels),
                ports,
                addresses: of_addresses,
            };
            alike.entry(key).or_default().push(index);
        }
        let mut ends = Self { of_pod: vec![0; world.pods.len()], addresses, ..Self::default() };
        indices.of_namespace = vec![RoaringBitmap::new(); world.namespaces.len()];
        for ((likeness, pods), id) in alike.into_iter().zip(0..) {
            for pod in &pods {
                ends.of_pod[*pod] = id;
            }
            if likeness.is_selectable {
                indices.pods.push(id, &likeness.labels);
                indices.of_namespace[likeness.namespace].insert(id);
            }
            for class in likeness.addresses {
                ends.of_addresses.entry(class).or_default().insert(id);
            }
            let ports = likeness.ports.map(|ports| ports.into_iter().cloned().collect());
            ends.pods.push(PodClass { namespace: likeness.namespace, ports });
        }
        (ends, indices)
    }

    /// All ends.
    pub fn iter(&self) -> impl Iterator<Item = EndId> + use<> {
        (0..self.len()).map(EndId)
    }

    /// The first of them. There always is one: addresses have a class even if nothing divides them.
    pub fn first(&self) -> EndId {
        EndId(0)
    }

    /// How many ends there are.
    pub(super) fn len(&self) -> u32 {
        number(self.pods.len() + self.addresses.iter().len())
    }

    /// How many of them are pods; these come first.
    pub(super) fn pods(&self) -> u32 {
        number(self.pods.len())
    }

    /// The pods that `end` is, if it is not outside.
    pub(super) fn pod_class(&self, end: u32) -> Option<&PodClass> {
        self.pods.get(end as usize)
    }

    /// The end that the pod at `index` of the world is.
    pub fn of_pod(&self, index: usize) -> Option<EndId> {
        self.of_pod.get(index).copied().map(EndId)
    }

    /// The namespace of the pods that `end` is, as an index into the world's.
    pub fn namespace(&self, end: EndId) -> Option<usize> {
        self.pod_class(end.0).map(|class| class.namespace)
    }

    /// The ends outside that make up `block`.
    pub fn of_block(&self, block: &AddressBlock) -> impl Iterator<Item = EndId> {
        self.addresses.of_block(block).iter().map(|class| EndId(self.pods() + class))
    }

    /// The end outside that `address` is of.
    pub fn of_address(&self, address: std::net::IpAddr) -> Option<EndId> {
        self.addresses.of_address(address).map(|class| EndId(self.pods() + class))
    }

    /// The addresses that `end` is, if it is outside.
    pub fn addresses(&self, end: EndId) -> Option<&AddressClass> {
        end.0.checked_sub(self.pods()).and_then(|class| self.addresses.get(class as usize))
    }

    /// The ends that `block` matches: addresses, and, if blocks match pods, pods.
    pub(super) fn matched_by_block(&self, block: &AddressBlock) -> RoaringBitmap {
        let classes = self.addresses.of_block(block);
        let mut matched: RoaringBitmap = classes.iter().map(|class| self.pods() + class).collect();
        classes.iter().filter_map(|class| self.of_addresses.get(class)).for_each(|pods| matched |= pods);
        matched
    }
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
