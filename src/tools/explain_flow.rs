//! `explain_flow`: may this connection be opened, and why.

use std::{fmt::Write as _, sync::Arc};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Outlet, Question,
    ends::AskedEnd,
    port::AskedPort,
    remedy::{WouldAllow, would_allow},
    subject::{Subject, or_none},
    whole_difference::{self, WholeDifference},
    with_level,
};
use crate::{
    engine::Snapshot,
    policy,
    proof::{self, EndName, Explanation, SideVerdict, Verdict},
    reach::PortSet,
    render::{
        Header,
        manifest::{self, SharedEntry},
    },
    terms::{Change, Port, Protocol},
};

pub(super) struct ExplainFlow;

/// Arguments of `explain_flow`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// Who connects: a component, `PARENT/NAME`, `ns:NAMESPACE`, an address, `internet` or `api-server`.
    from: String,
    /// To whom: the same.
    to: String,
    /// The pod's port; any port if absent. In the shell `PORT` or `PORT/PROTOCOL`.
    port: Option<AskedPort>,
    /// The transport protocol, TCP if absent.
    #[arg(skip)]
    protocol: Option<Protocol>,
    /// Changes, as `what_if` takes them.
    #[arg(skip)]
    #[serde(default, deserialize_with = "or_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>", length(max = 50))]
    what_if: Vec<Change>,
}

/// What one side says.
#[derive(Debug, Serialize, JsonSchema)]
struct SideEntry {
    /// Whether its policies allow it; `unrestricted` if none isolates it.
    verdict: SideVerdict,
    /// The policies that allow it, as `namespace/name`.
    policies: Vec<String>,
    /// The links and exceptions behind these.
    sources: Vec<String>,
}

/// A connection, explained.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// Who connects.
    from: EndName,
    /// The component that was asked about there.
    #[serde(skip_serializing_if = "Option::is_none")]
    from_component: Option<String>,
    /// To whom.
    to: EndName,
    /// The component that was asked about there.
    #[serde(skip_serializing_if = "Option::is_none")]
    to_component: Option<String>,
    /// On which port; absent if any was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    port: Option<Port>,
    /// Whether it is allowed, all of it.
    verdict: Verdict,
    /// The side that opens it.
    egress: SideEntry,
    /// The side that takes it.
    ingress: SideEntry,
    /// All ports on which connections between the two are allowed.
    allowed_ports: String,
    /// Where it is allowed, if that is a part of what was asked.
    only: Vec<String>,
    /// What would allow it, if it is denied.
    #[serde(skip_serializing_if = "Option::is_none")]
    would_allow: Option<WouldAllow>,
    /// What of it the component has only because of a neighbour in its namespace.
    by_sharing: Vec<SharedEntry>,
    /// What else to know.
    notes: Vec<String>,
    /// What the changes make of the real stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<WholeDifference>,
}

