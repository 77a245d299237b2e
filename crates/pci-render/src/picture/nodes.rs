//! What boxes hold, how large they are, and which side of each a line is on.

use std::collections::BTreeMap;

use super::{Boxed, Look, Picture, text};

/// The sizes of a name and of all other text.
pub(super) const NAME: f64 = 13.0;
pub(super) const SMALL: f64 = 11.0;
/// The size of a label.
pub(super) const LABEL: f64 = 10.5;
/// No text of a box or a label is wider.
const WIDEST: f64 = 190.0;
/// A data store's sign, with the room beside it.
pub(super) const SIGN: f64 = 15.0;

/// A line as it is drawn: its text, its size, whether a data store's sign stands before it.
pub(super) type Shown = (String, f64, bool);

impl Boxed {
    /// Its lines as they are drawn.
    pub(super) fn shown(&self) -> Vec<Shown> {
        let size = |index: usize| if index == 0 { NAME } else { SMALL };
        let lines = self.lines.iter().enumerate();
        lines
            .map(|(index, line)| (text::clipped(&line.text, size(index), WIDEST), size(index), line.is_store))
            .collect()
    }

    /// How large its text makes it.
    fn size(&self) -> (f64, f64) {
        let shown = self.shown();
        let sign = |is_store: bool| if is_store { SIGN } else { 0.0 };
        let widths = shown.iter().map(|(line, size, is_store)| text::width(line, *size) + sign(*is_store));
        let wide = widths.fold(44.0, f64::max) + 2.0 * self.look.margin();
        (wide.ceil(), 13.0 + 4.0 + 15.0 * count(shown.len()))
    }
}

/// A number of things as a length.
pub(super) fn count(of: usize) -> f64 {
    u16::try_from(of).map_or(f64::from(u16::MAX), f64::from)
}

/// A label as it is drawn.
pub(super) fn label(label: &str) -> String {
    text::clipped(label, LABEL, WIDEST)
}

/// Where one or more lines meet a side of a spot.
#[derive(Debug, Clone)]
pub(super) struct Slot {
    pub(super) spot: usize,
    pub(super) is_right: bool,
    pub(super) wires: Vec<usize>,
    /// What is written at it: arrows end here.
    pub(super) label: Option<String>,
}

impl Slot {
    /// How much of the side it takes.
    pub(super) fn pitch(&self) -> f64 {
        if self.label.is_some() { 16.0 } else { 8.0 }
    }
}

/// An arrow, from the left to the right.
#[derive(Debug, Clone)]
pub(super) struct Wire {
    pub(super) arrow: usize,
    /// The spots that it joins.
    pub(super) left: usize,
    pub(super) right: usize,
    /// The slots where it meets them.
    pub(super) start: usize,
    pub(super) end: usize,
}

/// What is to be laid out.
pub(super) struct Graph {
    /// Which box stands at each spot. One outside that calls and is called stands on the left and on the right.
    pub(super) spots: Vec<usize>,
    /// The size of each.
    pub(super) sizes: Vec<(f64, f64)>,
    pub(super) wires: Vec<Wire>,
    pub(super) slots: Vec<Slot>,
    /// The boxes that no arrow touches.
    pub(super) alone: Vec<usize>,
}

impl Graph {
    pub(super) fn of(picture: &Picture) -> Self {
        let (mut spots, mut callers, mut called) = (Vec::new(), BTreeMap::new(), BTreeMap::new());
        for (index, boxed) in picture.boxes.iter().enumerate() {
            let calls = picture.arrows.iter().any(|arrow| arrow.from == index);
            let is_called = picture.arrows.iter().any(|arrow| arrow.to == index);
            if calls {
                callers.insert(index, spots.len());
                spots.push(index);
            }
            if is_called && calls && boxed.look != Look::Outside {
                called.insert(index, spots.len() - 1);
            } else if is_called {
                called.insert(index, spots.len());
                spots.push(index);
            }
        }
        let alone = (0..picture.boxes.len()).filter(|index| !spots.contains(index)).collect();
        let sizes = spots.iter().filter_map(|index| picture.boxes.get(*index)).map(Boxed::size).collect();
        let mut graph = Self { spots, sizes, wires: Vec::new(), slots: Vec::new(), alone };
        let ends = picture.arrows.iter().map(|arrow| (callers.get(&arrow.from), called.get(&arrow.to)));
        let ends: Vec<(usize, usize)> = ends.map(|(from, to)| (copied(from), copied(to))).collect();
        let order = order(graph.spots.len(), &ends);
        for (arrow, (from, to)) in ends.into_iter().enumerate() {
            graph.add(picture, arrow, from, to, order.get(from) > order.get(to));
        }
        graph.grow();
        graph
    }

