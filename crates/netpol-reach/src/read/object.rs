//! One object of a manifest: what it is, and of that what matters here.
//!
//! `apiVersion` and `kind` say how the rest is to be read. They stand first in most files; where they don't (a list as
//! `kubectl` prints it, the items of a typed list), what came before is kept until they do.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{self, DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::Value;

use super::{
    kind::{Kind, Route},
    lenient::{Text, drain_list, drain_mapping, take_anything_else},
    policy::Spec,
    workload::{CronJob, Metadata, PodSpec, PodStatus, Template, Templated},
};
use crate::yaml::{self, Spanned};

/// One object.
#[derive(Debug)]
pub(super) enum Object {
    /// A NetworkPolicy; with the paths of keys that the API doesn't know.
    Policy(Metadata, Spec, Vec<String>),
    /// A Namespace.
    Namespace(Metadata),
    /// A Pod.
    Pod(Metadata, PodSpec, PodStatus),
    /// What makes pods from a template.
    Templated(&'static str, Metadata, Template),
    /// Several objects, and what those are that don't say.
    List(Vec<Spanned<Object>>, Option<Kind>),
    /// An object of a kind that plays no part.
    Other(Option<Metadata>, Kind),
    /// An object that doesn't say what it is, until its list does.
    Unsaid(Box<Kept>),
    /// What is no object: a value, a mapping without `apiVersion` and `kind`.
    Nothing,
    /// An object that can't be read, and why.
    Refused(String),
}

/// What stood before `apiVersion` and `kind`.
#[derive(Debug, Default)]
pub(super) struct Kept {
    metadata: Option<Value>,
    spec: Option<Value>,
    status: Option<Value>,
}

impl<'de> Deserialize<'de> for Object {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ObjectVisitor)
    }
}

struct ObjectVisitor;

impl<'de> Visitor<'de> for ObjectVisitor {
    type Value = Object;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("an object")
    }

    take_anything_else!(Object::Nothing);

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Object, E> {
        Ok(Object::Nothing)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, list: A) -> Result<Object, A::Error> {
        drain_list(list).map(|()| Object::Nothing)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Object, A::Error> {
        let mut reading = Reading::default();
        while let Some(Text(key)) = fields.next_key()? {
            match key.as_deref() {
                Some("apiVersion") => reading.api_version = fields.next_value::<Text>()?.0,
                Some("kind") => reading.kind = fields.next_value::<Text>()?.0,
                Some("metadata") => reading.metadata(&mut fields)?,
                Some("spec") => reading.spec(&mut fields)?,
                Some("status") => reading.status(&mut fields)?,
                Some("items") => reading.items = fields.next_value::<Items>()?.0,
                _ => drop(fields.next_value::<IgnoredAny>()?),
            }
        }
        Ok(reading.object())
    }
}

/// An object, half read.
#[derive(Default)]
struct Reading {
    api_version: Option<String>,
    kind: Option<String>,
    metadata: Option<Metadata>,
    body: Option<Body>,
    status: Option<PodStatus>,
    items: Option<Vec<Spanned<Object>>>,
    kept: Kept,
}

enum Body {
    Policy(Spec, Vec<String>),
    Pod(PodSpec),
    Template(Option<Template>),
}

impl Reading {
    fn named(&self) -> Option<Kind> {
        Some(Kind { api_version: self.api_version.clone()?, kind: self.kind.clone()? })
    }

    fn route(&self) -> Option<Route> {
        self.named().map(|kind| kind.route())
    }

    fn metadata<'de, A: MapAccess<'de>>(&mut self, fields: &mut A) -> Result<(), A::Error> {
        match self.route() {
            None | Some(Route::Other) => self.kept.metadata = Some(fields.next_value()?),
            Some(_) => self.metadata = fields.next_value()?,
        }
        Ok(())
    }

    fn spec<'de, A: MapAccess<'de>>(&mut self, fields: &mut A) -> Result<(), A::Error> {
        match self.route() {
            None => self.kept.spec = Some(fields.next_value()?),
            Some(route) => self.body = fields.next_value_seed(BodySeed(route))?,
        }
        Ok(())
    }

    fn status<'de, A: MapAccess<'de>>(&mut self, fields: &mut A) -> Result<(), A::Error> {
        match self.route() {
            None => self.kept.status = Some(fields.next_value()?),
            Some(Route::Pod) => self.status = fields.next_value()?,
            Some(_) => drop(fields.next_value::<IgnoredAny>()?),
        }
        Ok(())
    }