impl Question for ExplainFlow {
    const NAME: &'static str = "explain_flow";
    const COMMAND: &'static str = "explain";
    const TITLE: &'static str = "Explain a connection";
    const DESCRIPTION: &'static str = "Say whether one end may open a connection to another on a port, which policies of \
        either side say so, and, if it is denied, which side is missing and which link or exception would allow it. Use it \
        for \"may A reach B?\" and \"why can't A reach B?\". Next: `describe_stack` for names, `generate_policies` for the \
        policies themselves.";
    const OUTLET: Outlet = Outlet::Text;
    type Request = Request;
    type Response = Response;

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), None, &request.what_if)?;
        let snapshot = Arc::clone(&subject.snapshot);
        with_level(&snapshot)?;
        let find = |text: &str| AskedEnd::find(&snapshot, text).map_err(AskError::Argument);
        let from = find(&request.from)?.at_start(&snapshot);
        let asked = Asked { from, to: find(&request.to)?, port: request.port()? };
        let ground = &snapshot.evidence().ground;
        let (from, from_name) = asked.from.ends(&snapshot, ground);
        let (to, to_name) = asked.to.ends(&snapshot, ground);
        let explanation = proof::explain(ground, &from, &to, asked.port);
        let mut allowed = PortSet::default();
        for from in &from {
            for to in &to {
                allowed.extend(&ground.ports(*from, *to));
            }
        }
        let would_allow = (explanation.verdict == Verdict::Denied)
            .then(|| would_allow(&snapshot, &asked.from, &asked.to, asked.port));
        Ok(Response {
            header: Header::of(&snapshot),
            by_sharing: by_sharing(&snapshot, &asked, &from_name, &to_name),
            notes: notes(&snapshot, &asked, &explanation),
            egress: side(&snapshot, &explanation.egress),
            ingress: side(&snapshot, &explanation.ingress),
            allowed_ports: if allowed.is_empty() { "none".to_owned() } else { allowed.to_string() },
            only: explanation.only.iter().map(|(from, to)| format!("{from} -> {to}")).collect(),
            verdict: explanation.verdict,
            from: from_name,
            from_component: asked.from.component_name(&snapshot),
            to: to_name,
            to_component: asked.to.component_name(&snapshot),
            port: asked.port,
            would_allow,
            difference: subject.difference(context.detail),
        })
    }

    fn text(response: &Response) -> String {
        let verdict = match response.verdict {
            Verdict::Allowed => "Allowed",
            Verdict::Denied => "Denied",
        };
        let port = match (response.port, response.verdict) {
            (Some(port), _) => port.to_string(),
            (None, Verdict::Allowed) => response.allowed_ports.clone(),
            (None, Verdict::Denied) => "any port".to_owned(),
        };
        let shown = |component: &Option<String>, end: &EndName| match component {
            Some(component) => format!("`{component}` ({end})"),
            None => end.to_string(),
        };
        let from = shown(&response.from_component, &response.from);
        let to = shown(&response.to_component, &response.to);
        let mut text = format!("**{verdict}**: {from} -> {to} on {port}.\n\n");
        line(&mut text, &format!("Leaving {}", response.from), &response.egress);
        line(&mut text, &format!("Entering {}", response.to), &response.ingress);
        if !response.only.is_empty() {
            let _ = writeln!(text, "- Allowed for a part only: {}", response.only.join("; "));
        }
        if response.port.is_some() && response.verdict == Verdict::Denied {
            let _ = writeln!(text, "- Ports allowed between the two: {}", response.allowed_ports);
        }
        for shared in &response.by_sharing {
            let _ = writeln!(
                text,
                "- `{}` has this only because it shares its namespace: {} ({})",
                shared.component,
                shared.flow,
                shared.because_of.join("; ")
            );
        }
        for note in &response.notes {
            let _ = writeln!(text, "- {note}");
        }
        if let Some(would) = &response.would_allow {
            let _ = writeln!(text, "\n{}", would.advice);
        }
        text + &whole_difference::text(response.difference.as_ref())
    }
}

impl Request {
    fn port(&self) -> Result<Option<Port>, AskError> {
        match (self.port, self.protocol) {
            (Some(AskedPort { number, protocol: Some(one) }), Some(other)) if one != other => Err(AskError::Argument(
                format!("`port` says {one}, `protocol` says {other}: port {number} over which?"),
            )),
            (Some(AskedPort { number, protocol }), other) => {
                Ok(Some(Port { number, protocol: protocol.or(other).unwrap_or_default() }))
            }
            (None, Some(_)) => Err(AskError::Argument("`protocol` goes with `port`".to_owned())),
            (None, None) => Ok(None),
        }
    }
}

struct Asked {
    from: AskedEnd,
    to: AskedEnd,
    port: Option<Port>,
}

fn side(snapshot: &Snapshot, side: &proof::Side) -> SideEntry {
    let named = |policy: &String| {
        let (namespace, object) = policy.split_once('/')?;
        let mut rules = snapshot.rules().rules.iter();
        rules.find(|rule| rule.namespace.as_str() == namespace && rule.name.object == object)
    };
    let rules = side.policies.iter().filter_map(named);
    let mut sources: Vec<String> = rules.flat_map(|rule| rule.sources.iter().map(ToString::to_string)).collect();
    sources.sort_unstable();
    sources.dedup();
    SideEntry { verdict: side.verdict, policies: side.policies.clone(), sources }
}

