//! What a reader of stacks must know of component types: their aliases, and which attributes it may read.

use std::{borrow::Cow, collections::BTreeMap, fmt};

use netpol_reach::{PortNumber, clean};
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, de};

use super::TypeName;
use crate::shape::{Shape, is_flag_word};

/// How an attribute is read. One that is not listed is kept as "present, not read", and its value is dropped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reading {
    /// True, false or doubtful.
    Flag,
    /// A container port.
    Port,
    /// Whether it is there; the value is dropped.
    Presence,
    /// Text of a shape; what does not fit it is dropped.
    Text(Shape),
}

impl<'de> Deserialize<'de> for Reading {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Reading;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a shape, or a list of words")
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<Reading, E> {
                let known = NAMED.iter().find(|(known, _)| *known == name);
                known.map(|(_, reading)| reading.clone()).ok_or_else(|| {
                    let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
                    E::custom(format!("a shape is one of {}, or a list of words", names.join(", ")))
                })
            }

            fn visit_seq<A: de::SeqAccess<'de>>(self, mut list: A) -> Result<Reading, A::Error> {
                let mut words = Vec::new();
                while let Some(word) = list.next_element::<String>()? {
                    words.push(word);
                }
                Ok(Reading::Text(Shape::Words(words)))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl JsonSchema for Reading {
    fn schema_name() -> Cow<'static, str> {
        "Reading".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
        schemars::json_schema!({
            "description": "How an attribute is read: the shape of its value, or the words that it may hold",
            "anyOf": [
                { "type": "string", "enum": names },
                { "type": "array", "items": { "type": "string" } },
            ],
        })
    }
}

/// Readings by the name that the catalogue gives them; a list of words stands for [`Shape::Words`].
const NAMED: [(&str, Reading); 12] = [
    ("flag", Reading::Flag),
    ("port", Reading::Port),
    ("presence", Reading::Presence),
    ("number", Reading::Text(Shape::Number)),
    ("quantity", Reading::Text(Shape::Quantity)),
    ("duration", Reading::Text(Shape::Duration)),
    ("version", Reading::Text(Shape::Version)),
    ("revision", Reading::Text(Shape::Revision)),
    ("host", Reading::Text(Shape::Host)),
    ("addresses", Reading::Text(Shape::Addresses)),
    ("namespaces", Reading::Text(Shape::Namespaces)),
    ("text", Reading::Text(Shape::Free)),
];

impl Reading {
    /// Returns what may be kept and shown of `text`, or `None`. `is_namespace` says whether the stack has a namespace of
    /// that name.
    pub fn shown(&self, text: &str, is_namespace: &dyn Fn(&str) -> bool) -> Option<String> {
        match self {
            Self::Flag => is_flag_word(text).then(|| clean(text)),
            Self::Port => text.trim().parse::<PortNumber>().ok().map(|port| port.to_string()),
            Self::Presence => None,
            Self::Text(shape) => shape.fit(text, is_namespace),
        }
    }
}

/// What a reader must know of one type.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TypeWords {
    /// Attribute name → how it is read.
    pub attributes: BTreeMap<String, Reading>,
    /// The same for the attributes of links that start at the type.
    pub link_attributes: BTreeMap<String, Reading>,
}

/// The types a reader knows, by every name they go by.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Vocabulary {
    /// Alias → canonical type.
    aliases: BTreeMap<TypeName, TypeName>,
    /// Canonical type → its words.
    types: BTreeMap<TypeName, TypeWords>,
    /// What is read of every type.
    common: TypeWords,
}

impl Vocabulary {
    /// A vocabulary that reads `common` of every type.
    pub fn new(common: TypeWords) -> Self {
        Self { common, ..Self::default() }
    }

    /// Adds a type under its canonical name and its aliases.
    pub fn add(&mut self, name: TypeName, aliases: impl IntoIterator<Item = TypeName>, words: TypeWords) {
        self.aliases.extend(aliases.into_iter().map(|alias| (alias, name.clone())));
        self.types.insert(name, words);
    }

    /// The canonical type that a file means by `text`, known or not.
    pub fn canonical(&self, text: &str) -> TypeName {
        let name = TypeName::new(text);
        self.aliases.get(&name).cloned().unwrap_or(name)
    }

    /// The same vocabulary, which knows of `names` that they exist and no more.
    #[must_use]
    pub fn and(&self, names: impl IntoIterator<Item = TypeName>) -> Self {
        let mut more = self.clone();
        for name in names {
            more.types.entry(name).or_default();
        }
        more
    }

    /// Whether the catalogue knows the type.
    pub fn knows(&self, name: &TypeName) -> bool {
        self.types.contains_key(name)
    }

    /// The names of all types, canonical ones and aliases.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.types.keys().chain(self.aliases.keys()).map(TypeName::as_str)
    }

    /// How `attribute` of a component of type `name` is read, or `None`: present, not read.
    pub fn reading(&self, name: &TypeName, attribute: &str) -> Option<&Reading> {
        let of_type = self.types.get(name).and_then(|words| words.attributes.get(attribute));
        of_type.or_else(|| self.common.attributes.get(attribute))
    }

    /// How `attribute` of a link from a component of type `source` is read, or `None`: present, not read.
    pub fn link_reading(&self, source: &TypeName, attribute: &str) -> Option<&Reading> {
        let of_type = self.types.get(source).and_then(|words| words.link_attributes.get(attribute));
        of_type.or_else(|| self.common.link_attributes.get(attribute))
    }
    /// The attributes that are read of a component of type `name`.
    pub fn attributes<'a>(&'a self, name: &TypeName) -> impl Iterator<Item = &'a str> {
        let of_type = self.types.get(name).into_iter().flat_map(|words| words.attributes.keys());
        of_type.chain(self.common.attributes.keys()).map(String::as_str)
    }

    /// The attributes that are read of a link from a component of type `source`.
    pub fn link_attributes<'a>(&'a self, source: &TypeName) -> impl Iterator<Item = &'a str> {
        let of_type = self.types.get(source).into_iter().flat_map(|words| words.link_attributes.keys());
        of_type.chain(self.common.link_attributes.keys()).map(String::as_str)
    }
}
