//! A kind of resource, what it is asked with, and what it answers.

use std::{collections::BTreeMap, sync::Arc};

use pci_engine::{Snapshot, fleet::Fleet};
use pci_render::Header;
use pci_stack::Watch;
use serde::Serialize;
use serde_json::{Map, Value};

use super::ResourceError;
use crate::tools::{self, Context, Detail, Reply, WriteTo};

/// JSON.
pub(super) const JSON: &str = "application/json";

/// Markdown. Diagrams too: clients draw a fence of Mermaid in Markdown, and show a type of its own as source, if at all.
pub(super) const MARKDOWN: &str = "text/markdown";

/// Something that can be read, as lists name it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resource {
    /// Where it is read.
    pub uri: String,
    /// A name, unique in the list.
    pub name: String,
    /// A title for people.
    pub title: String,
    /// What it says.
    pub description: String,
    /// How it is written.
    pub mime_type: &'static str,
    /// What it says of itself to hosts (`_meta`).
    pub meta: Map<String, Value>,
}

/// A kind of resource: what its URIs look like, and what answers them.
#[derive(Debug)]
pub struct Template {
    /// The URI, with names for the parts that vary (RFC 6570).
    pub uri: &'static str,
    /// A name, unique in the list.
    pub name: &'static str,
    /// A title for people.
    pub title: &'static str,
    /// What such a resource says.
    pub description: &'static str,
    /// How it is written.
    pub mime_type: &'static str,
    /// The parts that vary besides the stack, and what they may be.
    pub(super) variables: &'static [Variable],
    /// Whether it is a file's bytes, to which nothing can be added.
    pub(super) is_as_written: bool,
    /// Whether the stack's own is among the resources that are listed.
    pub(super) is_listed: fn(&Snapshot) -> bool,
    /// What it says.
    pub(super) read: fn(&Asked) -> Result<String, ResourceError>,
}

/// A part of a URI that varies.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: &'static str,
    /// What it may be in a stack, given the other parts.
    pub(super) values: fn(&Snapshot, &BTreeMap<String, String>) -> Vec<Offer>,
    /// Whether it may hold a `/`: then it takes all that is left of the URI.
    pub(super) takes_rest: bool,
}

/// A value that a part of a URI, or an argument, may have.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Offer {
    /// The value.
    pub(crate) value: String,
    /// Another word by which it is found.
    pub(crate) also: String,
}

/// What a resource says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Content {
    /// Where it was read, as it was asked for.
    pub uri: String,
    /// How it is written.
    pub mime_type: &'static str,
    /// What it says.
    pub text: String,
    /// Why the newest files can't be used, if this is of earlier ones.
    pub stale: Option<String>,
    /// What it says of itself to hosts (`_meta`).
    pub meta: Map<String, Value>,
}

impl Template {
    /// The word that follows the stack in its URIs.
    pub(super) fn kind(&self) -> &'static str {
        self.uri.split('/').nth(3).unwrap_or_default()
    }

    /// The values of its variables, out of the `parts` that follow its kind.
    pub(super) fn values(&self, parts: &[String]) -> Result<Vec<String>, ResourceError> {
        let takes_rest = self.variables.last().is_some_and(|variable| variable.takes_rest);
        let (own, rest) = parts.split_at(parts.len().min(self.variables.len()));
        let mut values = own.to_vec();
        if let Some(last) = values.last_mut().filter(|_| takes_rest) {
            *last = [std::mem::take(last)].iter().chain(rest).map(String::as_str).collect::<Vec<_>>().join("/");
        }
        if values.len() == self.variables.len() && (takes_rest || rest.is_empty()) {
            return Ok(values);
        }
        Err(ResourceError::NotFound(format!("a `{}` is read at `{}`", self.kind(), self.uri)))
    }
}

/// A resource that is asked for, of a stack that could be read.
pub(super) struct Asked<'f> {
    pub(super) fleet: &'f Fleet,
    pub(super) watch: &'f Watch<'f>,
    pub(super) snapshot: Arc<Snapshot>,
    /// One for each variable of the template.
    pub(super) values: Vec<String>,
}

impl Asked<'_> {
    /// The value of the variable at `index`.
    pub(super) fn value(&self, index: usize) -> &str {
        self.values.get(index).map_or("", String::as_str)
    }

    /// What the question `tool` answers of the stack, in full, as in a shell.
    pub(super) fn ask(&self, tool: &str, mut arguments: Map<String, Value>) -> Result<Reply, ResourceError> {
        let known = tools::ALL.iter().find(|known| known.name == tool);
        let known = known.ok_or_else(|| ResourceError::NotFound(format!("no tool `{tool}`")))?;
        arguments.insert("stack".to_owned(), self.snapshot.stack.id.as_str().into());
        let (fleet, write_to, watch) = (self.fleet, WriteTo::Nowhere, self.watch);
        let context = Context { fleet, write_to, detail: Detail::Full, given: None, what_if: &[], watch };
        Ok(known.ask(&context, arguments)?)
    }
}

/// `value` as a shell prints it.
pub(super) fn json(value: &impl Serialize) -> Result<String, ResourceError> {
    let value = serde_json::to_value(value).map_err(|error| ResourceError::Unanswered(error.to_string()))?;
    Ok(format!("{value:#}\n"))
}

/// The fields that every answer about a stack begins with.
pub(super) fn header(snapshot: &Snapshot) -> Result<Map<String, Value>, ResourceError> {
    match serde_json::to_value(Header::of(snapshot)) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(ResourceError::Unanswered(error.to_string())),
    }
}

/// No resource of this kind is listed: there are too many, and completions find them.
pub(super) fn unlisted(_: &Snapshot) -> bool {
    false
}
