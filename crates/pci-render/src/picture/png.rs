//! The picture as PNG, by `resvg`, with the one font that is in the program.

use std::sync::{Arc, LazyLock};

use resvg::{
    tiny_skia::{Pixmap, Transform},
    usvg::{self, fontdb},
};

use super::text::FONT;

/// How many pixels a unit of the picture takes, so that small text is sharp on any screen.
const SCALE: f32 = 2.0;
static FONTS: LazyLock<Arc<fontdb::Database>> = LazyLock::new(|| {
    let mut fonts = fontdb::Database::new();
    fonts.load_font_data(FONT.to_vec());
    Arc::new(fonts)
});

/// Why there is no PNG.
#[derive(Debug, thiserror::Error)]
#[error("the picture could not be turned into PNG: {0}")]
pub struct PngError(String);

/// `svg`, one of ours, as PNG of at most so many pixels: a larger picture gets fewer for each unit.
pub(crate) fn png(svg: &str, most: f32) -> Result<Vec<u8>, PngError> {
    let options =
        usvg::Options { fontdb: Arc::clone(&FONTS), font_family: "Inter Medium".into(), ..Default::default() };
    let tree = usvg::Tree::from_str(svg, &options).map_err(|error| PngError(error.to_string()))?;
    let (width, height) = (tree.size().width(), tree.size().height());
    let scale = SCALE.min((most / (width * height)).sqrt());
    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "bounded just above")]
    let pixels = |length: f32| (length * scale).floor().max(1.0) as u32;
    let mut map = Pixmap::new(pixels(width), pixels(height)).ok_or_else(|| PngError("it has no size".to_owned()))?;
    resvg::render(&tree, Transform::from_scale(scale, scale), &mut map.as_mut());
    map.encode_png().map_err(|error| PngError(error.to_string()))
}
