//! What a client may read of the stacks by a URI: reports, manifests, diagrams, requirements, controls, policies,
//! components. Values alone; the protocol is elsewhere.
//!
//! Each kind is a [`Template`] in a file of its own and a line in [`TEMPLATES`]. What a resource says is what the
//! questions in [`tools`](crate::tools) answer in full, or a file as it would be generated.

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
mod template;
pub mod uri;

use std::sync::Arc;

pub use complete::complete;
pub(crate) use complete::{matching, stacks};
pub(crate) use controls::requirements;
pub use error::ResourceError;
pub use links::links;
use netpol_reach::clean;
use pci_engine::{Snapshot, fleet::Fleet};
use pci_stack::Watch;
use serde_json::{Map, Value};
pub(crate) use template::Offer;
use template::{Asked, JSON, MARKDOWN, json};
pub use template::{Content, Resource, Template};

use crate::tools::{AskError, of_earlier_files};

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
    if parts == [uri::STACKS] {
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
