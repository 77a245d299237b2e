//! A declared stack: its components, the links between them, and what was read of each.
//!
//! A [`Stack`] knows no file format and holds no secret: an importer under [`read`] turns bytes into it, and drops
//! there whatever it may not keep.

pub mod budget;
pub mod catalog;
mod change;
mod component;
mod component_ref;
mod control;
mod date;
mod digest;
mod edit;
mod finding;
pub mod findings;
mod level;
mod link;
pub mod read;
mod secrets;
mod shape;
mod stack;
mod stack_id;
mod type_name;
mod vocabulary;
mod watch;

pub use change::{Change, Op};
pub use component::{Component, ComponentId, Fact, FactValue, SecretShape};
pub use component_ref::ComponentRef;
pub use control::ControlId;
pub use date::Date;
pub use digest::Digest;
pub use finding::{Finding, FindingKind, Severity};
pub use level::{Level, LevelSource};
pub use link::{Link, LinkId};
pub use secrets::HeldSecret;
pub use shape::{Shape, is_flag_word, is_placeholder, statement};
pub use stack::{SETTINGS, Stack};
pub use stack_id::{DASHBOARDS_MANIFEST, MANAGED_BY, MANIFEST, StackId};
pub use type_name::TypeName;
pub use vocabulary::{Reading, TypeWords, Vocabulary};
pub use watch::{Gone, Step, Watch};
