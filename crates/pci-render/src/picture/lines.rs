//! Where lines run. Between two columns each has a track of its own; through a column it runs straight.

use std::collections::BTreeMap;

use super::{
    Picture,
    columns::Columns,
    nodes::{Graph, LABEL, Slot, count},
    text,
};

/// Between two tracks, and between a track and what stands beside it.
const TRACK: f64 = 7.0;
const BESIDE: f64 = 12.0;
/// An arrow's head, with the room between it and a label.
pub(super) const HEAD: f64 = 12.0;
/// Between boxes that stand alone.
const GAP: f64 = 16.0;
/// What stands alone is not set wider than this, unless all else is.
const NARROW: f64 = 760.0;

/// A box where it stands: left, top, width, height.
pub(super) struct Placed {
    pub(super) of: usize,
    pub(super) area: [f64; 4],
}

/// Text at the head of arrows.
pub(super) struct Label {
    pub(super) text: String,
    /// Left, top, width and height of it.
    pub(super) area: [f64; 4],
}

/// A picture laid out.
#[derive(Default)]
pub(super) struct Layout {
    pub(super) width: f64,
    pub(super) height: f64,
    pub(super) boxes: Vec<Placed>,
    /// The corners of each arrow, from its tail to its head.
    pub(super) routes: Vec<Vec<(f64, f64)>>,
    pub(super) labels: Vec<Label>,
}

impl Layout {
    /// Puts the highest of boxes and lines at the top: lines may pass above all boxes.
    fn raise(&mut self) {
        let lines = self.routes.iter().flatten().map(|(_, y)| *y);
        let top = self.boxes.iter().map(|placed| placed.area[1]).chain(lines).fold(f64::MAX, f64::min);
        self.boxes.iter_mut().for_each(|placed| placed.area[1] -= top);
        self.labels.iter_mut().for_each(|label| label.area[1] -= top);
        self.routes.iter_mut().flatten().for_each(|(_, y)| *y -= top);
        self.height -= top;
    }
}

/// Lays out `picture`.
pub(super) fn layout(picture: &Picture) -> Layout {
    let graph = Graph::of(picture);
    let mut layout = Layout { routes: vec![Vec::new(); picture.arrows.len()], ..Layout::default() };
    if !graph.wires.is_empty() {
        Plan::of(&graph).draw(&mut layout);
        layout.raise();
    }
    stand_alone(picture, &graph, &mut layout);
    layout
}

/// Boxes that no arrow touches stand below, in rows.
fn stand_alone(picture: &Picture, graph: &Graph, layout: &mut Layout) {
    let most = layout.width.max(NARROW);
    let (mut x, mut top, mut row) = (0.0, if layout.height > 0.0 { layout.height + GAP * 2.0 } else { 0.0 }, 0.0_f64);
    for index in &graph.alone {
        let (w, h) = Graph::size_alone(picture, *index);
        if x > 0.0 && x + w > most {
            (x, top, row) = (0.0, top + row + GAP, 0.0);
        }
        layout.boxes.push(Placed { of: *index, area: [x, top, w, h] });
        x += w + GAP;
        row = row.max(h);
        layout.width = layout.width.max(x - GAP);
        layout.height = layout.height.max(top + h);
    }
}

/// What runs up or down between two columns: wires that share a slot are one.
#[derive(Default)]
struct Riser {
    /// How high each wire comes from the left and goes on to the right.
    runs: Vec<(usize, f64, f64)>,
    track: usize,
}

impl Riser {
    fn span(&self) -> (f64, f64) {
        let ends = self.runs.iter().flat_map(|(_, from, to)| [*from, *to]);
        ends.fold((f64::MAX, f64::MIN), |(low, high), y| (low.min(y), high.max(y)))
    }

    fn is_straight(&self) -> bool {
        self.runs.iter().all(|(_, from, to)| (from - to).abs() < 0.5)
    }

    /// In which order tracks are given: lines that rise, the highest first, then lines that fall, the lowest first. So
    /// those that start side by side don't cross.
    fn turn(&self) -> (bool, f64) {
        let mean = self.runs.iter().map(|(_, from, _)| from).sum::<f64>() / count(self.runs.len()).max(1.0);
        let drop: f64 = self.runs.iter().map(|(_, from, to)| to - from).sum();
        if drop < 0.0 { (false, mean) } else { (true, -mean) }
    }
}

/// What is between two columns.
#[derive(Default)]
struct Channel {
    risers: Vec<Riser>,
    tracks: usize,
    /// How wide the labels are that stand at its left and right end.
    labels: [f64; 2],
    left: f64,
}

