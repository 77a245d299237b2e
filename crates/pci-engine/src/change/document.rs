//! A file of changes: a list, or `changes: [...]`.

use std::fmt;

use netpol_reach::{InputError, yaml};
use pci_stack::Change;
use serde::{
    Deserialize, Deserializer,
    de::{
        MapAccess, SeqAccess, Visitor,
        value::{MapAccessDeserializer, SeqAccessDeserializer},
    },
};

/// Reads the changes in `text`, YAML or JSON; `name` is how errors name the file.
pub fn read_document(name: &str, text: &str) -> Result<Vec<Change>, InputError> {
    yaml::read(name, text).map(|Document(changes)| changes)
}

struct Document(Vec<Change>);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Named {
    changes: Vec<Change>,
}

impl<'de> Deserialize<'de> for Document {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Changes;
        impl<'de> Visitor<'de> for Changes {
            type Value = Document;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a list of changes, or `changes` with one")
            }

            fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Document, A::Error> {
                Vec::deserialize(SeqAccessDeserializer::new(list)).map(Document)
            }

            fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Document, A::Error> {
                Named::deserialize(MapAccessDeserializer::new(map)).map(|named| Document(named.changes))
            }
        }
        deserializer.deserialize_any(Changes)
    }
}
