//! Part 7: services, protocols and ports that are allowed, with the need and the approval of each (1.2.5); those on
//! ports of insecure services apart (1.2.6, 2.2.5).

use std::{collections::BTreeSet, fmt::Write as _};

use pci_assess::{InsecureService, Openness, Service, insecure_services, services as all_services};
use pci_policy::declared::{End, Flow};

use super::{
    Subject, scope,
    text::{NONE, code, declared, listed, place, plain, ports, table},
};

/// How many ends a cell names.
const NAMED: usize = 3;

pub(super) fn services(subject: &Subject, out: &mut String) {
    let all = all_services(&subject.case);
    let lacking = all.iter().filter(|one| one.reason.is_none() || one.approved_by.is_none()).count();
    let _ = writeln!(
        out,
        "{} links and exceptions stand for connections; {lacking} of them lack a stated need or an approver (1.2.5). \
         Needs of links come from the profile's `flows`, those of exceptions from their entries.\n",
        all.len()
    );
    let (links, exceptions): (Vec<&Service>, Vec<&Service>) = all.iter().partition(|one| one.link.is_some());
    out.push_str("### Links\n\n");
    let rows = links.iter().map(|one| {
        let ports = if one.ports.is_empty() { NONE.to_owned() } else { one.ports.to_string() };
        let state = one.link.map_or(Openness::Allowed, |(_, openness)| openness);
        [vec![code(one.id), ports, scope::open(state).to_owned()], approval(one)].concat()
    });
    table(out, &["link", "ports", "state", "business need", "approved by", "review by", "stands at"], rows);
    out.push_str("\n### Exceptions in use\n\n");
    let rows = exceptions.iter().map(|one| [vec![code(one.id), opened(&one.flows)], approval(one)].concat());
    table(out, &["exception", "what it opens", "business need", "approved by", "review by", "stands at"], rows);
    if exceptions.iter().any(|one| one.is_shipped) {
        out.push_str(
            "\nA need marked *shipped* is this program's own text: the entity still has to make it its own.\n",
        );
    }
    out.push_str("\n### On ports of services known to be insecure\n\n");
    let insecure = insecure_services(&subject.case);
    if insecure.is_empty() {
        out.push_str("None of the declared flows is on such a port.\n");
        return;
    }
    out.push_str(
        "By port alone: what runs there may well be encrypted. Each wants a stated safeguard (1.2.6, 2.2.5; the profile's \
         fact `insecure_service_safeguard`).\n\n",
    );
    table(out, &["flow", "ports", "offered or used by", "safeguard", "declared by"], insecure.iter().map(unsafe_row));
}

fn approval(service: &Service) -> Vec<String> {
    vec![
        need(service),
        service.approved_by.map_or_else(|| "**nobody**".to_owned(), plain),
        service.review_by.as_deref().map_or_else(|| NONE.to_owned(), plain),
        place(service.place),
    ]
}

/// The business need, and whether nobody but this program states it.
pub(super) fn need(service: &Service) -> String {
    let shipped = if service.is_shipped { " *(shipped)*" } else { "" };
    let reason = service.reason.map(|reason| format!("{}{shipped}", plain(reason)));
    reason.unwrap_or_else(|| "**not stated**".to_owned())
}

/// What the flows of an exception open, those on the same ports together.
pub(super) fn opened(flows: &[&Flow]) -> String {
    let mut kinds: Vec<String> = flows.iter().map(|flow| ports(flow)).collect();
    kinds.sort_unstable();
    kinds.dedup();
    let of_ports = kinds.iter().map(|on| {
        let those = || flows.iter().filter(|flow| ports(flow) == *on);
        let ends = |end: fn(&Flow) -> &End| several(those().map(|flow| end(flow)).collect());
        format!("{} → {} on {on}", ends(|flow| &flow.from), ends(|flow| &flow.to))
    });
    let texts: Vec<String> = of_ports.collect();
    texts.join("; ")
}

fn several(ends: BTreeSet<&End>) -> String {
    let is_namespace = |end: &&End| matches!(end, End::Namespace(_));
    if ends.len() > NAMED && ends.iter().all(is_namespace) {
        return format!("{} namespaces", ends.len());
    }
    let names: Vec<String> = ends.into_iter().map(declared).collect();
    listed(&names, NAMED)
}

fn unsafe_row(one: &InsecureService) -> Vec<String> {
    let names: Vec<String> = one.parties.iter().map(|(component, _)| code(&component.name.to_string())).collect();
    let safeguards: Vec<String> = one.parties.iter().filter_map(|(_, stated)| stated.map(plain)).collect();
    let safeguard = if safeguards.len() < names.len() || names.is_empty() {
        listed(&[vec!["**not stated**".to_owned()], safeguards].concat(), NAMED)
    } else {
        listed(&safeguards, NAMED)
    };
    let sources: Vec<String> = one.flow.sources.iter().map(|source| code(source)).collect();
    vec![
        format!("{} → {}", declared(&one.flow.from), declared(&one.flow.to)),
        one.ports.to_string(),
        listed(&names, NAMED),
        safeguard,
        if sources.is_empty() { "within the namespace".to_owned() } else { listed(&sources, NAMED) },
    ]
}
