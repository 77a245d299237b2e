//! The shape of `stack-metadata.yaml`, as it stands in the file, with positions.
//!
//! Values borrow from the file's text wherever it holds them literally. They live as long as the reading and are
//! never shown; what may be kept of them is decided in `facts`.

use std::{fmt, marker::PhantomData};

use netpol_reach::yaml;
use serde::{
    Deserialize, Deserializer,
    de::{self, IgnoredAny, MapAccess, SeqAccess},
};
use serde_saphyr::{Location, Spanned};
use zeroize::Zeroizing;

/// Text that is wiped when dropped, unless it is only borrowed.
#[derive(Clone)]
pub(super) enum Text<'a> {
    Borrowed(&'a str),
    Owned(Zeroizing<String>),
}

impl Text<'_> {
    pub(super) fn as_str(&self) -> &str {
        match self {
            Self::Borrowed(text) => text,
            Self::Owned(text) => text,
        }
    }
}

/// A value of an attribute.
#[derive(Clone)]
pub(super) enum Value<'a> {
    Null,
    Bool(bool),
    Text(Text<'a>),
    List(Vec<Value<'a>>),
    /// A mapping: none of its values is read.
    Map,
}

impl Value<'_> {
    /// Its text, if it is a scalar with one.
    pub(super) fn text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text.as_str()),
            _ => None,
        }
    }

    /// Whether two copies say the same. Two mappings do: they aren't read.
    pub(super) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) | (Self::Map, Self::Map) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Text(a), Self::Text(b)) => a.as_str() == b.as_str(),
            (Self::List(a), Self::List(b)) => a.len() == b.len() && a.iter().zip(b).all(|(a, b)| a.same(b)),
            _ => false,
        }
    }
}

/// An attribute: its name, its value, where it stands.
#[derive(Clone)]
pub(super) struct Attribute<'a> {
    pub(super) name: Text<'a>,
    pub(super) value: Value<'a>,
    pub(super) at: Location,
}

/// Entries of a mapping in the order of the file, each with the place of its key.
pub(super) struct Entries<'a, T>(pub(super) Vec<(Location, Text<'a>, T)>);

impl<T> Default for Entries<'_, T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

/// A component, a sub-component, or the copy of one at the end of a link.
#[derive(Default)]
pub(super) struct Node<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) name: Option<Text<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
    pub(super) links_to: Entries<'a, RawLink<'a>>,
    pub(super) links_from: Entries<'a, RawLink<'a>>,
    pub(super) parent: Option<Box<Node<'a>>>,
    pub(super) sub_components: Entries<'a, Node<'a>>,
    pub(super) is_external: Option<Value<'a>>,
    pub(super) unknown: Vec<(Location, Text<'a>)>,
}

/// One side of a link, under the name of its far end.
#[derive(Default)]
pub(super) struct RawLink<'a> {
    pub(super) kind: Option<Text<'a>>,
    pub(super) attributes: Vec<Attribute<'a>>,
    /// The copy of the far end; a link may leave it out.
    pub(super) far: Option<Box<Node<'a>>>,
}

/// `default_context`, or a file whose top level holds `components` directly.
#[derive(Default)]
pub(super) struct Context<'a> {
    pub(super) project_slug: Option<Text<'a>>,
    pub(super) components: Option<Entries<'a, Node<'a>>>,
    pub(super) configuration: Vec<Attribute<'a>>,
    pub(super) unknown: Vec<(Location, Text<'a>)>,
    /// The context that a real file holds all of the above in.
    pub(super) inner: Option<Box<Context<'a>>>,
}

/// What deserialises from a mapping, key by key.
trait FromMap<'de>: Default {
    const EXPECTED: &'static str;

    /// Takes the value of `key`; a key that is not known must be read past.
    fn take<A: MapAccess<'de>>(&mut self, key: Spanned<Text<'de>>, map: &mut A) -> Result<(), A::Error>;
}

/// Reads a `T` from a mapping; nothing (`null`) is an empty one.
struct MapVisitor<T>(PhantomData<T>);

impl<'de, T: FromMap<'de>> de::Visitor<'de> for MapVisitor<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(T::EXPECTED)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<T, A::Error> {
        let mut taken = T::default();
        while let Some(key) = map.next_key::<Spanned<Text<'de>>>()? {
            taken.take(key, &mut map)?;
        }
        Ok(taken)
    }

    fn visit_unit<E: de::Error>(self) -> Result<T, E> {
        Ok(T::default())
    }
}

macro_rules! read_from_map {
    ($($name:ty),*) => {$(
        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_any(MapVisitor(PhantomData))
            }
        }
    )*};
}
read_from_map!(
    Node<'de>,
    RawLink<'de>,
    Context<'de>,
    Entries<'de, Node<'de>>,
    Entries<'de, RawLink<'de>>,
    Attributes<'de>
);

