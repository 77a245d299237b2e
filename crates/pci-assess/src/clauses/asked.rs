//! Of what a clause is asked.

use pci_stack::{ComponentId, TypeName};

/// Of what a clause is asked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The type that the rule's entry is about; absent for the network.
    pub kind: Option<&'a TypeName>,
    /// Its components.
    pub subjects: &'a [ComponentId],
    /// The clause in words: what holds if it is true.
    pub says: &'a str,
}

impl Asked<'_> {
    /// What people call the type.
    pub(super) fn kind_name(&self) -> &str {
        self.kind.map_or("the stack", TypeName::as_str)
    }
}
