//! Findings: each kind has an id of its own, and a place in the documentation.

use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

use pci_compliance::{assess, policy, stack, terms::FindingKind};

fn kinds() -> Vec<&'static FindingKind> {
    let rooms = [stack::findings::KINDS, policy::findings::KINDS, assess::findings::KINDS];
    let mut kinds: Vec<_> = rooms.into_iter().flatten().copied().collect();
    kinds.sort_by_key(|kind| kind.id);
    kinds
}

/// The documentation as the table has it.
fn page() -> String {
    let mut page =
        String::from("# Findings\n\nWhat the program notices in a stack and its rules. The ids are stable.\n");
    for kind in kinds() {
        let severity = serde_json::to_value(kind.severity).unwrap();
        let severity = severity.as_str().unwrap();
        let _ = write!(page, "\n## {}\n\nSeverity: {severity}, unless a finding says otherwise.\n\n", kind.id);
        let _ = write!(page, "- What: {}.\n- Why: {}.\n- Fix: {}.\n", kind.what, kind.why, kind.fix);
    }
    page
}

#[test]
fn every_finding_has_an_id_of_its_own_in_kebab_case() {
    let ids: BTreeSet<_> = kinds().iter().map(|kind| kind.id).collect();
    assert_eq!(ids.len(), kinds().len());
    assert!(ids.iter().all(|id| id.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')));
}

/// `UPDATE_DOCS=1 cargo test` writes the page anew.
#[test]
fn every_finding_is_documented() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/findings.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&path, page()).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap(), page(), "docs/findings.md differs: UPDATE_DOCS=1 writes it");
}
