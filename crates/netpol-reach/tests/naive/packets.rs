//! The Kubernetes API's text on NetworkPolicies, word by word, for one packet at a time.
//!
//! Nothing here is clever, and nothing is shared with the library: what both get wrong, they got wrong apart.

use std::{collections::BTreeMap, net::IpAddr};

use k8s_openapi::{
    api::{
        core::v1::{Namespace, Pod},
        networking::v1::{IPBlock, NetworkPolicy, NetworkPolicyPeer, NetworkPolicyPort},
    },
    apimachinery::pkg::{apis::meta::v1::LabelSelector, util::intstr::IntOrString},
};

/// What there is, as the API server holds it.
#[derive(Debug, Clone, Default)]
pub struct Cluster {
    pub namespaces: Vec<Namespace>,
    pub pods: Vec<Pod>,
    pub policies: Vec<NetworkPolicy>,
}

/// What the API leaves to network plugins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plugin {
    pub ip_blocks_match_pods: bool,
    pub host_network_is_selectable: bool,
}

/// An end of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum End {
    Pod(usize),
    Address(IpAddr),
}

/// A port of the destination.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Port {
    pub protocol: &'static str,
    pub number: u16,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    Ingress,
    Egress,
}

type Labels = BTreeMap<String, String>;

/// The peers and ports of a rule, of either direction.
type Rule<'p> = (&'p [NetworkPolicyPeer], &'p [NetworkPolicyPort]);

impl Cluster {
    /// "For a connection from a source pod to a destination pod to be allowed, both the egress policy on the source pod
    /// and the ingress policy on the destination pod need to allow the connection."
    pub fn allows(&self, plugin: Plugin, source: End, destination: End, port: Port) -> bool {
        self.side_allows(plugin, Direction::Egress, source, destination, port)
            && self.side_allows(plugin, Direction::Ingress, destination, source, port)
    }

    /// "By default, a pod is non-isolated [...]; all [...] connections are allowed. [...] The effects of those
    /// [...] lists combine additively."
    pub fn side_allows(&self, plugin: Plugin, direction: Direction, own: End, peer: End, port: Port) -> bool {
        let isolating: Vec<usize> =
            (0..self.policies.len()).filter(|policy| self.isolates(plugin, *policy, direction, own)).collect();
        isolating.is_empty() || isolating.iter().any(|policy| self.lists(plugin, *policy, direction, own, peer, port))
    }

    /// "A pod is isolated [...] if there is any NetworkPolicy that both selects the pod and has [the direction] in its
    /// policyTypes."
    pub fn isolates(&self, plugin: Plugin, policy: usize, direction: Direction, own: End) -> bool {
        let End::Pod(own) = own else { return false };
        let policy = &self.policies[policy];
        let everything = LabelSelector::default();
        let selector = policy.spec.as_ref().unwrap().pod_selector.as_ref().unwrap_or(&everything);
        affects(policy, direction)
            && self.namespace_of(own) == namespace(policy.metadata.namespace.as_deref())
            && self.selects_pod(plugin, selector, own)
    }

    /// Whether one of the policy's rules allows it: "traffic which matches both ports and from".
    pub fn lists(&self, plugin: Plugin, policy: usize, direction: Direction, own: End, peer: End, port: Port) -> bool {
        let policy = &self.policies[policy];
        let home = namespace(policy.metadata.namespace.as_deref());
        let destination = if direction == Direction::Ingress { own } else { peer };
        rules(policy, direction).into_iter().any(|(peers, ports)| {
            // "If this field is empty or missing, this rule matches all sources", and for ports: "matches all ports".
            (peers.is_empty() || peers.iter().any(|one| self.is_peer(plugin, one, home, peer)))
                && (ports.is_empty() || ports.iter().any(|one| self.is_port(one, destination, port)))
        })
    }

    fn is_peer(&self, plugin: Plugin, peer: &NetworkPolicyPeer, home: &str, end: End) -> bool {
        if let Some(block) = &peer.ip_block {
            return match end {
                End::Address(address) => holds(block, address),
                End::Pod(pod) => {
                    let is_node = !plugin.host_network_is_selectable && self.is_on_host(pod);
                    (plugin.ip_blocks_match_pods || is_node)
                        && self.addresses(pod).into_iter().any(|ip| holds(block, ip))
                }
            };
        }
        let End::Pod(pod) = end else { return false };
        let is_in = match &peer.namespace_selector {
            // "Otherwise it selects the Pods matching PodSelector in the policy's own Namespace."
            None => self.namespace_of(pod) == home,
            Some(selector) => matches(selector, &self.namespace_labels(self.namespace_of(pod))),
        };
        let everything = LabelSelector::default();
        is_in && self.selects_pod(plugin, peer.pod_selector.as_ref().unwrap_or(&everything), pod)
    }

    /// Plugins that can't tell a pod on the host network from its node ignore it "when matching `podSelector` and
    /// `namespaceSelector`".
    fn selects_pod(&self, plugin: Plugin, selector: &LabelSelector, pod: usize) -> bool {
        let labels = self.pods[pod].metadata.labels.clone().unwrap_or_default();
        (plugin.host_network_is_selectable || !self.is_on_host(pod)) && matches(selector, &labels)
    }

    fn is_on_host(&self, pod: usize) -> bool {
        self.pods[pod].spec.as_ref().is_some_and(|spec| spec.host_network == Some(true))
    }

