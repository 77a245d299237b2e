//! What any cluster's workloads may connect to: as JSON, pair by pair; as text, pairs that are alike together; as a
//! diagram.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    net::IpAddr,
};

use netpol_reach::{Connectivity, PortSet, Protocol, Ranges};
use serde::Serialize;

use super::{
    Skipped,
    mermaid::{self, Charts, Edge, Node, Shape},
};

/// With more workloads than this, a diagram draws namespaces.
const MOST_DRAWN: usize = 40;

/// Writes `{"connections": [{source, destination, ports}], …}`, a line for each pair, as they are found.
pub fn write_json(connectivity: &Connectivity, skipped: &Skipped, out: &mut impl io::Write) -> io::Result<()> {
    let names: Vec<String> = (0..connectivity.len()).map(|index| quoted(connectivity.name(index))).collect();
    let mut listing = Listing { out, is_first: true };
    listing.out.write_all(b"{\"connections\":[")?;
    for (index, name) in names.iter().enumerate() {
        for (ports, ranges) in connectivity.incoming(index) {
            let ports = port_fields(&ports);
            ranges.iter().try_for_each(|range| listing.connection(&quoted(&external(range)), name, &ports))?;
        }
    }
    for (index, name) in names.iter().enumerate() {
        let outgoing = connectivity.outgoing(index);
        for (ports, ranges) in &outgoing.addresses {
            let ports = port_fields(ports);
            ranges.iter().try_for_each(|range| listing.connection(name, &quoted(&external(range)), &ports))?;
        }
        let fields: Vec<String> = outgoing.ports.iter().map(port_fields).collect();
        for (other, ports) in &outgoing.workloads {
            listing.connection(name, &names[*other], &fields[*ports])?;
        }
    }
    listing.out.write_all(b"\n],\n")?;
    let rest = serde_json::to_string_pretty(skipped).unwrap_or_default();
    listing.out.write_all(rest.trim_start_matches("{\n").as_bytes())?;
    listing.out.write_all(b"\n")
}

struct Listing<'o, W> {
    out: &'o mut W,
    is_first: bool,
}

impl<W: io::Write> Listing<'_, W> {
    fn connection(&mut self, source: &str, destination: &str, ports: &str) -> io::Result<()> {
        let comma = if self.is_first { "\n" } else { ",\n" };
        self.is_first = false;
        for text in [comma, "{\"source\":", source, ",\"destination\":", destination, ",\"ports\":", ports, "}"] {
            self.out.write_all(text.as_bytes())?;
        }
        Ok(())
    }
}

