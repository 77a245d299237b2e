//! Which column each box stands in, and how high: by `dagre`.

use std::collections::BTreeSet;

use dagre::{
    EdgeLabel, LayoutOptions, NodeLabel, RankDir,
    graph::{Graph as Dagre, GraphOptions},
};

use super::nodes::{Graph, Wire};

/// Between boxes of a column, and between lines that pass between them.
const BETWEEN_BOXES: f64 = 18.0;
const BETWEEN_LINES: f64 = 9.0;

/// Where spots stand and lines pass.
pub(super) struct Columns {
    /// How many there are.
    pub(super) count: usize,
    /// The column of each spot.
    pub(super) of: Vec<usize>,
    /// The middle of each, from above.
    pub(super) middles: Vec<f64>,
    /// How high each wire passes each column between its ends.
    pub(super) passes: Vec<Vec<f64>>,
}

impl Columns {
    /// Lays out `graph`. Its wires run from left to right, so that it has no cycle.
    pub(super) fn of(graph: &Graph) -> Self {
        let mut dagre: Dagre<NodeLabel, EdgeLabel> =
            Dagre::with_options(GraphOptions { directed: true, multigraph: true, compound: false });
        for (spot, (width, height)) in graph.sizes.iter().enumerate() {
            let label = NodeLabel { width: *width, height: *height, ..NodeLabel::default() };
            dagre.set_node(spot.to_string(), Some(label));
        }
        for (index, wire) in graph.wires.iter().enumerate() {
            let (left, right) = (wire.left.to_string(), wire.right.to_string());
            dagre.set_edge(left, right, Some(EdgeLabel::default()), Some(&index.to_string()));
        }
        let options = LayoutOptions {
            rankdir: RankDir::LR,
            nodesep: BETWEEN_BOXES,
            edgesep: BETWEEN_LINES,
            ..LayoutOptions::default()
        };
        dagre::layout(&mut dagre, Some(options));
        let at = |spot: usize| {
            let node = dagre.node(&spot.to_string());
            node.map_or((0, 0.0), |node| (rounded(node.x.unwrap_or(0.0)), node.y.unwrap_or(0.0)))
        };
        let (across, middles): (Vec<i64>, Vec<f64>) = (0..graph.spots.len()).map(at).unzip();
        let columns: Vec<i64> = across.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
        let of: Vec<usize> = across.iter().map(|x| columns.binary_search(x).unwrap_or(0)).collect();
        let passes = graph.wires.iter().enumerate().map(|(index, wire)| {
            let (left, right) = (wire.left.to_string(), wire.right.to_string());
            let points = dagre.edge(&left, &right, Some(&index.to_string())).map(|edge| edge.points.as_slice());
            let between = between(&of, wire).filter_map(|column| columns.get(column));
            let near = |x: &i64| {
                let points = points.unwrap_or_default().iter();
                points.min_by_key(|point| (rounded(point.x) - x).abs()).map_or(0.0, |point| point.y)
            };
            between.map(near).collect()
        });
        let passes = passes.collect();
        Self { count: columns.len(), of, middles, passes }
    }
}

/// The columns between the ends of `wire`.
fn between(of: &[usize], wire: &Wire) -> std::ops::Range<usize> {
    let column = |spot: usize| of.get(spot).copied().unwrap_or(0);
    column(wire.left) + 1..column(wire.right)
}

#[allow(clippy::cast_possible_truncation, reason = "pictures are a few thousand units wide")]
fn rounded(x: f64) -> i64 {
    x.round() as i64
}