    fn is_port(&self, listed: &NetworkPolicyPort, destination: End, port: Port) -> bool {
        if listed.protocol.as_deref().unwrap_or("TCP") != port.protocol {
            return false;
        }
        let number = i32::from(port.number);
        match (&listed.port, listed.end_port) {
            (None, _) => true,
            (Some(IntOrString::Int(first)), None) => *first == number,
            (Some(IntOrString::Int(first)), Some(last)) => (*first..=last).contains(&number),
            (Some(IntOrString::String(name)), _) => match destination {
                End::Address(_) => false,
                End::Pod(pod) => self.named_port(pod, name, port.protocol) == Some(number),
            },
        }
    }

    /// The first port of that name and protocol, of containers and then of sidecars.
    fn named_port(&self, pod: usize, name: &str, protocol: &str) -> Option<i32> {
        let spec = self.pods[pod].spec.as_ref()?;
        let sidecars = spec.init_containers.iter().flatten();
        let sidecars = sidecars.filter(|container| container.restart_policy.as_deref() == Some("Always"));
        let ports = spec.containers.iter().chain(sidecars).flat_map(|container| container.ports.iter().flatten());
        let mut named = ports
            .filter(|port| port.name.as_deref() == Some(name) && port.protocol.as_deref().unwrap_or("TCP") == protocol);
        named.next().map(|port| port.container_port)
    }

    fn namespace_of(&self, pod: usize) -> &str {
        namespace(self.pods[pod].metadata.namespace.as_deref())
    }

    /// "The Kubernetes control plane sets an immutable label kubernetes.io/metadata.name on all namespaces, the value
    /// of the label is the namespace name."
    fn namespace_labels(&self, name: &str) -> Labels {
        let object = self.namespaces.iter().find(|namespace| namespace.metadata.name.as_deref() == Some(name));
        let mut labels = object.and_then(|namespace| namespace.metadata.labels.clone()).unwrap_or_default();
        labels.insert("kubernetes.io/metadata.name".to_owned(), name.to_owned());
        labels
    }

    fn addresses(&self, pod: usize) -> Vec<IpAddr> {
        let listed = self.pods[pod].status.iter().flat_map(|status| status.pod_ips.iter().flatten());
        listed.map(|address| address.ip.parse().unwrap()).collect()
    }
}

/// An object that names no namespace is applied to `default`.
pub fn namespace(named: Option<&str>) -> &str {
    named.unwrap_or("default")
}

/// "Ingress" always, unless `policyTypes` says otherwise; "Egress" if there are such rules.
fn affects(policy: &NetworkPolicy, direction: Direction) -> bool {
    let spec = policy.spec.as_ref().unwrap();
    let types = spec.policy_types.as_deref().unwrap_or_default();
    match direction {
        Direction::Ingress => types.is_empty() || types.iter().any(|one| one == "Ingress"),
        Direction::Egress if types.is_empty() => spec.egress.as_ref().is_some_and(|rules| !rules.is_empty()),
        Direction::Egress => types.iter().any(|one| one == "Egress"),
    }
}

fn rules(policy: &NetworkPolicy, direction: Direction) -> Vec<Rule<'_>> {
    let spec = policy.spec.as_ref().unwrap();
    match direction {
        Direction::Ingress => spec
            .ingress
            .iter()
            .flatten()
            .map(|rule| (rule.from.as_deref().unwrap_or_default(), rule.ports.as_deref().unwrap_or_default()))
            .collect(),
        Direction::Egress => spec
            .egress
            .iter()
            .flatten()
            .map(|rule| (rule.to.as_deref().unwrap_or_default(), rule.ports.as_deref().unwrap_or_default()))
            .collect(),
    }
}

/// Both `matchLabels` and `matchExpressions` have to match. "An empty label selector matches all objects."
fn matches(selector: &LabelSelector, labels: &Labels) -> bool {
    let mut pairs = selector.match_labels.iter().flatten();
    pairs.all(|(key, value)| labels.get(key) == Some(value))
        && selector.match_expressions.iter().flatten().all(|requirement| {
            let value = labels.get(&requirement.key);
            let is_listed = value.is_some_and(|value| requirement.values.iter().flatten().any(|one| one == value));
            match requirement.operator.as_str() {
                "In" => is_listed,
                "NotIn" => !is_listed,
                "Exists" => value.is_some(),
                "DoesNotExist" => value.is_none(),
                other => panic!("{other} is no operator"),
            }
        })
}

/// The addresses of the range but for those of `except`, "CIDRs that should not be included within an `IPBlock`".
fn holds(block: &IPBlock, address: IpAddr) -> bool {
    is_within(&block.cidr, address) && !block.except.iter().flatten().any(|hole| is_within(hole, address))
}

fn is_within(cidr: &str, address: IpAddr) -> bool {
    let (first, last) = range(cidr);
    first.is_ipv4() == address.is_ipv4() && (first..=last).contains(&address)
}

/// The first and last address of `cidr`.
pub fn range(cidr: &str) -> (IpAddr, IpAddr) {
    let (base, length) = cidr.split_once('/').unwrap();
    let length: u32 = length.parse().unwrap();
    match base.parse().unwrap() {
        IpAddr::V4(base) => {
            let rest = u32::MAX.checked_shr(length).unwrap_or(0);
            let first = u32::from(base) & !rest;
            (IpAddr::V4(first.into()), IpAddr::V4((first | rest).into()))
        }
        IpAddr::V6(base) => {
            let rest = u128::MAX.checked_shr(length).unwrap_or(0);
            let first = u128::from(base) & !rest;
            (IpAddr::V6(first.into()), IpAddr::V6((first | rest).into()))
        }
    }
}
