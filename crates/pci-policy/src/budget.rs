//! Whether a stack asks for no more policies than are taken, before any is made: exceptions multiply.

use std::collections::{BTreeSet, HashMap};

use netpol_reach::{InputError, Namespace, Place};
use pci_stack::{
    Stack, TypeName,
    budget::{OPENINGS, RANGES, RANGES_BY_PORTS},
    catalog::{Catalog, Cluster, Exception, ExceptionPeer, ExceptionPorts, Subject, WebhookSource},
};

/// What exceptions name for one namespace.
#[derive(Default)]
struct Named {
    ranges: usize,
    ports: BTreeSet<netpol_reach::Port>,
}

/// Refuses what asks for more policies than are taken, or for larger ones, at the exception that is over. It counts as
/// if nothing were merged and the strictest level held. `profile` is what the file of `cluster` is called.
pub fn check(stack: &Stack, catalog: &Catalog, cluster: &Cluster, profile: &str) -> Result<(), InputError> {
    let mut of_type: HashMap<&TypeName, Vec<Option<&Namespace>>> = HashMap::new();
    for (id, component) in stack.with_ids() {
        of_type.entry(&component.kind).or_default().push(stack.namespace(id));
    }
    let by_name: HashMap<String, Option<&Namespace>> =
        stack.with_ids().map(|(id, component)| (component.name.to_string(), stack.namespace(id))).collect();
    let namespaces: BTreeSet<&Namespace> =
        stack.components.iter().filter_map(|component| component.namespace.as_ref()).collect();
    let addresses = |source: &&WebhookSource| matches!(source, WebhookSource::Addresses(_));
    let servers = cluster.api_server.as_ref().map_or(0, |server| server.addresses.len());
    let callers = cluster.webhook_sources.iter().filter(addresses).count();
    let mut ranges = (namespaces.len() + 1).saturating_mul(servers + callers);
    RANGES.check(ranges, || Place::whole(profile))?;
    let mut openings = 0_usize;
    let mut named: HashMap<&Namespace, Named> = HashMap::new();
    for entry in &catalog.exceptions.entries {
        let own = own(entry, &of_type);
        let subjects = own.map_or(namespaces.len() + 1, |own| if entry.component.is_some() { 1 } else { own.len() });
        let peers = match &entry.peer {
            ExceptionPeer::ComponentType(kind) => of_type.get(kind).map_or(0, Vec::len),
            ExceptionPeer::Stack => stack.components.len(),
            _ => 1,
        };
        openings = openings.saturating_add(subjects.saturating_mul(peers));
        OPENINGS.check(openings, || entry.place.clone())?;
        let of_peer = match &entry.peer {
            ExceptionPeer::Addresses(block) => 1 + block.except.len(),
            ExceptionPeer::External => 2 + cluster.private_ranges.len().max(cluster.load_balancer_sources.len()),
            _ => continue,
        };
        let homes: BTreeSet<&Namespace> = match (&entry.component, own) {
            (Some(only), _) => by_name.get(&**only).copied().flatten().into_iter().collect(),
            (None, Some(own)) => own.iter().copied().flatten().collect(),
            (None, None) => namespaces.clone(),
        };
        ranges = ranges.saturating_add(homes.len().saturating_mul(of_peer));
        RANGES.check(ranges, || entry.place.clone())?;
        for home in homes {
            let named = named.entry(home).or_default();
            named.ranges += of_peer;
            if let ExceptionPorts::Exact(ports) | ExceptionPorts::AllOr(ports) = &entry.ports {
                named.ports.extend(ports.iter());
            }
            RANGES_BY_PORTS.check(named.ranges.saturating_mul(named.ports.len()), || entry.place.clone())?;
        }
    }
    Ok(())
}

/// Where the components run that `entry` is for; nothing if it is for all namespaces.
fn own<'s, 'n>(
    entry: &Exception,
    of_type: &'s HashMap<&TypeName, Vec<Option<&'n Namespace>>>,
) -> Option<&'s [Option<&'n Namespace>]> {
    match &entry.subject {
        Subject::EveryNamespace => None,
        Subject::Type(kind) => Some(of_type.get(kind).map_or(&[], Vec::as_slice)),
    }
}
