//! What a scope shows: ends and what is allowed between them; and that as Mermaid.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::{Namespace, PortSet};
use pci_assess::Zone;
use pci_engine::Snapshot;
use pci_policy::{Basis, proof::EndName};
use pci_stack::Component;

use super::{
    super::mermaid::{Charts, Edge, Limits, Node, Shape},
    Depth, Scope,
};

/// How many components a node names.
const NAMED_COMPONENTS: usize = 6;

/// An allowed connection: from where, to where, on which ports.
pub(super) type Flow<'a> = (&'a EndName, &'a EndName, &'a PortSet);

/// What a scope shows.
pub(super) struct Shown<'a> {
    /// The ends; some may have no flow.
    pub(super) ends: BTreeSet<EndName>,
    pub(super) flows: Vec<Flow<'a>>,
}

/// What diagrams are drawn from.
pub(super) struct Drawing<'a> {
    pub(super) snapshot: &'a Snapshot,
    pub(super) basis: Basis<'a>,
    /// Which allowed connections each namespace has.
    touching: BTreeMap<&'a Namespace, Vec<Flow<'a>>>,
    /// What every managed namespace may reach alike.
    pub(super) common: BTreeMap<EndName, PortSet>,
}

impl<'a> Drawing<'a> {
    pub(super) fn of(snapshot: &'a Snapshot) -> Self {
        let basis = snapshot.basis();
        let managed = basis.namespaces();
        let mut touching: BTreeMap<&Namespace, Vec<_>> = BTreeMap::new();
        let mut reached: BTreeMap<(&EndName, &PortSet), usize> = BTreeMap::new();
        for ((from, to), ports) in snapshot.evidence().allowed() {
            if let EndName::Namespace(namespace) = from {
                touching.entry(namespace).or_default().push((from, to, ports));
                let is_outside = !matches!(to, EndName::Namespace(to) if basis.manages(to));
                if basis.manages(namespace) && is_outside {
                    *reached.entry((to, ports)).or_default() += 1;
                }
            }
            if let EndName::Namespace(namespace) = to
                && from != to
            {
                touching.entry(namespace).or_default().push((from, to, ports));
            }
        }
        let is_common = |times: usize| managed.len() > 1 && times == managed.len();
        let common = reached.into_iter().filter(|(_, times)| is_common(*times));
        let common = common.map(|((to, ports), _)| (to.clone(), ports.clone())).collect();
        Self { snapshot, basis, touching, common }
    }