    fn add(&mut self, picture: &Picture, arrow: usize, from: usize, to: usize, is_backward: bool) {
        let text = picture.arrows.get(arrow).map(|arrow| label(&arrow.label)).unwrap_or_default();
        let wire = self.wires.len();
        let tail = self.slot(from, !is_backward, None, wire);
        let head = self.slot(to, is_backward, Some(text), wire);
        let (left, right, start, end) = if is_backward { (to, from, head, tail) } else { (from, to, tail, head) };
        self.wires.push(Wire { arrow, left, right, start, end });
    }

    /// The slot for one end of `wire`: arrows that bring the same to the same side share theirs.
    fn slot(&mut self, spot: usize, is_right: bool, label: Option<String>, wire: usize) -> usize {
        let is_same = |slot: &Slot| slot.spot == spot && slot.is_right == is_right && slot.label == label;
        let known = self.slots.iter().position(is_same).filter(|_| label.is_some());
        let at = known.unwrap_or(self.slots.len());
        if known.is_none() {
            self.slots.push(Slot { spot, is_right, wires: Vec::new(), label });
        }
        if let Some(slot) = self.slots.get_mut(at) {
            slot.wires.push(wire);
        }
        at
    }

    /// Makes each spot as high as its slots are.
    fn grow(&mut self) {
        for (spot, size) in self.sizes.iter_mut().enumerate() {
            for is_right in [false, true] {
                let slots = self.slots.iter().filter(|slot| slot.spot == spot && slot.is_right == is_right);
                size.1 = size.1.max(slots.map(Slot::pitch).sum::<f64>() + 6.0);
            }
        }
    }

    /// The size of the box `index` where it stands alone.
    pub(super) fn size_alone(picture: &Picture, index: usize) -> (f64, f64) {
        picture.boxes.get(index).map_or((0.0, 0.0), Boxed::size)
    }
}

fn copied(spot: Option<&usize>) -> usize {
    spot.copied().unwrap_or(0)
}

/// The place of each spot from left to right, so that few lines run backward (Eades, Lin and Smyth): what only calls
/// comes first, what is only called last, and of the others whoever calls most for being called.
fn order(spots: usize, ends: &[(usize, usize)]) -> Vec<usize> {
    let mut place = vec![usize::MAX; spots];
    let (mut first, mut last) = (0, spots);
    for _ in 0..spots {
        let is_open = |spot: &usize| place.get(*spot) == Some(&usize::MAX);
        let balance = |spot: usize| {
            let between = ends.iter().filter(|(from, to)| is_open(from) && is_open(to));
            between.fold((0_i64, 0_i64), |(out, into), (from, to)| {
                (out + i64::from(*from == spot), into + i64::from(*to == spot))
            })
        };
        let open = (0..spots).filter(is_open).map(|spot| (spot, balance(spot)));
        // A sink goes to the far end before anything else is looked at.
        let next =
            open.max_by_key(|(spot, (out, into))| (*out == 0 && *into > 0, *into == 0, out - into, usize::MAX - spot));
        let Some((spot, (out, into))) = next else { break };
        let at = if out == 0 && into > 0 {
            last -= 1;
            last
        } else {
            first += 1;
            first - 1
        };
        if let Some(place) = place.get_mut(spot) {
            *place = at;
        }
    }
    place
}
