//! From a declared Kubernetes stack: NetworkPolicies that allow exactly what it declares, with the proof, and answers
//! about it for a shell and for chat.
//!
//! Data walks up the stairs once: files → [`stack`] → declared flows and rules ([`policy`]) → objects ([`dialect`]) →
//! [`proof`] → answers ([`tools`]).
//!
//! ```
//! use pci_compliance::{load::{Origin, Stacks}, shipped::{DEMO, SHIPPED}};
//! let stacks = Stacks::Demo(DEMO);
//! let origin = Origin { shipped: SHIPPED, stacks, exceptions: None, profile: None, catalog: None, level: None, as_of: None };
//! let demo = origin.load()?.snapshot(None).unwrap();
//! assert!(demo.evidence().proof.holds);
//! # Ok::<(), pci_compliance::terms::InputError>(())
//! ```

pub mod cli;
pub mod mcp;
pub mod shipped;
