//! The embedded demo: a payments shop, so that everything can be tried with nothing to configure.

use crate::engine::Source;

/// The shop's stack.
pub const STACK: Source<'static> =
    Source { name: "demo/stack-metadata.yaml", text: include_str!("../fixtures/demo/stack-metadata.yaml") };

/// What its topology can't say.
pub const PROFILE: Source<'static> =
    Source { name: "demo/pci-profile.yaml", text: include_str!("../fixtures/demo/pci-profile.yaml") };
