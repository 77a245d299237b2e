//! `explain_flow`: may this connection be opened, and why.

use std::{fmt::Write as _, sync::Arc};

use netpol_reach::{Port, PortSet, Protocol, named};
use pci_engine::Snapshot;
use pci_policy::proof::{self, EndName, SideVerdict, Verdict};
use pci_render::{
    Header, code_span,
    manifest::{self, SharedEntry},
    prose,
};
use pci_stack::Change;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Detail, Outlet, Question,
    ends::{Asked, AskedEnd},
    notes::notes,
    page::{Bounded, NoEntry},
    port::AskedPort,
    remedy::{WouldAllow, would_allow},
    subject::{Subject, or_none},
    whole_difference::{self, WholeDifference},
    with_level,
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
    /// How many names the text sets one after the other.
    #[serde(skip)]
    most_named: usize,
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
    const HAS_DETAIL: bool = false;
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
            allowed_ports: ports_text(&allowed, if context.detail == Detail::Full { usize::MAX } else { PORTS }),
            only: explanation.only.iter().map(|(from, to)| format!("{from} -> {to}")).collect(),
            verdict: explanation.verdict,
            from: from_name,
            from_component: asked.from.component_name(&snapshot),
            to: to_name,
            to_component: asked.to.component_name(&snapshot),
            port: asked.port,
            would_allow,
            difference: subject.difference(),
            most_named: if context.detail == Detail::Full { usize::MAX } else { NAMED },
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
        let mut text = format!("**{verdict}**: {}.\n\n", prose(&format!("{from} -> {to} on {port}")));
        let most = response.most_named;
        line(&mut text, &format!("Leaving {}", response.from), &response.egress, most);
        line(&mut text, &format!("Entering {}", response.to), &response.ingress, most);
        if !response.only.is_empty() {
            let _ = writeln!(text, "- Allowed for a part only: {}", prose(&named(&response.only, most, "; ")));
        }
        if response.port.is_some() && response.verdict == Verdict::Denied {
            let _ = writeln!(text, "- Ports allowed between the two: {}", response.allowed_ports);
        }
        for shared in response.by_sharing.iter().take(most) {
            let _ = writeln!(
                text,
                "- {} has this only because it shares its namespace: {} ({})",
                code_span(&shared.component.to_string()),
                prose(&shared.flow),
                prose(&named(&shared.because_of, most, "; "))
            );
        }
        if response.by_sharing.len() > most {
            let _ = writeln!(text, "- and {} more because of that", response.by_sharing.len() - most);
        }
        for note in response.notes.iter().take(most) {
            let _ = writeln!(text, "- {}", prose(note));
        }
        if let Some(would) = &response.would_allow {
            let _ = writeln!(text, "\n{}", advice(&would.advice));
        }
        text + &whole_difference::text(response.difference.as_ref())
    }
}

/// How many names of a list a chat's text has.
const NAMED: usize = 5;
/// How many ports of a connection a chat is told.
const PORTS: usize = 20;

/// The first of `ports`, at most `most`, and how many more there are.
fn ports_text(ports: &PortSet, most: usize) -> String {
    let text = if ports.is_empty() { "none".to_owned() } else { ports.to_string() };
    named(&text.split(", ").collect::<Vec<_>>(), most, ", ")
}

impl Bounded for Response {
    type Entry = NoEntry;

    fn header(&self) -> &Header {
        &self.header
    }

    fn cut(&mut self, most: usize) {
        self.difference.iter_mut().for_each(|difference| difference.cut(most));
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

fn line(text: &mut String, what: &str, side: &SideEntry, most: usize) {
    let policies = || named(&side.policies, most, ", ");
    let says = match side.verdict {
        SideVerdict::Allowed => format!("allowed by {}", policies()),
        SideVerdict::Denied if side.policies.is_empty() => "refused: no policy allows it".to_owned(),
        SideVerdict::Denied => format!("a part is allowed by {}", policies()),
        SideVerdict::Unrestricted => "no policy of ours restricts it".to_owned(),
    };
    let sources =
        if side.sources.is_empty() { String::new() } else { format!(" ({})", named(&side.sources, most, "; ")) };
    let _ = writeln!(text, "- {}", prose(&format!("{what}: {says}{sources}")));
}

/// `advice` as Markdown: sentences, and entries of a file as indented code, which nothing breaks out of: JSON has no line
/// break in it.
fn advice(advice: &str) -> String {
    let part = |part: &str| if part.starts_with("    ") { part.to_owned() } else { prose(part) };
    advice.split("\n\n").map(part).collect::<Vec<_>>().join("\n\n")
}

/// What the component at either end has of this only because of a neighbour.
fn by_sharing(snapshot: &Snapshot, asked: &Asked, from: &EndName, to: &EndName) -> Vec<SharedEntry> {
    let own = |end: &AskedEnd| match end {
        AskedEnd::Component(id, _) => Some(snapshot.stack.component(*id).parent.unwrap_or(*id)),
        _ => None,
    };
    let (start, end) = (own(&asked.from), own(&asked.to));
    let is_asked = |shared: &&pci_policy::Shared| {
        let (ports, flow) = (shared.ports.as_ref(), &snapshot.flows()[shared.flow]);
        let is_own = Some(shared.component) == start || Some(shared.component) == end;
        is_own
            && EndName::of_declared(&flow.from) == *from
            && EndName::of_declared(&flow.to) == *to
            && asked.port.is_none_or(|port| ports.is_none_or(|ports| ports.contains(port)))
    };
    snapshot.sharing().listed.iter().filter(is_asked).map(|shared| manifest::shared_entry(snapshot, shared)).collect()
}