impl<'de> FromMap<'de> for Node<'de> {
    const EXPECTED: &'static str = "a component: a mapping with type, name and attributes";

    fn take<A: MapAccess<'de>>(&mut self, key: Spanned<Text<'de>>, map: &mut A) -> Result<(), A::Error> {
        match key.value.as_str() {
            "type" => self.kind = map.next_value()?,
            "name" => self.name = map.next_value()?,
            "attributes" => self.attributes = map.next_value::<Attributes>()?.0,
            "links_to" => self.links_to = map.next_value()?,
            "links_from" => self.links_from = map.next_value()?,
            "parent" => self.parent = map.next_value()?,
            "is_external" => self.is_external = Some(map.next_value()?),
            "sub_components" => self.sub_components = map.next_value()?,
            known => {
                let is_known = matches!(known, "group" | "is_referenced");
                map.next_value::<IgnoredAny>()?;
                if !is_known {
                    yaml::take::<(Location, Text), A::Error>()?;
                    self.unknown.push((key.referenced, key.value));
                }
            }
        }
        Ok(())
    }
}

impl<'de> FromMap<'de> for RawLink<'de> {
    const EXPECTED: &'static str = "a link: a mapping with type, attributes and component";

    fn take<A: MapAccess<'de>>(&mut self, key: Spanned<Text<'de>>, map: &mut A) -> Result<(), A::Error> {
        match key.value.as_str() {
            "type" => self.kind = map.next_value()?,
            "attributes" => self.attributes = map.next_value::<Attributes>()?.0,
            "component" => self.far = map.next_value()?,
            _ => {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl<'de> FromMap<'de> for Context<'de> {
    const EXPECTED: &'static str = "a mapping with `components` and `configuration`";

    fn take<A: MapAccess<'de>>(&mut self, key: Spanned<Text<'de>>, map: &mut A) -> Result<(), A::Error> {
        match key.value.as_str() {
            "default_context" => self.inner = Some(Box::new(map.next_value()?)),
            "project_slug" => self.project_slug = map.next_value()?,
            "components" => self.components = map.next_value::<Option<_>>()?,
            "configuration" => self.configuration = map.next_value::<Attributes>()?.0,
            // A pseudo component, and links that are empty in every real file.
            "component"
            | "links_to"
            | "links_from"
            | "sub_components"
            | "sub_comp_links_to"
            | "sub_comp_links_from" => {
                map.next_value::<IgnoredAny>()?;
            }
            _ => {
                map.next_value::<IgnoredAny>()?;
                yaml::take::<(Location, Text), A::Error>()?;
                self.unknown.push((key.referenced, key.value));
            }
        }
        Ok(())
    }
}

impl<'de, T: Deserialize<'de>> FromMap<'de> for Entries<'de, T> {
    const EXPECTED: &'static str = "a mapping from names to what they stand for";

    fn take<A: MapAccess<'de>>(&mut self, key: Spanned<Text<'de>>, map: &mut A) -> Result<(), A::Error> {
        yaml::take::<(Location, Text, T), A::Error>()?;
        self.0.push((key.referenced, key.value, map.next_value()?));
        Ok(())
    }
}

/// A mapping of attributes.
#[derive(Default)]
struct Attributes<'a>(Vec<Attribute<'a>>);

impl<'de> FromMap<'de> for Attributes<'de> {
    const EXPECTED: &'static str = "a mapping of attributes";

    fn take<A: MapAccess<'de>>(&mut self, key: Spanned<Text<'de>>, map: &mut A) -> Result<(), A::Error> {
        yaml::take::<Attribute, A::Error>()?;
        self.0.push(Attribute { name: key.value, at: key.referenced, value: map.next_value()? });
        Ok(())
    }
}

impl<'de> Deserialize<'de> for Text<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> de::Visitor<'de> for Visitor {
            type Value = Text<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("text")
            }

            fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Text<'de>, E> {
                Ok(Text::Borrowed(text))
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text<'de>, E> {
                self.visit_string(text.to_owned())
            }

            fn visit_string<E: de::Error>(self, text: String) -> Result<Text<'de>, E> {
                Ok(Text::Owned(Zeroizing::new(text)))
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

impl<'de> Deserialize<'de> for Value<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ValueVisitor)
    }
}

struct ValueVisitor;

impl<'de> de::Visitor<'de> for ValueVisitor {
    type Value = Value<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E: de::Error>(self) -> Result<Value<'de>, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Value<'de>, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E: de::Error>(self, number: i64) -> Result<Value<'de>, E> {
        self.visit_string(number.to_string())
    }

    fn visit_u64<E: de::Error>(self, number: u64) -> Result<Value<'de>, E> {
        self.visit_string(number.to_string())
    }

    fn visit_f64<E: de::Error>(self, number: f64) -> Result<Value<'de>, E> {
        self.visit_string(number.to_string())
    }

    fn visit_borrowed_str<E: de::Error>(self, text: &'de str) -> Result<Value<'de>, E> {
        Ok(Value::Text(Text::Borrowed(text)))
    }

    fn visit_str<E: de::Error>(self, text: &str) -> Result<Value<'de>, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E: de::Error>(self, text: String) -> Result<Value<'de>, E> {
        Ok(Value::Text(Text::Owned(Zeroizing::new(text))))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Value<'de>, A::Error> {
        let mut values = Vec::new();
        while let Some(value) = list.next_element()? {
            yaml::take::<Value, A::Error>()?;
            values.push(value);
        }
        Ok(Value::List(values))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Value<'de>, A::Error> {
        while map.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Value::Map)
    }
}