fn line(text: &mut String, what: &str, side: &SideEntry) {
    let says = match side.verdict {
        SideVerdict::Allowed => format!("allowed by {}", side.policies.join(", ")),
        SideVerdict::Denied if side.policies.is_empty() => "refused: no policy allows it".to_owned(),
        SideVerdict::Denied => format!("a part is allowed by {}", side.policies.join(", ")),
        SideVerdict::Unrestricted => "no policy of ours restricts it".to_owned(),
    };
    let sources = if side.sources.is_empty() { String::new() } else { format!(" ({})", side.sources.join("; ")) };
    let _ = writeln!(text, "- {what}: {says}{sources}");
}

/// What the component at either end has of this only because of a neighbour.
fn by_sharing(snapshot: &Snapshot, asked: &Asked, from: &EndName, to: &EndName) -> Vec<SharedEntry> {
    let own = |end: &AskedEnd| match end {
        AskedEnd::Component(id, _) => Some(snapshot.stack.component(*id).parent.unwrap_or(*id)),
        _ => None,
    };
    let (start, end) = (own(&asked.from), own(&asked.to));
    let sharing = policy::by_sharing(&snapshot.basis(), snapshot.flows());
    let is_asked = |shared: &&policy::Shared| {
        let ports = shared.ports.as_ref();
        let is_own = Some(shared.component) == start || Some(shared.component) == end;
        is_own
            && EndName::of_declared(&shared.flow.from) == *from
            && EndName::of_declared(&shared.flow.to) == *to
            && asked.port.is_none_or(|port| ports.is_none_or(|ports| ports.contains(port)))
    };
    sharing.listed.iter().filter(is_asked).map(|shared| manifest::shared_entry(snapshot, shared)).collect()
}

fn notes(snapshot: &Snapshot, asked: &Asked, explanation: &Explanation) -> Vec<String> {
    let mut notes = Vec::new();
    let involved = |policy: &str| {
        explanation.egress.policies.iter().chain(&explanation.ingress.policies).any(|named| named == policy)
    };
    for letter in &snapshot.evidence().proof.dead_letters {
        if involved(&letter.policy) && asked.port.is_none_or(|port| letter.ports.contains(port)) {
            notes.push(format!("{} may match no traffic: {}", letter.policy, letter.why));
        }
    }
    if matches!(&asked.to, AskedEnd::ApiServer(blocks) if blocks.is_empty()) {
        notes.push(
            "the profile does not say where the API server is: this is about its Service in the namespace `default`"
                .to_owned(),
        );
    }
    if matches!(asked.from, AskedEnd::LoadBalancer(_)) {
        notes.push("connections from outside arrive from where the profile's `load_balancer_sources` says".to_owned());
    }
    if let (AskedEnd::Component(id, _), Some(port)) = (&asked.to, asked.port) {
        let basis = snapshot.basis();
        let owner = snapshot.stack.owner(*id);
        let only = basis.service_only(owner, &[port].into_iter().collect());
        if !only.is_empty() && notes.is_empty() {
            let behind = basis.with_pod_ports(owner, &only).minus(&only);
            notes.push(format!(
                "{port} is the port of a Service: its pods listen on {behind}, and policies see that one"
            ));
        }
    }
    let is_open = |side: &proof::Side| side.verdict != SideVerdict::Denied;
    if explanation.verdict == Verdict::Denied && is_open(&explanation.egress) && is_open(&explanation.ingress) {
        notes.push("both sides let something through, and nothing that both do".to_owned());
    }
    for end in [&asked.from, &asked.to] {
        if let AskedEnd::Namespace(namespace) = end
            && !snapshot.basis().all_namespaces().any(|known| known == namespace)
        {
            notes.push(format!("no component of the stack is in `{namespace}`"));
        }
    }
    let is_address = |end: &AskedEnd| matches!(end, AskedEnd::Address(_));
    if is_address(&asked.from) || is_address(&asked.to) {
        notes.push("an address is taken to be outside the pod network: an ipBlock matches no pod".to_owned());
    }
    notes
}
