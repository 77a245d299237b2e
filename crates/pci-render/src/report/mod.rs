//! The report for an assessor and an engineer: what the stack shows of the 250 controls, what people state of them, and
//! what is not known. Markdown, `compliance/pci-dss/README.md`; in strict mode only.
//!
//! Each part is a function in one of the files here, and a line in `PARTS`; [`page`] makes one page of HTML of the same.

mod components;
mod control;
mod controls;
mod findings;
mod heat;
mod network;
mod page;
mod register;
mod scope;
mod services;
mod standing;
mod subject;
mod text;

use std::fmt::Write as _;

use pci_assess::Case;
use pci_engine::Snapshot;
use pci_stack::Level;

use self::subject::Subject;
pub use self::{page::page, text::methods};
use super::escape::markdown;

/// Its file within a folder.
pub const FILE: &str = "compliance/pci-dss/README.md";

/// A part: its heading, and what writes it.
type Part = (&'static str, fn(&Subject, &mut String));

/// The parts, in their order.
static PARTS: [Part; 15] = [
    ("What this report is not", standing::is_not),
    ("What it was made from", standing::inputs),
    ("Preconditions", standing::preconditions),
    ("The numbers", standing::numbers),
    ("Requirements", standing::requirements),
    ("Scope and inventory", scope::scope),
    ("Account-data flows", scope::account_data),
    ("Allowed services", services::services),
    ("Segmentation test plan", network::segmentation),
    ("External parties", network::external_parties),
    ("Register of statements", register::statements),
    ("Targeted risk analyses", register::risk_analyses),
    ("Component types and requirements", components::types),
    ("Controls", controls::controls),
    ("Findings", findings::findings),
];

/// Whether a stack at `level` has a report: below strict, what it would show is not what is enforced.
pub fn is_made_at(level: Level) -> bool {
    level == Level::PciDssStrict
}

/// The report on `snapshot`.
pub fn report(snapshot: &Snapshot) -> String {
    let basis = snapshot.basis();
    let case = Case::of(snapshot.grounds(&basis));
    let subject = Subject { snapshot, assessment: snapshot.assessment(), case };
    let mut out = String::new();
    introduction(&subject, &mut out);
    for (number, (heading, part)) in PARTS.iter().enumerate() {
        let _ = write!(out, "\n## {number}. {heading}\n\n");
        part(&subject, &mut out);
    }
    out
}

fn introduction(subject: &Subject, out: &mut String) {
    let Subject { snapshot, assessment, .. } = subject;
    let demo = if snapshot.is_demo { " (the embedded demo)" } else { "" };
    let _ = writeln!(out, "# PCI DSS v4.0.1: {}{demo}\n", markdown(&snapshot.stack.name));
    out.push_str(
        "What a declared stack shows of the 250 controls of PCI DSS, what people have stated of them, and what is not \
         known. It is made from files alone: nothing here was seen in a cluster.\n\n",
    );
    let numbers = &assessment.numbers;
    let _ = writeln!(
        out,
        "**{}** completion, **{}** technical evidence, **{}** unknown and **{}** left to people. The three are read \
         together; [part 3](#3-the-numbers) says what each counts.\n",
        text::percent(numbers.completion_percent),
        text::percent(numbers.technical_evidence_percent),
        numbers.unknown,
        numbers.manual,
    );
    out.push_str(
        "An assessor finds the scope in parts 5 to 9, statements in 10 and 11, and each control with its evidence in 13. \
         An engineer starts at the findings (14), then at what is missing (13).\n\n",
    );
    for (number, (heading, _)) in PARTS.iter().enumerate() {
        let _ = writeln!(out, "- [{number}. {heading}](#{})", text::slug(&format!("{number}. {heading}")));
    }
    out.push_str(
        "\nEvery control stands on two axes. What the stack shows: **evidenced** (the generated policies or the \
         configuration prove it, on the preconditions of part 2), **supported** (they support it, people do the rest), **partial**, **gap** (something \
         it needs is missing or known to be otherwise), **unknown** (nobody says), **manual** (only people can judge \
         it). What people state: **attested**, **inherited**, **not applicable**, **superseded**, or **open** if nothing \
         counts. A statement never hides a gap.\n",
    );
}
