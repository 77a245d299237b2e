//! A scope as a picture.

use std::collections::{BTreeMap, BTreeSet};

use netpol_reach::PortSet;
use pci_assess::Zone;
use pci_engine::Snapshot;
use pci_policy::proof::EndName;
use pci_stack::Component;

use super::{
    super::picture::{self, Arrow, Boxed, Line, Look, Picture, PngError},
    Depth, Scope,
    drawing::{Drawing, Shown, label, port_label},
    groups::{Between, Grouped, Unit, degrees},
};

/// How many members a group names, those with most flows first.
const NAMED_MEMBERS: usize = 3;
/// More ports than these are counted in a label.
const LABELLED_PORTS: u64 = 4;

/// How many pixels a PNG has at most that is printed or looked at closely.
pub const SHARP: f32 = 24e6;
/// The same for a chat: clients refuse results of a megabyte, and models look at less than this.
pub const FOR_CHAT: f32 = 6e6;

/// A picture of a scope.
#[derive(Debug, Clone)]
pub struct Drawn {
    /// It as SVG.
    pub svg: String,
    /// How many boxes it has.
    pub boxes: usize,
    /// How many arrows.
    pub arrows: usize,
    /// What is not drawn, and how to see more.
    pub notes: Vec<String>,
}

impl Drawn {
    /// It as PNG of at most so many pixels. The error is a fault of ours, or memory that is not there.
    pub fn png(&self, most: f32) -> Result<Vec<u8>, PngError> {
        picture::png(&self.svg, most)
    }
}

/// `scope` as a picture.
pub fn picture(snapshot: &Snapshot, scope: &Scope) -> Drawn {
    let drawing = Drawing::of(snapshot);
    let shown = drawing.shown(scope);
    let picture = Pictured { drawing: &drawing, shown: &shown }.picture(scope);
    let (boxes, arrows) = (picture.boxes.len(), picture.arrows.len());
    Drawn { svg: picture::svg(&picture), boxes, arrows, notes: picture.notes }
}

struct Pictured<'a> {
    drawing: &'a Drawing<'a>,
    shown: &'a Shown<'a>,
}

