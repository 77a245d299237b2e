//! `render_diagram`: the allowed traffic, drawn.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Detail, Outlet, Question,
    page::{Bounded, NoEntry},
    subject::{Subject, or_none},
    whole_difference::{self, WholeDifference},
    with_level,
};
use crate::{
    render::{
        Header,
        diagram::{self, Limits, Scope},
    },
    terms::Change,
};

pub(super) struct RenderDiagram;

/// How a diagram is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    /// Mermaid, which most chats and viewers draw.
    #[default]
    Mermaid,
}

/// Arguments of `render_diagram`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// A namespace, or a component, which stands for its namespace; all namespaces if absent.
    #[arg(long, value_name = "NS")]
    scope: Option<String>,
    /// How it is written.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Which chart, from 1, where one would be more than viewers draw.
    #[arg(long, value_name = "N")]
    part: Option<usize>,
    /// Changes, as `what_if` takes them.
    #[arg(skip)]
    #[serde(default, deserialize_with = "or_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>", length(max = 50))]
    what_if: Vec<Change>,
}

/// A diagram.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// How it is written.
    format: Format,
    /// What it shows: a namespace, or `all`.
    scope: String,
    /// The chart.
    mermaid: String,
    /// Which chart this is.
    part: usize,
    /// How many charts there are in this scope.
    charts_total: usize,
    /// What the changes make of the real stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<WholeDifference>,
}

impl Question for RenderDiagram {
    const NAME: &'static str = "render_diagram";
    const COMMAND: &'static str = "diagram";
    const TITLE: &'static str = "Draw the allowed traffic";
    const DESCRIPTION: &'static str = "Draw which traffic the stack's policies allow, as a Mermaid flowchart: all \
        namespaces, or one namespace (or component) with everything it may reach and be reached by. Use it when \
        somebody wants to see; show the chart to them as it is. Next: `generate_policies` for the policies themselves.";
    const OUTLET: Outlet = Outlet::Document;
    const HAS_DETAIL: bool = false;
    type Request = Request;
    type Response = Response;

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), None, &request.what_if)?;
        let snapshot = &*subject.snapshot;
        with_level(snapshot)?;
        let scope = match request.scope.as_deref() {
            None | Some("all") => Scope::Overview,
            Some(text) => Scope::find(snapshot, text).map_err(AskError::Argument)?,
        };
        let limits = match (context.detail, subject.is_what_if()) {
            (Detail::Full, _) => diagram::VIEWER,
            (Detail::Summary, false) => CHAT,
            (Detail::Summary, true) => CHAT_WITH_DIFFERENCE,
        };
        let mut charts = diagram::charts(snapshot, &scope, limits);
        let (part, charts_total) = (request.part.unwrap_or(1), charts.len());
        if !(1..=charts_total).contains(&part) {
            return Err(AskError::Argument(format!("there is no part {part}: this scope has {charts_total}")));
        }
        Ok(Response {
            header: Header::of(snapshot),
            format: request.format.unwrap_or_default(),
            scope: match scope {
                Scope::Overview => "all".to_owned(),
                Scope::Namespace(namespace) => namespace.to_string(),
            },
            mermaid: charts.swap_remove(part - 1),
            part,
            charts_total,
            difference: subject.difference(),
        })
    }

    fn text(response: &Response) -> String {
        let part = match response.charts_total {
            1 => String::new(),
            total => format!("Part {} of {total}; `part` asks for another, `scope` for one namespace. ", response.part),
        };
        format!(
            "```mermaid\n{}```\n\n{part}Arrows run from the caller and carry ports; what no arrow shows is refused.\n{}",
            response.mermaid,
            whole_difference::text(response.difference.as_ref())
        )
    }

    fn document(response: &Response) -> Option<String> {
        Some(response.mermaid.clone())
    }
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

/// What one chart of a chat may be: text and fields hold it each, beside what else they say.
const CHAT: Limits = Limits { edges: 400, characters: 4_800, is_exact: true };
/// The same, beside what changes make of the stack.
const CHAT_WITH_DIFFERENCE: Limits = Limits { characters: 4_000, ..CHAT };
