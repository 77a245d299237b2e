//! `spec` of a NetworkPolicy → its typed form. What the API server refuses is refused here too.

use std::fmt;

use ipnet::IpNet;
use serde::{Deserialize, Deserializer, de};

use super::strict::Whole;
use crate::{AddressBlock, LabelSelector, PolicyPeer, PolicyRule, PortName, PortSet, Protocol};

/// `NetworkPolicySpec`.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Spec {
    pod_selector: Option<LabelSelector>,
    policy_types: Option<Vec<PolicyType>>,
    ingress: Option<Vec<Option<Ingress>>>,
    egress: Option<Vec<Option<Egress>>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
enum PolicyType {
    Ingress,
    Egress,
}

/// `podSelector`, and the rules of both directions, each if the policy isolates in it.
pub(super) type Rules = (LabelSelector, Option<Vec<PolicyRule>>, Option<Vec<PolicyRule>>);

impl Spec {
    /// What the policy selects, and what it says of either direction.
    pub(super) fn rules(self) -> Rules {
        // "If this field is not specified, it will default based on the existence of ingress or egress rules; policies
        // that contain an egress section are assumed to affect egress, and all policies [...] are assumed to affect
        // ingress." The API server takes an empty section for none.
        let types = self.policy_types.filter(|types| !types.is_empty());
        let has_egress = self.egress.as_ref().is_some_and(|rules| !rules.is_empty());
        let default = |which| which == PolicyType::Ingress || has_egress;
        let affects = |which| types.as_ref().map_or_else(|| default(which), |types| types.contains(&which));
        let (to_ingress, to_egress) = (affects(PolicyType::Ingress), affects(PolicyType::Egress));
        // A rule that is nothing is a rule without fields, as the API reads it: it allows everything.
        let ingress = || exact(self.ingress.into_iter().flatten().map(|rule| rule.unwrap_or_default().0));
        let egress = || exact(self.egress.into_iter().flatten().map(|rule| rule.unwrap_or_default().0));
        (self.pod_selector.unwrap_or_default(), to_ingress.then(ingress), to_egress.then(egress))
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "RawIngress")]
struct Ingress(PolicyRule);

#[derive(Debug, Deserialize)]
#[serde(try_from = "RawEgress")]
struct Egress(PolicyRule);

#[derive(Debug, Default, Deserialize)]
struct RawIngress {
    from: Option<Vec<Peer>>,
    ports: Option<Vec<Option<Port>>>,
}

#[derive(Debug, Default, Deserialize)]
struct RawEgress {
    to: Option<Vec<Peer>>,
    ports: Option<Vec<Option<Port>>>,
}

impl From<RawIngress> for Ingress {
    fn from(raw: RawIngress) -> Self {
        Self(rule(raw.from, raw.ports))
    }
}

impl From<RawEgress> for Egress {
    fn from(raw: RawEgress) -> Self {
        Self(rule(raw.to, raw.ports))
    }
}

impl Default for Ingress {
    fn default() -> Self {
        RawIngress::default().into()
    }
}

impl Default for Egress {
    fn default() -> Self {
        RawEgress::default().into()
    }
}

/// `items` in no more room than they need: tens of thousands of policies have one rule with one peer each.
fn exact<T>(items: impl Iterator<Item = T>) -> Vec<T> {
    let mut items: Vec<T> = items.collect();
    items.shrink_to_fit();
    items
}

fn rule(peers: Option<Vec<Peer>>, ports: Option<Vec<Option<Port>>>) -> PolicyRule {
    let peers: Vec<PolicyPeer> = exact(peers.into_iter().flatten().map(|peer| peer.0));
    let mut rule = PolicyRule { peers, ports: PortSet::default(), named_ports: Vec::new() };
    if rule.peers.is_empty() {
        rule.peers.push(PolicyPeer::Everything);
    }
    match ports.filter(|ports| !ports.is_empty()) {
        None => rule.ports = PortSet::all(),
        Some(ports) => {
            let mut numbers = Vec::with_capacity(ports.len());
            for port in ports {
                match port {
                    Some(Port::Numbers(ports)) => numbers.push(ports),
                    Some(Port::Named(name)) => rule.named_ports.push(name),
                    // A port that is nothing is a port without fields, as the API reads it.
                    None => numbers.push(PortSet::interval(Protocol::default(), 1, u16::MAX)),
                }
            }
            rule.ports.extend_by_all(&numbers);
        }
    }
    rule.named_ports.sort_unstable();
    rule.named_ports.dedup();
    rule
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "RawPeer")]
struct Peer(PolicyPeer);

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPeer {
    pod_selector: Option<LabelSelector>,
    namespace_selector: Option<LabelSelector>,
    ip_block: Option<Block>,
}

