//! Pictures: boxes and arrows as one self-contained SVG, and that as PNG.
//!
//! Which box stands in which column, and which above which, is `dagre`'s (layered layout after Sugiyama). Lines are our
//! own: the library's run straight from box to box, through labels and behind other boxes, as soon as a stack has thirty
//! namespaces. Here each line has a track of its own between two columns, arrows that bring the same ports to the same
//! box enter it as one, with one label, and labels stand where no line can cross them. `mermaid-rs-renderer` and
//! `layout-rs` draw whole pictures, without a say in any of this; `rust-sugiyama` does not say where lines bend.

mod columns;
mod legend;
mod lines;
mod look;
mod nodes;
mod png;
mod svg;
mod text;

pub(super) use look::Look;
pub use png::PngError;
pub(super) use png::png;
pub(super) use svg::svg;

/// What is drawn.
#[derive(Debug, Clone, Default)]
pub(super) struct Picture {
    /// What it shows.
    pub(super) title: String,
    /// What it was drawn from.
    pub(super) subtitle: String,
    pub(super) boxes: Vec<Boxed>,
    pub(super) arrows: Vec<Arrow>,
    /// What is not drawn, and how to see more: below the legend.
    pub(super) notes: Vec<String>,
}

/// A box.
#[derive(Debug, Clone)]
pub(super) struct Boxed {
    /// Who it is.
    pub(super) key: String,
    pub(super) look: Look,
    /// Whether it stands for several.
    pub(super) is_group: bool,
    /// The ports on which it may call itself, in full.
    pub(super) within: Option<String>,
    /// What it says; the first line is its name.
    pub(super) lines: Vec<Line>,
}

/// A line of a box.
#[derive(Debug, Clone)]
pub(super) struct Line {
    pub(super) text: String,
    /// Whether what it names keeps data.
    pub(super) is_store: bool,
}

/// An arrow from a caller to whom it may call.
#[derive(Debug, Clone)]
pub(super) struct Arrow {
    /// The caller's index.
    pub(super) from: usize,
    /// The other end's.
    pub(super) to: usize,
    /// What is written at its head.
    pub(super) label: String,
    /// The ports in full.
    pub(super) ports: String,
    /// How many pairs of callers and called it stands for.
    pub(super) pairs: usize,
}
