//! The picture as SVG: self-contained, without a script, every name escaped. Boxes carry `data-node`, arrows `data-from`,
//! `data-to` and `data-ports`.

use std::fmt::{self, Write as _};

use super::{
    super::escape::markup,
    Arrow, Boxed, Look, Picture,
    legend::{Entry, Legend, SWATCH, Sign},
    lines::{self, Layout, Placed},
    nodes::{LABEL, NAME, SIGN, SMALL},
    text,
};

/// Around everything.
const MARGIN: f64 = 24.0;
/// What the title takes.
const HEAD: f64 = 58.0;
/// What each further line of the subtitle takes.
const SUBTITLE: f64 = 15.0;
/// No picture is narrower: its legend would be a column.
const NARROWEST: f64 = 640.0;
/// How round a line's corners are.
const CORNER: f64 = 4.0;

const INK: &str = "#1b1f24";
const QUIET: &str = "#4a525c";
const LINE: &str = "#6a737d";
const CDE_LINE: &str = "#b34700";
const STORE: &str = "#005c91";

impl Picture {
    /// Whether `arrow` runs from or to a box with account data.
    pub(super) fn touches_cde(&self, arrow: &Arrow) -> bool {
        [arrow.from, arrow.to].iter().any(|end| self.boxes.get(*end).is_some_and(|boxed| boxed.look == Look::Cde))
    }
}

/// `picture` as SVG.
pub(crate) fn svg(picture: &Picture) -> String {
    let layout = lines::layout(picture);
    let width = layout.width.max(NARROWEST);
    let legend = Legend::of(picture, width);
    let subtitle = text::wrapped(&picture.subtitle, SMALL, width);
    let head = HEAD + SUBTITLE * super::nodes::count(subtitle.len().saturating_sub(1));
    let size = (width + 2.0 * MARGIN, head + layout.height + 28.0 + legend.height + 2.0 * MARGIN);
    let mut out = String::new();
    // Writing to a string does not fail.
    let _ = write(picture, &layout, &legend, (&subtitle, head), size, &mut out);
    out
}

