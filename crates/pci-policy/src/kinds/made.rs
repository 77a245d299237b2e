//! Where the kinds leave the rules and findings that they make.

use pci_stack::Finding;

use crate::Intent;

/// Where the kinds leave what they make.
#[derive(Debug, Default)]
pub(crate) struct Made {
    pub(crate) intents: Vec<Intent>,
    pub(crate) findings: Vec<Finding>,
}
