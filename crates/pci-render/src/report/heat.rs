//! The map of the controls: one cell each, by requirement. A status is told by a sign and a word, and by a colour.

use std::fmt::Write as _;

use pci_assess::Status;

use super::{super::escape::markup, Subject, text::status};

/// The sign of a status.
fn sign(status: Status) -> &'static str {
    match status {
        Status::Evidenced => "●",
        Status::Supported => "◕",
        Status::Partial => "◐",
        Status::Gap => "✕",
        Status::Unknown => "?",
        Status::Manual => "○",
        Status::Attested => "✓",
        Status::Inherited => "⇄",
        Status::NotApplicable => "–",
        Status::Superseded => "»",
    }
}

/// The anchor of the control `id`.
pub(super) fn anchor(id: &str) -> String {
    format!("control-{id}")
}

/// Writes the map.
pub(super) fn map(subject: &Subject, out: &mut String) {
    out.push_str(
        "<section class=\"heat\">\n<h2 id=\"map-of-the-controls\">Map of the controls</h2>\n<p>Each cell is a control, and leads to it. A statement \
         of people stands over what the stack shows; part 13 has both.</p>\n<ul class=\"legend\" aria-label=\"Statuses\">\n",
    );
    let counts = &subject.assessment.numbers.by_status;
    for one in Status::ALL {
        let _ = writeln!(
            out,
            "<li><span class=\"cell {}\" aria-hidden=\"true\">{}</span> {} <strong>{}</strong></li>",
            one.as_str(),
            sign(one),
            status(one),
            counts.get(&one).copied().unwrap_or(0)
        );
    }
    out.push_str("</ul>\n<table>\n<thead><tr><th scope=\"col\">requirement</th><th scope=\"col\">controls</th></tr></thead>\n<tbody>\n");
    for requirement in &subject.assessment.controls.requirements {
        let (number, title) = (requirement.number, markup(&requirement.title));
        let _ = write!(out, "<tr><th scope=\"row\">{number} <span>{title}</span></th><td><ul>");
        for (control, result) in subject.assessment.iter().filter(|(control, _)| control.id.requirement() == number) {
            let (id, stands) = (control.id.to_string(), result.status());
            let _ = write!(
                out,
                "<li><a class=\"cell {}\" href=\"#{}\" title=\"{id} {}: {}\">{id} <span aria-hidden=\"true\">{}</span><span class=\"said\">{}</span></a></li>",
                stands.as_str(),
                anchor(&id),
                markup(&control.title),
                status(stands),
                sign(stands),
                status(stands)
            );
        }
        out.push_str("</ul></td></tr>\n");
    }
    out.push_str("</tbody>\n</table>\n</section>\n");
}
