//! Flowcharts in Mermaid, each within what viewers draw by default (500 edges, 50,000 characters), or what a chat takes.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    ops::Range,
};

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

/// Charts that draw nodes and edges, to be written one by one.
#[derive(Debug)]
pub(super) struct Charts<'a> {
    nodes: Vec<&'a Node>,
    edges: &'a [Edge<'a>],
    /// The nodes that each edge joins.
    ends: Vec<[usize; 2]>,
    parts: Vec<Chart>,
}

/// One of them: nodes, some of them several times, and edges.
#[derive(Debug, Default)]
struct Chart {
    nodes: Vec<usize>,
    edges: Range<usize>,
    cost: usize,
}

/// At most so many characters does a node add: an escaped character takes up to nine.
fn cost(node: &Node, limits: Limits) -> usize {
    let around = if limits.is_exact { 24 } else { 40 };
    node.lines.iter().map(|line| escape::mermaid(line).len() + 5).sum::<usize>() + around
}

impl<'a> Charts<'a> {
    /// The charts that draw `nodes` and `edges`: one, or as many as the limits ask for. Nodes stand in each chart that has
    /// an edge of theirs, those without in the first that has room. Both ends of an edge must be among the nodes.
    pub(super) fn of(limits: Limits, nodes: &'a BTreeMap<String, Node>, edges: &'a [Edge<'a>]) -> Self {
        let index: HashMap<&str, usize> = nodes.keys().map(String::as_str).zip(0..).collect();
        let ends: Vec<[usize; 2]> = edges.iter().map(|edge| [edge.from, edge.to].map(|key| index[key])).collect();
        let nodes: Vec<&Node> = nodes.values().collect();
        let costs: Vec<usize> = nodes.iter().map(|node| cost(node, limits)).collect();
        // Of each node, one more than the last chart that has it.
        let mut last = vec![0; nodes.len()];
        let (mut charts, mut open) = (Vec::new(), Chart::default());
        for (number, (edge, ends)) in edges.iter().zip(&ends).enumerate() {
            let own = if limits.is_exact { escape::mermaid(&edge.label).len() + 24 } else { edge.label.len() * 6 + 40 };
            let added = |chart: usize, last: &[usize]| {
                let new = ends.iter().filter(|end| !limits.is_exact || last[**end] <= chart);
                new.map(|end| costs[*end]).sum::<usize>() + own
            };
            let mut more = added(charts.len(), &last);
            if open.edges.len() >= limits.edges || open.cost + more > limits.characters {
                charts.push(std::mem::replace(&mut open, Chart { edges: number..number, ..Chart::default() }));
                more = added(charts.len(), &last);
            }
            open.cost += more;
            open.edges.end = number + 1;
            open.nodes.extend(ends);
            for end in ends {
                last[*end] = charts.len() + 1;
            }
        }
        for (node, cost) in costs.iter().enumerate().filter(|(node, _)| last[*node] == 0) {
            if open.cost + cost > limits.characters {
                charts
                    .push(std::mem::replace(&mut open, Chart { edges: edges.len()..edges.len(), ..Chart::default() }));
            }
            open.cost += cost;
            open.nodes.push(node);
        }
        if !open.nodes.is_empty() || charts.is_empty() {
            charts.push(open);
        }
        Self { nodes, edges, ends, parts: charts }
    }

    /// How many there are: one at least.
    pub(super) fn len(&self) -> usize {
        self.parts.len()
    }

    /// All of them, written.
    pub(super) fn texts(&self) -> Vec<String> {
        self.parts.iter().map(|chart| self.text(chart)).collect()
    }

    /// The one at `index`, written.
    pub(super) fn get(&self, index: usize) -> Option<String> {
        self.parts.get(index).map(|chart| self.text(chart))
    }

    fn text(&self, chart: &Chart) -> String {
        let mut text = String::from("flowchart LR\n");
        let mut nodes = chart.nodes.clone();
        nodes.sort_unstable();
        nodes.dedup();
        let id = |node: &usize| nodes.binary_search(node).map_or(0, |index| index + 1);
        for index in &nodes {
            let (id, node) = (id(index), self.nodes[*index]);
            let label: Vec<String> = node.lines.iter().map(|line| escape::mermaid(line)).collect();
            let label = label.join("<br/>");
            let _ = match node.shape {
                Shape::Managed => writeln!(text, "  n{id}[\"{label}\"]:::managed"),
                Shape::Cde => writeln!(text, "  n{id}[[\"{label}\"]]:::cde"),
                Shape::Connected => writeln!(text, "  n{id}[\"{label}\"]:::connected"),
                Shape::Guarding => writeln!(text, "  n{id}[/\"{label}\"/]:::guarding"),
                Shape::Unmanaged => writeln!(text, "  n{id}([\"{label}\"]):::unmanaged"),
                Shape::Outside => writeln!(text, "  n{id}{{{{\"{label}\"}}}}:::outside"),
                Shape::Refused => writeln!(text, "  n{id}>\"{label}\"]:::refused"),
            };
        }
        for (edge, [from, to]) in self.edges[chart.edges.clone()].iter().zip(&self.ends[chart.edges.clone()]) {
            let (from, to, label) = (id(from), id(to), escape::mermaid(&edge.label));
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
