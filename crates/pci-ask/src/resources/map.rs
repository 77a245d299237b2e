//! The map of a stack, whole: what the page of this server draws, and what a program would count.

use pci_render::map;
use serde_json::{Map, Value, json};

use super::{
    ResourceError,
    template::{Asked, JSON, Template, header},
};

/// The map.
pub(super) const MAP: Template = Template {
    uri: "pci://{stack}/map",
    name: "map",
    title: "Map of flows and controls",
    description: "What may talk to what and where each control stands, for programs: nodes with their zones, edges with \
        ports, the links behind them and the policies that allow them, components, links, the 250 controls. Long: ask \
        `render_diagram` or `pci_compliance_overview` in a conversation.",
    mime_type: JSON,
    variables: &[],
    is_as_written: false,
    is_listed: |_| true,
    read,
};

/// The map, between what every answer begins with and what `describe_stack` says of components and links. On one line:
/// nobody reads it as it is, and of a large stack it is long.
fn read(asked: &Asked) -> Result<String, ResourceError> {
    let unanswered = |error: serde_json::Error| ResourceError::Unanswered(error.to_string());
    let mut fields = header(&asked.snapshot)?;
    if let Value::Object(own) = serde_json::to_value(map::map(&asked.snapshot)).map_err(unanswered)? {
        fields.extend(own);
    }
    let arguments = Map::from_iter([("detail".to_owned(), json!("full"))]);
    let mut described = asked.ask("describe_stack", arguments)?.fields;
    for name in ["components", "links"] {
        fields.insert(name.to_owned(), described[name].take());
    }
    let where_ = asked.snapshot.stack.components.iter().map(|component| component.place.to_string());
    let entries = fields.get_mut("components").and_then(Value::as_array_mut).into_iter().flatten();
    for (entry, place) in entries.zip(where_) {
        entry["where"] = place.into();
    }
    serde_json::to_string(&fields).map_err(unanswered)
}
