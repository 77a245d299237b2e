//! What would allow a connection that is denied: a link, a link's port, an exception.

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::ends::{self, AskedEnd};
use crate::{
    change::Change,
    engine::Snapshot,
    policy::{self, PortSource},
    stack::ComponentId,
    terms::{Port, Protocol},
};

/// What would allow it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WouldAllow {
    /// Changes, any one of which would do.
    pub(super) changes: Vec<Change>,
    /// In words.
    pub(super) advice: String,
}

/// What would allow a connection that is denied.
pub(super) fn would_allow(snapshot: &Snapshot, from: &AskedEnd, to: &AskedEnd, port: Option<Port>) -> WouldAllow {
    let ends = (from.stands_for(snapshot), to.stands_for(snapshot));
    let only_words = |advice: &str| WouldAllow { changes: Vec::new(), advice: advice.to_owned() };
    match ends {
        (Some(from), Some(to)) => by_link(snapshot, from, to, port),
        (Some(own), None) => by_exception(snapshot, own, "egress", to, port),
        (None, Some(own)) => by_exception(snapshot, own, "ingress", from, port),
        (None, None) => only_words(
            "Ask for a component at one end at least: a link or an exception is declared for a component, and the \
             namespaces here hold several or none.",
        ),
    }
}

fn by_link(snapshot: &Snapshot, from: ComponentId, to: ComponentId, port: Option<Port>) -> WouldAllow {
    let (source, target) = (ends::shown(snapshot, from), ends::shown(snapshot, to));
    let number = port.map(|port| port.number.get());
    if let Some(port) = port.filter(|port| port.protocol != Protocol::Tcp) {
        let advice = format!(
            "A link opens TCP. For {port}, declare a component exception from `{source}` to the type of `{target}`."
        );
        return WouldAllow { changes: Vec::new(), advice };
    }
    let known = snapshot.stack.links.iter().find(|link| (link.source, link.target) == (from, to));
    if let (Some(link), Some(number)) = (known, number) {
        let known = policy::ports_of(&snapshot.basis(), link);
        let open = if known.ports.is_empty() { "no port".to_owned() } else { known.ports.to_string() };
        let advice = format!(
            "The link `{}` is declared ({}) and opens {open}, {}. If {number} is right, set the link's `port` to it.",
            link.id,
            link.place,
            said_by(known.said_by)
        );
        return WouldAllow { changes: vec![Change::of_link(&source, &target, "port", number.to_string())], advice };
    }
    let on = number.map(|number| format!(" on {number}/TCP")).unwrap_or_default();
    let advice = format!("A link `{source} -> {target}`{on} would allow it, if the stack needs it.");
    WouldAllow { changes: vec![Change::add_link(&source, &target, number)], advice }
}

fn said_by(source: PortSource) -> &'static str {
    match source {
        PortSource::Link => "as its own `port` says",
        PortSource::Override => "which its two types use between them",
        PortSource::Metrics => "the target's metrics",
        PortSource::SubComponent | PortSource::WellKnown => "which are known for the target's type",
        PortSource::Declared => "as the target declares",
        PortSource::Nothing => "since nothing says which",
    }
}

fn by_exception(
    snapshot: &Snapshot,
    own: ComponentId,
    direction: &str,
    other: &AskedEnd,
    port: Option<Port>,
) -> WouldAllow {
    let component = snapshot.stack.component(own);
    let (peer, peer_name) = match other {
        AskedEnd::Internet | AskedEnd::LoadBalancer(_) => (None, "internet".to_owned()),
        AskedEnd::ApiServer(_) => (Some(json!({"kube_api": true})), "kube-api".to_owned()),
        AskedEnd::Address(address) => {
            let cidr = ipnet::IpNet::from(*address).to_string();
            (Some(json!({"cidr": cidr})), cidr.replace(['/', ':', '.'], "-"))
        }
        AskedEnd::Namespace(namespace) | AskedEnd::Component(_, namespace) => {
            (Some(json!({"namespace": namespace})), namespace.to_string())
        }
    };
    let mut fields: Map<String, Value> = Map::new();
    fields.insert("type".to_owned(), json!(component.kind));
    fields.insert("component".to_owned(), json!(component.name));
    fields.insert("direction".to_owned(), json!(direction));
    let section = if peer.is_some() { "component-exceptions" } else { "internet-exceptions" };
    fields.extend(peer.map(|peer| ("peer".to_owned(), peer)));
    if let Some(port) = port {
        let written = if port.protocol == Protocol::Tcp { json!(port.number) } else { json!(port) };
        fields.insert("ports".to_owned(), json!([written]));
    }
    let preposition = if direction == "egress" { "to" } else { "from" };
    let id = format!("{}-{preposition}-{peer_name}", component.name.to_string().replace('/', "-"));
    let advice = format!(
        "An exception under `{section}`, with its business need in `reason`, would allow it: `{id}`, {direction} of `{}`.",
        component.name
    );
    WouldAllow { changes: vec![Change::set_exception(id, fields)], advice }
}
