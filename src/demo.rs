//! The embedded demo: a payments shop, so that everything can be tried with nothing to configure.

use crate::engine::{Source, Sources};

/// The shop: its stack, its exceptions, and what its topology can't say.
pub const SOURCES: Sources<'static> = Sources {
    stack: Source { name: "demo/stack-metadata.yaml", text: include_str!("../fixtures/demo/stack-metadata.yaml") },
    exceptions: Some(Source {
        name: "demo/pci-exceptions.yaml",
        text: include_str!("../fixtures/demo/pci-exceptions.yaml"),
    }),
    profile: Some(Source { name: "demo/pci-profile.yaml", text: include_str!("../fixtures/demo/pci-profile.yaml") }),
    catalog: None,
    level: None,
    as_of: None,
    is_demo: true,
};
