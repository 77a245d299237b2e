//! What the program carries with it: its tables, the demo, the page that hosts open, its name and version.

use std::sync::LazyLock;

use netpol_reach::InputError;
use pci_engine::{
    Program, Source, TableFiles, Tables,
    load::{Demo, Shipped},
};

/// This program.
pub const PROGRAM: Program = Program { name: env!("CARGO_PKG_NAME"), version: env!("CARGO_PKG_VERSION") };

/// The page that hosts of MCP Apps open, built from `app/`: one file that loads nothing.
pub const PAGE: &str = include_str!("../app/dist/map.html");

/// The embedded demo: a payments shop.
pub const DEMO: Demo = Demo {
    stack: Source { name: "demo/stack-metadata.yaml", text: include_str!("../fixtures/demo/stack-metadata.yaml") },
    exceptions: Source { name: "demo/pci-exceptions.yaml", text: include_str!("../fixtures/demo/pci-exceptions.yaml") },
    profile: Source { name: "demo/pci-profile.yaml", text: include_str!("../fixtures/demo/pci-profile.yaml") },
};

/// The files of `catalog/`, in the order of `TABLES`.
macro_rules! tables {
    ($($path:literal),* $(,)?) => {
        [$(Source { name: concat!("catalog/", $path), text: include_str!(concat!("../catalog/", $path)) }),*]
    };
}

/// The shipped tables.
pub const TABLES: TableFiles = tables![
    "component-types.yaml",
    "pci-exceptions.yaml",
    "pci-dss-v4/requirement-01.yaml",
    "pci-dss-v4/requirement-02.yaml",
    "pci-dss-v4/requirement-03.yaml",
    "pci-dss-v4/requirement-04.yaml",
    "pci-dss-v4/requirement-05.yaml",
    "pci-dss-v4/requirement-06.yaml",
    "pci-dss-v4/requirement-07.yaml",
    "pci-dss-v4/requirement-08.yaml",
    "pci-dss-v4/requirement-09.yaml",
    "pci-dss-v4/requirement-10.yaml",
    "pci-dss-v4/requirement-11.yaml",
    "pci-dss-v4/requirement-12.yaml",
    "pci-dss-v4/appendices.yaml",
    "siem/falco.yaml",
    "siem/apisix.yaml",
    "siem/opa.yaml",
    "siem/audit.yaml",
    "siem/trivy.yaml",
];

/// All of it that reading needs.
pub const SHIPPED: Shipped = Shipped { files: &TABLES, tables, program: PROGRAM };

fn tables() -> Result<Tables, InputError> {
    static READ: LazyLock<Result<Tables, InputError>> = LazyLock::new(|| Tables::read(&TABLES));
    READ.clone()
}
