//! The legend: what each outline and colour stands for, as far as it occurs, and what is not drawn.

use super::{Look, Picture, nodes::SMALL, text};

/// A sign with the room beside it, and between two entries.
pub(super) const SWATCH: f64 = 26.0;
const ROOM: f64 = 34.0;
const BETWEEN: f64 = 22.0;
/// How high a row is.
pub(super) const ROW: f64 = 22.0;

/// What an entry explains.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sign {
    /// An outline.
    Box(Look),
    /// One that stands for several.
    Group,
    /// A component that keeps data.
    Store,
    /// An arrow.
    Arrow,
    /// An arrow from or to account data.
    CdeArrow,
}

/// An entry, from the legend's left top.
pub(super) struct Entry {
    pub(super) sign: Sign,
    pub(super) text: &'static str,
    pub(super) x: f64,
    pub(super) y: f64,
}

/// A legend laid out.
pub(super) struct Legend {
    pub(super) entries: Vec<Entry>,
    /// Lines of text below them, with how high each is.
    pub(super) notes: Vec<(String, f64)>,
    pub(super) height: f64,
}

impl Legend {
    /// The legend of `picture`, at most so wide.
    pub(super) fn of(picture: &Picture, most: f64) -> Self {
        let (mut entries, mut x, mut y) = (Vec::new(), 0.0, 0.0);
        for (sign, text) in signs(picture) {
            let wide = ROOM + text::width(text, SMALL);
            if x > 0.0 && x + wide > most {
                (x, y) = (0.0, y + ROW);
            }
            entries.push(Entry { sign, text, x, y });
            x += wide + BETWEEN;
        }
        y += ROW + 4.0;
        let mut notes = Vec::new();
        for note in &picture.notes {
            for line in text::wrapped(note, SMALL, most) {
                notes.push((line, y));
                y += 16.0;
            }
        }
        Self { entries, notes, height: y }
    }
}

fn signs(picture: &Picture) -> Vec<(Sign, &'static str)> {
    let looks = Look::ALL.into_iter().filter(|look| picture.boxes.iter().any(|boxed| boxed.look == *look));
    let mut signs: Vec<(Sign, &'static str)> = looks.map(|look| (Sign::Box(look), look.title())).collect();
    if picture.boxes.iter().any(|boxed| boxed.is_group) {
        signs.push((Sign::Group, "several namespaces"));
    }
    if picture.boxes.iter().any(|boxed| boxed.lines.iter().any(|line| line.is_store)) {
        signs.push((Sign::Store, "data store"));
    }
    signs.push((Sign::Arrow, "may call, on these ports"));
    if picture.arrows.iter().any(|arrow| picture.touches_cde(arrow)) {
        signs.push((Sign::CdeArrow, "from or to account data"));
    }
    signs
}
