//! From a declared Kubernetes stack: NetworkPolicies that allow exactly what it declares, with the proof, and answers
//! about it for a shell and for chat.
//!
//! This package holds the program: the command line ([`cli`]), the MCP server ([`mcp`]), and what they carry with them
//! ([`shipped`]). Everything is computed in the crates that it depends on.
//!
//! ```
//! use pci_compliance::shipped::{DEMO, SHIPPED};
//! use pci_engine::load::{Origin, Stacks};
//! let stacks = Stacks::Demo(DEMO);
//! let origin = Origin { shipped: SHIPPED, stacks, exceptions: None, profile: None, catalog: None, level: None, as_of: None };
//! let demo = origin.load()?.snapshot(None).unwrap();
//! assert!(demo.evidence().proof.holds);
//! # Ok::<(), netpol_reach::InputError>(())
//! ```

pub mod cli;
pub mod mcp;
pub mod shipped;
