//! What a client may read of the stacks by a URI: reports, manifests, diagrams, requirements, controls, policies,
//! components. Values alone; the protocol is elsewhere.
//!
//! Each kind is a [`Template`] in a file of its own and a line in [`TEMPLATES`]. What a resource says is what the
//! questions in [`tools`] answer in full, or a file as it would be generated.

pub mod app;
mod complete;
mod component;
mod controls;
mod documents;
mod error;
mod links;
mod map;
mod policy;
mod siem;
mod stacks;
pub mod uri;

use std::{collections::BTreeMap, sync::Arc};

use serde::Serialize;
use serde_json::{Map, Value};

pub use complete::complete;
pub(crate) use complete::{matching, stacks};
pub(crate) use controls::requirements;
pub use error::ResourceError;
pub use links::links;

use crate::{
    engine::Snapshot,
    fleet::Fleet,
    render::Header,
    terms::{Watch, clean},
    tools::{self, AskError, Context, Detail, Reply, WriteTo, of_earlier_files},
};

/// JSON.
const JSON: &str = "application/json";
/// Markdown. Diagrams too: clients draw a fence of Mermaid in Markdown, and show a type of its own as source, if at all.
const MARKDOWN: &str = "text/markdown";

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
    variables: &'static [Variable],
    /// Whether it is a file's bytes, to which nothing can be added.
    is_as_written: bool,
    /// Whether the stack's own is among the resources that are listed.
    is_listed: fn(&Snapshot) -> bool,
    /// What it says.
    read: fn(&Asked) -> Result<String, ResourceError>,
}

/// A part of a URI that varies.
#[derive(Debug)]
struct Variable {
    name: &'static str,
    /// What it may be in a stack, given the other parts.
    values: fn(&Snapshot, &BTreeMap<String, String>) -> Vec<Offer>,
    /// Whether it may hold a `/`: then it takes all that is left of the URI.
    takes_rest: bool,
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

/// All kinds of resources that a stack has.
pub static TEMPLATES: &[Template] = &[
    documents::REPORT,
    documents::MANIFEST,
    documents::DIAGRAM,
    map::MAP,
    controls::REQUIREMENT,
    controls::CONTROL,
    policy::POLICY,
    component::COMPONENT,
    siem::SIEM,
];

/// What there is to read without filling in a template: the list of stacks, and of each stack that could be read what
/// it has as a whole. Names and titles bear a stack's id, which is a DNS label, not its name, which may be anything.
pub fn list(fleet: &Fleet) -> Vec<Resource> {
    let of_stack = |snapshot: &Snapshot| {
        let id = snapshot.stack.id.to_string();
        let listed = TEMPLATES.iter().filter(|template| (template.is_listed)(snapshot));
        let resource = |template: &Template| Resource {
            uri: template.uri.replace("{stack}", &id),
            name: format!("{id}/{}", template.name),
            title: format!("{}: {id}", template.title),
            description: template.description.to_owned(),
            mime_type: template.mime_type,
            meta: Map::new(),
        };
        listed.map(resource).collect::<Vec<_>>()
    };
    let mut resources = vec![stacks::resource(), app::resource()];
    resources.extend(fleet.snapshots().flat_map(|snapshot| of_stack(snapshot)));
    resources
}

/// What the resource at `uri` says; `page` is the page that hosts open.
///
/// # Errors
///
/// There is no such resource, its stack can't be read, or the stack's level has none of it.
pub fn read(fleet: &Fleet, page: &str, uri: &str, watch: &Watch) -> Result<Content, ResourceError> {
    let content = |mime_type, text, stale| Content { uri: uri.to_owned(), mime_type, text, stale, meta: Map::new() };
    if uri == app::URI {
        return Ok(Content { meta: app::meta(), ..content(app::MIME_TYPE, page.to_owned(), None) });
    }
    let parts = uri::parts(uri).map_err(ResourceError::NotFound)?;
    if parts == [stacks::NAME] {
        return Ok(content(JSON, stacks::text(fleet), None));
    }
    let [stack, kind, values @ ..] = parts.as_slice() else {
        return Err(ResourceError::NotFound(format!("no resource `{}`; {}", clean(uri), shapes())));
    };
    let template = TEMPLATES.iter().find(|template| template.kind() == *kind);
    let template = template.ok_or_else(|| {
        error::none_such("kind of resource", kind, TEMPLATES.iter().map(|template| template.kind().to_owned()))
    })?;
    let values = template.values(values)?;
    let member = fleet.member(Some(stack))?;
    let snapshot = Arc::clone(member.snapshot().map_err(|error| ResourceError::Unreadable(error.clone()))?);
    snapshot.settle(watch).map_err(AskError::from)?;
    let stale = member.stale().map(ToString::to_string);
    let text = (template.read)(&Asked { fleet, watch, snapshot, values })?;
    let text = match &stale {
        Some(why) if !template.is_as_written => with_stale(template.mime_type, text, why),
        _ => text,
    };
    Ok(content(template.mime_type, text, stale))
}

/// `text`, and that it is of earlier files because of `why`.
fn with_stale(mime_type: &str, text: String, why: &str) -> String {
    if mime_type == MARKDOWN {
        return format!("{}\n\n{text}", of_earlier_files(why));
    }
    match serde_json::from_str(&text) {
        Ok(Value::Object(mut fields)) => {
            fields.insert("stale".to_owned(), why.into());
            json(&fields).unwrap_or(text)
        }
        _ => text,
    }
}

/// The URIs that there are, for whoever asked for another.
fn shapes() -> String {
    let shapes = [uri::stacks()].into_iter().chain(TEMPLATES.iter().map(|template| template.uri.to_owned()));
    let shapes: Vec<String> = shapes.map(|shape| format!("`{shape}`")).collect();
    format!("there are {}", shapes.join(", "))
}

impl Template {
    /// The word that follows the stack in its URIs.
    fn kind(&self) -> &'static str {
        self.uri.split('/').nth(3).unwrap_or_default()
    }

