//! Where a stack stands on PCI DSS: its scope, and each of the 250 controls on two axes, what the stack shows and what
//! people have said of it.
//!
//! What is shown is never more than the rule of a control proves; what is not known is said to be so. Each result
//! names what it rests on and what is missing, out of the rule itself.

mod answer;
mod assessment;
mod attested;
mod case;
mod clauses;
mod condition;
mod control_result;
pub mod controls;
mod disposition;
pub mod events;
pub mod findings;
mod gap;
mod inventory;
mod judge;
mod noticed;
mod numbers;
mod preconditions;
mod reaches;
mod scope;
mod services;
mod siem;
mod status;
mod verdicts;

pub use answer::{Answer, Evidence, EvidenceKind, Missing, Truth, alike};
pub use assessment::{Assessment, assess};
pub use case::{Case, Grounds, Openness};
pub use control_result::ControlResult;
pub use disposition::{Statement, StatementKind};
pub use gap::{Cost, Gap, GapKind, sort as sort_gaps};
pub use inventory::{Item, inventory};
pub use numbers::{Numbers, Percent, Points};
pub use preconditions::{Precondition, PreconditionId, Standing};
pub use scope::{Scope, Why, Zone, scope};
pub use services::{InsecureService, Service, insecure_services, services};
pub use siem::{SiemPlan, SiemSource, SourceState, siem};
pub use status::{Disposition, Status, Technical};
pub(crate) use verdicts::Verdicts;
