//! Random clusters that use all a NetworkPolicy can say, of so few words that much matches.

use k8s_openapi::{
    api::{
        apps::v1::{Deployment, DeploymentSpec},
        core::v1::{Container, ContainerPort, Namespace, Pod, PodIP, PodSpec, PodStatus, PodTemplateSpec},
        networking::v1::{
            IPBlock, NetworkPolicy, NetworkPolicyEgressRule, NetworkPolicyIngressRule, NetworkPolicyPeer,
            NetworkPolicyPort, NetworkPolicySpec,
        },
    },
    apimachinery::pkg::{
        apis::meta::v1::{LabelSelector, LabelSelectorRequirement, ObjectMeta, OwnerReference},
        util::intstr::IntOrString,
    },
};
use proptest::{collection::vec, option, prelude::*, sample::select};
use serde_json::{Value, json};

use super::packets::{Cluster, Plugin, range};

const NAMESPACES: [&str; 3] = ["default", "n1", "n2"];
/// Where pods and policies stand: mostly together.
const HOMES: [&str; 5] = ["n1", "n1", "n1", "n2", "default"];
const VALUES: [&str; 3] = ["x", "y", ""];
const NUMBERS: [i32; 5] = [53, 80, 81, 443, 8080];
const NAMES: [&str; 2] = ["web", "dns"];
const PROTOCOLS: [&str; 3] = ["TCP", "UDP", "SCTP"];
/// Some with host bits, as the API takes them.
const RANGES: [&str; 14] = [
    "0.0.0.0/0",
    "10.0.0.0/8",
    "10.1.2.9/16",
    "10.1.2.0/24",
    "10.1.2.3/32",
    "10.1.2.4/31",
    "128.0.0.0/1",
    "255.255.255.255/32",
    "::/0",
    "2001:db8::/32",
    "2001:db8:1::/48",
    "2001:db8:1::1/128",
    "8000::/1",
    "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff/128",
];
const ADDRESSES: [&str; 4] = ["10.1.2.3", "10.1.9.9", "2001:db8:1::1", "192.0.2.1"];

/// How a pod stands among the manifests.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Form {
    /// Alone.
    Pod,
    /// As one of the replicas of a `ReplicaSet` of this name.
    ReplicaOf(&'static str),
    /// As the template of a Deployment.
    Deployment,
}

/// A cluster, how its pods stand among the manifests, and how these are laid out.
#[derive(Debug, Clone)]
pub struct Plan {
    pub cluster: Cluster,
    pub forms: Vec<Form>,
    pub is_one_list: bool,
    pub plugin: Plugin,
}

impl Plan {
    /// The manifests: a list as `kubectl` prints it, its items before its kind, or a document for each object.
    pub fn manifests(&self) -> String {
        let objects = self.objects();
        if self.is_one_list {
            return json!({ "apiVersion": "v1", "items": objects, "kind": "List" }).to_string();
        }
        let documents = objects.iter().map(|object| format!("---\n{object:#}\n"));
        documents.collect()
    }

    /// The objects.
    fn objects(&self) -> Vec<Value> {
        let Cluster { namespaces, pods, policies } = &self.cluster;
        let pods = pods.iter().zip(&self.forms).map(|(pod, form)| match form {
            Form::Pod | Form::ReplicaOf(_) => json!(pod),
            Form::Deployment => json!(deployment(pod)),
        });
        let namespaces = namespaces.iter().map(|namespace| json!(namespace));
        namespaces.chain(pods).chain(policies.iter().map(|policy| json!(policy))).collect()
    }

    /// The name of the workload that the pod at `index` is of.
    pub fn workload(&self, index: usize) -> String {
        let metadata = &self.cluster.pods[index].metadata;
        let namespace = super::packets::namespace(metadata.namespace.as_deref());
        match self.forms[index] {
            Form::Pod => format!("{namespace}/p{index}[Pod]"),
            Form::ReplicaOf(set) => format!("{namespace}/{set}[ReplicaSet]"),
            Form::Deployment => format!("{namespace}/p{index}[Deployment]"),
        }
    }
}

fn deployment(pod: &Pod) -> Deployment {
    let metadata = ObjectMeta { labels: pod.metadata.labels.clone(), ..ObjectMeta::default() };
    let template = PodTemplateSpec { metadata: Some(metadata), spec: pod.spec.clone() };
    // What the Deployment itself bears is no label of its pods.
    let labels = Some([("a".to_owned(), "x".to_owned())].into());
    Deployment {
        metadata: ObjectMeta { labels, ..pod.metadata.clone() },
        spec: Some(DeploymentSpec { template, ..DeploymentSpec::default() }),
        ..Deployment::default()
    }
}

