//! Parts 8 and 9: what a segmentation test is to find (11.4.5, 11.4.6), and who is outside (12.8.1, 12.8.5).

use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
};

use netpol_reach::{Namespace, PortSet};
use pci_assess::{Zone, services as all_services};
use pci_policy::{
    declared::{End, Flow, Outside},
    proof::EndName,
};
use pci_stack::FactValue;

use super::{
    Subject, services,
    text::{NOT_SHOWN, code, declared, end, listed, plain, ports, table},
};

/// Where one end of a test stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Area {
    Of(Zone),
    OtherNamespaces,
    Outside,
}

/// Whence tests start, what is trusted least first.
const STARTS: [Area; 6] = [
    Area::Of(Zone::OutOfScope),
    Area::Outside,
    Area::OtherNamespaces,
    Area::Of(Zone::Connected),
    Area::Of(Zone::SecurityImpacting),
    Area::Of(Zone::Cde),
];

/// Where they lead, what is guarded most first.
const TARGETS: [Area; 6] = [
    Area::Of(Zone::Cde),
    Area::Of(Zone::Connected),
    Area::Of(Zone::SecurityImpacting),
    Area::Of(Zone::OutOfScope),
    Area::OtherNamespaces,
    Area::Outside,
];

impl Area {
    fn name(self) -> &'static str {
        match self {
            Self::Of(zone) => zone.title(),
            Self::OtherNamespaces => "other namespaces",
            Self::Outside => "outside the cluster",
        }
    }
}

/// What is allowed between two areas.
type Allowed<'a> = BTreeMap<(usize, usize), Vec<(&'a EndName, &'a EndName, &'a PortSet)>>;

pub(super) fn segmentation(subject: &Subject, out: &mut String) {
    out.push_str(
        "What a test from inside the cluster is to find (11.4.5, 11.4.6): from a pod of each namespace, to each other, on \
         every port. Each cell says how many pairs of namespaces are allowed anything, and of how many; the list below says \
         on which ports. **Every other pair and every other port is to be refused.** Networks outside count as one.\n\n",
    );
    let members = members(subject);
    let common = common(subject, members.values().map(Vec::len).sum());
    let allowed = allowed(subject, &members, &common);
    matrix(&members, &allowed, out);
    if !common.is_empty() {
        let ways: Vec<String> = common.iter().map(|(to, ports)| format!("{} on {ports}", end(to))).collect();
        let _ = writeln!(out, "\nNot counted, since every namespace may reach them: {}.", ways.join("; "));
    }
    out.push_str("\n### Pairs that are expected to be allowed\n\n");
    let rows = allowed.iter().flat_map(|((start, target), pairs)| {
        let zones = (STARTS[*start].name(), TARGETS[*target].name());
        pairs.iter().map(move |(from, to, ports)| {
            vec![format!("{} → {}", zones.0, zones.1), end(from), end(to), ports.to_string()]
        })
    });
    table(out, &["zones", "from", "to", "ports"], rows);
    out.push_str(if !members.contains_key(&STARTS[0]) {
        "\nNo namespace is out of scope, so that nothing is to be tested from there.\n"
    } else if allowed.contains_key(&(0, 0)) {
        "\n**Something out of scope may open a connection into the CDE: see the first rows.**\n"
    } else {
        "\nNothing that is out of scope may open a connection into the CDE.\n"
    });
}

/// The namespaces with policies, by zone.
fn members<'a>(subject: &'a Subject) -> BTreeMap<Area, Vec<&'a Namespace>> {
    let scope = subject.snapshot.scope();
    let mut members: BTreeMap<Area, Vec<&Namespace>> = BTreeMap::new();
    for namespace in subject.case.grounds.basis.namespaces() {
        let area = scope.zone(namespace).map_or(Area::OtherNamespaces, Area::Of);
        members.entry(area).or_default().push(namespace);
    }
    members
}

/// What every one of `count` namespaces with policies may reach alike outside of them.
fn common(subject: &Subject, count: usize) -> BTreeMap<EndName, PortSet> {
    let basis = subject.case.grounds.basis;
    let is_managed = |end: &EndName| matches!(end, EndName::Namespace(namespace) if basis.manages(namespace));
    let mut reached: BTreeMap<(&EndName, &PortSet), usize> = BTreeMap::new();
    for ((from, to), ports) in subject.snapshot.evidence().allowed() {
        if is_managed(from) && !is_managed(to) {
            *reached.entry((to, ports)).or_default() += 1;
        }
    }
    let alike = reached.into_iter().filter(|(_, times)| count > 1 && *times == count);
    alike.map(|((to, ports), _)| (to.clone(), ports.clone())).collect()
}

