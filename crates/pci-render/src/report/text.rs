//! Markdown: tables that no name can break, messages with the names in them as code, lists that are cut.

use std::fmt::Write as _;

use netpol_reach::Place;
use pci_assess::{Disposition, Percent, Status, Technical, controls::Method};
use pci_policy::{
    declared::{End, Flow},
    proof::EndName,
};

use super::super::escape::markdown;

/// What stands in a cell of which there is nothing to say.
pub(super) const NONE: &str = "–";

/// What stands in a cell in place of a value that does not have the shape of its attribute.
pub(super) const NOT_SHOWN: &str = "present, not shown";

/// A name as code, where it can't break out of it; else as text.
pub(super) fn code(name: &str) -> String {
    let breaks = |c: char| matches!(c, '`' | '|' | '\\' | '<' | '&' | '\n' | '\r');
    if name.is_empty() || name.contains(breaks) { plain(name) } else { format!("`{name}`") }
}

/// A message of ours, in which names stand between backticks.
pub(super) fn message(text: &str) -> String {
    let pieces = text.split('`').enumerate();
    pieces.map(|(index, piece)| if index % 2 == 1 { code(piece) } else { plain(piece) }).collect()
}

/// Text that is no markup. Brackets alone make no link, so that they stay readable.
pub(super) fn plain(text: &str) -> String {
    markdown(text).replace("\\(", "(").replace("\\)", ")").replace("-&gt;", "→")
}

/// The anchor of a heading, as viewers of Markdown make it.
pub(super) fn slug(heading: &str) -> String {
    let kept = heading.to_lowercase().replace(' ', "-");
    kept.chars().filter(|c| c.is_alphanumeric() || *c == '-').collect()
}

/// A table. A heading that ends in `:` is of numbers, and stands to the right.
pub(super) fn table(out: &mut String, headings: &[&str], rows: impl IntoIterator<Item = Vec<String>>) {
    let names: Vec<&str> = headings.iter().map(|heading| heading.trim_end_matches(':')).collect();
    let _ = writeln!(out, "| {} |", names.join(" | "));
    let rules = headings.iter().map(|heading| if heading.ends_with(':') { "---:" } else { "---" });
    let _ = writeln!(out, "|{}|", rules.collect::<Vec<_>>().join("|"));
    for row in rows {
        let cells: Vec<&str> = row.iter().map(|cell| if cell.is_empty() { NONE } else { cell.as_str() }).collect();
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
}

/// A paragraph for each of `rows`, or `nothing`.
pub(super) fn bullets(out: &mut String, rows: &[String], nothing: &str) {
    for row in rows {
        let _ = writeln!(out, "- {row}");
    }
    if rows.is_empty() {
        let _ = writeln!(out, "{nothing}");
    }
}

/// The first of `entries`, and how many more there are.
pub(super) fn listed(entries: &[String], most: usize) -> String {
    let mut list: Vec<String> = entries.iter().take(most).cloned().collect();
    if entries.len() > most {
        list.push(format!("{} more", entries.len() - most));
    }
    list.join(", ")
}

/// A percentage, or that there is none.
pub(super) fn percent(percent: Option<Percent>) -> String {
    percent.map_or_else(|| "nothing applicable".to_owned(), |percent| format!("{percent} %"))
}

/// Where something stands: its file and line.
pub(super) fn place(place: &Place) -> String {
    let line = if place.line > 0 { format!(":{}", place.line) } else { String::new() };
    code(&format!("{}{line}", place.file))
}

/// An end of a flow, without the prefix of namespaces.
pub(super) fn end(end: &EndName) -> String {
    match end {
        EndName::Namespace(namespace) => code(namespace.as_str()),
        EndName::OtherNamespaces => "any other namespace".to_owned(),
        EndName::Anywhere => "anywhere".to_owned(),
        EndName::Internet => "the internet".to_owned(),
        EndName::LoadBalancer => "the load balancer".to_owned(),
        EndName::ApiServer => "the API server".to_owned(),
        EndName::NodeDns => "the node's DNS".to_owned(),
        EndName::Private => "private and node addresses".to_owned(),
        EndName::Addresses(addresses) => code(addresses),
    }
}

/// A declared end.
pub(super) fn declared(declared: &End) -> String {
    end(&EndName::of_declared(declared))
}

/// The ports of `flow`.
pub(super) fn ports(flow: &Flow) -> String {
    flow.ports.texts().join(", ")
}

/// How a control stands, as people read it.
pub(super) fn status(status: Status) -> String {
    status.as_str().replace('_', " ")
}

/// What the stack shows, as people read it.
pub(super) fn technical(technical: Technical) -> String {
    status(Status::of(technical, Disposition::Open))
}

/// What people have stated, as people read it.
pub(super) fn disposition(disposition: Disposition) -> String {
    match disposition {
        Disposition::Open => "open".to_owned(),
        stated => status(Status::of(Technical::Manual, stated)),
    }
}

/// How an assessor examines, as people read it.
pub fn methods(methods: &[Method]) -> String {
    let name = |method: &Method| match method {
        Method::Document => "documents",
        Method::Configuration => "configurations",
        Method::Interview => "interviews",
        Method::Observation => "observation",
    };
    methods.iter().map(name).collect::<Vec<_>>().join(", ")
}