    /// What `scope` shows.
    pub(super) fn shown(&self, scope: &Scope) -> Shown<'_> {
        let (mut ends, flows) = match scope {
            Scope::Overview => {
                let managed = self.basis.namespaces().iter().cloned().map(EndName::Namespace);
                let all = self.snapshot.evidence().allowed().iter().map(|((from, to), ports)| (from, to, ports));
                (managed.collect(), all.filter(|flow| self.is_drawn(flow)).collect::<Vec<Flow>>())
            }
            Scope::Namespace(namespace, depth) => {
                let mut flows: Vec<Flow> = self.touching(namespace).to_vec();
                if *depth == Depth::PeersOfPeers {
                    let theirs = self.peers(namespace);
                    let theirs = theirs.iter().flat_map(|peer| self.touching(peer));
                    flows.extend(theirs.filter(|flow| self.is_drawn(flow)));
                    flows.sort_unstable();
                    flows.dedup();
                }
                (BTreeSet::from([EndName::Namespace(namespace.clone())]), flows)
            }
        };
        ends.extend(flows.iter().flat_map(|(from, to, _)| [(*from).clone(), (*to).clone()]));
        Shown { ends, flows }
    }

    /// Whether an overview draws `flow`: not what every namespace may do.
    fn is_drawn(&self, (from, to, ports): &Flow) -> bool {
        from != to && self.common.get(to) != Some(ports)
    }

    fn touching(&self, namespace: &Namespace) -> &[Flow<'a>] {
        self.touching.get(namespace).map_or(&[], Vec::as_slice)
    }

    /// The managed namespaces that `namespace` may talk to, or that may talk to it.
    pub(super) fn peers(&self, namespace: &Namespace) -> BTreeSet<&'a Namespace> {
        let flows = self.touching(namespace).iter();
        let ends = flows.flat_map(|(from, to, _)| [*from, *to]).filter_map(|end| match end {
            EndName::Namespace(peer) if peer != namespace && self.basis.manages(peer) => Some(peer),
            _ => None,
        });
        ends.collect()
    }

    /// What `write` takes of the charts of `scope`.
    pub(super) fn charts<T>(&self, scope: &Scope, limits: Limits, write: impl FnOnce(&Charts) -> T) -> T {
        let shown = self.shown(scope);
        let mut nodes: BTreeMap<String, Node> =
            shown.ends.iter().map(|end| (end.to_string(), self.node(end))).collect();
        let flows = shown.flows.iter().map(|(from, to, ports)| (from.to_string(), to.to_string(), *ports));
        let flows: Vec<(String, String, &PortSet)> = flows.collect();
        let mut refused = Vec::new();
        if let Scope::Namespace(namespace, _) = scope {
            let (own, others) = (EndName::Namespace(namespace.clone()).to_string(), ["~in", "~out"].map(str::to_owned));
            for (key, line) in others.iter().zip(["everything else", "anywhere else"]) {
                nodes.insert(key.clone(), Node { lines: vec![line.to_owned()], shape: Shape::Refused });
            }
            let [inward, outward] = others;
            refused = vec![(inward, own.clone()), (own, outward)];
        }
        let allowed =
            flows.iter().map(|(from, to, ports)| Edge { from, to, label: port_label(ports), is_refused: false });
        let refused = refused.iter().map(|(from, to)| Edge { from, to, label: "refused".to_owned(), is_refused: true });
        let edges: Vec<Edge> = allowed.chain(refused).collect();
        write(&Charts::of(limits, &nodes, &edges))
    }

    fn node(&self, end: &EndName) -> Node {
        let EndName::Namespace(namespace) = end else {
            let shape = if *end == EndName::OtherNamespaces { Shape::Unmanaged } else { Shape::Outside };
            return Node { lines: vec![label(end)], shape };
        };
        let mut lines = vec![namespace.to_string()];
        let (named, more) = self.named(namespace);
        lines.extend(named.iter().map(|component| component.name.to_string().chars().take(40).collect()));
        lines.extend(more);
        let (shape, mark) = match self.zone(namespace) {
            Some(Zone::Cde) => (Shape::Cde, Some("account data")),
            Some(Zone::Connected) => (Shape::Connected, None),
            Some(Zone::SecurityImpacting) => (Shape::Guarding, None),
            Some(Zone::OutOfScope) => (Shape::Managed, Some("out of scope")),
            None if self.basis.manages(namespace) => (Shape::Managed, None),
            None => (Shape::Unmanaged, None),
        };
        lines.extend(mark.map(str::to_owned));
        Node { lines, shape }
    }

    /// The components of `namespace` that a node names, and that there are more. One that is called as its namespace is
    /// adds nothing.
    pub(super) fn named(&self, namespace: &Namespace) -> (Vec<&'a Component>, Option<String>) {
        let components: Vec<_> = self.basis.components_of(namespace).map(|(_, component)| component).collect();
        let more = components.len().checked_sub(NAMED_COMPONENTS).filter(|more| *more > 0);
        let first = components.into_iter().take(NAMED_COMPONENTS);
        let named = first.filter(|component| component.name.name.as_ref() != namespace.as_str());
        (named.collect(), more.map(|more| format!("and {more} more")))
    }

    /// The zone of `namespace`, if it has policies and anybody says where account data is.
    pub(super) fn zone(&self, namespace: &Namespace) -> Option<Zone> {
        let scope = self.snapshot.scope();
        scope.zone(namespace).filter(|_| scope.is_stated && self.basis.manages(namespace))
    }
}

/// What people call `end`.
pub(super) fn label(end: &EndName) -> String {
    match end {
        EndName::Namespace(namespace) => namespace.to_string(),
        EndName::Internet => "internet".to_owned(),
        EndName::LoadBalancer => "load balancer".to_owned(),
        EndName::ApiServer => "API server".to_owned(),
        EndName::NodeDns => "node-local DNS".to_owned(),
        EndName::Private => "private and node addresses".to_owned(),
        EndName::OtherNamespaces | EndName::Anywhere | EndName::Addresses(_) => end.to_string(),
    }
}

/// `ports` as a label says them.
pub(super) fn port_label(ports: &PortSet) -> String {
    ports.to_string().replace("/TCP", "")
}
