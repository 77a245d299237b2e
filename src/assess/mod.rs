//! What PCI DSS asks of a stack: so far, which of its parts are in scope.

mod scope;

pub use scope::{Scope, Why, Zone, scope};
