//! Default-deny: the policies that every namespace starts from.
//!
//! PCI DSS v4 1.3.1 (inbound) and 1.3.2 (outbound): only needed traffic may enter or leave, all else is refused.
//! A NetworkPolicy that selects every pod and lists no rule refuses everything in its direction.

use netpol_reach::Direction;
use pci_stack::Finding;

use super::Made;
use crate::{Basis, Intent, findings};

/// Both default-deny rules of every managed namespace.
pub(super) fn make(basis: &Basis, made: &mut Made) {
    for namespace in basis.namespaces() {
        let both = [Direction::Ingress, Direction::Egress].map(|way| Intent::refusing_all(namespace, way));
        made.intents.extend(both);
    }
    for component in &basis.stack.components {
        if let Some(namespace) = component.namespace.as_ref().filter(|namespace| namespace.is_protected()) {
            let message = format!("`{}` runs in `{namespace}`, which gets no policies", component.name);
            made.findings.push(Finding::new(&findings::PROTECTED_NAMESPACE, message, Some(component.place.clone())));
        }
    }
    if let Some((build, place)) = &basis.stack.build_namespace
        && basis.is_strict()
        && basis.components_of(build).next().is_none()
        && !build.is_protected()
    {
        let message = format!("`{build}` may reach DNS and the Kubernetes API only: no git, no registry");
        made.findings.push(Finding::new(&findings::BUILD_CUT_OFF, message, Some(place.clone())));
    }
}
