//! How one control stands.

use pci_stack::{ComponentId, ControlId};

use super::{Disposition, Evidence, Missing, PreconditionId, Statement, Status, Technical};
use crate::controls::Method;

/// How a control stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ControlResult {
    /// The control's number.
    pub id: ControlId,
    /// What the stack shows.
    pub technical: Technical,
    /// What people have said.
    pub disposition: Disposition,
    /// Why it does not bind this entity, if it does not.
    pub not_bound: Option<&'static str>,
    /// Whether it is in no total: it does not bind, another took its place, or somebody says that it does not apply.
    /// The topology has no say in this: where the stack shows otherwise, the control is a gap all the same.
    pub is_left_out: bool,
    /// What it rests on.
    pub evidence: Vec<Evidence>,
    /// What is missing, what decides first.
    pub missing: Vec<Missing>,
    /// What a network result rests on that is not confirmed.
    pub conditional_on: Vec<PreconditionId>,
    /// How an assessor still has to examine it.
    pub remaining_methods: Vec<Method>,
    /// The components that its rule looked at.
    pub components: Vec<ComponentId>,
    /// What the profile says of it.
    pub statements: Vec<Statement>,
}

impl ControlResult {
    /// How it stands: what people have said, or else what the stack shows.
    pub fn status(&self) -> Status {
        Status::of(self.technical, self.disposition)
    }

    /// Whether it applies.
    pub fn applies(&self) -> bool {
        !matches!(self.disposition, Disposition::NotApplicable | Disposition::Superseded)
    }

    /// Whether anything is left to do: it applies, nobody answers for it, and the stack shows less than all.
    pub fn is_gap(&self) -> bool {
        self.disposition == Disposition::Open && !matches!(self.technical, Technical::Evidenced | Technical::Supported)
    }

    /// Whether a statement of the profile says otherwise than the stack shows.
    pub fn is_contradicted(&self) -> bool {
        self.statements.iter().any(|statement| statement.contradicted)
    }
}