fn allowed<'a>(
    subject: &'a Subject,
    members: &BTreeMap<Area, Vec<&Namespace>>,
    common: &BTreeMap<EndName, PortSet>,
) -> Allowed<'a> {
    let homes: BTreeMap<&Namespace, Area> =
        members.iter().flat_map(|(area, namespaces)| namespaces.iter().map(|one| (*one, *area))).collect();
    let area = |end: &EndName| match end {
        EndName::Namespace(namespace) => homes.get(namespace).copied().unwrap_or(Area::OtherNamespaces),
        EndName::OtherNamespaces => Area::OtherNamespaces,
        _ => Area::Outside,
    };
    let position = |areas: &[Area; 6], sought: Area| areas.iter().position(|area| *area == sought).unwrap_or_default();
    let mut allowed: Allowed = BTreeMap::new();
    for ((from, to), ports) in subject.snapshot.evidence().allowed() {
        if from != to && common.get(to) != Some(ports) {
            let key = (position(&STARTS, area(from)), position(&TARGETS, area(to)));
            allowed.entry(key).or_default().push((from, to, ports));
        }
    }
    allowed
}

fn matrix(members: &BTreeMap<Area, Vec<&Namespace>>, allowed: &Allowed, out: &mut String) {
    let count = |area: Area| members.get(&area).map_or(0, Vec::len);
    let cell = |start: usize, target: usize| {
        let (from, to) = (STARTS[start], TARGETS[target]);
        let open = allowed.get(&(start, target)).map_or(0, Vec::len);
        let pairs = if from == to { count(from) * count(from).saturating_sub(1) } else { count(from) * count(to) };
        match (from, to) {
            (Area::Of(_), Area::Of(_)) if pairs > 0 => format!("{open} of {pairs}"),
            (Area::Of(_), Area::Of(_)) => String::new(),
            (Area::Of(_), _) | (_, Area::Of(_)) if count(from) + count(to) > 0 => open.to_string(),
            _ => String::new(),
        }
    };
    let named = |area: Area| match area {
        Area::Of(_) => format!("{} ({})", area.name(), count(area)),
        _ => area.name().to_owned(),
    };
    let headings: Vec<String> = TARGETS.iter().map(|area| format!("→ {}:", named(*area))).collect();
    let headings: Vec<&str> = ["from"].into_iter().chain(headings.iter().map(String::as_str)).collect();
    let rows = STARTS.iter().enumerate().map(|(start, area)| {
        let cells = (0..TARGETS.len()).map(|target| cell(start, target));
        [named(*area)].into_iter().chain(cells).collect()
    });
    table(out, &headings, rows);
}

pub(super) fn external_parties(subject: &Subject, out: &mut String) {
    out.push_str(
        "Candidates for the list of third parties (12.8.1): which of them receive account data or could affect its \
         security, under which agreement, and who answers for which control (12.8.5), the entity says. What others answer \
         for already stands in part 10.\n\n### Components of others\n\n",
    );
    let stack = &subject.snapshot.stack;
    let rows = stack.with_ids().filter(|(_, component)| component.is_external).map(|(id, component)| {
        let host = match component.facts.get("remote_host").map(|fact| &fact.value) {
            Some(FactValue::Text(host)) => plain(host),
            Some(FactValue::Misfit) => NOT_SHOWN.to_owned(),
            _ => String::new(),
        };
        let links = stack.links.iter().filter(|link| link.source == id || link.target == id);
        let links: Vec<String> = links.map(|link| code(link.id.as_str())).collect();
        vec![code(&component.name.to_string()), code(component.kind.as_str()), host, links.join("; ")]
    });
    let rows: Vec<Vec<String>> = rows.collect();
    or_none(out, &["component", "type", "host", "links"], rows);
    out.push_str("\n### Ways out by exceptions\n\n");
    let services = all_services(&subject.case);
    let rows = services.iter().filter(|one| one.link.is_none()).filter_map(|one| {
        let out: Vec<&Flow> = one.flows.iter().copied().filter(|flow| is_party(&flow.to)).collect();
        (!out.is_empty()).then(|| vec![code(one.id), services::opened(&out), services::need(one)])
    });
    let rows: Vec<Vec<String>> = rows.collect();
    or_none(out, &["exception", "what it opens", "business need"], rows);
    out.push_str("\n### Ways in\n\n");
    let mut ways: BTreeMap<&End, BTreeSet<(String, String)>> = BTreeMap::new();
    for flow in subject.snapshot.flows().iter().filter(|flow| is_party(&flow.from)) {
        ways.entry(&flow.to).or_default().insert((declared(&flow.from), ports(flow)));
    }
    let rows = ways.into_iter().map(|(to, from)| {
        let (who, on): (Vec<String>, Vec<String>) = from.into_iter().unzip();
        vec![declared(to), listed(&who, who.len()), listed(&on, on.len())]
    });
    or_none(out, &["namespace", "reached from", "ports"], rows.collect());
}

/// Whether `end` is somebody else's network. The cluster's own API and DNS are not.
fn is_party(end: &End) -> bool {
    matches!(end, End::Addresses(Outside::Internet | Outside::LoadBalancer | Outside::Addresses, _))
}

fn or_none(out: &mut String, headings: &[&str], rows: Vec<Vec<String>>) {
    if rows.is_empty() {
        out.push_str("None is declared.\n");
    } else {
        table(out, headings, rows);
    }
}
