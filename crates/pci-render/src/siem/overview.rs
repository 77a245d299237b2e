//! The overview of one stack: requirement by source, what is critical and open, when each source was last heard of.

use std::collections::BTreeSet;

use pci_assess::events::{Siem, Source};
use pci_engine::Snapshot;
use pci_stack::ControlId;
use serde_json::{Value, json};

use super::{
    board::Board,
    fields::{self, EVERYTHING},
    numbers::{Cell, Group, Numbers},
    object::{Asked, Named, Object, visualization},
    panels::{Drawn, bars, description, filters, metric, spans, vega},
    query::{self, STACK},
};

/// Daily review, by tools, of logs of every component.
pub(super) const CONTROLS: [&str; 3] = ["10.2.1", "10.4.1", "10.4.1.1"];

/// What an overview is over: some sources, each in some shapes, of one stack or of all.
pub(super) struct Over<'a> {
    /// The id of its dashboard.
    pub(super) id: String,
    /// The title of its dashboard.
    pub(super) title: String,
    /// All sources.
    pub(super) siem: &'a Siem,
    /// Those that are shown, with the shapes in which their events come.
    pub(super) sources: Vec<(&'a Source, Vec<&'a str>)>,
    /// What holds of all that is shown.
    pub(super) of: Value,
}

/// The overview of the stack of `snapshot`.
pub(super) fn board(snapshot: &Snapshot) -> Board {
    let siem = &*snapshot.tables().siem;
    let plan = snapshot.siem();
    let linked = plan.made().filter_map(|made| Some((siem.source(&made.name)?, vec![made.shape.as_str()])));
    let mut sources: Vec<(&Source, Vec<&str>)> = linked.collect();
    if sources.is_empty() {
        // That nothing of any source arrives is worth seeing too.
        sources = every(siem);
    }
    let over = Over {
        id: format!("{}-pci-overview", snapshot.stack.id),
        title: format!("{} - PCI - Overview", snapshot.stack.name),
        siem,
        sources,
        of: json!({"match_phrase": {(STACK): snapshot.stack.name}}),
    };
    let panels =
        vec![over.requirements(), over.criticals(), over.last(), over.timeline(), over.arrival(&plan.namespaces)];
    Board::of(&over.id, &over.title, &controls(), panels, "now-7d")
}

/// All sources, in all of their shapes.
pub(super) fn every(siem: &Siem) -> Vec<(&Source, Vec<&str>)> {
    siem.sources.iter().map(|source| (source, source.shapes.keys().map(String::as_str).collect())).collect()
}

/// The controls that an overview answers.
pub(super) fn controls() -> Vec<ControlId> {
    CONTROLS.iter().filter_map(|id| id.parse().ok()).collect()
}

/// The index patterns that an overview refers to.
pub(super) fn patterns(siem: &Siem) -> Vec<Object> {
    vec![fields::everything(siem)]
}