impl Pictured<'_> {
    fn picture(&self, scope: &Scope) -> Picture {
        let grouped = self.grouped(scope);
        let mut boxes = Vec::new();
        let mut index = BTreeMap::new();
        for (unit, ends) in &grouped.units {
            index.insert(unit, boxes.len());
            boxes.push(match unit {
                Unit::One(end) => self.one(end, grouped.between.get(&(unit.clone(), unit.clone()))),
                Unit::Group(zone, common) => {
                    self.group(*zone, common, ends, grouped.between.get(&(unit.clone(), unit.clone())))
                }
            });
        }
        let arrows = grouped.between.iter().filter(|((from, to), _)| from != to);
        let arrows = arrows.filter_map(|((from, to), between)| {
            Some(arrow(*index.get(from)?, *index.get(to)?, between, grouped.has_groups()))
        });
        let arrows = arrows.collect();
        Picture {
            title: self.title(scope),
            subtitle: self.subtitle(),
            boxes,
            arrows,
            notes: self.notes(scope, &grouped),
        }
    }

    /// What is drawn by itself: around a namespace, as much as can be read.
    fn grouped(&self, scope: &Scope) -> Grouped {
        let Scope::Namespace(namespace, depth) = scope else {
            return Grouped::of(self.drawing, self.shown, &BTreeSet::new());
        };
        let own = BTreeSet::from([EndName::Namespace(namespace.clone())]);
        if *depth == Depth::PeersOfPeers {
            let peers = self.drawing.peers(namespace).into_iter().cloned().map(EndName::Namespace);
            let with_peers: BTreeSet<EndName> = own.iter().cloned().chain(peers).collect();
            let grouped = Grouped::of(self.drawing, self.shown, &with_peers);
            if grouped.units.len() <= super::groups::MOST_ENDS && grouped.between.len() <= super::groups::MOST_FLOWS {
                return grouped;
            }
        }
        Grouped::of(self.drawing, self.shown, &own)
    }

    fn title(&self, scope: &Scope) -> String {
        let what = match scope {
            Scope::Overview => String::new(),
            Scope::Namespace(namespace, Depth::Peers) => format!(", namespace {namespace}"),
            Scope::Namespace(namespace, Depth::PeersOfPeers) => format!(", around namespace {namespace}"),
        };
        format!("Allowed traffic: {}{what}", self.drawing.snapshot.stack.name)
    }

    fn subtitle(&self) -> String {
        let snapshot = self.drawing.snapshot;
        let verdict = if snapshot.evidence().proof.holds {
            "exactly what the stack declares"
        } else {
            "NOT what the stack declares"
        };
        let demo = if snapshot.is_demo { " The embedded demo." } else { "" };
        format!(
            "Level {}. Drawn from what the generated policies allow, which is {verdict}.{demo} Stack file {}.",
            snapshot.level(),
            snapshot.inputs.stack.short()
        )
    }

    fn notes(&self, scope: &Scope, grouped: &Grouped) -> Vec<String> {
        let mut notes = vec!["Arrows run from the caller. What no arrow shows is refused.".to_owned()];
        let is_whole = *scope == Scope::Overview;
        if is_whole || matches!(scope, Scope::Namespace(_, Depth::PeersOfPeers)) {
            let common =
                self.drawing.common.iter().map(|(to, ports)| format!("{} on {}", label(to), port_label(ports)));
            let common: Vec<String> = common.collect();
            if !common.is_empty() {
                notes.push(format!("Not drawn: every namespace may reach {}.", common.join("; ")));
            }
        }
        if grouped.has_groups() {
            let (ends, flows) = (self.shown.ends.len(), self.shown.flows.len());
            notes.push(format!(
                "{ends} ends with {flows} flows are too many for one picture: those that are alike are one box, and a number in \
                 brackets counts pairs. A scope of one namespace draws it with its peers, depth 2 with theirs."
            ));
        }
        notes
    }

    fn one(&self, end: &EndName, within: Option<&Between>) -> Boxed {
        let EndName::Namespace(namespace) = end else {
            let look = if *end == EndName::OtherNamespaces { Look::Unmanaged } else { Look::Outside };
            let lines = vec![plain(label(end))];
            return Boxed { key: end.to_string(), look, is_group: false, within: None, lines };
        };
        let types = &self.drawing.basis.catalog.types;
        let is_store = |component: &Component| types.is_data_store(&component.kind);
        let (named, more) = self.drawing.named(namespace);
        // A component that is called as its namespace is has no line of its own to show its sign at.
        let mut components = self.drawing.basis.components_of(namespace).map(|(_, component)| component);
        let namesake = components.find(|component| component.name.name.as_ref() == namespace.as_str());
        let mut lines = vec![Line { text: namespace.to_string(), is_store: namesake.is_some_and(is_store) }];
        lines.extend(
            named.iter().map(|component| Line { text: component.name.to_string(), is_store: is_store(component) }),
        );
        lines.extend(more.map(plain));
        lines.extend(within.map(|within| plain(format!("within: {}", ports(&within.ports)))));
        let look = match self.drawing.zone(namespace) {
            Some(zone) => of_zone(zone),
            None if self.drawing.basis.manages(namespace) => Look::Managed,
            None => Look::Unmanaged,
        };
        Boxed { key: end.to_string(), look, is_group: false, within: all_ports(within), lines }
    }

    fn group(&self, zone: Option<Zone>, common: &str, ends: &[EndName], within: Option<&Between>) -> Boxed {
        let is_managed =
            |end: &EndName| matches!(end, EndName::Namespace(namespace) if self.drawing.basis.manages(namespace));
        let is_outside = ends.iter().all(|end| !matches!(end, EndName::Namespace(_)));
        let look = match zone {
            Some(zone) => of_zone(zone),
            None if is_outside => Look::Outside,
            None if ends.iter().any(is_managed) => Look::Managed,
            None => Look::Unmanaged,
        };
        let noun = if is_outside { "ranges" } else { "namespaces" };
        let is_store = |end: &EndName| match end {
            EndName::Namespace(namespace) => {
                let types = &self.drawing.basis.catalog.types;
                self.drawing.basis.components_of(namespace).any(|(_, component)| types.is_data_store(&component.kind))
            }
            _ => false,
        };
        let degrees = degrees(&self.shown.flows);
        let mut most: Vec<&EndName> = ends.iter().collect();
        most.sort_by_key(|end| std::cmp::Reverse(degrees.get(end).copied().unwrap_or(0)));
        let mut lines = vec![Line { text: common.to_owned(), is_store: ends.iter().all(is_store) }];
        lines.push(plain(format!("{} {noun}, most flows:", ends.len())));
        lines.extend(
            most.into_iter()
                .take(NAMED_MEMBERS)
                .map(|end| plain(format!("{} ({})", label(end), degrees.get(end).copied().unwrap_or(0)))),
        );
        lines.extend(within.map(|within| plain(format!("among them: {} ({})", ports(&within.ports), within.pairs))));
        let zone = zone.map_or("", Zone::as_str);
        Boxed { key: format!("group:{zone}/{common}"), look, is_group: true, within: all_ports(within), lines }
    }
}

fn of_zone(zone: Zone) -> Look {
    match zone {
        Zone::Cde => Look::Cde,
        Zone::Connected => Look::Connected,
        Zone::SecurityImpacting => Look::Guarding,
        Zone::OutOfScope => Look::OutOfScope,
    }
}

fn all_ports(within: Option<&Between>) -> Option<String> {
    within.map(|within| within.ports.to_string())
}

fn plain(text: String) -> Line {
    Line { text, is_store: false }
}

fn arrow(from: usize, to: usize, between: &Between, is_grouped: bool) -> Arrow {
    let ports_text = ports(&between.ports);
    let label = if is_grouped { format!("{ports_text} ({})", between.pairs) } else { port_label(&between.ports) };
    Arrow { from, to, label, ports: between.ports.to_string(), pairs: between.pairs }
}

/// A few ports as they are, more of them counted.
fn ports(ports: &PortSet) -> String {
    if ports.len() > LABELLED_PORTS && *ports != PortSet::all() {
        format!("{} ports", ports.len())
    } else {
        port_label(ports)
    }
}
