//! NetworkPolicies → what they allow, and why. This room knows the Kubernetes API and neither stacks nor PCI.
//!
//! [`read()`] turns manifests into [`Policy`]s, namespaces and workloads; [`Evaluation`] says what may connect to what.
//! Nothing is done by pairs of pods: pods that no policy tells apart are one end, what a selector matches is a bit set,
//! ports are intervals. What isn't known (the labels of pods, in a dump of policies alone) is not guessed at: one
//! [`Reading`] says what holds for certain, another what is possible.

mod addresses;
mod classes;
mod cluster;
mod compile;
mod connectivity;
mod evaluate;
mod label_index;
mod labels;
mod policy;
mod port_set;
mod read;
mod union;
mod workload;
mod world;

pub use addresses::{AddressClass, AddressClasses};
pub use classes::{EndId, Ends, Settings};
pub use cluster::Cluster;
pub use compile::Reading;
pub use connectivity::{Connectivity, Outgoing, Ranges};
pub use evaluate::{Evaluation, Row};
pub use labels::{Condition, LabelSelector, Labels, Requirement};
pub use policy::{Policy, PolicyPeer, PolicyRule};
pub use port_set::PortSet;
pub use read::{Manifests, NamespaceObject, NotEvaluated, Notice, read, read_policy};
pub use workload::Workload;
pub use world::{ContainerPort, NAME_LABEL, NamespaceFacts, Pod, PortName, World};
