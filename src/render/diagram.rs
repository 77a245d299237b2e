//! The diagram of allowed traffic: an overview by namespace, then one chart for each. Drawn from the flows that the
//! proof found allowed, not from the rules.

use std::{collections::BTreeMap, fmt::Write as _};

pub use super::mermaid::{Limits, VIEWER};
use super::{
    escape::markdown,
    mermaid::{self, Edge, Node, Shape},
};
use crate::{
    assess::Zone,
    engine::Snapshot,
    policy::Basis,
    proof::EndName,
    reach::PortSet,
    terms::{Namespace, nearest},
};

/// How many components a node names.
const NAMED_COMPONENTS: usize = 6;

/// How many namespaces an error names.
const NAMED_NAMESPACES: usize = 40;

/// What a diagram shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All namespaces.
    Overview,
    /// One namespace and its peers.
    Namespace(Namespace),
}

impl Scope {
    /// The scope that `text` names: a namespace, or a component, which stands for its namespace.
    pub fn find(snapshot: &Snapshot, text: &str) -> Result<Self, String> {
        let basis = snapshot.basis();
        let namespaces = basis.namespaces();
        let bare = text.strip_prefix("ns:").unwrap_or(text);
        if let Some(namespace) = namespaces.iter().find(|namespace| namespace.as_str() == bare) {
            return Ok(Self::Namespace(namespace.clone()));
        }
        for (id, component) in snapshot.stack.with_ids() {
            if component.name.to_string() == bare
                && let Some(namespace) = snapshot.stack.namespace(id).filter(|namespace| namespaces.contains(namespace))
            {
                return Ok(Self::Namespace(namespace.clone()));
            }
        }
        if let Some(external) =
            snapshot.stack.components.iter().find(|known| known.is_external && known.name.to_string() == bare)
        {
            return Err(format!(
                "`{}` is of another stack: it has no namespace here, and is drawn as part of the internet",
                external.name
            ));
        }
        let components = snapshot.stack.components.iter().map(|component| component.name.to_string());
        let names: Vec<String> = namespaces.iter().map(ToString::to_string).chain(components).collect();
        let hint = nearest(bare, names.iter().map(String::as_str)).map(|near| format!("; did you mean `{near}`?"));
        let mut list: Vec<String> =
            namespaces.iter().take(NAMED_NAMESPACES).map(|namespace| format!("`{namespace}`")).collect();
        if namespaces.len() > NAMED_NAMESPACES {
            list.push(format!("and {} more", namespaces.len() - NAMED_NAMESPACES));
        }
        Err(format!(
            "no namespace `{}`{}; namespaces: {}",
            crate::terms::clean(text),
            hint.unwrap_or_default(),
            list.join(", ")
        ))
    }
}

/// The charts of `scope`: one, or several where one would be more than `limits`.
pub fn charts(snapshot: &Snapshot, scope: &Scope, limits: Limits) -> Vec<String> {
    Drawing::of(snapshot, limits).charts(scope)
}

/// The page `network-diagram.md`.
pub fn page(snapshot: &Snapshot) -> String {
    let drawing = Drawing::of(snapshot, VIEWER);
    let mut page = format!("# Allowed traffic: {}\n\n", markdown(&snapshot.stack.name));
    let proof = &snapshot.evidence().proof;
    let verdict = if proof.holds { "exactly what the stack declares" } else { "NOT what the stack declares" };
    let _ = writeln!(
        page,
        "Level `{}`. Drawn from what the generated policies allow, which is {verdict}.\n",
        snapshot.level()
    );
    page.push_str(
        "Solid boxes are namespaces with policies, each with its components below its name; round dashed ones have none, hexagons are outside the cluster. \
         Arrows run from the caller and carry ports. What no arrow shows is refused.\n\n",
    );
    if snapshot.scope().is_stated {
        page.push_str(
            "Double boxes, in red, are where account data is (the CDE); yellow ones may talk to it or have a way into it; slanted ones, in green, guard \
             these; blue ones are out of scope.\n\n",
        );
    }
    page.push_str("## All namespaces\n\n");
    push_charts(&mut page, &drawing.charts(&Scope::Overview));
    for (to, ports) in &drawing.common {
        let _ = writeln!(page, "Not drawn: every namespace may reach {} on {ports}.\n", Drawing::label(to));
    }
    for namespace in drawing.basis.namespaces() {
        let _ = writeln!(page, "## {namespace}\n");
        push_charts(&mut page, &drawing.charts(&Scope::Namespace(namespace.clone())));
    }
    page
}

fn push_charts(page: &mut String, charts: &[String]) {
    for chart in charts {
        let _ = writeln!(page, "```mermaid\n{chart}```\n");
    }
}

struct Drawing<'a> {
    limits: Limits,
    snapshot: &'a Snapshot,
    basis: Basis<'a>,
    /// Which allowed connections each namespace has.
    touching: BTreeMap<&'a Namespace, Vec<(&'a EndName, &'a EndName, &'a PortSet)>>,
    /// What every managed namespace may reach alike.
    common: BTreeMap<EndName, PortSet>,
}

