//! The ends of connections: pods that no policy tells apart, as one, and classes of addresses.

use std::{collections::BTreeMap, sync::Arc};

use roaring::RoaringBitmap;

use super::{
    AddressClass, AddressClasses, ContainerPort, Policy, PolicyPeer, World,
    label_index::{LabelIndex, Told, Vocabulary},
    union::union,
};
use crate::{AddressBlock, Keys};

/// An end of connections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct EndId(pub(super) u32);

impl From<u32> for EndId {
    fn from(id: u32) -> Self {
        Self(id)
    }
}

impl From<EndId> for u32 {
    fn from(end: EndId) -> Self {
        end.0
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
    pub(super) ports: Option<Arc<[ContainerPort]>>,
}

/// What selectors see of all this.
#[derive(Debug, Default)]
pub(super) struct Indices {
    pub(super) namespaces: LabelIndex,
    pub(super) pods: LabelIndex,
    /// The classes of each namespace, which lie side by side.
    pub(super) of_namespace: Vec<Arc<RoaringBitmap>>,
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

/// What policies name, and so can tell apart.
#[derive(Default)]
struct Named<'p> {
    of_pods: Vocabulary<'p>,
    of_namespaces: Vocabulary<'p>,
    port_names: Keys<&'p str>,
    blocks: Vec<&'p AddressBlock>,
}

impl<'p> Named<'p> {
    fn by(world: &'p World, policies: &[&'p Policy]) -> Self {
        let mut named = Self { blocks: world.blocks.iter().collect(), ..Self::default() };
        for policy in policies {
            named.of_pods.add(&policy.pods);
            for rule in policy.all_rules() {
                named.port_names.extend(rule.named_ports.iter().map(|port| port.name.as_ref()));
                rule.peers.iter().for_each(|peer| named.add(peer));
            }
        }
        named
    }

    fn add(&mut self, peer: &'p PolicyPeer) {
        match peer {
            PolicyPeer::Everything => {}
            PolicyPeer::Addresses(block) => self.blocks.push(block),
            PolicyPeer::Pods { namespaces, pods } => {
                self.of_pods.add(pods);
                if let Some(selector) = namespaces {
                    self.of_namespaces.add(selector);
                }
            }
        }
    }
}

impl Ends {
    /// The ends of `world` as `policies` tell them apart.
    pub(super) fn of(world: &World, policies: &[&Policy], settings: Settings) -> (Self, Indices) {
        let Named { of_pods, of_namespaces, port_names, blocks } = Named::by(world, policies);
        let addresses = AddressClasses::of(blocks);
        let mut indices = Indices::default();
        for (namespace, id) in world.namespaces.iter().zip(0..) {
            indices.namespaces.push(id, &of_namespaces.told(&namespace.labels));
        }
        let mut alike: BTreeMap<Likeness, Vec<usize>> = BTreeMap::new();
        for (index, pod) in world.pods.iter().enumerate() {
            let ports = pod.ports.as_ref().map(|ports| {
                let told = ports.iter().filter(|port| port_names.contains(port.name.name.as_ref()));
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
        let mut of_namespace = vec![RoaringBitmap::new(); world.namespaces.len()];
        for ((likeness, pods), id) in alike.into_iter().zip(0..) {
            for pod in &pods {
                ends.of_pod[*pod] = id;
            }
            if likeness.is_selectable {
                indices.pods.push(id, &likeness.labels);
                of_namespace[likeness.namespace].insert(id);
            }
            for class in likeness.addresses {
                ends.of_addresses.entry(class).or_default().insert(id);
            }
            let ports = likeness.ports.map(|ports| ports.into_iter().cloned().collect());
            ends.pods.push(PodClass { ports });
        }
        indices.of_namespace = of_namespace.into_iter().map(Arc::new).collect();
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

    /// The ends outside that `block` meets, ascending.
    pub fn of_block(&self, block: &AddressBlock) -> Vec<EndId> {
        self.outside(&self.addresses.of_block(block)).into_iter().map(EndId).collect()
    }

    /// The same of all of `blocks`, as the ids of ends.
    pub fn of_blocks<'b>(&self, blocks: impl IntoIterator<Item = &'b AddressBlock>) -> RoaringBitmap {
        let of_each: Vec<RoaringBitmap> =
            blocks.into_iter().map(|block| self.outside(&self.addresses.of_block(block))).collect();
        union(&of_each)
    }

    /// The ends that are addresses, as their ids.
    pub fn all_outside(&self) -> RoaringBitmap {
        let mut all = RoaringBitmap::new();
        all.insert_range(self.pods()..self.len());
        all
    }

    /// The ends that `classes` are.
    fn outside(&self, classes: &RoaringBitmap) -> RoaringBitmap {
        shifted(classes, self.pods())
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
        let outside = self.outside(&classes);
        let inside = self.of_addresses.iter().filter(|(class, _)| classes.contains(**class)).map(|(_, pods)| pods);
        union(inside.chain([&outside]))
    }
}

/// `set` with `by` added to each member. What costs is its runs, not its members.
fn shifted(set: &RoaringBitmap, by: u32) -> RoaringBitmap {
    let mut moved = RoaringBitmap::new();
    let mut members = set.iter();
    while let Some(run) = members.next_range() {
        moved.insert_range(run.start() + by..=run.end() + by);
    }
    moved
}

fn number(index: usize) -> u32 {
    u32::try_from(index).unwrap_or(u32::MAX)
}
