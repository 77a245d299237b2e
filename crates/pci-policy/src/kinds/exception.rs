//! What the three sections of exceptions share: an entry → the openings that it stands for.

use std::sync::Arc;

use netpol_reach::{Direction, Namespace, Ports};
use pci_stack::{
    Component, ComponentId, Finding, Level,
    catalog::{Dns, Exception, ExceptionPeer, ExceptionPorts, Subject, WebhookSource},
};

use super::Made;
use crate::{Basis, Dormant, Intent, Kind, Peer, PeerLabel, Reach, RulePorts, findings};

const SERVICE_PORT: &str = "a Service's port: its pods listen on another, and policies see that one";
const API_UNKNOWN: &str = "the API server's endpoints are mostly node addresses, which no namespace selects; \
     say `cluster.api_server` in pci-profile.yaml";
const API_ELSEWHERE: &str = "the profile says where the API server is, and that is no pod of this namespace";
const WEBHOOK_UNKNOWN: &str = "the API server's calls mostly come from node addresses, which no namespace selects; \
     say `cluster.api_server` or `cluster.webhook_sources` in pci-profile.yaml";
const WEBHOOK_ELSEWHERE: &str = "the profile says where webhook calls come from, and that is not this namespace";
const DNS_LOCAL: &str = "the node's own cache answers first; only what it can't answer comes from here";
const DNS_OPENSHIFT: &str = "on OpenShift DNS runs in openshift-dns";

/// Whose side an exception opens: a managed namespace, and the component there, if the exception is for a type.
#[derive(Clone, Copy)]
struct Own<'a> {
    namespace: &'a Namespace,
    component: Option<&'a Component>,
}

/// Makes the rules of one exception.
pub(super) fn make(basis: &Basis, kind: Kind, entry: &Exception, made: &mut Made) {
    match &entry.subject {
        Subject::EveryNamespace => {
            for namespace in basis.namespaces() {
                open(basis, kind, entry, Own { namespace, component: None }, made);
            }
        }
        Subject::Type(name) => {
            let concerned: Vec<_> =
                basis.stack.of_type(name).filter(|(_, known)| entry.is_about(&known.kind, &known.name)).collect();
            if let (true, Some(only)) = (concerned.is_empty() && basis.level != Level::None, &entry.component) {
                let message =
                    format!("the exception `{}` is for `{only}`, and the stack has no such `{name}`", entry.id);
                made.findings.push(Finding::new(&findings::NOT_APPLICABLE, message, Some(entry.place.clone())));
            }
            for (id, _) in concerned {
                // In one of the cluster's own namespaces only the far side gets its rule.
                if let Some(namespace) = basis.home(id).filter(|_| basis.level != Level::None) {
                    let component = basis.stack.owner(id);
                    if entry.peer == ExceptionPeer::Stack {
                        let message =
                            format!("`{}` may reach every namespace of the stack (`{}`)", component.name, entry.id);
                        made.findings.push(Finding::new(&findings::WIDE_RULE, message, Some(entry.place.clone())));
                    }
                    open(basis, kind, entry, Own { namespace, component: Some(component) }, made);
                }
            }
        }
    }
}

fn open(basis: &Basis, kind: Kind, entry: &Exception, own: Own, made: &mut Made) {
    match &entry.peer {
        ExceptionPeer::ComponentType(name) => {
            let peers: Vec<_> = basis.stack.of_type(name).filter(|(id, _)| basis.home(*id).is_some()).collect();
            if peers.is_empty() {
                let message = format!("the exception `{}` needs a `{name}`, and the stack has none", entry.id);
                made.findings.push(Finding::new(&findings::NOT_APPLICABLE, message, Some(entry.place.clone())));
            }
            for (id, _) in peers {
                let arrives_at =
                    if entry.direction == Direction::Ingress { own.component } else { Some(basis.stack.owner(id)) };
                if let Some(ports) = ports(basis, entry, arrives_at) {
                    both_sides(basis, kind, entry, own, id, &ports, made);
                }
            }
        }
        ExceptionPeer::Stack => {
            for (id, component) in basis.stack.with_ids() {
                let ports = basis.client_ports(id);
                if !ports.is_empty() && basis.catalog.types.is_on_network(&component.kind) {
                    both_sides(basis, kind, entry, own, id, &RulePorts::Exact(ports), made);
                }
            }
        }
        _ => own_side(basis, kind, entry, own, made),
    }
}

/// The ports of `entry`, with the pod ports behind Service ports where connections arrive at `component`.
fn ports(basis: &Basis, entry: &Exception, component: Option<&Component>) -> Option<RulePorts> {
    let exact = match &entry.ports {
        ExceptionPorts::AllOr(_) if !basis.is_strict() => return Some(RulePorts::All),
        ExceptionPorts::AllOr(ports) | ExceptionPorts::Exact(ports) => ports.clone(),
        ExceptionPorts::ClientPortsOfPeer => Ports::default(),
    };
    let exact = component.map_or_else(|| exact.clone(), |component| basis.with_pod_ports(component, &exact));
    (!exact.is_empty()).then_some(RulePorts::Exact(exact))
}

