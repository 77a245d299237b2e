//! The resources that hold the whole of what an answer in chat sums up.

use pci_engine::{Snapshot, fleet::Fleet};
use serde_json::Value;

use super::{Resource, TEMPLATES, Template, uri};

/// The resources beside what `tool` answered with `fields`: none where the stack was asked about as it is not, by changes,
/// at another level or of another day, since resources are of the stack as it is.
pub fn links(fleet: &Fleet, tool: &str, fields: &Value) -> Vec<Resource> {
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let member = text("stack").and_then(|id| fleet.named(id));
    let Some(snapshot) = member.and_then(|member| member.snapshot().ok()) else { return Vec::new() };
    let day = snapshot.day().map(|day| day.to_string());
    let is_of_another_day = text("as_of").is_some_and(|asked| day.as_deref() != Some(asked));
    if fields.get("difference").is_some() || text("level") != Some(snapshot.level().as_str()) || is_of_another_day {
        return Vec::new();
    }
    match tool {
        "pci_compliance_overview" => listed(snapshot, "report").into_iter().collect(),
        "generate_policies" => listed(snapshot, "manifest").into_iter().chain(policies(snapshot, fields)).collect(),
        _ => Vec::new(),
    }
}

/// The stack's own `name`, if it has one.
fn listed(snapshot: &Snapshot, name: &str) -> Option<Resource> {
    let template = TEMPLATES.iter().find(|template| template.name == name && (template.is_listed)(snapshot))?;
    let id = snapshot.stack.id.as_str();
    Some(of(template, template.uri.replace("{stack}", id), format!("{id}/{name}")))
}

/// The policies that the answer lists.
fn policies(snapshot: &Snapshot, fields: &Value) -> Vec<Resource> {
    let Some(template) = TEMPLATES.iter().find(|template| template.name == "policy") else { return Vec::new() };
    let listed = fields.get("policies").and_then(Value::as_array).into_iter().flatten();
    let policy = |policy: &Value| {
        let (namespace, name) = (policy.get("namespace")?.as_str()?, policy.get("name")?.as_str()?);
        let uri = uri::policy(snapshot.stack.id.as_str(), namespace, name);
        Some(of(template, uri, format!("{namespace}/{name}")))
    };
    listed.filter_map(policy).collect()
}

fn of(template: &Template, uri: String, name: String) -> Resource {
    let (title, description) = (template.title.to_owned(), String::new());
    Resource { uri, name, title, description, mime_type: template.mime_type, meta: serde_json::Map::new() }
}
