//! Where the kinds leave the rules and findings that they make.

use crate::{policy::Intent, terms::Finding};

/// Where the kinds leave what they make.
#[derive(Debug, Default)]
pub(in crate::policy) struct Made {
    pub(in crate::policy) intents: Vec<Intent>,
    pub(in crate::policy) findings: Vec<Finding>,
}