/// Opens `own` to or from the component `peer`, on its side too.
fn both_sides(
    basis: &Basis,
    kind: Kind,
    entry: &Exception,
    own: Own,
    peer: ComponentId,
    ports: &RulePorts,
    made: &mut Made,
) {
    let Some(far) = basis.home(peer).filter(|far| *far != own.namespace) else { return };
    let other_way = match entry.direction {
        Direction::Ingress => Direction::Egress,
        Direction::Egress => Direction::Ingress,
    };
    for (namespace, direction, peer) in [(own.namespace, entry.direction, far), (far, other_way, own.namespace)] {
        if basis.manages(namespace) {
            let intent = Intent::allowing(namespace, kind, direction, Peer::Namespace(peer.clone()), ports.clone());
            made.intents.push(intent.from_source(Arc::clone(&entry.id)).because(entry.reason.clone()));
        }
    }
}

/// Opens `own` only: the peer is no component.
fn own_side(basis: &Basis, kind: Kind, entry: &Exception, own: Own, made: &mut Made) {
    if !basis.manages(own.namespace) {
        return;
    }
    let arrives_at = own.component.filter(|_| entry.direction == Direction::Ingress);
    let Some(ports) = ports(basis, entry, arrives_at) else { return };
    let (peer, label) = match &entry.peer {
        ExceptionPeer::Namespace(namespace) => (Peer::Namespace(namespace.clone()), PeerLabel::Namespace),
        ExceptionPeer::KubeApi => (Peer::Namespace(Namespace::default_namespace()), PeerLabel::KubeApi),
        ExceptionPeer::Dns => (Peer::Namespace(Namespace::kube_system()), PeerLabel::Dns),
        ExceptionPeer::Addresses(block) => (Peer::Addresses([block.clone()].into()), PeerLabel::Cidr),
        _ if entry.direction == Direction::Egress => (Peer::Addresses(basis.internet()), PeerLabel::Any),
        _ => (Peer::Addresses(basis.outside()), PeerLabel::Any),
    };
    if let Peer::Namespace(namespace) = &peer {
        if namespace == own.namespace {
            return;
        }
        if basis.manages(namespace) && matches!(entry.peer, ExceptionPeer::Namespace(_)) {
            let message =
                format!("the exception `{}` opens `{}` only; `{namespace}` stays closed", entry.id, own.namespace);
            made.findings.push(Finding::new(&findings::ONE_SIDED_EXCEPTION, message, Some(entry.place.clone())));
        }
    }
    let mut intent = Intent::allowing(own.namespace, kind, entry.direction, peer, ports)
        .labelled(label)
        .from_source(Arc::clone(&entry.id))
        .because(entry.reason.clone());
    intent.dormant = dormant(basis, entry, arrives_at, &intent.ports);
    made.intents.push(intent);
}

/// On which of `ports` an opening of `entry` may match nothing.
fn dormant(basis: &Basis, entry: &Exception, arrives_at: Option<&Component>, ports: &RulePorts) -> Vec<Dormant> {
    let RulePorts::Exact(ports) = ports else { return Vec::new() };
    let knows_api = basis.cluster.api_server.is_some();
    let all = |reach, why| vec![Dormant { ports: ports.clone(), reach, why }];
    match (&entry.peer, basis.cluster.dns) {
        (ExceptionPeer::KubeApi, _) if knows_api => return all(Reach::DeadLetter, API_ELSEWHERE),
        (ExceptionPeer::KubeApi, _) => return all(Reach::Depends, API_UNKNOWN),
        (ExceptionPeer::Dns, Some(Dns::Nodelocal)) => return all(Reach::Depends, DNS_LOCAL),
        (ExceptionPeer::Dns, Some(Dns::Openshift)) => return all(Reach::DeadLetter, DNS_OPENSHIFT),
        _ => {}
    }
    let Some(component) = arrives_at else { return Vec::new() };
    let mut dormant = Vec::new();
    let services = basis.service_only(component, ports);
    let webhooks = basis.webhook_ports(component).intersection(ports);
    if let ExceptionPeer::Namespace(namespace) = &entry.peer
        && *namespace == Namespace::kube_system()
        && !webhooks.is_empty()
    {
        let sources = basis.webhook_sources();
        let is_source =
            |source: &WebhookSource| matches!(source, WebhookSource::Namespace(known) if known == namespace);
        if sources.is_empty() {
            dormant.push(Dormant { ports: webhooks, reach: Reach::Depends, why: WEBHOOK_UNKNOWN });
        } else if !sources.iter().any(is_source) {
            dormant.push(Dormant { ports: webhooks, reach: Reach::DeadLetter, why: WEBHOOK_ELSEWHERE });
        }
    }
    if !services.is_empty() {
        dormant.push(Dormant { ports: services, reach: Reach::DeadLetter, why: SERVICE_PORT });
    }
    dormant
}
