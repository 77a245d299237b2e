//! The diagram of allowed traffic: an overview by namespace, then one chart for each; as Mermaid, or as a picture. Drawn
//! from the flows that the proof found allowed, not from the rules.

mod drawing;
mod groups;
mod pictured;

use std::fmt::Write as _;

use drawing::Drawing;
pub use pictured::{Drawn, FOR_CHAT, SHARP, picture};

pub use super::mermaid::{Limits, VIEWER};
pub use super::picture::PngError;
use super::{escape::markdown, mermaid::Charts};
use crate::{
    engine::Snapshot,
    terms::{Namespace, clean, named, nearest},
};

/// How many namespaces an error names.
const NAMED_NAMESPACES: usize = 40;

/// What a diagram shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All namespaces.
    Overview,
    /// One namespace and its peers.
    Namespace(Namespace, Depth),
}

/// How far around a namespace a diagram goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Depth {
    /// To its peers.
    #[default]
    Peers,
    /// To the peers of these.
    PeersOfPeers,
}

impl Scope {
    /// The same, as far around as `depth` says. The overview is of everything already.
    #[must_use]
    pub fn to(self, depth: Depth) -> Self {
        match self {
            Self::Overview => Self::Overview,
            Self::Namespace(namespace, _) => Self::Namespace(namespace, depth),
        }
    }

    /// The scope that `text` names: a namespace, or a component, which stands for its namespace.
    pub fn find(snapshot: &Snapshot, text: &str) -> Result<Self, String> {
        let basis = snapshot.basis();
        let namespaces = basis.namespaces();
        let bare = text.strip_prefix("ns:").unwrap_or(text);
        if let Some(namespace) = namespaces.iter().find(|namespace| namespace.as_str() == bare) {
            return Ok(Self::Namespace(namespace.clone(), Depth::Peers));
        }
        for (id, component) in snapshot.stack.with_ids() {
            if component.name.to_string() == bare
                && let Some(namespace) = snapshot.stack.namespace(id).filter(|namespace| namespaces.contains(namespace))
            {
                return Ok(Self::Namespace(namespace.clone(), Depth::Peers));
            }
        }
        if let Some(external) =
            snapshot.stack.components.iter().find(|known| known.is_external && known.name.to_string() == bare)
        {
            return Err(format!(
                "`{}` is of another stack: it has no namespace here, and is drawn as part of the internet",
                external.name
            ));
        }
        let components = snapshot.stack.components.iter().map(|component| component.name.to_string());
        let names: Vec<String> = namespaces.iter().map(ToString::to_string).chain(components).collect();
        let hint = nearest(bare, names.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
        let quoted: Vec<String> = namespaces.iter().map(|namespace| format!("`{namespace}`")).collect();
        Err(format!(
            "no namespace `{}`{}; namespaces: {}",
            clean(text),
            hint.unwrap_or_default(),
            named(&quoted, NAMED_NAMESPACES, ", ")
        ))
    }
}

/// The charts of `scope`: one, or several where one would be more than `limits`.
pub fn charts(snapshot: &Snapshot, scope: &Scope, limits: Limits) -> Vec<String> {
    Drawing::of(snapshot).charts(scope, limits, all)
}

fn all(charts: &Charts) -> Vec<String> {
    charts.texts()
}

/// Of these, the chart at `index`, and how many there are.
pub fn chart(snapshot: &Snapshot, scope: &Scope, limits: Limits, index: usize) -> (Option<String>, usize) {
    Drawing::of(snapshot).charts(scope, limits, |charts| (charts.get(index), charts.len()))
}

/// The page `network-diagram.md`.
pub fn page(snapshot: &Snapshot) -> String {
    let drawing = Drawing::of(snapshot);
    let mut page = format!("# Allowed traffic: {}\n\n", markdown(&snapshot.stack.name));
    let proof = &snapshot.evidence().proof;
    let verdict = if proof.holds { "exactly what the stack declares" } else { "NOT what the stack declares" };
    let _ = writeln!(
        page,
        "Level `{}`. Drawn from what the generated policies allow, which is {verdict}.\n",
        snapshot.level()
    );
    page.push_str(
        "Solid boxes are namespaces with policies, each with its components below its name; round dashed ones have none, hexagons are outside the cluster. \
         Arrows run from the caller and carry ports. What no arrow shows is refused.\n\n",
    );
    if snapshot.scope().is_stated {
        page.push_str(
            "Double boxes, in red, are where account data is (the CDE); yellow ones may talk to it or have a way into it; slanted ones, in green, guard \
             these; blue ones are out of scope.\n\n",
        );
    }
    page.push_str("## All namespaces\n\n");
    push_charts(&mut page, &drawing.charts(&Scope::Overview, VIEWER, all));
    for (to, ports) in &drawing.common {
        let _ = writeln!(page, "Not drawn: every namespace may reach {} on {ports}.\n", drawing::label(to));
    }
    for namespace in drawing.basis.namespaces() {
        let _ = writeln!(page, "## {namespace}\n");
        let scope = Scope::Namespace(namespace.clone(), Depth::Peers);
        push_charts(&mut page, &drawing.charts(&scope, VIEWER, all));
    }
    page
}

fn push_charts(page: &mut String, charts: &[String]) {
    for chart in charts {
        let _ = writeln!(page, "```mermaid\n{chart}```\n");
    }
}
