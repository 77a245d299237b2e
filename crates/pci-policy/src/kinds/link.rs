//! Links: for each declared connection, egress where it leaves and ingress where it arrives, or neither.

use netpol_reach::{Direction, Ports};
use pci_stack::{Finding, Level, Link};

use super::Made;
use crate::{Basis, Intent, Kind, Peer, RulePorts, findings, ports_of};

/// Both rules of every link that crosses namespaces.
pub(super) fn make(basis: &Basis, made: &mut Made) {
    if basis.namespaces().is_empty() {
        return;
    }
    for link in &basis.stack.links {
        if !basis.catalog.types.is_on_network(&basis.stack.component(link.target).kind) {
            continue;
        }
        let external = |id| basis.stack.owner(id).is_external;
        if external(link.source) {
            let message = format!("`{}` starts at a component of another stack and makes no rule", link.id);
            made.findings.push(Finding::new(&findings::EXTERNAL_SOURCE, message, Some(link.place.clone())));
        } else if external(link.target) {
            to_another_stack(basis, link, made);
        } else {
            within_the_stack(basis, link, made);
        }
    }
}

fn within_the_stack(basis: &Basis, link: &Link, made: &mut Made) {
    let ports = ports_of(basis, link);
    if ports.ports.is_empty() {
        let target = &basis.stack.component(link.target);
        let message =
            format!("`{}`: nothing says which port `{}` listens on, so the link opens none", link.id, target.name);
        let fix = format!("declare `port` on `{}`, or on the link", target.name);
        made.findings.push(Finding::new(&findings::LINK_WITHOUT_PORT, message, Some(link.place.clone())).fix(fix));
        return;
    }
    let (Some(from), Some(to)) = (basis.home(ports.from), basis.home(ports.to)) else { return };
    if from == to {
        return;
    }
    for (namespace, direction, peer) in [(from, Direction::Egress, to), (to, Direction::Ingress, from)] {
        // A namespace of the cluster's own gets no policy; the other side's rule is still needed.
        if basis.manages(namespace) {
            let exact = RulePorts::Exact(ports.ports.clone());
            let intent = Intent::allowing(namespace, Kind::Link, direction, Peer::Namespace(peer.clone()), exact);
            made.intents.push(intent.from_source(link.id.shared()));
        }
    }
}

/// A component of another stack is outside: only an internet exception lets its caller out.
fn to_another_stack(basis: &Basis, link: &Link, made: &mut Made) {
    let source = basis.stack.owner(link.source);
    let by_level = basis.level == Level::Standard && !basis.catalog.types.is_data_store(&source.kind);
    let mut exceptions = basis.catalog.exceptions.entries.iter();
    let lets_out =
        exceptions.any(|entry| entry.is_about(&source.kind, &source.name) && entry.lets_out_on(&Ports::https()));
    if !lets_out && !by_level {
        let message =
            format!("`{}` leads to another stack, and nothing lets `{}` out on 443/TCP", link.id, source.name);
        let fix = format!("add an internet exception for `{}` (type `{}`), egress, port 443", source.name, source.kind);
        made.findings.push(Finding::new(&findings::EXTERNAL_TARGET, message, Some(link.place.clone())).fix(fix));
    }
}
