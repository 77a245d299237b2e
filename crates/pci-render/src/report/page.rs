//! The report as one page of HTML: the same parts, with a map of the controls and the picture of the allowed traffic. It
//! loads nothing, runs no script, and prints.

use std::{collections::BTreeSet, fmt::Write as _};

use pci_assess::Case;
use pci_engine::Snapshot;
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::{
    super::escape::markup,
    PARTS, Subject, heat,
    text::{percent, slug},
};
use crate::diagram::{self, Scope};

/// What the page may load: nothing but its own styles.
const POLICY: &str =
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; base-uri 'none'; form-action 'none'";

const STYLE: &str = include_str!("page.css");

/// The report on `snapshot` as HTML.
pub fn page(snapshot: &Snapshot) -> String {
    let basis = snapshot.basis();
    let case = Case::of(snapshot.grounds(&basis));
    let subject = Subject { snapshot, assessment: snapshot.assessment(), case };
    let ids = subject.assessment.iter().map(|(control, _)| control.id.to_string()).collect();
    let mut writer = Writer { controls: ids, used: BTreeSet::new() };
    let mut out = String::with_capacity(1 << 20);
    head(&subject, &mut out);
    introduction(&subject, &mut writer, &mut out);
    out.push_str("<main>\n");
    heat::map(&subject, &mut out);
    flow_map(snapshot, &mut out);
    for (number, (heading, part)) in PARTS.iter().enumerate() {
        let mut markdown = format!("## {number}. {heading}\n\n");
        part(&subject, &mut markdown);
        let _ = writeln!(out, "<section class=\"part\">\n{}</section>", writer.html(&markdown));
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn head(subject: &Subject, out: &mut String) {
    let name = markup(&subject.snapshot.stack.name);
    let _ = write!(
        out,
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\" />\n<meta http-equiv=\"Content-Security-Policy\" \
         content=\"{POLICY}\" />\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\" />\n\
         <meta name=\"color-scheme\" content=\"light dark\" />\n<title>PCI DSS v4.0.1: {name}</title>\n<style>\n{STYLE}</style>\n\
         </head>\n<body>\n"
    );
}

/// What stands before the parts, with the numbers set out and the contents as a landmark.
fn introduction(subject: &Subject, writer: &mut Writer, out: &mut String) {
    let mut markdown = String::new();
    super::introduction(subject, &mut markdown);
    let text = writer.html(&markdown);
    let (before, rest) = text.split_once("<ul>").unwrap_or((&text, ""));
    let (contents, after) = rest.split_once("</ul>").unwrap_or(("", rest));
    let numbers = &subject.assessment.numbers;
    let _ = write!(out, "<header>\n{before}<dl class=\"numbers\">\n");
    let of = |part: String, total: u32| format!("{part} of {total}");
    let rows = [
        (
            "completion",
            percent(numbers.completion_percent),
            of(numbers.completion_done.to_string(), numbers.completion_total),
        ),
        (
            "technical evidence",
            percent(numbers.technical_evidence_percent),
            of(numbers.technical_points.to_string(), numbers.technical_total) + " points",
        ),
        ("unknown", numbers.unknown.to_string(), format!("of {}", numbers.technical_total)),
        ("left to people", numbers.manual.to_string(), format!("of {}", numbers.controls_total)),
    ];
    for (name, value, of) in rows {
        let _ = writeln!(out, "<div><dt>{name}</dt><dd>{value} <small>{of}</small></dd></div>");
    }
    let _ = write!(
        out,
        "</dl>\n</header>\n<nav aria-label=\"Contents\">\n<ul>\n<li><a href=\"#map-of-the-controls\">Map of the controls</a></li>\n\
         <li><a href=\"#allowed-traffic\">Allowed traffic</a></li>{contents}</ul>\n</nav>\n<div class=\"axes\">{after}</div>\n"
    );
}

fn flow_map(snapshot: &Snapshot, out: &mut String) {
    let drawn = diagram::picture(snapshot, &Scope::Overview);
    let _ = writeln!(
        out,
        "<section class=\"flow\">\n<h2 id=\"allowed-traffic\">Allowed traffic</h2>\n<figure>\n<div class=\"wide\" tabindex=\"0\" role=\"group\" \
         aria-label=\"picture\">{}</div>\n<figcaption>Drawn from what the generated policies allow: {} boxes, {} arrows. Part 8 lists what is \
         expected between zones, the manifest every flow.</figcaption>\n</figure>\n</section>",
        drawn.svg.trim_end(),
        drawn.boxes,
        drawn.arrows
    );
}

/// Markdown of the parts → HTML, with an anchor for each heading and for each control.
struct Writer {
    /// The ids of all controls.
    controls: BTreeSet<String>,
    /// The anchors that are taken.
    used: BTreeSet<String>,
}

impl Writer {
    fn html(&mut self, markdown: &str) -> String {
        // Names are escaped in the parts; if one got through all the same, it would be text here.
        let as_text = |event| match event {
            Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
            Event::Start(Tag::Link { dest_url, .. }) if !dest_url.starts_with('#') => Event::Text(CowStr::from("")),
            event => event,
        };
        let events: Vec<Event> = Parser::new_ext(markdown, Options::ENABLE_TABLES).map(as_text).collect();
        let mut written = Vec::with_capacity(events.len());
        let mut is_first_cell = false;
        for (index, event) in events.iter().enumerate() {
            match event {
                Event::Start(Tag::Heading { level, classes, attrs, .. }) => {
                    let id = self.anchor(*level, &text_of(&events[index..]));
                    let (classes, attrs) = (classes.clone(), attrs.clone());
                    written.push(Event::Start(Tag::Heading { level: *level, id: Some(id.into()), classes, attrs }));
                    continue;
                }
                Event::Start(Tag::TableRow) => is_first_cell = true,
                Event::Start(Tag::TableCell) if is_first_cell => {
                    is_first_cell = false;
                    written.push(event.clone());
                    if let Some(id) = self.first_of(&text_of(&events[index..])) {
                        written.push(Event::InlineHtml(format!("<span id=\"{id}\"></span>").into()));
                    }
                    continue;
                }
                Event::End(TagEnd::Table) => is_first_cell = false,
                _ => {}
            }
            written.push(event.clone());
        }
        let mut out = String::with_capacity(markdown.len() * 2);
        html::push_html(&mut out, written.into_iter());
        out.replace("<th", "<th scope=\"col\"")
            .replace("<th scope=\"col\"ead", "<thead")
            .replace("<table>", "<div class=\"wide\" tabindex=\"0\" role=\"group\" aria-label=\"table\"><table>")
            .replace("</table>", "</table></div>")
    }

    /// The anchor of a heading: a control's own, else as viewers of Markdown make it.
    fn anchor(&mut self, level: HeadingLevel, heading: &str) -> String {
        let first = heading.split(' ').next().unwrap_or_default();
        if level == HeadingLevel::H4
            && let Some(id) = self.first_of(first)
        {
            return id;
        }
        let slug = slug(heading);
        let another = |number: usize| if number == 1 { slug.clone() } else { format!("{slug}-{number}") };
        let free =
            (1..=self.used.len() + 1).map(another).find(|anchor| !self.used.contains(anchor)).unwrap_or_default();
        self.used.insert(free.clone());
        free
    }

    /// The anchor of the control `id`, if it is one that has none yet, and this is where it is told of.
    fn first_of(&mut self, id: &str) -> Option<String> {
        // Parts before the controls name some in their tables too.
        let is_told = self.used.contains("13-controls") && self.controls.contains(id);
        let anchor = heat::anchor(id);
        (is_told && self.used.insert(anchor.clone())).then_some(anchor)
    }
}

/// The text of the first element of `events`.
fn text_of(events: &[Event]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::Text(piece) | Event::Code(piece) => text.push_str(piece),
            Event::End(TagEnd::Heading(_) | TagEnd::TableCell) => break,
            _ => {}
        }
    }
    text
}
