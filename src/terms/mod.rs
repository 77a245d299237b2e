//! The words that all rooms share: ports, namespaces, types, places, findings, digests.
//!
//! No I/O and no judgement. A value of one of these types can't be wrong: a [`Port`] is 1 to 65535, a
//! [`Namespace`] is a DNS label, a [`StackId`] is safe in a file name, a label and a URI.

mod address;
mod both;
mod change;
mod component_ref;
mod control;
mod date;
mod digest;
mod direction;
mod finding;
mod input_error;
mod level;
mod name;
mod namespace;
mod place;
mod port;
mod stack_id;
mod table;
mod type_name;
mod vocabulary;
mod watch;

pub use address::{AddressBlock, AddressError};
pub use both::{both, is_worth_a_thread};
pub use change::{Change, Op};
pub use component_ref::ComponentRef;
pub use control::ControlId;
pub use date::Date;
pub use digest::Digest;
pub use direction::Direction;
pub use finding::{Finding, FindingKind, Severity};
pub use input_error::{InputError, nearest};
pub use level::{Level, LevelSource};
pub use name::{clean, clipped, named};
pub use namespace::Namespace;
pub use place::Place;
pub use port::{Port, PortNumber, Ports, Protocol};
pub use stack_id::{DASHBOARDS_MANIFEST, MANAGED_BY, MANIFEST, StackId};
pub use table::{Keys, Table};
pub use type_name::TypeName;
pub use vocabulary::{Reading, TypeWords, Vocabulary};
pub use watch::{Gone, Step, Watch};
