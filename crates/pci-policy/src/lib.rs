//! A stack and the tables → the rules that its level asks for, and the flows that it declares.
//!
//! Two ways lead from here. [`rules`] says which policies there are to be, one-sided, per namespace; [`declared`] says
//! which flows there are to be, end to end. Neither is made from the other: the proof compares them.

mod basis;
pub mod budget;
pub mod declared;
pub mod dialect;
pub mod findings;
mod intent;
mod kind;
mod kinds;
mod link_ports;
mod list;
mod name;
pub mod proof;
mod rule;
mod sharing;

pub use basis::Basis;
pub use intent::{Dormant, Intent, Peer, PeerLabel, Reach, RulePorts};
pub use kind::Kind;
pub use link_ports::{LinkPorts, PortSource, ports_of};
pub(crate) use list::{gather, settle};
pub use name::PolicyName;
pub use rule::{PolicySet, Rule, rules};
pub use sharing::{Shared, Sharing, by_sharing};