pub fn plan() -> impl Strategy<Value = Plan> {
    let namespaces = NAMESPACES.map(|name| option::weighted(0.7, namespace(name)));
    let pods = vec((pod(), form()), 1..7);
    let policies = vec(policy(), 0..8);
    let plugin = (any::<bool>(), any::<bool>()).prop_map(|(ip_blocks_match_pods, host_network_is_selectable)| Plugin {
        ip_blocks_match_pods,
        host_network_is_selectable,
    });
    (namespaces, pods, policies, any::<bool>(), plugin).prop_map(|(namespaces, pods, policies, is_one_list, plugin)| {
        let (mut pods, forms): (Vec<Pod>, Vec<Form>) = pods.into_iter().unzip();
        for ((pod, form), index) in pods.iter_mut().zip(&forms).zip(0..) {
            pod.metadata.name = Some(format!("p{index}"));
            match form {
                Form::Pod => {}
                Form::ReplicaOf(set) => pod.metadata.owner_references = Some(vec![owner(set)]),
                Form::Deployment => pod.status = None,
            }
        }
        let named = |(mut policy, index): (NetworkPolicy, usize)| {
            policy.metadata.name = Some(format!("policy-{index}"));
            policy
        };
        let policies = policies.into_iter().zip(0..).map(named).collect();
        let namespaces = namespaces.into_iter().flatten().collect();
        Plan { cluster: Cluster { namespaces, pods, policies }, forms, is_one_list, plugin }
    })
}

/// A policy without a name.
pub fn policy() -> impl Strategy<Value = NetworkPolicy> {
    let ingress = (option::weighted(0.8, vec(peer(), 0..4)), option::weighted(0.7, vec(port(), 0..3)));
    let ingress = ingress.prop_map(|(from, ports)| NetworkPolicyIngressRule { from, ports });
    let egress = (option::weighted(0.8, vec(peer(), 0..4)), option::weighted(0.7, vec(port(), 0..3)));
    let egress = egress.prop_map(|(to, ports)| NetworkPolicyEgressRule { to, ports });
    let types = prop_oneof![
        3 => Just(None),
        1 => Just(Some(vec![])),
        2 => Just(Some(vec!["Ingress"])),
        2 => Just(Some(vec!["Egress"])),
        2 => Just(Some(vec!["Egress", "Ingress"])),
    ];
    let selector = option::weighted(0.9, selector(&["a", "b"], &VALUES));
    let (ingress, egress) = (option::weighted(0.8, vec(ingress, 0..3)), option::weighted(0.8, vec(egress, 0..3)));
    (select(&HOMES[..]), selector, types, ingress, egress).prop_map(
        |(namespace, pod_selector, types, ingress, egress)| {
            let policy_types = types.map(|types| types.into_iter().map(str::to_owned).collect());
            let spec = NetworkPolicySpec { pod_selector, policy_types, ingress, egress };
            NetworkPolicy { metadata: inside(namespace), spec: Some(spec) }
        },
    )
}

fn peer() -> impl Strategy<Value = NetworkPolicyPeer> {
    let pods = || selector(&["a", "b"], &VALUES);
    let namespaces = || selector(&["a", "kubernetes.io/metadata.name"], &["x", "y", "default", "n1"]);
    let peer =
        |namespace_selector, pod_selector, ip_block| NetworkPolicyPeer { ip_block, namespace_selector, pod_selector };
    prop_oneof![
        1 => pods().prop_map(move |pods| peer(None, Some(pods), None)),
        1 => namespaces().prop_map(move |namespaces| peer(Some(namespaces), None, None)),
        1 => (namespaces(), pods()).prop_map(move |(namespaces, pods)| peer(Some(namespaces), Some(pods), None)),
        2 => block().prop_map(move |block| peer(None, None, Some(block))),
    ]
}

/// A range, and holes strictly inside it.
fn block() -> impl Strategy<Value = IPBlock> {
    let holes = option::of(vec(select(&RANGES[..]), 0..4));
    (select(&RANGES[..]), holes).prop_map(|(cidr, holes)| {
        let (first, last) = range(cidr);
        let is_inside = |hole: &&str| {
            let hole = range(hole);
            hole.0.is_ipv4() == first.is_ipv4() && first <= hole.0 && hole.1 <= last && hole != (first, last)
        };
        let except = holes.map(|holes| holes.into_iter().filter(is_inside).map(str::to_owned).collect());
        IPBlock { cidr: cidr.to_owned(), except }
    })
}

fn port() -> impl Strategy<Value = NetworkPolicyPort> {
    let number = || select(&NUMBERS[..]);
    let numbered = |port| (Some(IntOrString::Int(port)), None);
    let ports = prop_oneof![
        1 => Just((None, None)),
        3 => number().prop_map(numbered),
        2 => (number(), 0..100).prop_map(|(first, more)| (Some(IntOrString::Int(first)), Some(first + more))),
        3 => select(&NAMES[..]).prop_map(|name| (Some(IntOrString::String(name.to_owned())), None)),
    ];
    (ports, protocol()).prop_map(|((port, end_port), protocol)| NetworkPolicyPort { end_port, port, protocol })
}

