//! What the Kubernetes API says of NetworkPolicies (`networking.k8s.io/v1`), a clause at a time, on clusters small
//! enough to see whole. Whole clusters at random are in `naive`.

mod addresses;
mod peers;
mod ports;
mod rules;
mod selectors;
mod workloads;

use netpol_reach::{Cluster, Connectivity, PortSet, Ranges, Settings};

/// The Pod `namespace/name` with these labels.
fn pod(name: &str, labels: &str) -> String {
    serving(name, labels, "")
}

/// The same, with these ports of one container.
fn serving(name: &str, labels: &str, ports: &str) -> String {
    let (namespace, name) = name.split_once('/').unwrap();
    format!(
        "{{apiVersion: v1, kind: Pod, metadata: {{name: {name}, namespace: {namespace}, labels: {{{labels}}}}}, \
         spec: {{containers: [{{name: main, ports: [{ports}]}}]}}}}"
    )
}

/// The Namespace `name` with these labels.
fn namespace(name: &str, labels: &str) -> String {
    format!("{{apiVersion: v1, kind: Namespace, metadata: {{name: {name}, labels: {{{labels}}}}}}}")
}

/// A NetworkPolicy in `namespace`; where it stands makes its name.
fn policy(namespace: &str, spec: &str) -> String {
    format!(
        "{{apiVersion: networking.k8s.io/v1, kind: NetworkPolicy, metadata: {{name: NUMBERED, namespace: {namespace}}}, \
         spec: {{{spec}}}}}"
    )
}

/// What network plugins do differently: `ip_blocks_match_pods`, `host_network_is_selectable`.
#[derive(Clone, Copy)]
struct Plugin {
    ip_blocks_match_pods: bool,
    host_network_is_selectable: bool,
}

const DEFAULT: Plugin = Plugin { ip_blocks_match_pods: false, host_network_is_selectable: true };

fn evaluated(objects: &[String], plugin: Plugin) -> Connectivity {
    let numbered = objects.iter().enumerate().map(|(index, text)| text.replace("NUMBERED", &format!("policy-{index}")));
    let documents = numbered.map(|text| format!("---\n{text}\n"));
    let text: String = documents.collect();
    let manifests = netpol_reach::read([("cluster.yaml", text.as_str())]);
    assert!(manifests.refused.is_empty(), "{:#?}\n{text}", manifests.refused);
    let cluster = Cluster::of(manifests, plugin.host_network_is_selectable).unwrap();
    Connectivity::of(cluster, Settings { ip_blocks_match_pods: plugin.ip_blocks_match_pods }).unwrap()
}

/// A workload's name as these tests write it: that of a Pod without its kind.
fn short(name: &str) -> &str {
    name.strip_suffix("[Pod]").unwrap_or(name)
}

fn index(connectivity: &Connectivity, name: &str) -> usize {
    let found = (0..connectivity.len()).find(|index| short(connectivity.name(*index)) == name);
    found.unwrap_or_else(|| panic!("there is no {name}"))
}

fn listed(name: &str, ports: &PortSet) -> String {
    if *ports == PortSet::all() { short(name).to_owned() } else { format!("{}: {ports}", short(name)) }
}

/// Whom the workload `name` may open connections to: `b/y: 80/TCP`, or, on all ports, `b/y`.
fn opens(name: &str, objects: &[String]) -> Vec<String> {
    opens_with(DEFAULT, name, objects)
}

fn opens_with(plugin: Plugin, name: &str, objects: &[String]) -> Vec<String> {
    let connectivity = evaluated(objects, plugin);
    let outgoing = connectivity.outgoing(index(&connectivity, name));
    let to = outgoing.workloads.iter();
    to.map(|(to, ports)| listed(connectivity.name(*to), &outgoing.ports[*ports])).collect()
}

/// Whom the workload `name` takes connections from.
fn takes(name: &str, objects: &[String]) -> Vec<String> {
    takes_with(DEFAULT, name, objects)
}

fn takes_with(plugin: Plugin, name: &str, objects: &[String]) -> Vec<String> {
    let connectivity = evaluated(objects, plugin);
    let own = index(&connectivity, name);
    let from = (0..connectivity.len()).filter_map(|from| {
        let outgoing = connectivity.outgoing(from);
        let (_, ports) = outgoing.workloads.iter().find(|(to, _)| *to == own)?;
        Some(listed(connectivity.name(from), &outgoing.ports[*ports]))
    });
    from.collect()
}

fn written(by_ports: impl IntoIterator<Item = (PortSet, Ranges)>) -> Vec<String> {
    let word = |(first, last)| if first == last { format!("{first}") } else { format!("{first}-{last}") };
    let words = |ranges: Ranges| ranges.into_iter().map(word).collect::<Vec<_>>().join(", ");
    by_ports.into_iter().map(|(ports, ranges)| listed(&words(ranges), &ports)).collect()
}

/// What addresses outside the workload `name` may open connections to.
fn opens_outside(name: &str, objects: &[String]) -> Vec<String> {
    let connectivity = evaluated(objects, DEFAULT);
    written(connectivity.outgoing(index(&connectivity, name)).addresses)
}

/// What addresses outside the workload `name` takes connections from.
fn takes_outside(name: &str, objects: &[String]) -> Vec<String> {
    let connectivity = evaluated(objects, DEFAULT);
    written(connectivity.incoming(index(&connectivity, name)))
}

/// All addresses of both families.
const ANYWHERE: &str = "0.0.0.0-255.255.255.255, ::-ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff";

/// What the manifests make the cluster say.
fn notices(objects: &[String]) -> Vec<String> {
    evaluated(objects, DEFAULT).cluster.notices.into_iter().map(|notice| notice.what).collect()
}
