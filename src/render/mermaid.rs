//! Flowcharts in Mermaid, each within what viewers draw by default (500 edges, 50,000 characters), or what a chat takes.

use std::{collections::BTreeMap, fmt::Write as _};

use super::escape;

/// What one chart may be.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Edges.
    pub edges: usize,
    /// Characters, but for the classes at the end.
    pub characters: usize,
    /// Whether what is drawn is counted to the character; else generously, which leaves a large chart some room.
    pub is_exact: bool,
}

/// What viewers draw: they refuse more than 500 edges, or 50,000 characters.
pub const VIEWER: Limits = Limits { edges: 400, characters: 45_000, is_exact: false };

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
pub(super) fn charts(limits: Limits, nodes: &BTreeMap<String, Node>, edges: &[Edge]) -> Vec<String> {
    let mut charts = Vec::new();
    let mut open = Chart::default();
    for edge in edges {
        if open.edges.len() >= limits.edges || open.cost + open.cost_of(edge, nodes, limits) > limits.characters {
            charts.push(std::mem::take(&mut open));
        }
        open.cost += open.cost_of(edge, nodes, limits);
        open.edges.push(edge);
        open.keys.extend([edge.from, edge.to]);
    }
    let drawn: std::collections::BTreeSet<&str> = edges.iter().flat_map(|edge| [edge.from, edge.to]).collect();
    for (key, node) in nodes.iter().filter(|(key, _)| !drawn.contains(key.as_str())) {
        let cost = cost(node, limits);
        if open.cost + cost > limits.characters {
            charts.push(std::mem::take(&mut open));
        }
        open.cost += cost;
        open.keys.push(key);
    }
    if !open.keys.is_empty() || charts.is_empty() {
        charts.push(open);
    }
    charts.iter().map(|chart| chart.text(nodes)).collect()
}

/// At most so many characters does a node add: an escaped character takes up to nine.
fn cost(node: &Node, limits: Limits) -> usize {
    let around = if limits.is_exact { 24 } else { 40 };
    node.lines.iter().map(|line| escape::mermaid(line).len() + 5).sum::<usize>() + around
}

#[derive(Default)]
struct Chart<'a> {
    keys: Vec<&'a str>,
    edges: Vec<&'a Edge<'a>>,
    cost: usize,
}

impl Chart<'_> {
    /// At most so many characters does `edge` add, with the nodes that are new here.
    fn cost_of(&self, edge: &Edge, nodes: &BTreeMap<String, Node>, limits: Limits) -> usize {
        let is_new = |key: &&str| !limits.is_exact || !self.keys.contains(key);
        let ends = [edge.from, edge.to].into_iter().filter(is_new);
        let own = if limits.is_exact { escape::mermaid(&edge.label).len() + 24 } else { edge.label.len() * 6 + 40 };
        ends.filter_map(|key| nodes.get(key)).map(|node| cost(node, limits)).sum::<usize>() + own
    }

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
