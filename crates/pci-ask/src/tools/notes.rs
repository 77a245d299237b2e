//! What else to know of a connection that is explained: rules that may match nothing, ports of Services, ends that the
//! stack does not have.

use pci_engine::Snapshot;
use pci_policy::proof::{self, Explanation, SideVerdict, Verdict};

use super::ends::{Asked, AskedEnd};

/// What else to know of `asked`.
pub(super) fn notes(snapshot: &Snapshot, asked: &Asked, explanation: &Explanation) -> Vec<String> {
    let mut notes = Vec::new();
    let involved = |policy: &str| {
        explanation.egress.policies.iter().chain(&explanation.ingress.policies).any(|named| named == policy)
    };
    for letter in &snapshot.evidence().proof.dead_letters {
        if involved(&letter.policy) && asked.port.is_none_or(|port| letter.ports.contains(port)) {
            notes.push(format!("{} may match no traffic: {}", letter.policy, letter.why));
        }
    }
    if matches!(&asked.to, AskedEnd::ApiServer(blocks) if blocks.is_empty()) {
        notes.push(
            "the profile does not say where the API server is: this is about its Service in the namespace `default`"
                .to_owned(),
        );
    }
    if matches!(asked.from, AskedEnd::LoadBalancer(_)) {
        notes.push("connections from outside arrive from where the profile's `load_balancer_sources` says".to_owned());
    }
    if let (AskedEnd::Component(id, _), Some(port)) = (&asked.to, asked.port) {
        let basis = snapshot.basis();
        let owner = snapshot.stack.owner(*id);
        let only = basis.service_only(owner, &[port].into_iter().collect());
        if !only.is_empty() && notes.is_empty() {
            let behind = basis.with_pod_ports(owner, &only).minus(&only);
            notes.push(format!(
                "{port} is the port of a Service: its pods listen on {behind}, and policies see that one"
            ));
        }
    }
    let is_open = |side: &proof::Side| side.verdict != SideVerdict::Denied;
    if explanation.verdict == Verdict::Denied && is_open(&explanation.egress) && is_open(&explanation.ingress) {
        notes.push("both sides let something through, and nothing that both do".to_owned());
    }
    for end in [&asked.from, &asked.to] {
        if let AskedEnd::Namespace(namespace) = end
            && !snapshot.basis().all_namespaces().any(|known| known == namespace)
        {
            notes.push(format!("no component of the stack is in `{namespace}`"));
        }
    }
    let is_address = |end: &AskedEnd| matches!(end, AskedEnd::Address(_));
    if is_address(&asked.from) || is_address(&asked.to) {
        notes.push("an address is taken to be outside the pod network: an ipBlock matches no pod".to_owned());
    }
    notes
}
