//! What runs pods: a Pod itself, or what makes them from a template.

use std::{collections::BTreeSet, net::IpAddr};

use serde::Deserialize;

use super::{
    selector::LabelMap,
    strict::{Flag, PodPort, Text, Whole},
};
use crate::{ContainerPort, Labels, PortName, Protocol};

/// `ObjectMeta`, as far as it is needed.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Metadata {
    pub(super) name: Option<Text>,
    pub(super) generate_name: Option<Text>,
    pub(super) namespace: Option<Text>,
    labels: Option<LabelMap>,
    owner_references: Option<Vec<OwnerReference>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct OwnerReference {
    pub(super) kind: Text,
    pub(super) name: Text,
    controller: Option<Flag>,
}

impl Metadata {
    /// The labels.
    pub(super) fn labels(&mut self) -> Labels {
        Labels { known: self.labels.take().unwrap_or_default().0, is_partial: false }
    }

    /// What made the object and keeps it.
    pub(super) fn controller(&self) -> Option<&OwnerReference> {
        self.owner_references.iter().flatten().find(|owner| owner.controller.is_some_and(|flag| flag.0))
    }
}

/// `PodSpec`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct PodSpec {
    host_network: Option<Flag>,
    containers: Option<Vec<Container>>,
    init_containers: Option<Vec<Container>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Container {
    ports: Option<Vec<RawPort>>,
    restart_policy: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPort {
    name: Option<Text>,
    container_port: Option<PodPort>,
    protocol: Option<Protocol>,
}

impl PodSpec {
    /// Whether its pods have the node's network for their own.
    pub(super) fn is_on_host_network(&self) -> bool {
        self.host_network.is_some_and(|flag| flag.0)
    }

    /// The ports that have names, of containers that run all the time: sidecars are init containers that restart.
    pub(super) fn named_ports(&self) -> Vec<ContainerPort> {
        let runs_on = |container: &&Container| container.restart_policy.as_deref() == Some("Always");
        let sidecars = self.init_containers.iter().flatten().filter(runs_on);
        let ports = self.containers.iter().flatten().chain(sidecars).flat_map(|container| &container.ports).flatten();
        let mut named: Vec<ContainerPort> = Vec::new();
        let mut known: BTreeSet<PortName> = BTreeSet::new();
        for port in ports {
            let (Some(name), Some(number)) = (&port.name, port.container_port) else {
                continue;
            };
            let name = PortName { protocol: port.protocol.unwrap_or_default(), name: name.0.clone() };
            if known.insert(name.clone()) {
                named.push(ContainerPort { name, number: number.0 });
            }
        }
        named.sort_unstable();
        named
    }
}

/// `PodStatus`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct PodStatus {
    phase: Option<Text>,
    #[serde(rename = "podIP")]
    ip: Option<String>,
    #[serde(rename = "podIPs")]
    ips: Option<Vec<PodIp>>,
}

#[derive(Debug, Deserialize)]
struct PodIp {
    ip: Option<String>,
}

impl PodStatus {
    /// Whether the pod runs no more, and has no network.
    pub(super) fn has_finished(&self) -> bool {
        self.phase.as_ref().is_some_and(|phase| ["Succeeded", "Failed"].contains(&&*phase.0))
    }

    /// The addresses that the pod has had.
    pub(super) fn addresses(&self) -> Vec<IpAddr> {
        let listed = self.ips.iter().flatten().filter_map(|entry| entry.ip.as_ref());
        let mut addresses: Vec<IpAddr> = self.ip.iter().chain(listed).filter_map(|text| text.parse().ok()).collect();
        addresses.sort_unstable();
        addresses.dedup();
        addresses
    }
}

/// `spec` of what makes pods from a template.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Templated {
    replicas: Option<Whole>,
    template: Option<Template>,
}

impl Templated {
    /// The template of its pods.
    pub(super) fn template(self) -> Option<Template> {
        let replicas = self.replicas.map(|number| number.0);
        self.template.map(|template| Template { replicas, ..template })
    }
}

/// `PodTemplateSpec`.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Template {
    pub(super) metadata: Option<Metadata>,
    pub(super) spec: Option<PodSpec>,
    /// How many pods are wanted, if it says so.
    #[serde(skip)]
    pub(super) replicas: Option<i64>,
}

/// `spec` of a `CronJob`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct CronJob {
    job_template: Option<JobTemplate>,
}

#[derive(Debug, Default, Deserialize)]
struct JobTemplate {
    spec: Option<Templated>,
}

impl CronJob {
    /// The template of its pods.
    pub(super) fn template(self) -> Option<Template> {
        self.job_template?.spec?.template()
    }
}
