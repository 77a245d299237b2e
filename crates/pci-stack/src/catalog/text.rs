//! Texts of the tables that stand for typed values: `53/UDP`, `10.0.0.0/8`.

use std::fmt;

use ipnet::IpNet;
use netpol_reach::{Port, PortNumber, Protocol};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// A port as the tables write it: `443` (TCP) or `"53/UDP"`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PortText(pub Port);

impl<'de> Deserialize<'de> for PortText {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = PortText;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a port: a number from 1 to 65535, or number and protocol such as 53/UDP")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<PortText, E> {
                PortNumber::try_from(number).map(|number| PortText(Port::tcp(number))).map_err(E::custom)
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<PortText, E> {
                self.visit_u64(u64::try_from(number).unwrap_or(0))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<PortText, E> {
                port(text).map(PortText).map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl Serialize for PortText {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.protocol {
            Protocol::Tcp => self.0.number.serialize(serializer),
            Protocol::Udp | Protocol::Sctp => serializer.collect_str(&self.0),
        }
    }
}

fn port(text: &str) -> Result<Port, String> {
    let (number, protocol) = text.split_once('/').unwrap_or((text, "TCP"));
    if number.contains('-') {
        return Err("a port range is not taken: list each port that is needed".to_owned());
    }
    Ok(Port { number: number.parse()?, protocol: protocol.parse()? })
}

impl schemars::JsonSchema for PortText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "PortText".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "description": "A port: 443 (TCP), or with its protocol: \"53/UDP\"",
            "anyOf": [
                { "type": "integer", "minimum": 1, "maximum": 65535 },
                { "type": "string", "pattern": "^[0-9]{1,5}(/(TCP|UDP|SCTP))?$" },
            ],
        })
    }
}

/// A range of addresses: `10.0.0.0/8`, or one address, which is a range of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct CidrText(pub IpNet);

impl TryFrom<String> for CidrText {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let whole = text.parse::<IpNet>().or_else(|_| text.parse::<std::net::IpAddr>().map(IpNet::from));
        let net = whole.map_err(|_| {
            "an address range is written like 10.0.0.0/8 or 2001:db8::/32, one address like 10.0.0.1".to_owned()
        })?;
        // Cutting the host's part off silently would open more than was written.
        if net.trunc() == net {
            Ok(Self(net))
        } else {
            Err(format!(
                "`{net}` names a host within a range: the range is `{}`, the host `{}`",
                net.trunc(),
                net.addr()
            ))
        }
    }
}

impl schemars::JsonSchema for CidrText {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "CidrText".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "description": "An address range such as 10.0.0.0/8, or one address" })
    }
}

/// A value as people write it: text, a number, true or false.
#[derive(Debug, Clone, Deserialize, schemars::JsonSchema)]
#[serde(untagged, expecting = "text, a whole number, true or false")]
#[expect(
    missing_docs,
    reason = "a variant's doc would stand in the schemas of three files, and say what its type says"
)]
pub enum Scalar {
    Flag(bool),
    Number(i64),
    Text(String),
}

impl Scalar {
    /// The value as text.
    pub fn text(self) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::Number(number) => number.to_string(),
            Self::Text(text) => text,
        }
    }
}