impl Channel {
    fn width(&self) -> f64 {
        self.labels.iter().map(|label| label + BESIDE).sum::<f64>() + TRACK * count(self.tracks.max(1) - 1)
    }

    fn track(&self, track: usize) -> f64 {
        self.left + self.labels[0] + BESIDE + TRACK * count(track)
    }

    /// Gives each riser a track, so that no two lie on each other.
    fn settle(&mut self) {
        self.risers.sort_by(|one, other| one.turn().partial_cmp(&other.turn()).unwrap_or(std::cmp::Ordering::Equal));
        let mut settled: Vec<((f64, f64), usize)> = Vec::new();
        for riser in self.risers.iter_mut().filter(|riser| !riser.is_straight()) {
            let (low, high) = riser.span();
            let beside = settled.iter().filter(|((from, to), _)| low < to + 4.0 && high > from - 4.0);
            riser.track = beside.map(|(_, track)| track + 1).max().unwrap_or(0);
            settled.push(((low, high), riser.track));
            self.tracks = self.tracks.max(riser.track + 1);
        }
    }
}

struct Plan<'a> {
    graph: &'a Graph,
    columns: Columns,
    /// How high each slot is.
    heights: Vec<f64>,
    channels: Vec<Channel>,
    /// Where each column begins, and how wide it is.
    across: Vec<(f64, f64)>,
}

impl<'a> Plan<'a> {
    fn of(graph: &'a Graph) -> Self {
        let columns = Columns::of(graph);
        let heights = heights(graph, &columns);
        let mut plan = Self { graph, columns, heights, channels: Vec::new(), across: Vec::new() };
        plan.channels = plan.channels();
        plan.spread();
        plan
    }

    /// How high `wire` is at each column that it touches, and at which it starts.
    fn levels(&self, wire: usize) -> (usize, Vec<f64>) {
        let Some(one) = self.graph.wires.get(wire) else { return (0, Vec::new()) };
        let height = |slot: usize| self.heights.get(slot).copied().unwrap_or(0.0);
        let passes = self.columns.passes.get(wire).into_iter().flatten().copied().map(f64::round);
        let levels = std::iter::once(height(one.start)).chain(passes).chain([height(one.end)]).collect();
        (self.columns.of.get(one.left).copied().unwrap_or(0), levels)
    }

    fn channels(&self) -> Vec<Channel> {
        let mut risers: Vec<BTreeMap<(usize, usize), Riser>> = Vec::new();
        risers.resize_with(self.columns.count, BTreeMap::new);
        for (index, wire) in self.graph.wires.iter().enumerate() {
            let (first, levels) = self.levels(index);
            let last = levels.len().saturating_sub(2);
            for (step, pair) in levels.windows(2).enumerate() {
                let is_shared = |slot: usize| self.graph.slots.get(slot).is_some_and(|slot| slot.wires.len() > 1);
                let key = match step {
                    step if step == last && is_shared(wire.end) => (wire.end, usize::MAX),
                    0 if is_shared(wire.start) => (wire.start, usize::MAX),
                    _ => (usize::MAX, index),
                };
                if let (Some(channel), [from, to]) = (risers.get_mut(first + step), pair) {
                    channel.entry(key).or_default().runs.push((index, *from, *to));
                }
            }
        }
        let mut channels: Vec<Channel> = risers
            .into_iter()
            .map(|risers| Channel { risers: risers.into_values().collect(), ..Channel::default() })
            .collect();
        for slot in &self.graph.slots {
            let column = self.columns.of.get(slot.spot).copied().unwrap_or(0);
            let at = if slot.is_right { Some(column) } else { column.checked_sub(1) };
            if let Some(channel) = at.and_then(|at| channels.get_mut(at)) {
                let room = &mut channel.labels[usize::from(!slot.is_right)];
                *room = room.max(label_room(slot));
            }
        }
        channels.iter_mut().for_each(Channel::settle);
        channels
    }

    /// Sets the columns beside each other.
    fn spread(&mut self) {
        let mut x = 0.0;
        for (column, channel) in self.channels.iter_mut().enumerate() {
            let those = self.columns.of.iter().zip(&self.graph.sizes).filter(|(of, _)| **of == column);
            let width = those.map(|(_, (width, _))| *width).fold(0.0, f64::max);
            self.across.push((x, width));
            channel.left = x + width;
            x += width + channel.width();
        }
    }