    fn object(mut self) -> Object {
        let kind = self.named();
        if let Some(items) = self.items.take().filter(|_| kind.as_ref().is_none_or(|kind| kind.kind.ends_with("List")))
        {
            return Object::List(items, kind.and_then(|kind| kind.of_items()));
        }
        match kind {
            Some(kind) => self.of_kind(kind).unwrap_or_else(Object::Refused),
            None if self.api_version.is_none() && self.kind.is_none() => Object::Unsaid(Box::new(self.kept)),
            None => Object::Nothing,
        }
    }

    /// The object, whose kind is known now.
    fn of_kind(mut self, kind: Kind) -> Result<Object, String> {
        let route = kind.route();
        if route == Route::Other {
            let metadata = self.kept.metadata.and_then(|value| Metadata::deserialize(value).ok());
            return Ok(Object::Other(metadata, kind));
        }
        if let Some(value) = self.kept.metadata.take() {
            self.metadata = Option::deserialize(value).map_err(|_| "`metadata` is not as the API has it")?;
        }
        if let Some(value) = self.kept.spec.take() {
            // None of the library's words: they quote what stands there.
            self.body = BodySeed(route).deserialize(value).map_err(
                |_| "`spec` is not as the API has it; with `apiVersion` and `kind` before it, this would say where",
            )?;
        }
        if let Some(value) = self.kept.status.take().filter(|_| route == Route::Pod) {
            self.status = Option::deserialize(value).map_err(|_| "`status` is not as the API has it")?;
        }
        let metadata = self.metadata.unwrap_or_default();
        Ok(match (route, self.body) {
            (Route::Policy, Some(Body::Policy(spec, unknown))) => Object::Policy(metadata, spec, unknown),
            (Route::Policy, _) => return Err("a NetworkPolicy without `spec`".to_owned()),
            (Route::Namespace, _) => Object::Namespace(metadata),
            (Route::Pod, Some(Body::Pod(spec))) => Object::Pod(metadata, spec, self.status.unwrap_or_default()),
            (Route::Pod, _) => return Err("a Pod without `spec`".to_owned()),
            (Route::Template(kind), Some(Body::Template(Some(template)))) => {
                Object::Templated(kind, metadata, template)
            }
            (Route::CronJob, Some(Body::Template(Some(template)))) => Object::Templated("CronJob", metadata, template),
            _ => return Err(format!("a {} without a pod template", kind.kind)),
        })
    }
}

impl Kept {
    /// The object, which is of this `kind`.
    pub(super) fn of_kind(self, kind: Kind) -> Object {
        let reading = Reading { kept: self, ..Reading::default() };
        reading.of_kind(kind).unwrap_or_else(Object::Refused)
    }

    /// Whether there is nothing that an object would have.
    pub(super) fn is_nothing(&self) -> bool {
        self.metadata.is_none()
    }
}

/// Reads `spec` as the route has it.
struct BodySeed(Route);

impl<'de> DeserializeSeed<'de> for BodySeed {
    type Value = Option<Body>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Option<Body>, D::Error> {
        Ok(match self.0 {
            Route::Policy => {
                let mut unknown = Vec::new();
                let note = |path: serde_ignored::Path| unknown.push(path.to_string().replace("?.", ""));
                let spec: Option<Spec> = serde_ignored::deserialize(deserializer, note)?;
                spec.map(|spec| Body::Policy(spec, unknown))
            }
            Route::Pod => Option::<PodSpec>::deserialize(deserializer)?.map(Body::Pod),
            Route::Template(_) => {
                let spec = Option::<Templated>::deserialize(deserializer)?;
                Some(Body::Template(spec.and_then(Templated::template)))
            }
            Route::CronJob => {
                Some(Body::Template(Option::<CronJob>::deserialize(deserializer)?.and_then(CronJob::template)))
            }
            Route::Namespace | Route::Other => {
                IgnoredAny::deserialize(deserializer)?;
                None
            }
        })
    }
}

/// The items of a list, or `None` for a value that is no list.
struct Items(Option<Vec<Spanned<Object>>>);

impl<'de> Deserialize<'de> for Items {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items;

    fn expecting(&self, f: &mut fmt::Formatter) -> fmt::Result {
        f.write_str("a list")
    }

    take_anything_else!(Items(None));

    fn visit_str<E: de::Error>(self, _: &str) -> Result<Items, E> {
        Ok(Items(None))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Items, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            yaml::take::<Spanned<Object>, A::Error>()?;
            items.push(item);
        }
        Ok(Items(Some(items)))
    }

    fn visit_map<A: MapAccess<'de>>(self, mapping: A) -> Result<Items, A::Error> {
        drain_mapping(mapping).map(|()| Items(None))
    }
}