fn write(
    picture: &Picture,
    layout: &Layout,
    legend: &Legend,
    (subtitle, head): (&[String], f64),
    size: (f64, f64),
    out: &mut String,
) -> fmt::Result {
    let (width, height) = (size.0.ceil(), size.1.ceil());
    write!(
        out,
        r#"<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" role="img" font-family="{}" font-size="{SMALL}" fill="{INK}"><title>{}</title><desc>{}</desc>"#,
        text::FAMILY,
        markup(&picture.title),
        markup(&description(picture))
    )?;
    for (id, colour) in [("to", LINE), ("cde", CDE_LINE)] {
        write!(
            out,
            r#"<marker id="{id}" viewBox="0 0 10 10" refX="10" refY="5" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 1L10 5L0 9Z" fill="{colour}"/></marker>"#
        )?;
    }
    write!(out, r##"<rect width="{width}" height="{height}" fill="#ffffff"/>"##)?;
    let most = width - 2.0 * MARGIN;
    let title = text::clipped(&picture.title, 18.0, most);
    line(out, &title, (MARGIN, MARGIN + 16.0), 18.0, INK)?;
    for (index, text) in subtitle.iter().enumerate() {
        line(out, text, (MARGIN, MARGIN + 35.0 + SUBTITLE * super::nodes::count(index)), SMALL, QUIET)?;
    }
    write!(out, r#"<g transform="translate({} {})">"#, MARGIN + ((most - layout.width) / 2.0).floor(), MARGIN + head)?;
    // Lines to account data lie over the others.
    let mut arrows: Vec<_> = picture.arrows.iter().zip(&layout.routes).collect();
    arrows.sort_by_key(|(arrow, _)| picture.touches_cde(arrow));
    for (arrow, route) in arrows {
        arrow_line(picture, arrow, route, out)?;
    }
    for label in &layout.labels {
        let [x, y, w, h] = label.area;
        write!(out, r##"<rect x="{}" y="{y}" width="{}" height="{h}" fill="#ffffff"/>"##, x - 2.0, w + 4.0)?;
        line(out, &label.text, (x + 1.0, y + 10.5), LABEL, INK)?;
    }
    for placed in &layout.boxes {
        if let Some(boxed) = picture.boxes.get(placed.of) {
            boxed_text(boxed, placed, out)?;
        }
    }
    write!(out, r#"</g><g transform="translate({MARGIN} {})">"#, MARGIN + head + layout.height + 28.0)?;
    write!(out, r##"<path d="M0 -12H{most}" stroke="#d5d9de"/>"##)?;
    for entry in &legend.entries {
        legend_entry(entry, out)?;
    }
    for (note, y) in &legend.notes {
        line(out, note, (0.0, y + 11.0), SMALL, QUIET)?;
    }
    out.write_str("</g></svg>\n")
}

/// What the picture shows, for whoever does not see it.
fn description(picture: &Picture) -> String {
    let (boxes, arrows) = (picture.boxes.len(), picture.arrows.len());
    format!("{} {boxes} boxes, {arrows} arrows. {}", picture.subtitle, picture.notes.join(" "))
}

fn arrow_line(picture: &Picture, arrow: &Arrow, route: &[(f64, f64)], out: &mut String) -> fmt::Result {
    let key = |index: usize| picture.boxes.get(index).map_or("", |boxed| boxed.key.as_str());
    let (marker, colour, width) = if picture.touches_cde(arrow) { ("cde", CDE_LINE, 1.7) } else { ("to", LINE, 1.1) };
    write!(
        out,
        r#"<path class="flow" data-from="{}" data-to="{}" data-ports="{}" data-pairs="{}" d="{}" fill="none" stroke="{colour}" stroke-width="{width}" marker-end="url(#{marker})"/>"#,
        markup(key(arrow.from)),
        markup(key(arrow.to)),
        markup(&arrow.ports),
        arrow.pairs,
        path(route)
    )
}

/// A line with round corners.
fn path(corners: &[(f64, f64)]) -> String {
    let mut data = String::new();
    for (index, (x, y)) in corners.iter().enumerate() {
        let around = index.checked_sub(1).and_then(|before| corners.get(before)).zip(corners.get(index + 1));
        let Some(((ax, ay), (bx, by))) = around else {
            let _ = write!(data, "{}{x} {y}", if index == 0 { "M" } else { "L" });
            continue;
        };
        let toward = |(px, py): (f64, f64)| {
            let distance = (px - x).hypot(py - y);
            let step = if distance > 0.0 { CORNER.min(distance / 2.0) / distance } else { 0.0 };
            (x + (px - x) * step, y + (py - y) * step)
        };
        let ((ax, ay), (bx, by)) = (toward((*ax, *ay)), toward((*bx, *by)));
        let _ = write!(data, "L{ax} {ay}Q{x} {y} {bx} {by}");
    }
    data
}

fn boxed_text(boxed: &Boxed, placed: &Placed, out: &mut String) -> fmt::Result {
    let [x, y, w, h] = placed.area;
    write!(
        out,
        r#"<g class="node" data-node="{}" data-zone="{}" data-area="{x} {y} {w} {h}""#,
        markup(&boxed.key),
        boxed.look.name()
    )?;
    if let Some(within) = &boxed.within {
        write!(out, r#" data-within="{}""#, markup(within))?;
    }
    out.write_str(">")?;
    if boxed.is_group {
        for shift in [6.0, 3.0] {
            outline(boxed.look, [x + shift, y - shift, w - 2.0 * shift, h], out)?;
        }
    }
    outline(boxed.look, placed.area, out)?;
    let shown = boxed.shown();
    let mut base = y + (h - (4.0 + 15.0 * super::nodes::count(shown.len()))) / 2.0 + 14.0;
    for (index, (text, size, is_store)) in shown.iter().enumerate() {
        let mut left = x + boxed.look.margin();
        if *is_store {
            store([left, base - 9.5, 10.0, 11.0], out)?;
            left += SIGN;
        }
        let colour = if index == 0 { INK } else { QUIET };
        line(out, text, (left, base), *size, colour)?;
        base += if index == 0 { NAME + 4.0 } else { 15.0 };
    }
    out.write_str("</g>")
}

fn outline(look: Look, area: [f64; 4], out: &mut String) -> fmt::Result {
    let (stroke, fill) = look.colours();
    let (width, dash) = match look {
        Look::Cde => ("2", ""),
        Look::Unmanaged => ("1.3", r#" stroke-dasharray="5 3""#),
        _ => ("1.3", ""),
    };
    let data = look.outline(area);
    write!(out, r#"<path d="{data}" fill="{fill}" stroke="{stroke}" stroke-width="{width}"{dash}/>"#)?;
    if look == Look::Cde {
        let [x, y, w, h] = area;
        let inner = look.outline([x + 3.5, y + 3.5, w - 7.0, h - 7.0]);
        write!(out, r#"<path d="{inner}" fill="none" stroke="{stroke}" stroke-width="0.8"/>"#)?;
    }
    Ok(())
}

/// The sign of a data store: a drum.
fn store([x, y, w, h]: [f64; 4], out: &mut String) -> fmt::Result {
    let (half, lid) = (w / 2.0, 2.2);
    let (top, bottom) = (y + lid, y + h - lid);
    write!(
        out,
        r##"<path d="M{x} {top}a{half} {lid} 0 0 1 {w} 0V{bottom}a{half} {lid} 0 0 1 -{w} 0Z" fill="{STORE}"/><path d="M{x} {}a{half} {lid} 0 0 0 {w} 0" fill="none" stroke="#ffffff" stroke-width="0.9"/>"##,
        top + 0.6
    )
}

fn legend_entry(entry: &Entry, out: &mut String) -> fmt::Result {
    let (x, y) = (entry.x, entry.y);
    let area = [x, y, SWATCH, 15.0];
    match entry.sign {
        Sign::Box(look) => outline(look, area, out)?,
        Sign::Group => {
            for shift in [4.0, 2.0, 0.0] {
                let area = [x + shift, y - shift + 4.0, SWATCH - 4.0, 11.0];
                write!(
                    out,
                    r##"<path d="{}" fill="#ffffff" stroke="{QUIET}" stroke-width="1.1"/>"##,
                    Look::Managed.outline(area)
                )?;
            }
        }
        Sign::Store => store([x + 8.0, y + 2.0, 10.0, 11.0], out)?,
        Sign::Arrow | Sign::CdeArrow => {
            let (marker, colour, width) =
                if entry.sign == Sign::Arrow { ("to", LINE, 1.1) } else { ("cde", CDE_LINE, 1.7) };
            let middle = y + 7.5;
            write!(
                out,
                r#"<path d="M{x} {middle}H{}" fill="none" stroke="{colour}" stroke-width="{width}" marker-end="url(#{marker})"/>"#,
                x + SWATCH
            )?;
        }
    }
    line(out, entry.text, (x + SWATCH + 8.0, y + 11.5), SMALL, INK)
}

fn line(out: &mut String, text: &str, (x, y): (f64, f64), size: f64, colour: &str) -> fmt::Result {
    write!(out, r#"<text x="{x}" y="{y}" font-size="{size}" fill="{colour}">{}</text>"#, markup(text))
}
