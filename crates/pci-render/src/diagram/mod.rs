//! The diagram of allowed traffic: an overview by namespace, then one chart for each; as Mermaid, or as a picture. Drawn
//! from the flows that the proof found allowed, not from the rules.

mod drawing;
mod groups;
mod pictured;
mod scope;

use std::fmt::Write as _;

use drawing::Drawing;
use pci_engine::Snapshot;
pub use pictured::{Drawn, FOR_CHAT, SHARP, picture};
pub use scope::{Depth, Scope};

use super::{escape::markdown, mermaid::Charts};
pub use super::{
    mermaid::{Limits, VIEWER},
    picture::PngError,
};

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
