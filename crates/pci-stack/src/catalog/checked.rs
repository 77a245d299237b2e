//! Entries of `pci-exceptions.yaml` as written → checked exceptions.

use netpol_reach::{AddressBlock, Direction, InputError, Place, clean, nearest};

use super::{
    entries::{Entry, OverrideEntry, PeerEntry},
    exceptions::{Approval, Exception, ExceptionPeer, ExceptionPorts, Exceptions, Section, Subject},
    merge::Written,
    ports::{PortOverride, PortTable},
};
use crate::{TypeName, Vocabulary};

/// What is written, checked.
pub(super) fn checked(written: &Written, types: &Vocabulary) -> Result<Exceptions, InputError> {
    let overrides = written.overrides.iter().map(|(place, entry)| port_override(place, entry, types));
    let overrides = overrides.collect::<Result<_, InputError>>()?;
    let mut entries = Vec::new();
    for (section, list) in [Section::Component, Section::System, Section::Internet].into_iter().zip(&written.sections) {
        for (place, entry) in list {
            entries.extend(exceptions(section, place, entry, types)?);
        }
    }
    Ok(Exceptions { ports: PortTable::new(written.rows.clone(), overrides), entries })
}

fn port_override(
    place: &Place,
    entry: &OverrideEntry,
    types: &Vocabulary,
) -> Result<((TypeName, TypeName), PortOverride), InputError> {
    if entry.ports.is_empty() {
        return Err(InputError::new(place.clone(), "an override without ports").help("list the ports that are dialled"));
    }
    let ends = (known_type(&entry.source, place, types)?, known_type(&entry.target, place, types)?);
    let ports = entry.ports.iter().map(|port| port.0).collect();
    Ok((ends, PortOverride { id: clean(&entry.id), ports, reversed: entry.reversed }))
}

fn known_type(name: &str, place: &Place, types: &Vocabulary) -> Result<TypeName, InputError> {
    let canonical = types.canonical(name);
    if types.knows(&canonical) {
        return Ok(canonical);
    }
    let error = InputError::new(place.clone(), format!("`{canonical}` is no component type"));
    Err(match nearest(canonical.as_str(), types.names()) {
        Some(name) => error.help(format!("did you mean `{name}`?")),
        None => error,
    })
}

/// The exceptions that one entry stands for: one for each direction.
fn exceptions(
    section: Section,
    place: &Place,
    entry: &Entry,
    types: &Vocabulary,
) -> Result<Vec<Exception>, InputError> {
    let wrong = |what: &str| InputError::new(place.clone(), format!("exception `{}`: {what}", clean(&entry.id)));
    if section == Section::System && entry.component.is_some() {
        return Err(wrong("a system exception is for all namespaces and takes no `component`"));
    }
    if entry.peer.cidr.is_none() && !entry.peer.except.is_empty() {
        return Err(wrong("`except` without `cidr`").help("holes are those of a range"));
    }
    let is_plain = entry.ports.is_empty() && !entry.allow_all_ports;
    if entry.peer.stack && (!is_plain || entry.direction != Some(Direction::Egress)) {
        return Err(wrong("`peer: {stack: true}` takes no ports and leads out only")
            .help("it opens the client ports of whatever runs there, egress"));
    }
    let subject = match (section, &entry.r#type) {
        (Section::System, None) => Subject::EveryNamespace,
        (Section::System, Some(_)) => {
            return Err(wrong("a system exception is for all namespaces and takes no `type`"));
        }
        (_, Some(name)) => Subject::Type(known_type(name, place, types)?),
        (_, None) => return Err(wrong("the key `type` is missing")),
    };
    let directions: Vec<Direction> = entry.direction.into_iter().chain(entry.directions.iter().copied()).collect();
    if directions.is_empty() {
        return Err(wrong("the key `direction` is missing").help("ingress or egress, seen from the component"));
    }
    let peer = match section {
        Section::Internet if entry.peer == PeerEntry::default() => ExceptionPeer::External,
        _ => peer(&entry.peer, place, types).map_err(|error| match error {
            PeerError::Input(error) => error,
            PeerError::What(what) => wrong(&what),
        })?,
    };
    let exact = entry.ports.iter().map(|port| port.0).collect();
    let ports = match (entry.allow_all_ports, entry.ports.is_empty(), &peer) {
        (true, ..) => ExceptionPorts::AllOr(exact),
        (false, true, ExceptionPeer::Stack) => ExceptionPorts::ClientPortsOfPeer,
        (false, true, _) => return Err(wrong("no ports").help("list exact ports, or say `allow_all_ports: true`")),
        (false, false, _) => ExceptionPorts::Exact(exact),
    };
    let text = |text: &Option<String>| text.as_deref().map(clean).filter(|text| !text.is_empty());
    let exception = |direction| Exception {
        id: clean(&entry.id).into(),
        section,
        subject: subject.clone(),
        component: text(&entry.component).map(Into::into),
        direction,
        peer: peer.clone(),
        ports: ports.clone(),
        reason: text(&entry.reason).map(Into::into),
        approval: Approval {
            approved_by: text(&entry.approved_by),
            review_by: text(&entry.review_by),
            ticket: text(&entry.ticket),
        },
        origin: entry.origin,
        place: place.clone(),
    };
    Ok(directions.into_iter().map(exception).collect())
}

enum PeerError {
    Input(InputError),
    What(String),
}

fn peer(entry: &PeerEntry, place: &Place, types: &Vocabulary) -> Result<ExceptionPeer, PeerError> {
    let mut peers = Vec::new();
    if let Some(name) = &entry.component_type {
        peers.push(ExceptionPeer::ComponentType(known_type(name, place, types).map_err(PeerError::Input)?));
    }
    peers.extend(entry.namespace.clone().map(ExceptionPeer::Namespace));
    if let Some(cidr) = entry.cidr {
        let holes = entry.except.iter().map(|hole| hole.0);
        let block = AddressBlock::without(cidr.0, holes).map_err(|error| PeerError::What(error.to_string()))?;
        peers.push(ExceptionPeer::Addresses(block));
    }
    let flags = [
        (entry.kube_api, ExceptionPeer::KubeApi),
        (entry.dns, ExceptionPeer::Dns),
        (entry.external, ExceptionPeer::External),
        (entry.stack, ExceptionPeer::Stack),
    ];
    peers.extend(flags.into_iter().filter(|(set, _)| *set).map(|(_, peer)| peer));
    match (peers.pop(), peers.is_empty()) {
        (Some(peer), true) => Ok(peer),
        _ => Err(PeerError::What(
            "`peer` names exactly one of `component_type`, `namespace`, `kube_api`, `dns`, `external`, `stack`, `cidr`"
                .to_owned(),
        )),
    }
}
