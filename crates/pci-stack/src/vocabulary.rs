//! What a reader of stacks must know of component types: their aliases, and which attributes it may read.

use std::collections::BTreeMap;

use super::TypeName;

/// How an attribute is read. One that is not listed is kept as "present, not read", and its value is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Reading {
    /// True, false or doubtful.
    Flag,
    /// Text that holds no secret.
    Text,
    /// A container port.
    Port,
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
    pub fn reading(&self, name: &TypeName, attribute: &str) -> Option<Reading> {
        let of_type = self.types.get(name).and_then(|words| words.attributes.get(attribute));
        of_type.or_else(|| self.common.attributes.get(attribute)).copied()
    }

    /// How `attribute` of a link from a component of type `source` is read, or `None`: present, not read.
    pub fn link_reading(&self, source: &TypeName, attribute: &str) -> Option<Reading> {
        let of_type = self.types.get(source).and_then(|words| words.link_attributes.get(attribute));
        of_type.or_else(|| self.common.link_attributes.get(attribute)).copied()
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
