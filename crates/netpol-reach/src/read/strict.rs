//! Scalars of one type and no other: the API server turns no number into text, and no text into a number.

use std::{cell::RefCell, fmt, sync::Arc};

use serde::{Deserialize, Deserializer, de};

use crate::yaml;

/// Text. `app: 1` is none: it is written `app: "1"`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Text(pub(super) Arc<str>);

/// A whole number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Whole(pub(super) i64);

/// True or false.
#[derive(Debug, Clone, Copy)]
pub(super) struct Flag(pub(super) bool);

/// The port of a container.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(try_from = "Whole")]
pub(super) struct PodPort(pub(super) u16);

impl TryFrom<Whole> for PodPort {
    type Error = &'static str;

    fn try_from(number: Whole) -> Result<Self, Self::Error> {
        match u16::try_from(number.0) {
            Ok(number) if number > 0 => Ok(Self(number)),
            _ => Err("a port is a number from 1 to 65535"),
        }
    }
}

/// `text`, shared with an equal one that was read shortly before: thousands of objects have the same few labels.
fn shared(text: &str) -> Arc<str> {
    /// How many are remembered, by length and ends.
    const REMEMBERED: usize = 256;
    thread_local! {
        static KNOWN: RefCell<Vec<Option<Arc<str>>>> = RefCell::new(vec![None; REMEMBERED]);
    }
    let ends = [text.as_bytes().first(), text.as_bytes().last()];
    let mixed = ends.iter().flatten().fold(text.len(), |mixed, byte| mixed.wrapping_mul(31) ^ usize::from(**byte));
    KNOWN.with_borrow_mut(|known| match &mut known[mixed % REMEMBERED] {
        Some(same) if **same == *text => Arc::clone(same),
        other => Arc::clone(other.insert(text.into())),
    })
}

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Text;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("text (in quotes, if it looks like something else)")
            }

            fn visit_str<E: de::Error>(self, text: &str) -> Result<Text, E> {
                // The text itself, and its place in a map of labels.
                yaml::take_bytes(64 + text.len())?;
                Ok(Text(shared(text)))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for Whole {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Whole;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("a number, without quotes")
            }

            fn visit_i64<E: de::Error>(self, number: i64) -> Result<Whole, E> {
                Ok(Whole(number))
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<Whole, E> {
                Ok(Whole(i64::try_from(number).unwrap_or(i64::MAX)))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}

impl<'de> Deserialize<'de> for Flag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Flag;

            fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
                f.write_str("true or false, without quotes")
            }

            fn visit_bool<E: de::Error>(self, flag: bool) -> Result<Flag, E> {
                Ok(Flag(flag))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