fn selector(keys: &'static [&'static str], values: &'static [&'static str]) -> impl Strategy<Value = LabelSelector> {
    let pairs = prop::collection::btree_map(select(keys), select(values), 0..2);
    let owned = |pairs: std::collections::BTreeMap<&str, &str>| {
        pairs.into_iter().map(|(key, value)| (key.to_owned(), value.to_owned())).collect()
    };
    let condition = prop_oneof![
        vec(select(values), 1..3).prop_map(|values| ("In", values)),
        vec(select(values), 1..3).prop_map(|values| ("NotIn", values)),
        Just(("Exists", vec![])),
        Just(("DoesNotExist", vec![])),
    ];
    let requirement = (select(keys), condition).prop_map(|(key, (operator, values))| LabelSelectorRequirement {
        key: key.to_owned(),
        operator: operator.to_owned(),
        values: (!values.is_empty()).then(|| values.into_iter().map(str::to_owned).collect()),
    });
    let expressions = prop_oneof![3 => Just(None), 2 => vec(requirement, 0..4).prop_map(Some)];
    (option::of(pairs.prop_map(owned)), expressions)
        .prop_map(|(match_labels, match_expressions)| LabelSelector { match_expressions, match_labels })
}

/// A namespace and labels of it, perhaps without the one that the control plane sets.
fn namespace(name: &'static str) -> impl Strategy<Value = Namespace> {
    (labels(), any::<bool>()).prop_map(move |(mut labels, shows_name)| {
        if shows_name {
            labels.insert("kubernetes.io/metadata.name".to_owned(), name.to_owned());
        }
        let metadata = ObjectMeta { name: Some(name.to_owned()), labels: Some(labels), ..ObjectMeta::default() };
        Namespace { metadata, ..Namespace::default() }
    })
}

/// A pod without a name.
fn pod() -> impl Strategy<Value = Pod> {
    let spec = (vec(container(), 0..2), vec((container(), any::<bool>()), 0..2), prop::bool::weighted(0.15));
    let addresses = vec(select(&ADDRESSES[..]), 0..3);
    (select(&HOMES[..]), option::weighted(0.9, labels()), spec, addresses).prop_map(
        |(namespace, labels, (containers, first, is_on_host), addresses)| {
            let first = first.into_iter().map(|(container, is_sidecar)| Container {
                restart_policy: is_sidecar.then(|| "Always".to_owned()),
                ..container
            });
            let spec = PodSpec {
                containers,
                init_containers: Some(first.collect()),
                host_network: is_on_host.then_some(true),
                ..PodSpec::default()
            };
            let ips: Vec<PodIP> = addresses.into_iter().map(|ip| PodIP { ip: ip.to_owned() }).collect();
            let pod_ip = ips.first().map(|first| first.ip.clone());
            let status = PodStatus { pod_ip, pod_ips: Some(ips), ..PodStatus::default() };
            let metadata = ObjectMeta { labels, ..inside(namespace) };
            Pod { metadata, spec: Some(spec), status: Some(status) }
        },
    )
}

fn form() -> impl Strategy<Value = Form> {
    prop_oneof![
        3 => Just(Form::Pod),
        3 => Just(Form::ReplicaOf("set")),
        1 => Just(Form::Deployment),
    ]
}

fn container() -> impl Strategy<Value = Container> {
    let port = (option::weighted(0.9, select(&NAMES[..])), select(&NUMBERS[..]), protocol());
    let port = port.prop_map(|(name, container_port, protocol)| ContainerPort {
        name: name.map(str::to_owned),
        container_port,
        protocol,
        ..ContainerPort::default()
    });
    vec(port, 0..3).prop_map(|ports| Container { ports: Some(ports), ..Container::default() })
}

fn protocol() -> impl Strategy<Value = Option<String>> {
    option::of(select(&PROTOCOLS[..]).prop_map(str::to_owned))
}

fn labels() -> impl Strategy<Value = std::collections::BTreeMap<String, String>> {
    let key = select(&["a", "b"][..]).prop_map(str::to_owned);
    prop::collection::btree_map(key, select(&VALUES[..]).prop_map(str::to_owned), 1..3)
}

fn owner(set: &str) -> OwnerReference {
    OwnerReference {
        api_version: "apps/v1".to_owned(),
        kind: "ReplicaSet".to_owned(),
        name: set.to_owned(),
        controller: Some(true),
        ..OwnerReference::default()
    }
}

/// Metadata of an object in `namespace`, which goes without saying if it is `default`.
fn inside(namespace: &str) -> ObjectMeta {
    ObjectMeta { namespace: (namespace != "default").then(|| namespace.to_owned()), ..ObjectMeta::default() }
}