impl TryFrom<RawPeer> for Peer {
    type Error = &'static str;

    fn try_from(raw: RawPeer) -> Result<Self, Self::Error> {
        match (raw.ip_block, raw.namespace_selector, raw.pod_selector) {
            (Some(Block(block)), None, None) => Ok(Self(PolicyPeer::Addresses(block))),
            (Some(_), _, _) => Err("a peer is `ipBlock` or selectors, not both"),
            (None, None, None) => Err("a peer has one of `podSelector`, `namespaceSelector`, `ipBlock`"),
            (None, namespaces, pods) => Ok(Self(PolicyPeer::Pods { namespaces, pods: pods.unwrap_or_default() })),
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "RawBlock")]
struct Block(AddressBlock);

#[derive(Debug, Deserialize)]
struct RawBlock {
    cidr: Cidr,
    except: Option<Vec<Cidr>>,
}

impl TryFrom<RawBlock> for Block {
    type Error = String;

    fn try_from(raw: RawBlock) -> Result<Self, String> {
        let holes = raw.except.into_iter().flatten().map(|hole| hole.0);
        AddressBlock::without(raw.cidr.0, holes).map(Self).map_err(|error| error.to_string())
    }
}

#[derive(Debug, Deserialize)]
#[serde(try_from = "String")]
struct Cidr(IpNet);

impl TryFrom<String> for Cidr {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        match text.parse::<IpNet>() {
            Ok(IpNet::V6(net)) if net.addr().to_ipv4_mapped().is_some() && net.prefix_len() >= 96 => {
                Err("this is IPv4 in the clothes of IPv6: write the IPv4 range")
            }
            Ok(net) => Ok(Self(net)),
            Err(_) => Err("expected an address range such as 10.0.0.0/8 or 2001:db8::/32"),
        }
    }
}

/// `NetworkPolicyPort`.
#[derive(Debug, Deserialize)]
#[serde(try_from = "RawPort")]
enum Port {
    Numbers(PortSet),
    Named(PortName),
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawPort {
    protocol: Option<Protocol>,
    port: Option<NumberOrName>,
    end_port: Option<Whole>,
}

impl TryFrom<RawPort> for Port {
    type Error = &'static str;

    fn try_from(raw: RawPort) -> Result<Self, Self::Error> {
        // "If not specified, this field defaults to TCP."
        let protocol = raw.protocol.unwrap_or_default();
        let number = |number: i64| match u16::try_from(number) {
            Ok(number) if number > 0 => Ok(number),
            _ => Err("a port is a number from 1 to 65535"),
        };
        match (raw.port, raw.end_port.map(|number| number.0)) {
            // "If this field is not provided, this matches all port names and numbers."
            (None, None) => Ok(Self::Numbers(PortSet::interval(protocol, 1, u16::MAX))),
            (Some(NumberOrName::Number(first)), last) => {
                let (first, last) = (number(first)?, number(last.unwrap_or(first))?);
                if last < first {
                    return Err("`endPort` is less than `port`");
                }
                Ok(Self::Numbers(PortSet::interval(protocol, first, last)))
            }
            (Some(NumberOrName::Name(name)), None) => Ok(Self::Named(PortName { protocol, name: name.into() })),
            // "This field cannot be defined if the port field is not defined or if [it] is [...] a named (string) port."
            (_, Some(_)) => Err("`endPort` needs a `port` that is a number"),
        }
    }
}

/// The API's `IntOrString`.
#[derive(Debug)]
enum NumberOrName {
    Number(i64),
    Name(String),
}

impl<'de> Deserialize<'de> for NumberOrName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NumberOrNameVisitor)
    }
}

struct NumberOrNameVisitor;

impl de::Visitor<'_> for NumberOrNameVisitor {
    type Value = NumberOrName;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a port's number or name")
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<NumberOrName, E> {
        Ok(NumberOrName::Number(number))
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<NumberOrName, E> {
        Ok(NumberOrName::Number(i64::try_from(number).unwrap_or(i64::MAX)))
    }

    fn visit_str<E: de::Error>(self, name: &str) -> Result<NumberOrName, E> {
        let is_inner = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let is_name = matches!(name.len(), 1..=15)
            && name.bytes().all(|byte| is_inner(byte) || byte == b'-')
            && name.bytes().any(|byte| byte.is_ascii_lowercase())
            && !name.starts_with('-')
            && !name.ends_with('-')
            && !name.contains("--");
        if is_name {
            Ok(NumberOrName::Name(name.to_owned()))
        } else {
            Err(E::custom(
                "a port's name is up to 15 of a-z, 0-9 and `-`, with a letter; a number is written without quotes",
            ))
        }
    }
}
