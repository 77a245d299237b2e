//! One stack and all that follows from it.
//!
//! A [`Snapshot`] never changes; each of its parts is computed once, when it is first asked for. Policies, diagram and
//! proof come from the same one, and so does every answer.

pub mod change;
mod changed;
pub mod files;
pub mod fleet;
pub mod load;
pub mod output;
mod parts;
mod snapshot;
mod source;
mod sources;
mod tables;

pub use snapshot::{Premises, Snapshot};
pub use source::Source;
pub use sources::{Inputs, Program, Sources};
pub use tables::{TABLES, TableFiles, Tables};