    /// The values of its variables, out of the `parts` that follow its kind.
    fn values(&self, parts: &[String]) -> Result<Vec<String>, ResourceError> {
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
struct Asked<'f> {
    fleet: &'f Fleet,
    watch: &'f Watch<'f>,
    snapshot: Arc<Snapshot>,
    /// One for each variable of the template.
    values: Vec<String>,
}

impl Asked<'_> {
    /// The value of the variable at `index`.
    fn value(&self, index: usize) -> &str {
        self.values.get(index).map_or("", String::as_str)
    }

    /// What the question `tool` answers of the stack, in full, as in a shell.
    fn ask(&self, tool: &str, mut arguments: Map<String, Value>) -> Result<Reply, ResourceError> {
        let known = tools::ALL.iter().find(|known| known.name == tool);
        let known = known.ok_or_else(|| ResourceError::NotFound(format!("no tool `{tool}`")))?;
        arguments.insert("stack".to_owned(), self.snapshot.stack.id.as_str().into());
        let (fleet, write_to, watch) = (self.fleet, WriteTo::Nowhere, self.watch);
        let context = Context { fleet, write_to, detail: Detail::Full, given: None, what_if: &[], watch };
        Ok(known.ask(&context, arguments)?)
    }
}

/// `value` as a shell prints it.
fn json(value: &impl Serialize) -> Result<String, ResourceError> {
    let value = serde_json::to_value(value).map_err(|error| ResourceError::Unanswered(error.to_string()))?;
    Ok(format!("{value:#}\n"))
}

/// The fields that every answer about a stack begins with.
fn header(snapshot: &Snapshot) -> Result<Map<String, Value>, ResourceError> {
    match serde_json::to_value(Header::of(snapshot)) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(_) => Ok(Map::new()),
        Err(error) => Err(ResourceError::Unanswered(error.to_string())),
    }
}

/// No resource of this kind is listed: there are too many, and completions find them.
fn unlisted(_: &Snapshot) -> bool {
    false
}
