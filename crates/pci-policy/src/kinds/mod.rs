//! The kinds of rule, one file each. A new kind is one more file and one more line in [`ALL`].

mod component_exception;
mod default_deny;
mod exception;
mod internet;
mod intra_namespace;
mod link;
mod made;
mod system;

pub(super) use made::Made;

use super::Basis;

/// Makes the rules of one kind.
type Make = fn(&Basis, &mut Made);

/// Every kind's maker.
pub(super) static ALL: &[Make] =
    &[default_deny::make, intra_namespace::make, link::make, component_exception::make, system::make, internet::make];
