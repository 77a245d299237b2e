//! Gaps: controls that apply, that nobody answers for and that the stack does not show whole, most urgent first.

use pci_stack::{Change, ControlId};

use super::{Assessment, Technical};
use crate::controls::{Class, Control};

/// What kind of thing closes a gap.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum GapKind {
    /// A change of what is deployed, configured or stated of it.
    Technical,
    /// Somebody's word.
    Attestation,
}

/// A gap, and the change that closes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Gap {
    /// Its index among the controls.
    pub index: usize,
    /// What kind of thing closes it.
    pub kind: GapKind,
    /// The changes that close it, taken together; empty where none is known.
    pub changes: Vec<Change>,
    /// What no change can do, in words.
    pub advice: Vec<String>,
    /// The controls that these changes close, found by making them.
    pub closes: Vec<ControlId>,
    /// What the changes cost.
    pub cost: Cost,
}

/// What changes cost, besides the work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Cost {
    /// Policies more.
    pub policies: usize,
    /// Flows more between the stack and networks outside.
    pub exposure: usize,
    /// Namespaces more in scope.
    pub scope: usize,
}

impl GapKind {
    /// The kind of a control's gap.
    pub fn of(control: &Control) -> Self {
        if control.class == Class::Manual { Self::Attestation } else { Self::Technical }
    }
}

/// Orders `gaps`: what a stack can show first, by milestone, contradicted ones first, then how far they are, how many
/// controls their change closes, and their number.
pub fn sort(assessment: &Assessment, gaps: &mut [Gap]) {
    let controls: Vec<&Control> = assessment.controls.iter().collect();
    let distance = |technical| match technical {
        Technical::Gap => 0,
        Technical::Partial => 1,
        Technical::Unknown => 2,
        Technical::Manual | Technical::Evidenced | Technical::Supported => 3,
    };
    gaps.sort_by_key(|gap| {
        let (control, result) = (controls[gap.index], &assessment.results[gap.index]);
        let urgency = (gap.kind, control.milestone, !result.is_contradicted(), distance(result.technical));
        (urgency, std::cmp::Reverse(gap.closes.len()), control.id.clone())
    });
}
