//! A port as a question names it: `5432`, `5432/TCP`, or the number.

use std::{fmt, str::FromStr};

use netpol_reach::{PortNumber, Protocol};
use serde::{Deserialize, Deserializer, de};

/// A port as a question names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct AskedPort {
    pub(super) number: PortNumber,
    pub(super) protocol: Option<Protocol>,
}

impl FromStr for AskedPort {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (number, protocol) = match text.split_once('/') {
            None => (text, None),
            Some((number, protocol)) => (number, Some(protocol)),
        };
        let protocol = protocol.map(|name| name.to_ascii_uppercase().parse()).transpose()?;
        Ok(Self { number: number.parse()?, protocol })
    }
}

impl<'de> Deserialize<'de> for AskedPort {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = AskedPort;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a port such as 5432 or \"5432/TCP\"")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<AskedPort, E> {
                let number = PortNumber::try_from(number).map_err(E::custom)?;
                Ok(AskedPort { number, protocol: None })
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<AskedPort, E> {
                self.visit_u64(u64::try_from(number).unwrap_or(0))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<AskedPort, E> {
                text.parse().map_err(E::custom)
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl schemars::JsonSchema for AskedPort {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Port".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "integer", "minimum": 1, "maximum": 65535 })
    }
}
