//! What would allow a connection that is denied: a link, a link's port, an exception. Only what works is proposed; where
//! nothing short does, words say what there is to do.

use netpol_reach::{Namespace, Port, Protocol};
use pci_engine::Snapshot;
use pci_policy::PortSource;
use pci_stack::{Change, ComponentId};
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::{Map, Value, json};

use super::ends::{self, AskedEnd};

/// What would allow it.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct WouldAllow {
    /// Changes, any one of which would do.
    pub(super) changes: Vec<Change>,
    /// In words.
    pub(super) advice: String,
}

impl WouldAllow {
    fn words(advice: impl Into<String>) -> Self {
        Self { changes: Vec::new(), advice: advice.into() }
    }

    fn by(change: Change, advice: String) -> Self {
        Self { changes: vec![change], advice }
    }
}

/// What would allow a connection that is denied.
pub(super) fn would_allow(snapshot: &Snapshot, from: &AskedEnd, to: &AskedEnd, port: Option<Port>) -> WouldAllow {
    let is_api_server = |end: &AskedEnd| matches!(end, AskedEnd::ApiServer(_));
    if is_api_server(from) || is_api_server(to) {
        return WouldAllow::words(
            "The profile says where the API server is (`cluster.api_server`), on which ports, and where its calls come \
             from (`cluster.webhook_sources`); what is said there is open to every namespace. Webhook ports are those of \
             the type in `well-known-ports`.",
        );
    }
    match (from.stands_for(snapshot), to.stands_for(snapshot)) {
        (Some(from), Some(to)) => by_link(snapshot, from, to, port),
        (Some(own), None) => by_exception(snapshot, own, "egress", to, port),
        (None, Some(own)) => by_exception(snapshot, own, "ingress", from, port),
        (None, None) => WouldAllow::words(
            "Ask for a component at one end at least: a link or an exception is declared for a component, and the \
             namespaces here hold several or none.",
        ),
    }
}

fn by_link(snapshot: &Snapshot, from: ComponentId, to: ComponentId, port: Option<Port>) -> WouldAllow {
    let (basis, stack) = (snapshot.basis(), &snapshot.stack);
    let (source, target) = (ends::shown(snapshot, from), ends::shown(snapshot, to));
    if !basis.catalog.types.is_on_network(&stack.component(to).kind) {
        return WouldAllow::words(format!("`{target}` is no party on the network: ask for what it belongs to."));
    }
    if let (Some(home), true) = (basis.home(from), basis.home(from) == basis.home(to)) {
        return WouldAllow::words(format!(
            "Both are in `{home}`, whose pods talk to each other on the ports that are known for it: declare `port` on \
             `{target}`, or add the port to its type in `well-known-ports`."
        ));
    }
    if let Some(port) = port.filter(|port| port.protocol != Protocol::Tcp) {
        return WouldAllow::words(format!(
            "A link opens TCP. For {port}, an exception under `component-exceptions` with `component: {source}` and the \
             peer `{{component_type: {}}}` would; it opens every component of that type.",
            stack.component(to).kind
        ));
    }
    // Policies see the pod's port, after a Service's translation.
    let pods = port.map(|port| basis.with_pod_ports(stack.owner(to), &[port].into_iter().collect()));
    let only = pods.as_ref().map(|ports| basis.service_only(stack.owner(to), ports));
    let behind = pods.zip(only).map(|(ports, only)| ports.minus(&only)).and_then(|ports| ports.iter().next());
    let number = behind.or(port).map(|port| port.number.get());
    if let Some(link) = stack.links.iter().find(|link| (link.source, link.target) == (from, to)) {
        let known = pci_policy::ports_of(&basis, link);
        let declared = format!("The link `{}` is declared ({})", link.id, link.place);
        let Some(number) = number else {
            return WouldAllow::words(format!("{declared}, and nothing says its port: declare `port` on `{target}`."));
        };
        let open = if known.ports.is_empty() { "no port".to_owned() } else { known.ports.to_string() };
        let advice = format!(
            "{declared} and opens {open}, {}. If {number} is right in place of that, set the link's `port` to it: the \
             link then opens {number} alone.",
            said_by(known.said_by)
        );
        return WouldAllow::by(Change::of_link(&source, &target, "port", number.to_string()), advice);
    }
    if number.is_none() && basis.client_ports(to).is_empty() {
        return WouldAllow::words(format!("Nothing says on which port `{target}` listens: ask with a port."));
    }
    let on = number.map(|number| format!(" on {number}/TCP")).unwrap_or_default();
    let advice = format!("A link `{source} -> {target}`{on} would allow it, if the stack needs it.");
    WouldAllow::by(Change::add_link(&source, &target, number), advice)
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
        AskedEnd::Internet | AskedEnd::LoadBalancer(_) | AskedEnd::ApiServer(_) => (None, "internet".to_owned()),
        AskedEnd::Address(address) => {
            let cidr = ipnet::IpNet::from(*address).to_string();
            (Some(json!({"cidr": cidr})), cidr.replace(['/', ':', '.'], "-"))
        }
        AskedEnd::Namespace(namespace) | AskedEnd::Component(_, namespace) => {
            if snapshot.basis().manages(namespace) {
                return between_managed(snapshot, namespace);
            }
            (Some(json!({"namespace": namespace})), namespace.to_string())
        }
    };
    let Some(port) = port else {
        return WouldAllow::words("An exception opens exact ports: ask with a port.");
    };
    let preposition = if direction == "egress" { "to" } else { "from" };
    let number = port.number;
    let id = format!("{}-{preposition}-{peer_name}-{number}", component.name.to_string().replace('/', "-"));
    let mut fields: Map<String, Value> = Map::new();
    fields.insert("type".to_owned(), json!(component.kind));
    fields.insert("component".to_owned(), json!(component.name));
    fields.insert("direction".to_owned(), json!(direction));
    let section = if peer.is_some() { "component-exceptions" } else { "internet-exceptions" };
    fields.extend(peer.map(|peer| ("peer".to_owned(), peer)));
    let written = if port.protocol == Protocol::Tcp { json!(number) } else { json!(port) };
    fields.insert("ports".to_owned(), json!([written]));
    let mut entry = Map::from_iter([("id".to_owned(), json!(id))]);
    entry.extend(fields.clone());
    let advice = format!(
        "An exception would allow it, under `{section}` in pci-exceptions.yaml, with its business need as `reason`:\n\n    \
         - {}",
        Value::Object(entry)
    );
    WouldAllow::by(Change::set_exception(id, fields), advice)
}

/// Both ends have policies, and one of them is a namespace: an exception would open the other side alone.
fn between_managed(snapshot: &Snapshot, namespace: &Namespace) -> WouldAllow {
    let basis = snapshot.basis();
    let names: Vec<String> = basis.components_of(namespace).map(|(_, one)| format!("`{}`", one.name)).collect();
    if names.is_empty() {
        return WouldAllow::words(format!(
            "`{namespace}` holds no component, so nothing can be declared for it: apply a NetworkPolicy of your own there."
        ));
    }
    let names = names.join(", ");
    WouldAllow::words(format!("Ask for one of the components of `{namespace}` ({names}): a link to or from it would."))
}
