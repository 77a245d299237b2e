//! Part 14: what should be known of the stack, its rules and its statements, worst first.

use std::fmt::Write as _;

use pci_stack::{Finding, Severity};

use super::{
    Subject,
    text::{code, message, place, table},
};

const SEVERITIES: [(Severity, &str); 5] = [
    (Severity::Critical, "Critical"),
    (Severity::High, "High"),
    (Severity::Medium, "Medium"),
    (Severity::Low, "Low"),
    (Severity::Info, "Good to know"),
];

pub(super) fn findings(subject: &Subject, out: &mut String) {
    let findings = subject.snapshot.findings();
    if findings.is_empty() {
        out.push_str("Nothing was noticed.\n");
        return;
    }
    let counts = SEVERITIES.iter().map(|(severity, name)| {
        let count = findings.iter().filter(|finding| finding.severity == *severity).count();
        format!("{count} {}", name.to_lowercase())
    });
    let _ = writeln!(out, "{}.", counts.collect::<Vec<_>>().join(", "));
    for (severity, name) in SEVERITIES {
        let those: Vec<&Finding> = findings.iter().filter(|finding| finding.severity == severity).collect();
        if those.is_empty() {
            continue;
        }
        let _ = writeln!(out, "\n### {name}\n");
        let rows = those.iter().map(|finding| {
            let at = finding.r#where.as_ref().map(place).unwrap_or_default();
            vec![code(finding.id), message(&finding.message), at, message(&finding.fix)]
        });
        table(out, &["kind", "what", "where", "fix"], rows);
    }
}
