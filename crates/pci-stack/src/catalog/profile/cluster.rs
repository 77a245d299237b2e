//! The section `cluster` of the profile: facts of the cluster that rules are made from.

use ipnet::IpNet;
use netpol_reach::{InputError, Namespace, Place, PortNumber, clean};
use schemars::JsonSchema;
use serde::Deserialize;

use crate::catalog::text::CidrText;

#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ClusterRow {
    /// The network plugin.
    cni: Option<String>,
    /// Where the API server's endpoints are, as pods see them after the Service's translation.
    api_server: Option<ApiServerRow>,
    /// Where the API server's calls to webhooks come from.
    webhook_sources: Vec<WebhookSourceRow>,
    /// How pods reach DNS.
    dns: Option<Dns>,
    /// Ranges that are not the internet, besides the usual private ones.
    private_ranges: Vec<CidrText>,
    /// Where the load balancer's connections to gateways come from.
    load_balancer_sources: Vec<CidrText>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ApiServerRow {
    addresses: Vec<CidrText>,
    ports: Vec<PortNumber>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct NamespaceRow {
    namespace: Namespace,
}

/// A range of addresses, or `{namespace: N}`.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
enum WebhookSourceRow {
    Cidr(CidrText),
    Namespace(NamespaceRow),
}

impl<'de> Deserialize<'de> for WebhookSourceRow {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = WebhookSourceRow;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an address range, or `{namespace: NAME}`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<WebhookSourceRow, E> {
                CidrText::try_from(text.to_owned()).map(WebhookSourceRow::Cidr).map_err(E::custom)
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<WebhookSourceRow, A::Error> {
                let row = NamespaceRow::deserialize(serde::de::value::MapAccessDeserializer::new(map))?;
                Ok(WebhookSourceRow::Namespace(row))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

/// How pods reach the cluster's DNS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dns {
    /// Pods of CoreDNS in `kube-system`.
    Coredns,
    /// NodeLocal DNSCache on each node, at 169.254.20.10.
    Nodelocal,
    /// OpenShift's DNS: `openshift-dns`, port 5353.
    Openshift,
}

/// Where the API server's endpoints are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiServer {
    /// Their addresses, mostly those of the control-plane nodes.
    pub addresses: Vec<IpNet>,
    /// Their ports, mostly 6443.
    pub ports: Vec<PortNumber>,
}

/// Where the API server's calls to webhooks come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WebhookSource {
    /// Addresses.
    Addresses(IpNet),
    /// Pods of a namespace, where the API server runs as one or sends its calls through a proxy.
    Namespace(Namespace),
}

/// Facts of the cluster; what is absent is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cluster {
    /// The network plugin.
    pub cni: Option<String>,
    /// The API server's endpoints.
    pub api_server: Option<ApiServer>,
    /// Where webhook calls come from; if empty, from the API server's addresses.
    pub webhook_sources: Vec<WebhookSource>,
    /// How pods reach DNS.
    pub dns: Option<Dns>,
    /// Ranges that are not the internet.
    pub private_ranges: Vec<IpNet>,
    /// Where the load balancer's connections come from.
    pub load_balancer_sources: Vec<IpNet>,
}

impl ClusterRow {
    /// The facts, checked; `file` is how errors name the profile.
    pub(super) fn checked(self, file: &str) -> Result<Cluster, InputError> {
        let row = self;
        let nets = |list: Vec<CidrText>| list.into_iter().map(|cidr| cidr.0).collect::<Vec<_>>();
        let api_server = row.api_server.map(|row| ApiServer { addresses: nets(row.addresses), ports: row.ports });
        if api_server.as_ref().is_some_and(|server| server.addresses.is_empty() || server.ports.is_empty()) {
            let error = InputError::new(Place::whole(file), "`cluster.api_server` lacks addresses or ports");
            return Err(error.help("such as {addresses: [10.0.0.10/32], ports: [6443]}"));
        }
        let wide = row.private_ranges.iter().find(|range| range.0.prefix_len() == 0);
        if let Some(range) = wide {
            let what = format!("`cluster.private_ranges` holds {}, which is every address there is", range.0);
            return Err(InputError::new(Place::whole(file), what).help("name the ranges that are yours"));
        }
        let source = |row| match row {
            WebhookSourceRow::Cidr(cidr) => WebhookSource::Addresses(cidr.0),
            WebhookSourceRow::Namespace(row) => WebhookSource::Namespace(row.namespace),
        };
        Ok(Cluster {
            cni: row.cni.as_deref().map(clean),
            api_server,
            webhook_sources: row.webhook_sources.into_iter().map(source).collect(),
            dns: row.dns,
            private_ranges: nets(row.private_ranges),
            load_balancer_sources: nets(row.load_balancer_sources),
        })
    }
}
