//! Flowcharts in Mermaid, each within what viewers draw by default: 500 edges, 50,000 characters.

use std::{collections::BTreeMap, fmt::Write as _};

use super::escape;

/// Edges of one chart; viewers refuse more than 500.
const MOST_EDGES: usize = 400;
/// Characters of one chart; viewers refuse more than 50,000.
const MOST_CHARACTERS: usize = 45_000;

/// How a node is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Shape {
    /// A namespace with policies.
    Managed,
    /// The same, with account data.
    Cde,
    /// The same, with a way to account data.
    Connected,
    /// The same, with what guards these.
    Guarding,
    /// A namespace without.
    Unmanaged,
    /// Outside the cluster.
    Outside,
    /// What is refused.
    Refused,
}

/// A node: what it says, line by line, and how it is drawn.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Node {
    pub(super) lines: Vec<String>,
    pub(super) shape: Shape,
}

/// An edge between two nodes, by their keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Edge<'a> {
    pub(super) from: &'a str,
    pub(super) to: &'a str,
    pub(super) label: String,
    pub(super) is_refused: bool,
}

/// The charts that draw `nodes` and `edges`: one, or as many as the limits ask for. Nodes stand in each chart that has
/// an edge of theirs, those without in the first that has room.
pub(super) fn charts(nodes: &BTreeMap<String, Node>, edges: &[Edge]) -> Vec<String> {
    let mut charts = Vec::new();
    let mut open = Chart::default();
    for edge in edges {
        let ends = [edge.from, edge.to];
        let cost: usize =
            ends.iter().filter_map(|key| nodes.get(*key)).map(cost).sum::<usize>() + edge.label.len() * 6 + 40;
        if open.edges.len() >= MOST_EDGES || open.cost + cost > MOST_CHARACTERS {
            charts.push(std::mem::take(&mut open));
        }
        open.cost += cost;
        open.edges.push(edge);
        open.keys.extend(ends);
    }
    let drawn: std::collections::BTreeSet<&str> = edges.iter().flat_map(|edge| [edge.from, edge.to]).collect();
    for (key, node) in nodes.iter().filter(|(key, _)| !drawn.contains(key.as_str())) {
        if open.cost + cost(node) > MOST_CHARACTERS {
            charts.push(std::mem::take(&mut open));
        }
        open.cost += cost(node);
        open.keys.push(key);
    }
    if !open.keys.is_empty() || charts.is_empty() {
        charts.push(open);
    }
    charts.iter().map(|chart| chart.text(nodes)).collect()
}

/// At most so many characters does a node add: an escaped character takes up to nine.
fn cost(node: &Node) -> usize {
    node.lines.iter().map(|line| escape::mermaid(line).len() + 5).sum::<usize>() + 40
}

#[derive(Default)]
struct Chart<'a> {
    keys: Vec<&'a str>,
    edges: Vec<&'a Edge<'a>>,
    cost: usize,
}

impl Chart<'_> {
    fn text(&self, nodes: &BTreeMap<String, Node>) -> String {
        let mut text = String::from("flowchart LR\n");
        let mut keys = self.keys.clone();
        keys.sort_unstable();
        keys.dedup();
        let id = |key: &str| keys.binary_search(&key).map_or(0, |index| index + 1);
        for key in &keys {
            if let Some(node) = nodes.get(*key) {
                let label: Vec<String> = node.lines.iter().map(|line| escape::mermaid(line)).collect();
                let label = label.join("<br/>");
                let _ = match node.shape {
                    Shape::Managed => writeln!(text, "  n{}[\"{label}\"]:::managed", id(key)),
                    Shape::Cde => writeln!(text, "  n{}[[\"{label}\"]]:::cde", id(key)),
                    Shape::Connected => writeln!(text, "  n{}[\"{label}\"]:::connected", id(key)),
                    Shape::Guarding => writeln!(text, "  n{}[/\"{label}\"/]:::guarding", id(key)),
                    Shape::Unmanaged => writeln!(text, "  n{}([\"{label}\"]):::unmanaged", id(key)),
                    Shape::Outside => writeln!(text, "  n{}{{{{\"{label}\"}}}}:::outside", id(key)),
                    Shape::Refused => writeln!(text, "  n{}>\"{label}\"]:::refused", id(key)),
                };
            }
        }
        for edge in &self.edges {
            let (from, to, label) = (id(edge.from), id(edge.to), escape::mermaid(&edge.label));
            let _ = if edge.is_refused {
                writeln!(text, "  n{from} -. \"{label}\" .-x n{to}")
            } else {
                writeln!(text, "  n{from} -- \"{label}\" --> n{to}")
            };
        }
        text.push_str("  classDef cde fill:#f7d9e3,stroke:#8a1c4a,color:#3a0a1f,stroke-width:2px\n");
        text.push_str("  classDef connected fill:#fdf3c7,stroke:#8a6d00,color:#352a00\n");
        text.push_str("  classDef guarding fill:#e3f1e5,stroke:#2c6e3f,color:#0f2e18\n");
        text.push_str("  classDef managed fill:#e8f1fb,stroke:#1f5fa8,color:#10243d\n");
        text.push_str("  classDef unmanaged fill:#f4f4f4,stroke:#777,color:#222,stroke-dasharray:4 3\n");
        text.push_str("  classDef outside fill:#fff1dc,stroke:#b26a00,color:#3d2600\n");
        text.push_str("  classDef refused fill:#fdeaea,stroke:#b3261e,color:#5c0f0a\n");
        text
    }
}
