//! NetworkPolicies → what they allow, and why. It knows the Kubernetes API and neither stacks nor PCI.
//!
//! [`read()`] turns manifests into [`Policy`]s, namespaces and workloads; [`Evaluation`] says what may connect to what.
//! Nothing is done by pairs of pods: pods that no policy tells apart are one end, what a selector matches is a bit set,
//! ports are intervals. What isn't known (the labels of pods, in a dump of policies alone) is not guessed at: one
//! [`Reading`] says what holds for certain, another what is possible.

mod address;
mod addresses;
mod both;
mod budget;
mod classes;
mod cluster;
mod compile;
mod connectivity;
mod direction;
mod evaluate;
mod input_error;
mod label_index;
mod labels;
mod meter;
mod name;
mod namespace;
mod nearest;
mod partition;
mod place;
mod policy;
mod port;
mod port_set;
mod read;
mod sets;
mod table;
mod union;
mod workload;
mod world;
pub mod yaml;

pub use address::{AddressBlock, AddressError};
pub use addresses::{AddressClass, AddressClasses};
pub use both::{both, is_worth_a_thread};
pub use budget::{Budget, of_manifests};
pub use classes::{EndId, Ends, Settings};
pub use cluster::Cluster;
pub use compile::Reading;
pub use connectivity::{Connectivity, Outgoing, Ranges};
pub use direction::Direction;
pub use evaluate::Evaluation;
pub use input_error::InputError;
pub use labels::{Condition, LabelSelector, Labels, Requirement};
pub use name::{clean, clipped, named};
pub use namespace::Namespace;
pub use nearest::{Suggestions, nearest};
pub use partition::{Row, by_end};
pub use place::Place;
pub use policy::{Policy, PolicyPeer, PolicyRule};
pub use port::{Port, PortNumber, Ports, Protocol};
pub use port_set::PortSet;
pub use read::{Manifests, NamespaceObject, NotEvaluated, Notice, read, read_policy};
pub use table::{Keys, Table};
pub use workload::Workload;
pub use world::{ContainerPort, NAME_LABEL, NamespaceFacts, Pod, PortName, World};

/// Holds that the example of the README runs.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