fn quoted(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

fn external((first, last): &(IpAddr, IpAddr)) -> String {
    format!("{first}-{last}[External]")
}

/// `{"TCP":[[80,80]]}`
fn port_fields(ports: &PortSet) -> String {
    #[derive(Serialize)]
    struct Fields(BTreeMap<Protocol, Vec<[u16; 2]>>);
    let mut fields: BTreeMap<Protocol, Vec<[u16; 2]>> = BTreeMap::new();
    for (protocol, first, last) in ports.intervals() {
        fields.entry(protocol).or_default().push([first, last]);
    }
    serde_json::to_string(&Fields(fields)).unwrap_or_default()
}

/// Writes who may connect to what, workload by workload.
pub fn write_text(connectivity: &Connectivity, skipped: &Skipped, out: &mut impl io::Write) -> io::Result<()> {
    let namespaces = Namespaces::of(connectivity);
    let total = connectivity.len();
    let policies = connectivity.cluster.policies.len();
    let (workloads, homes) = (counted(total, "workload"), counted(namespaces.members.len(), "namespace"));
    let policies = if policies == 1 { "1 NetworkPolicy".to_owned() } else { format!("{policies} NetworkPolicies") };
    writeln!(out, "{workloads} in {homes}, {policies}.")?;
    if total > 0 {
        writeln!(out)?;
    }
    for index in 0..total {
        writeln!(out, "{}", connectivity.name(index))?;
        for (ports, ranges) in connectivity.incoming(index) {
            writeln!(out, "  takes {ports} from {}", addresses(&ranges).join(", "))?;
        }
        let outgoing = connectivity.outgoing(index);
        let mut by_ports: BTreeMap<&PortSet, (Vec<usize>, Vec<String>)> = BTreeMap::new();
        for (other, ports) in &outgoing.workloads {
            by_ports.entry(&outgoing.ports[*ports]).or_default().0.push(*other);
        }
        for (ports, ranges) in &outgoing.addresses {
            by_ports.entry(ports).or_default().1 = addresses(ranges);
        }
        if by_ports.is_empty() {
            writeln!(out, "  may open no connection")?;
        }
        for (ports, (workloads, outside)) in by_ports {
            let peers: Vec<String> =
                namespaces.peers(connectivity, index, &workloads).into_iter().chain(outside).collect();
            writeln!(out, "  may open {ports} to {}", peers.join(", "))?;
        }
    }
    skipped.write_text(out)
}

fn counted(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}

/// Workloads by namespace, so that a whole namespace is said in a word.
struct Namespaces {
    members: BTreeMap<String, usize>,
}

impl Namespaces {
    fn of(connectivity: &Connectivity) -> Self {
        let mut members: BTreeMap<String, usize> = BTreeMap::new();
        (0..connectivity.len()).for_each(|index| *members.entry(namespace(connectivity.name(index))).or_default() += 1);
        Self { members }
    }

    /// `peers` of `own`, in as few words as say it.
    fn peers(&self, connectivity: &Connectivity, own: usize, peers: &[usize]) -> Vec<String> {
        if peers.len() > 1 && peers.len() + 1 == connectivity.len() {
            return vec!["every other workload".to_owned()];
        }
        let mut by_namespace: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for peer in peers {
            by_namespace.entry(namespace(connectivity.name(*peer))).or_default().push(*peer);
        }
        let home = namespace(connectivity.name(own));
        let words = |(namespace, peers): (String, Vec<usize>)| -> Vec<String> {
            let others = self.members[&namespace] - usize::from(namespace == home);
            if peers.len() > 2 && peers.len() == others {
                return vec![format!("{namespace}/*")];
            }
            peers.iter().map(|peer| connectivity.name(*peer).to_owned()).collect()
        };
        by_namespace.into_iter().flat_map(words).collect()
    }
}

fn namespace(workload: &str) -> String {
    workload.split('/').next().unwrap_or_default().to_owned()
}

/// `ranges` in words.
fn addresses(ranges: &Ranges) -> Vec<String> {
    let (v4, v6) = (IpAddr::from([0; 4]), IpAddr::from([0; 16]));
    let (last_v4, last_v6) = (IpAddr::from([255; 4]), IpAddr::from([255; 16]));
    if *ranges == [(v4, last_v4), (v6, last_v6)] {
        return vec!["any address".to_owned()];
    }
    let word = |(first, last): &(IpAddr, IpAddr)| match (*first, *last) {
        whole if whole == (v4, last_v4) => "any IPv4 address".to_owned(),
        whole if whole == (v6, last_v6) => "any IPv6 address".to_owned(),
        (first, last) if first == last => first.to_string(),
        (first, last) => format!("{first}-{last}"),
    };
    ranges.iter().map(word).collect()
}

/// Writes the charts that draw it: one as it is, several as Markdown.
pub fn write_diagram(connectivity: &Connectivity, out: &mut impl io::Write) -> io::Result<()> {
    match charts(connectivity).as_slice() {
        [only] => out.write_all(only.as_bytes()),
        several => several.iter().try_for_each(|chart| writeln!(out, "```mermaid\n{chart}```\n")),
    }
}

/// The charts that draw it: workloads, or, where these are too many to see anything, namespaces.
fn charts(connectivity: &Connectivity) -> Vec<String> {
    let by_namespace = connectivity.len() > MOST_DRAWN;
    let key = |index: usize| {
        let name = connectivity.name(index);
        if by_namespace { namespace(name) } else { name.to_owned() }
    };
    let mut nodes: BTreeMap<String, Node> = BTreeMap::new();
    let mut drawn: BTreeMap<(String, String), PortSet> = BTreeMap::new();
    let selected: BTreeSet<&str> =
        connectivity.cluster.policies.iter().map(|policy| policy.namespace.as_str()).collect();
    let mut draw = |from: String, to: String, ports: &PortSet| {
        if from != to {
            drawn.entry((from, to)).or_default().extend(ports);
        }
    };
    let mut outside: BTreeSet<String> = BTreeSet::new();
    for index in 0..connectivity.len() {
        let has_policies = selected.contains(namespace(connectivity.name(index)).as_str());
        let shape = if has_policies { Shape::Managed } else { Shape::Unmanaged };
        // The kind on a line of its own: brackets are no plain text in a chart.
        let lines = key(index).trim_end_matches(']').split('[').map(str::to_owned).collect();
        nodes.insert(key(index), Node { lines, shape });
        for (ports, ranges) in connectivity.incoming(index) {
            let name = outside_name(&ranges);
            draw(name.clone(), key(index), &ports);
            outside.insert(name);
        }
        let outgoing = connectivity.outgoing(index);
        for (other, ports) in &outgoing.workloads {
            draw(key(index), key(*other), &outgoing.ports[*ports]);
        }
        for (ports, ranges) in &outgoing.addresses {
            let name = outside_name(ranges);
            draw(key(index), name.clone(), ports);
            outside.insert(name);
        }
    }
    for name in outside {
        nodes.insert(name.clone(), Node { lines: vec![name], shape: Shape::Outside });
    }
    let label = |ports: &PortSet| ports.to_string().replace("/TCP", "");
    let edge = |((from, to), ports): (&'_ (String, String), &PortSet)| (from.clone(), to.clone(), label(ports));
    let edges: Vec<(String, String, String)> = drawn.iter().map(edge).collect();
    let edges: Vec<Edge> =
        edges.iter().map(|(from, to, label)| Edge { from, to, label: label.clone(), is_refused: false }).collect();
    Charts::of(mermaid::VIEWER, &nodes, &edges).texts()
}

/// Addresses as one node: all of one kind of connection are one.
fn outside_name(ranges: &Ranges) -> String {
    /// How many ranges a node names.
    const NAMED: usize = 2;
    let mut words = addresses(ranges);
    let more = words.len().saturating_sub(NAMED);
    if more > 0 {
        words.truncate(NAMED);
        words.push(format!("{more} more ranges"));
    }
    words.join(", ")
}
