//! How wide text is, in the one font that pictures are drawn with.

use std::{collections::BTreeMap, sync::LazyLock};

use skrifa::{FontRef, MetadataProvider as _, instance::LocationRef, prelude::Size};

/// Inter, medium: Latin, Greek and Cyrillic of it, under the SIL Open Font License (`font/OFL.txt`).
pub(super) const FONT: &[u8] = include_bytes!("font/Inter-Medium.otf");

/// The font's name, and what stands in for it where a viewer lacks it.
pub(super) const FAMILY: &str = "Inter Medium, Inter, Helvetica Neue, Arial, Liberation Sans, sans-serif";

/// Fonts that stand in for ours may be wider by so much.
const SLACK: f64 = 1.08;

/// Character → its width at size 1.
static WIDTHS: LazyLock<BTreeMap<char, f64>> = LazyLock::new(|| {
    let Ok(font) = FontRef::new(FONT) else { return BTreeMap::new() };
    let (glyphs, metrics) = (font.charmap(), font.glyph_metrics(Size::new(1.0), LocationRef::default()));
    let width = |code: u32| metrics.advance_width(glyphs.map(code)?).map(f64::from);
    let known = glyphs.mappings().filter_map(|(code, _)| Some((char::from_u32(code)?, width(code)?)));
    known.collect()
});

/// How wide `text` is at `size`, at most. A character that the font lacks takes a whole square.
pub(super) fn width(text: &str, size: f64) -> f64 {
    text.chars().map(|c| WIDTHS.get(&c).copied().unwrap_or(1.0)).sum::<f64>() * size * SLACK
}

/// `text`, or as much of its beginning as is `most` wide.
pub(super) fn clipped(text: &str, size: f64, most: f64) -> String {
    // Nobody measures ten thousand characters to draw thirty.
    let beginning: String = text.chars().take(200).collect();
    if beginning.len() == text.len() && width(text, size) <= most {
        return beginning;
    }
    let mut kept = String::new();
    for c in beginning.chars() {
        kept.push(c);
        if width(&kept, size) + width("…", size) > most {
            kept.pop();
            break;
        }
    }
    kept + "…"
}

/// `text` in lines of at most `most`, broken between words.
pub(super) fn wrapped(text: &str, size: f64, most: f64) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split(' ') {
        let word = clipped(word, size, most);
        if let Some(line) = lines.last_mut() {
            let longer = if line.is_empty() { word.clone() } else { format!("{line} {word}") };
            if width(&longer, size) <= most {
                *line = longer;
            } else {
                lines.push(word);
            }
        }
    }
    lines
}
