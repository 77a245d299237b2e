//! Findings: each kind has an id of its own, and a page in the documentation.

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs,
};

use pci_engine::Snapshot;
use pci_fixtures::demo_sources;
use pci_stack::{Finding, FindingKind, Severity};

use crate::pages;

/// The kinds, each with who notices it.
fn kinds() -> Vec<(&'static FindingKind, &'static str)> {
    let rooms = [
        (pci_stack::findings::KINDS, "reading the stack"),
        (pci_policy::findings::KINDS, "making the rules"),
        (pci_assess::findings::KINDS, "judging by the controls"),
    ];
    let mut kinds: Vec<_> =
        rooms.into_iter().flat_map(|(kinds, who)| kinds.iter().map(move |kind| (*kind, who))).collect();
    kinds.sort_by_key(|(kind, _)| kind.id);
    kinds
}

fn word(severity: Severity) -> String {
    serde_json::to_value(severity).unwrap().as_str().unwrap().to_owned()
}

/// The index.
fn index() -> String {
    let mut page = String::from(
        "# Findings\n\nWhat the program notices in a stack, its rules and its statements. The ids are stable. A finding says what \
         it is about and where that stands;\nits severity is this one unless it says otherwise, and `overview --fail-on \
         SEVERITY` makes a gate of them. These pages are\nmade from the tables that the program's own answers come from.\n\n\
         | id | severity | what |\n|---|---|---|\n",
    );
    for (kind, _) in kinds() {
        let _ = writeln!(page, "| [{0}](findings/{0}.md) | {1} | {2} |", kind.id, word(kind.severity), kind.what);
    }
    page
}

/// The page of a kind; what the program says of it on the demo is its example.
fn page(kind: &FindingKind, noticed: &str, on_the_demo: &[&Finding]) -> String {
    let mut page = format!("# {}\n\n", kind.id);
    let _ =
        writeln!(page, "Severity {}, unless a finding says otherwise. Noticed when {noticed}.\n", word(kind.severity));
    for (heading, text) in [("What", kind.what), ("Why", kind.why), ("Fix", kind.fix)] {
        let _ = writeln!(page, "## {heading}\n\n{}{}.\n", text[..1].to_uppercase(), &text[1..]);
    }
    if !on_the_demo.is_empty() {
        page.push_str("## In the demo\n\n");
        for finding in on_the_demo {
            let at = finding.r#where.as_ref().map(|place| format!(" ({place})")).unwrap_or_default();
            let _ = writeln!(page, "- {}: {}{at}. Fix: {}.", word(finding.severity), finding.message, finding.fix);
        }
        page.push('\n');
    }
    page + "[All findings](../findings.md)\n"
}

#[test]
fn every_finding_has_an_id_of_its_own_in_kebab_case() {
    let ids: BTreeSet<_> = kinds().iter().map(|(kind, _)| kind.id).collect();
    assert_eq!(ids.len(), kinds().len());
    assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
}

#[test]
fn every_finding_has_a_page_and_no_page_is_of_none() {
    let on_the_demo = Snapshot::read(demo_sources()).unwrap().findings().clone();
    let pages = kinds().into_iter().map(|(kind, who)| {
        let raised: Vec<_> = on_the_demo.iter().filter(|finding| finding.id == kind.id).collect();
        (format!("{}.md", kind.id), page(kind, who, &raised))
    });
    pages::folder_held("docs/findings", &pages.collect::<BTreeMap<_, _>>());
    pages::held("docs/findings.md", &index());
}

#[test]
fn no_kind_of_finding_is_left_out_of_the_tables() {
    let mut declared = BTreeSet::new();
    for room in ["pci-stack", "pci-policy", "pci-assess"] {
        let text = fs::read_to_string(pages::path(&format!("crates/{room}/src/findings.rs"))).unwrap();
        let ids = text.lines().filter_map(|line| line.trim().strip_prefix("id: \"")?.strip_suffix("\","));
        declared.extend(ids.map(str::to_owned));
    }
    let listed: BTreeSet<_> = kinds().iter().map(|(kind, _)| kind.id.to_owned()).collect();
    assert_eq!(declared, listed);
}
