//! What tests and benches of all crates share: small stacks, generated ones, and the shipped tables and demo, read by
//! their paths.
#![allow(clippy::unwrap_used, clippy::missing_panics_doc, reason = "a test that can't set up should fail")]

pub mod cluster;
pub mod generator;
pub mod hostile;
pub mod misplaced;

use std::{
    fmt::Write as _,
    path::{Path, PathBuf},
    sync::LazyLock,
};

use netpol_reach::InputError;
use pci_engine::{Program, Snapshot, Source, Sources, TABLES, Tables};
use pci_stack::Level;

/// Which types show something of which requirements, as the product's table has it.
pub const SERVED: [(&str, &[u16]); 12] = [
    ("opa", &[1, 2, 5, 6, 7, 8, 11]),
    ("falco", &[5, 10, 11]),
    ("apisix", &[1, 4, 6, 8]),
    ("prometheus", &[10, 11]),
    ("cnpg", &[3, 4]),
    ("keycloak", &[7, 8]),
    ("trivy", &[5, 6, 11]),
    ("opensearch", &[10, 11]),
    ("external_secrets", &[3, 4]),
    ("cert_manager", &[4]),
    ("velero", &[9]),
    ("argo_cd", &[6]),
];

/// The program's name and version, as answers have them.
pub const PROGRAM: Program = Program { name: "pci-compliance-mcp", version: env!("CARGO_PKG_VERSION") };

/// The shipped tables, read by their paths.
pub fn tables() -> &'static Tables {
    static READ: LazyLock<Tables> = LazyLock::new(|| {
        let files = TABLES.map(|table| (format!("catalog/{table}"), text(&format!("catalog/{table}"))));
        let sources = files.each_ref().map(|(name, text)| Source { name, text });
        Tables::read(&sources).unwrap()
    });
    &READ
}

/// The demo, as it is shipped.
pub fn demo_sources() -> Sources<'static> {
    static FILES: LazyLock<[(String, String); 3]> = LazyLock::new(|| {
        ["stack-metadata.yaml", "pci-exceptions.yaml", "pci-profile.yaml"]
            .map(|file| (format!("demo/{file}"), fixture_text(&format!("demo/{file}"))))
    });
    let [stack, exceptions, profile] = FILES.each_ref().map(|(name, text)| Source { name, text });
    Sources {
        stack,
        exceptions: Some(exceptions),
        profile: Some(profile),
        tables: tables(),
        level: None,
        as_of: None,
        is_demo: true,
        program: PROGRAM,
    }
}

/// A file of the project.
pub fn path(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(name)
}

/// The text of a file of the project.
pub fn text(name: &str) -> String {
    std::fs::read_to_string(path(name)).unwrap()
}

/// A file under `fixtures/`.
pub fn fixture(name: &str) -> PathBuf {
    path("fixtures").join(name)
}

/// The text of a file under `fixtures/`.
pub fn fixture_text(name: &str) -> String {
    std::fs::read_to_string(fixture(name)).unwrap()
}

/// The strict snapshot of `stack`.
pub fn strict(stack: &str) -> Snapshot {
    read(stack, None, Some(Level::PciDssStrict)).unwrap()
}

/// The snapshot of `stack`, under `profile`, at `level`.
pub fn read(stack: &str, profile: Option<&str>, level: Option<Level>) -> Result<Snapshot, InputError> {
    let named = |name, text| Source { name, text };
    Snapshot::read(Sources {
        stack: named("stack.yaml", stack),
        exceptions: None,
        profile: profile.map(|text| named("profile.yaml", text)),
        tables: tables(),
        level,
        as_of: None,
        is_demo: false,
        program: PROGRAM,
    })
}

/// The snapshot of `stack` with a user's `exceptions`.
pub fn with_exceptions(stack: &str, exceptions: &str, level: Level) -> Result<Snapshot, InputError> {
    let named = |name, text| Source { name, text };
    Snapshot::read(Sources {
        stack: named("stack.yaml", stack),
        exceptions: Some(named("exceptions.yaml", exceptions)),
        profile: None,
        tables: tables(),
        level: Some(level),
        as_of: None,
        is_demo: false,
        program: PROGRAM,
    })
}

/// The strict snapshot of [`hostile::files`].
pub fn hostile(first: usize) -> Snapshot {
    let files = hostile::files(first);
    let named = |name, text| Source { name, text };
    let sources = Sources {
        stack: named("stack.yaml", &files.stack),
        exceptions: Some(named("exceptions.yaml", &files.exceptions)),
        profile: Some(named("profile.yaml", &files.profile)),
        tables: tables(),
        level: Some(Level::PciDssStrict),
        as_of: "2026-02-01".parse().ok(),
        is_demo: false,
        program: PROGRAM,
    };
    Snapshot::read(sources).unwrap()
}

/// A stack of `components`, each line-by-line YAML under `components:`.
pub fn stack(components: &str) -> String {
    format!("components:\n{components}configuration:\n  system_name: \"small\"\n")
}

/// A component in its short form.
pub fn component(name: &str, kind: &str, attributes: &str, links: &[&str]) -> String {
    let mut text = format!("  {name}:\n    type: {kind}\n    name: {name}\n    attributes: {{namespace: {name}");
    if !attributes.is_empty() {
        text.push_str(", ");
        text.push_str(attributes);
    }
    text.push_str("}\n");
    if !links.is_empty() {
        text.push_str("    links_to:\n");
        for link in links {
            let _ = writeln!(text, "      {link}: {{attributes: {{}}}}");
        }
    }
    text
}

/// `from -> to` on each port, of all that the policies allow.
pub fn allowed(snapshot: &Snapshot) -> Vec<String> {
    let allowed = snapshot.evidence().allowed();
    allowed.iter().map(|((from, to), ports)| format!("{from} -> {to}: {ports}")).collect()
}

/// The ids of all findings.
pub fn finding_ids(snapshot: &Snapshot) -> Vec<&'static str> {
    let mut ids: Vec<_> = snapshot.findings().iter().map(|finding| finding.id).collect();
    ids.dedup();
    ids
}
