//! Ports as NetworkPolicies know them: a number from 1 to 65535 and a transport protocol.

use std::{fmt, num::NonZeroU16, str::FromStr, sync::Arc};

use serde::{Deserialize, Serialize};

/// A transport protocol that a NetworkPolicy port may name (`NetworkPolicyPort.protocol`).
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "UPPERCASE")]
pub enum Protocol {
    /// TCP, the default of the Kubernetes API.
    #[default]
    Tcp,
    /// UDP.
    Udp,
    /// SCTP.
    Sctp,
}

impl Protocol {
    /// The name as Kubernetes writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Tcp => "TCP",
            Self::Udp => "UDP",
            Self::Sctp => "SCTP",
        }
    }
}

impl FromStr for Protocol {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = [Self::Tcp, Self::Udp, Self::Sctp].into_iter().find(|known| known.as_str() == text);
        known.ok_or_else(|| "a protocol is one of TCP, UDP, SCTP".to_owned())
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A port number, 1 to 65535.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "u64", into = "u16")]
pub struct PortNumber(NonZeroU16);

impl PortNumber {
    /// The number, never 0.
    pub fn get(self) -> u16 {
        self.0.get()
    }
}

impl TryFrom<u64> for PortNumber {
    type Error = String;

    fn try_from(number: u64) -> Result<Self, String> {
        u16::try_from(number)
            .ok()
            .and_then(NonZeroU16::new)
            .map(Self)
            .ok_or_else(|| "a port is a number from 1 to 65535".to_owned())
    }
}

impl From<PortNumber> for u16 {
    fn from(port: PortNumber) -> Self {
        port.get()
    }
}

impl FromStr for PortNumber {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.trim().parse::<u64>() {
            Ok(number) => Self::try_from(number),
            Err(_) => Err("a port is a number from 1 to 65535".to_owned()),
        }
    }
}

impl fmt::Display for PortNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl schemars::JsonSchema for PortNumber {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PortNumber".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": 65535 })
    }
}

/// A pod port: number and protocol, written `5432/TCP`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Port {
    /// The number on the pod, after a Service's translation.
    pub number: PortNumber,
    /// The transport protocol.
    pub protocol: Protocol,
}

impl Port {
    /// `number` over TCP.
    pub fn tcp(number: PortNumber) -> Self {
        Self { number, protocol: Protocol::Tcp }
    }
}

impl fmt::Display for Port {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.protocol)
    }
}

impl Serialize for Port {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl schemars::JsonSchema for Port {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Port".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "A port and its protocol, such as 5432/TCP" })
    }
}

/// A set of ports, ascending, each once; cheap to clone.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Ports(Arc<[Port]>);

impl Ports {
    /// HTTP and HTTPS: 80/TCP and 443/TCP.
    pub fn web() -> Self {
        [80_u64, 443].into_iter().filter_map(|number| number.try_into().ok()).map(Port::tcp).collect()
    }

    /// HTTPS: 443/TCP.
    pub fn https() -> Self {
        Self::web().iter().skip(1).collect()
    }

    /// Whether the set holds no port.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether `port` is one of the set.
    pub fn contains(&self, port: Port) -> bool {
        self.0.binary_search(&port).is_ok()
    }

    /// The ports, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = Port> + '_ {
        self.0.iter().copied()
    }

    /// The ports of either set.
    #[must_use]
    pub fn union(&self, other: &Self) -> Self {
        self.iter().chain(other.iter()).collect()
    }

    /// The ports of `self` that `other` lacks.
    #[must_use]
    pub fn minus(&self, other: &Self) -> Self {
        self.iter().filter(|port| !other.contains(*port)).collect()
    }

    /// The ports of both sets.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Self {
        self.iter().filter(|port| other.contains(*port)).collect()
    }

    /// The numbers, ascending, each once whatever the protocol.
    pub fn numbers(&self) -> impl Iterator<Item = PortNumber> + '_ {
        let mut last = None;
        self.iter().map(|port| port.number).filter(move |number| last.replace(*number) != Some(*number))
    }
}

impl FromIterator<Port> for Ports {
    fn from_iter<I: IntoIterator<Item = Port>>(ports: I) -> Self {
        let mut ports: Vec<Port> = ports.into_iter().collect();
        ports.sort_unstable();
        ports.dedup();
        Self(ports.into())
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, port) in self.0.iter().enumerate() {
            if index > 0 {
                f.write_str(", ")?;
            }
            port.fmt(f)?;
        }
        Ok(())
    }
}

impl Serialize for Ports {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

impl schemars::JsonSchema for Ports {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Ports".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut schemars::SchemaGenerator) -> schemars::Schema {
        <Vec<Port>>::json_schema(generator)
    }
}
