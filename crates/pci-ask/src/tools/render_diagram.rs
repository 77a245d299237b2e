//! `render_diagram`: the allowed traffic, drawn.

use pci_engine::Snapshot;
use pci_render::{
    Header,
    diagram::{self, Depth, Drawn, Limits, Scope},
    prose,
};
use pci_stack::Change;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Attachment, Context, Detail, Outlet, Question,
    page::{Bounded, NoEntry},
    subject::{Subject, or_none},
    whole_difference::{self, WholeDifference},
    with_level,
};

pub(super) struct RenderDiagram;

/// How a diagram is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub(super) enum Format {
    /// Mermaid, which most chats and viewers draw.
    #[default]
    Mermaid,
    /// A picture as SVG.
    Svg,
    /// A picture as PNG, which any client shows.
    Png,
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
    /// With `scope`: 1, its peers (default); 2, theirs too.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=2))]
    #[schemars(range(min = 1, max = 2))]
    depth: Option<u8>,
    /// How it is written; mermaid by default.
    #[arg(long, value_enum)]
    format: Option<Format>,
    /// Which chart of Mermaid, from 1, where one would be more than viewers draw.
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
    /// The chart, unless it is a picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    mermaid: Option<String>,
    /// The picture as SVG, in the shell; in a chat it stands beside the answer, as a PNG does.
    #[serde(skip_serializing_if = "Option::is_none")]
    svg: Option<String>,
    /// What the picture holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    picture: Option<Holds>,
    /// Which chart this is.
    part: usize,
    /// How many charts there are in this scope.
    charts_total: usize,
    /// What the changes make of the real stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<WholeDifference>,
    #[serde(skip)]
    attachment: Option<Attachment>,
}

/// What a picture holds.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct Holds {
    /// How many boxes it has.
    boxes: usize,
    /// How many arrows.
    arrows: usize,
    /// What is not drawn, and how to see more.
    notes: Vec<String>,
}

impl Question for RenderDiagram {
    const NAME: &'static str = "render_diagram";
    const COMMAND: &'static str = "diagram";
    const TITLE: &'static str = "Draw the allowed traffic";
    const DESCRIPTION: &'static str = "Draw which traffic the stack's policies allow: all namespaces, or one \
        namespace (or component) with everything it may reach and be reached by. A Mermaid flowchart, or with `format` \
        a picture (png, svg). Use it when somebody wants to see; show the chart to them as it is. Next: \
        `generate_policies` for the policies themselves.";
    const OUTLET: Outlet = Outlet::Document;
    const HAS_DETAIL: bool = false;
    type Request = Request;
    type Response = Response;

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), None, &request.what_if)?;
        let snapshot = &*subject.snapshot;
        with_level(snapshot)?;
        let scope = scope(snapshot, request)?;
        let format = request.format.unwrap_or_default();
        let part = request.part.unwrap_or(1);
        let (shown, charts_total) = if format == Format::Mermaid {
            let limits = match (context.detail, subject.is_what_if()) {
                (Detail::Full, _) => diagram::VIEWER,
                (Detail::Summary, false) => CHAT,
                (Detail::Summary, true) => CHAT_WITH_DIFFERENCE,
            };
            let (chart, total) = diagram::chart(snapshot, &scope, limits, part.wrapping_sub(1));
            (chart.map(Shown::Chart), total)
        } else {
            ((part == 1).then(|| Shown::Picture(diagram::picture(snapshot, &scope))), 1)
        };
        let no_part = || AskError::Argument(format!("there is no part {part}: this scope has {charts_total}"));
        let shown = shown.ok_or_else(no_part)?;
        let mut response = Response {
            header: Header::of(snapshot),
            format,
            scope: match scope {
                Scope::Overview => "all".to_owned(),
                Scope::Namespace(namespace, _) => namespace.to_string(),
            },
            mermaid: None,
            svg: None,
            picture: None,
            part,
            charts_total,
            difference: subject.difference(),
            attachment: None,
        };
        match shown {
            Shown::Chart(chart) => response.mermaid = Some(chart),
            Shown::Picture(drawn) => response.hold(drawn, context.detail)?,
        }
        Ok(response)
    }

    fn text(response: &Response) -> String {
        let part = match response.charts_total {
            1 => String::new(),
            total => format!("Part {} of {total}; `part` asks for another, `scope` for one namespace. ", response.part),
        };
        let difference = whole_difference::text(response.difference.as_ref());
        if let Some(picture) = &response.picture {
            let what =
                if response.scope == "all" { "all namespaces".to_owned() } else { format!("`{}`", response.scope) };
            return format!(
                "The allowed traffic of {what}, as a picture beside this text: {} boxes, {} arrows. {}\n\nWhere no picture \
                 shows, `format: mermaid` draws the same.\n{difference}",
                picture.boxes,
                picture.arrows,
                prose(&picture.notes.join(" ")),
            );
        }
        format!(
            "```mermaid\n{}```\n\n{part}Arrows run from the caller and carry ports; what no arrow shows is refused.\n{difference}",
            response.mermaid.as_deref().unwrap_or_default(),
        )
    }

    fn document(response: &Response) -> Option<String> {
        response.mermaid.clone()
    }

    fn attachments(response: &Response) -> Vec<Attachment> {
        response.attachment.clone().into_iter().collect()
    }
}

/// What is shown.
enum Shown {
    Chart(String),
    Picture(Drawn),
}

/// The scope that `request` asks for.
fn scope(snapshot: &Snapshot, request: &Request) -> Result<Scope, AskError> {
    let depth = match request.depth {
        None | Some(1) => Depth::Peers,
        Some(2) => Depth::PeersOfPeers,
        Some(other) => return Err(AskError::Argument(format!("`depth` is 1 or 2, not {other}"))),
    };
    match request.scope.as_deref() {
        None | Some("all") if request.depth.is_some() => {
            Err(AskError::Argument("`depth` is around a namespace: say `scope` too".to_owned()))
        }
        None | Some("all") => Ok(Scope::Overview),
        Some(text) => Ok(Scope::find(snapshot, text).map_err(AskError::Argument)?.to(depth)),
    }
}

impl Response {
    /// Takes in `drawn`, as the format has it.
    fn hold(&mut self, drawn: Drawn, detail: Detail) -> Result<(), AskError> {
        let (mime, ending, bytes) = if self.format == Format::Png {
            let most = if detail == Detail::Full { diagram::SHARP } else { diagram::FOR_CHAT };
            let bytes = drawn.png(most).map_err(|error| AskError::Argument(error.to_string()))?;
            ("image/png", "png", bytes)
        } else {
            ("image/svg+xml", "svg", drawn.svg.clone().into_bytes())
        };
        self.attachment = Some(Attachment { name: format!("diagram.{ending}"), mime, bytes });
        self.svg = Some(drawn.svg).filter(|_| self.format == Format::Svg && detail == Detail::Full);
        self.picture = Some(Holds { boxes: drawn.boxes, arrows: drawn.arrows, notes: drawn.notes });
        Ok(())
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