impl<'a> Drawing<'a> {
    fn of(snapshot: &'a Snapshot, limits: Limits) -> Self {
        let basis = snapshot.basis();
        let managed = basis.namespaces();
        let mut touching: BTreeMap<&Namespace, Vec<_>> = BTreeMap::new();
        let mut reached: BTreeMap<(&EndName, &PortSet), usize> = BTreeMap::new();
        for ((from, to), ports) in &snapshot.evidence().allowed {
            if let EndName::Namespace(namespace) = from {
                touching.entry(namespace).or_default().push((from, to, ports));
                let is_outside = !matches!(to, EndName::Namespace(to) if basis.manages(to));
                if basis.manages(namespace) && is_outside {
                    *reached.entry((to, ports)).or_default() += 1;
                }
            }
            if let EndName::Namespace(namespace) = to
                && from != to
            {
                touching.entry(namespace).or_default().push((from, to, ports));
            }
        }
        let is_common = |times: usize| managed.len() > 1 && times == managed.len();
        let common = reached.into_iter().filter(|(_, times)| is_common(*times));
        let common = common.map(|((to, ports), _)| (to.clone(), ports.clone())).collect();
        Self { limits, snapshot, basis, touching, common }
    }

    fn charts(&self, scope: &Scope) -> Vec<String> {
        match scope {
            Scope::Overview => self.overview(),
            Scope::Namespace(namespace) => self.namespace(namespace),
        }
    }

    fn overview(&self) -> Vec<String> {
        let mut nodes = BTreeMap::new();
        for namespace in self.basis.namespaces() {
            self.add(&mut nodes, &EndName::Namespace(namespace.clone()));
        }
        let mut edges = Vec::new();
        for ((from, to), ports) in &self.snapshot.evidence().allowed {
            if from != to && self.common.get(to) != Some(ports) {
                edges.push((self.add(&mut nodes, from), self.add(&mut nodes, to), ports));
            }
        }
        draw(self.limits, &nodes, &edges, &[])
    }

    fn namespace(&self, namespace: &Namespace) -> Vec<String> {
        let mut nodes = BTreeMap::new();
        let own = self.add(&mut nodes, &EndName::Namespace(namespace.clone()));
        let none = Vec::new();
        let touching = self.touching.get(namespace).unwrap_or(&none);
        let edges: Vec<_> = touching
            .iter()
            .map(|(from, to, ports)| (self.add(&mut nodes, from), self.add(&mut nodes, to), *ports))
            .collect();
        let refused = ("~in".to_owned(), "~out".to_owned());
        for (key, line) in [(&refused.0, "everything else"), (&refused.1, "anywhere else")] {
            nodes.insert(key.clone(), Node { lines: vec![line.to_owned()], shape: Shape::Refused });
        }
        draw(self.limits, &nodes, &edges, &[(refused.0, own.clone()), (own, refused.1)])
    }

    /// Adds the node of `end`, and returns its key.
    fn add(&self, nodes: &mut BTreeMap<String, Node>, end: &EndName) -> String {
        let key = format!("{end}");
        if !nodes.contains_key(&key) {
            nodes.insert(key.clone(), self.node(end));
        }
        key
    }

    fn node(&self, end: &EndName) -> Node {
        let EndName::Namespace(namespace) = end else {
            let shape = if *end == EndName::OtherNamespaces { Shape::Unmanaged } else { Shape::Outside };
            return Node { lines: vec![Self::label(end)], shape };
        };
        let mut lines = vec![namespace.to_string()];
        let components: Vec<_> = self.basis.components_of(namespace).collect();
        for (_, component) in components.iter().take(NAMED_COMPONENTS) {
            if component.name.name.as_ref() != namespace.as_str() {
                lines.push(component.name.to_string().chars().take(40).collect());
            }
        }
        if components.len() > NAMED_COMPONENTS {
            lines.push(format!("and {} more", components.len() - NAMED_COMPONENTS));
        }
        let scope = self.snapshot.scope();
        let zone = scope.zone(namespace).filter(|_| scope.is_stated && self.basis.manages(namespace));
        let (shape, mark) = match zone {
            Some(Zone::Cde) => (Shape::Cde, Some("account data")),
            Some(Zone::Connected) => (Shape::Connected, None),
            Some(Zone::SecurityImpacting) => (Shape::Guarding, None),
            Some(Zone::OutOfScope) => (Shape::Managed, Some("out of scope")),
            None if self.basis.manages(namespace) => (Shape::Managed, None),
            None => (Shape::Unmanaged, None),
        };
        lines.extend(mark.map(str::to_owned));
        Node { lines, shape }
    }

    fn label(end: &EndName) -> String {
        match end {
            EndName::Namespace(namespace) => namespace.to_string(),
            EndName::Internet => "internet".to_owned(),
            EndName::LoadBalancer => "load balancer".to_owned(),
            EndName::ApiServer => "API server".to_owned(),
            EndName::NodeDns => "node-local DNS".to_owned(),
            EndName::Private => "private and node addresses".to_owned(),
            EndName::OtherNamespaces | EndName::Anywhere | EndName::Addresses(_) => end.to_string(),
        }
    }
}

fn draw(
    limits: Limits,
    nodes: &BTreeMap<String, Node>,
    allowed: &[(String, String, &PortSet)],
    refused: &[(String, String)],
) -> Vec<String> {
    let label = |ports: &PortSet| ports.to_string().replace("/TCP", "");
    let allowed = allowed.iter().map(|(from, to, ports)| Edge { from, to, label: label(ports), is_refused: false });
    let refused = refused.iter().map(|(from, to)| Edge { from, to, label: "refused".to_owned(), is_refused: true });
    let edges: Vec<Edge> = allowed.chain(refused).collect();
    mermaid::charts(limits, nodes, &edges)
}