    fn draw(&self, layout: &mut Layout) {
        for (spot, of) in self.graph.spots.iter().enumerate() {
            let (column, middle) = (self.columns.of.get(spot), self.columns.middles.get(spot));
            let place = column.and_then(|column| self.across.get(*column)).zip(middle);
            if let Some(((x, width), middle)) = place {
                let height = self.graph.sizes.get(spot).map_or(0.0, |(_, height)| *height);
                layout.boxes.push(Placed { of: *of, area: [*x, (middle - height / 2.0).round(), *width, height] });
                layout.width = layout.width.max(x + width);
            }
        }
        for index in 0..self.graph.wires.len() {
            self.route(index, layout);
        }
        for (slot, y) in self.graph.slots.iter().zip(&self.heights) {
            self.label(slot, *y, layout);
        }
        let lines = layout.routes.iter().flatten().map(|(_, y)| *y);
        let lowest = layout.boxes.iter().map(|placed| placed.area[1] + placed.area[3]).chain(lines);
        layout.height = lowest.fold(0.0, f64::max);
    }

    fn route(&self, index: usize, layout: &mut Layout) {
        let Some(wire) = self.graph.wires.get(index) else { return };
        let (first, levels) = self.levels(index);
        let mut corners = Vec::new();
        for (step, pair) in levels.windows(2).enumerate() {
            let (Some(channel), [from, to]) = (self.channels.get(first + step), pair) else { continue };
            if step == 0 {
                corners.push((channel.left, *from));
            }
            let riser = channel.risers.iter().find(|riser| riser.runs.iter().any(|(wire, ..)| *wire == index));
            if (from - to).abs() > 0.4 {
                let x = channel.track(riser.map_or(0, |riser| riser.track));
                corners.extend([(x, *from), (x, *to)]);
            }
            if step + 2 == levels.len() {
                corners.push((channel.left + channel.width(), *to));
            }
        }
        let is_backward = self.graph.slots.get(wire.start).is_some_and(|slot| slot.label.is_some());
        if is_backward {
            corners.reverse();
        }
        if let Some(route) = layout.routes.get_mut(wire.arrow) {
            *route = corners;
        }
    }

    fn label(&self, slot: &Slot, y: f64, layout: &mut Layout) {
        let Some(text) = &slot.label else { return };
        let column = self.columns.of.get(slot.spot).copied().unwrap_or(0);
        let Some((x, width)) = self.across.get(column) else { return };
        let wide = text::width(text, LABEL).ceil();
        let left = if slot.is_right { x + width + HEAD } else { x - HEAD - wide };
        layout.labels.push(Label { text: text.clone(), area: [left, y - 7.0, wide, 14.0] });
    }
}

/// How wide a label is, with the head of its arrow.
fn label_room(slot: &Slot) -> f64 {
    slot.label.as_ref().map_or(0.0, |label| text::width(label, LABEL).ceil() + HEAD)
}

/// How high each slot is: on each side of a spot in the order of where its lines come from, around the middle.
fn heights(graph: &Graph, columns: &Columns) -> Vec<f64> {
    let middle = |spot: usize| columns.middles.get(spot).copied().unwrap_or(0.0);
    let beyond = |slot: &Slot| {
        let next = slot.wires.iter().filter_map(|wire| {
            let (one, passes) = (graph.wires.get(*wire)?, columns.passes.get(*wire)?);
            let pass = if slot.is_right { passes.first() } else { passes.last() };
            Some(pass.copied().unwrap_or_else(|| middle(if slot.is_right { one.right } else { one.left })))
        });
        next.sum::<f64>() / count(slot.wires.len()).max(1.0)
    };
    let mut heights = vec![0.0; graph.slots.len()];
    for spot in 0..graph.spots.len() {
        for is_right in [false, true] {
            let those = graph.slots.iter().enumerate();
            let those = those.filter(|(_, slot)| slot.spot == spot && slot.is_right == is_right);
            let mut those: Vec<(usize, &Slot, f64)> = those.map(|(index, slot)| (index, slot, beyond(slot))).collect();
            those.sort_by(|one, other| one.2.partial_cmp(&other.2).unwrap_or(std::cmp::Ordering::Equal));
            let all: f64 = those.iter().map(|(_, slot, _)| slot.pitch()).sum();
            let mut y = middle(spot) - all / 2.0;
            for (index, slot, _) in those {
                if let Some(height) = heights.get_mut(index) {
                    *height = (y + slot.pitch() / 2.0).round();
                }
                y += slot.pitch();
            }
        }
    }
    heights
}