impl Over<'_> {
    /// Requirements in lines, sources in columns.
    pub(super) fn requirements(&self) -> Drawn {
        let all = self.sources.iter().flat_map(|(source, _)| &source.requirements);
        let numbers: BTreeSet<u16> = all.map(|rule| rule.control.requirement()).collect();
        let (mut groups, mut cells) = (Vec::new(), Vec::new());
        for (column, (source, shapes)) in self.sources.iter().enumerate() {
            let mut rows = Vec::new();
            for (line, number) in numbers.iter().enumerate() {
                let rules = source.requirements.iter().filter(|rule| rule.control.requirement() == *number);
                let queries: Vec<Value> = rules.map(|rule| query::json(source, shapes, &rule.when)).collect();
                if !queries.is_empty() {
                    cells.push(Cell { of: (column, rows.len()), at: (line, column), none_is_silence: false });
                    rows.push(query::any(queries));
                }
            }
            groups.push(self.group(source, shapes, rows));
        }
        let lines = numbers.iter().map(|number| format!("Requirement {number}")).collect();
        let columns = self.sources.iter().map(|(source, _)| source.name.clone()).collect();
        self.numbers("requirements", "Requirement by source", (lines, columns), (groups, cells), 48)
    }

    /// The worst that each source knows of.
    pub(super) fn criticals(&self) -> Drawn {
        let row = |(source, shapes): &(&Source, Vec<&str>)| query::json(source, shapes, &source.critical);
        let lines = self.sources.iter().map(|(source, _)| format!("{}: {}", source.name, worst(source))).collect();
        self.of_each_source("criticals", "Open criticals", lines, row)
    }

    /// When each source was last heard of.
    pub(super) fn last(&self) -> Drawn {
        let lines = self.sources.iter().map(|(source, _)| source.name.clone()).collect();
        self.of_each_source("last", "Last event of each source", lines, |_| json!({"match_all": {}}))
    }

    fn of_each_source(
        &self,
        id: &str,
        title: &str,
        lines: Vec<String>,
        row: impl Fn(&(&Source, Vec<&str>)) -> Value,
    ) -> Drawn {
        let groups = self.sources.iter().map(|one| self.group(one.0, &one.1, vec![row(one)])).collect();
        let cells = (0..self.sources.len()).map(|line| Cell { of: (line, 0), at: (line, 0), none_is_silence: false });
        let columns = vec!["count".to_owned()];
        self.numbers(id, title, (lines, columns), (groups, cells.collect()), 24)
    }

    /// Whether anything arrives from each of `namespaces`, of any source.
    fn arrival(&self, namespaces: &[netpol_reach::Namespace]) -> Drawn {
        let of = |namespace: &netpol_reach::Namespace| {
            let paths = self.sources.iter().flat_map(|(source, shapes)| {
                shapes.iter().filter_map(|shape| Some(source.field("namespace", shape)?.path))
            });
            query::any(paths.map(|path| json!({"term": {(path): namespace.as_str()}})).collect())
        };
        let rows: Vec<Value> = namespaces.iter().map(of).collect();
        let cells = (0..rows.len()).map(|line| Cell { of: (0, line), at: (line, 0), none_is_silence: true }).collect();
        let group = Group { filters: vec![self.of.clone()], distinct: Vec::new(), rows };
        let lines = namespaces.iter().map(ToString::to_string).collect();
        let columns = vec!["documents".to_owned()];
        let title = "Is anything arriving from each namespace in scope";
        self.numbers("arrival", title, (lines, columns), (vec![group], cells), 48)
    }

    fn group(&self, source: &Source, shapes: &[&str], rows: Vec<Value>) -> Group {
        Group::of(source, shapes, vec![self.of.clone(), query::in_index(source)], rows)
    }

    fn numbers(
        &self,
        id: &str,
        title: &str,
        (lines, columns): (Vec<String>, Vec<String>),
        (groups, cells): (Vec<Group>, Vec<Cell>),
        width: usize,
    ) -> Drawn {
        let index = fields::title_of_everything(self.siem);
        let numbers = Numbers { index: &index, groups, lines, columns, cells };
        let (id, title) = (format!("{}-{id}", self.id), format!("{} - {title}", self.title));
        let named = Named { id: &id, title: &title, description: &description(&controls()) };
        Drawn { object: vega(&named, &numbers.spec()), width, height: numbers.height() }
    }

    /// Events over time, by source. Documents, not things: what it shows is whether each source keeps writing.
    pub(super) fn timeline(&self) -> Drawn {
        let sources = self.sources.iter().map(|(source, _)| (source.name.clone(), query::in_index(source)));
        let aggs =
            json!([metric(None, "Documents"), spans("segment", "auto"), filters("4", "group", sources.collect())]);
        self.native(
            "timeline",
            "Documents over time by source",
            ("histogram", aggs, bars("histogram", "Documents")),
            48,
            12,
        )
    }

    /// A panel of OpenSearch Dashboards' own over all sources.
    pub(super) fn native(
        &self,
        id: &str,
        title: &str,
        what: (&str, Value, Value),
        width: usize,
        height: usize,
    ) -> Drawn {
        let (id, title) = (format!("{}-{id}", self.id), format!("{} - {title}", self.title));
        let named = Named { id: &id, title: &title, description: &description(&controls()) };
        let asked = Asked {
            pattern: Some(EVERYTHING.to_owned()),
            query: String::new(),
            filters: vec![(STACK.to_owned(), self.of.clone())],
        };
        Drawn { object: visualization(&named, what, &asked, Vec::new()), width, height }
    }
}

/// What the worst of `source` is, in a word or two: its monitor's name without its own.
fn worst(source: &Source) -> String {
    source.monitor.name.trim_start_matches(&format!("{}-", source.source)).replace('-', " ")
}
