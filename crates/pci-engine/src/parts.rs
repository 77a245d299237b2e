//! What follows from a stack for its policies, and what of it another stack can take over.

use std::sync::{Arc, OnceLock};

use netpol_reach::{Policy, Table};
use pci_assess::Scope;
use pci_policy::{
    PolicySet,
    declared::Flow,
    dialect::networking_v1::{PolicyFile, Written},
    proof::{Evidence, ProvenFlow},
};

/// What follows from a stack for its policies. Snapshots that differ only in what no policy is made from share it.
#[derive(Debug, Default)]
pub(super) struct Parts {
    pub(super) declared: OnceLock<Declared>,
    pub(super) files: OnceLock<Vec<Arc<PolicyFile>>>,
    pub(super) evidence: OnceLock<Evidence>,
    pub(super) proven: OnceLock<Vec<ProvenFlow>>,
    pub(super) scope: OnceLock<Scope>,
}

/// What a stack declares, by the two ways whose agreement is the proof. Who asks for one asks for the other too.
#[derive(Debug)]
pub(super) struct Declared {
    pub(super) rules: PolicySet,
    pub(super) flows: Vec<Flow>,
}

impl Parts {
    /// The rules and their files, as far as they are made.
    pub(super) fn written(&self) -> Option<Written<'_>> {
        Some(Written { rules: &self.declared.get()?.rules.rules, files: self.files.get()? })
    }

    /// The policies that were read back, by the files that they were read from.
    pub(super) fn read(&self) -> Table<*const PolicyFile, &Arc<Policy>> {
        let (Some(files), Some(evidence)) = (self.files.get(), self.evidence.get()) else { return Table::default() };
        let policies = &evidence.ground.policies;
        // If a file could not be read, which policy is of which file is not known.
        let is_whole = files.len() == policies.len();
        files.iter().map(Arc::as_ptr).zip(policies).filter(|_| is_whole).collect()
    }
}
