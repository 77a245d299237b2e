//! Numbers that say what they rest on: each beside the time of the last document, and "no data" where a zero only means
//! that nothing arrived. OpenSearch Dashboards' own numbers show 0 for both, so these are drawn in Vega.
//!
//! What is written anew again and again (a violation each minute, a finding at each scan) is counted once: by how many
//! combinations of the fields that make it the same thing.

use pci_assess::events::Source;
use serde_json::{Value, json};

use super::query::{self, TIME};

/// How many things are told apart; beyond that the number says so.
const MOST: u32 = 10_000;
/// The height of a line, in pixels.
const LINE: usize = 22;
/// Where the first line stands, in pixels.
const TOP: usize = 34;
/// Readable on light and on dark ground.
const INK: &str = "#69707d";
const ALARM: &str = "#bd5b00";

/// What is asked of one source.
pub(super) struct Group {
    /// What must hold of every document: the stack, the index.
    pub(super) filters: Vec<Value>,
    /// The paths that tell things apart; empty where each document is one.
    pub(super) distinct: Vec<String>,
    /// What is counted.
    pub(super) rows: Vec<Value>,
}

impl Group {
    /// What is asked of `source`, whose events come in `shapes`, under `filters`.
    pub(super) fn of(source: &Source, shapes: &[&str], mut filters: Vec<Value>, rows: Vec<Value>) -> Self {
        filters.extend(query::in_window(source));
        let shape = shapes.first().copied().unwrap_or_default();
        let mut distinct: Vec<String> =
            source.distinct.iter().filter_map(|name| Some(source.field(name, shape)?.path)).collect();
        if !distinct.is_empty() {
            // Two stacks may have the same by name.
            distinct.push(source.stack_path(shape));
        }
        Self { filters, distinct, rows }
    }
}

/// A number that is shown.
pub(super) struct Cell {
    /// The group and the row in it.
    pub(super) of: (usize, usize),
    /// Its line and its column.
    pub(super) at: (usize, usize),
    /// Whether none of its kind means that nothing arrives, whatever else does.
    pub(super) none_is_silence: bool,
}

/// Numbers in lines, under columns.
pub(super) struct Numbers<'a> {
    /// The indices that are asked.
    pub(super) index: &'a str,
    /// What is asked.
    pub(super) groups: Vec<Group>,
    /// What stands before each line.
    pub(super) lines: Vec<String>,
    /// What stands above each column; with one column, the time of each number stands beside it.
    pub(super) columns: Vec<String>,
    /// The numbers.
    pub(super) cells: Vec<Cell>,
}

impl Numbers<'_> {
    /// How high the panel must be, in the grid's rows of 20 pixels.
    pub(super) fn height(&self) -> usize {
        ((self.lines.len() * LINE + TOP + 60) / 20).max(6)
    }

    /// The Vega specification.
    pub(super) fn spec(&self) -> Value {
        let cells: Vec<Value> = self.cells.iter().map(|cell| self.cell(cell)).collect();
        let lines: Vec<Value> =
            self.lines.iter().enumerate().map(|(line, label)| json!({"line": line, "label": label})).collect();
        let columns: Vec<Value> =
            self.columns.iter().enumerate().map(|(column, label)| json!({"column": column, "label": label})).collect();
        let (ink, count) = (json!([{"value": INK}]), self.columns.len());
        let fill = json!([{"test": "datum.silent", "value": ALARM}, {"value": INK}]);
        let mut marks = vec![
            text("lines", &json!({"value": 0}), &y("line"), "left", &ink, "label"),
            text("columns", &x("column", count), "14", "right", &ink, "label"),
            text("cells", &x("column", count), &y("line"), "right", &fill, "shown"),
        ];
        if count == 1 {
            marks.push(text("cells", &json!({"signal": "width - 4"}), &y("line"), "right", &ink, "time"));
        }
        json!({
            "$schema": "https://vega.github.io/schema/vega/v5.json",
            "autosize": {"type": "fit", "contains": "padding"},
            "padding": 6,
            "data": [self.asked(), answered(&cells), {"name": "lines", "values": lines}, {"name": "columns", "values": columns}],
            "marks": marks,
        })
    }

    fn cell(&self, cell: &Cell) -> Value {
        let is_distinct = self.groups.get(cell.of.0).is_some_and(|group| !group.distinct.is_empty());
        json!({
            "group": format!("g{}", cell.of.0), "row": format!("r{}", cell.of.1), "line": cell.at.0, "column": cell.at.1,
            "distinct": is_distinct, "strict": cell.none_is_silence,
        })
    }

    /// What the server is asked, in the dashboard's time and filters.
    fn asked(&self) -> Value {
        let groups = self.groups.iter().enumerate().map(|(number, group)| (format!("g{number}"), group_body(group)));
        let groups: serde_json::Map<String, Value> = groups.collect();
        let body = json!({"size": 0, "aggs": {"groups": {"filter": {"match_all": {}}, "aggs": groups}}});
        let url = json!({"%context%": true, "%timefield%": TIME, "index": self.index, "body": body});
        json!({"name": "answer", "url": url, "format": {"property": "aggregations.groups"}})
    }
}

/// What is made of the answer.
fn answered(cells: &[Value]) -> Value {
    let formula = |name: &str, expr: &str| json!({"type": "formula", "as": name, "expr": expr});
    let last = "datum.found && datum.found.last.value != null ? utcFormat(datum.found.last.value, '%Y-%m-%d %H:%M') + ' UTC' : \
        datum.silent ? '' : 'none; last document ' + utcFormat(datum.all.last.value, '%Y-%m-%d %H:%M') + ' UTC'";
    json!({"name": "cells", "values": cells, "transform": [
        formula("all", "data('answer')[0][datum.group]"),
        formula("found", "datum.all ? datum.all.rows.buckets[datum.row] : null"),
        formula("count", "!datum.found ? 0 : datum.distinct ? length(datum.found.things.buckets) : datum.found.doc_count"),
        formula("more", "datum.distinct && datum.found && datum.found.things.sum_other_doc_count > 0 ? '+' : ''"),
        formula("silent", "!datum.all || datum.all.doc_count == 0 || (datum.strict && datum.count == 0)"),
        formula("shown", "datum.silent ? 'no data' : format(datum.count, ',') + datum.more"),
        formula("time", last),
    ]})
}

fn group_body(group: &Group) -> Value {
    let rows = group.rows.iter().enumerate().map(|(number, query)| (format!("r{number}"), query.clone()));
    let rows: serde_json::Map<String, Value> = rows.collect();
    let last = json!({"max": {"field": TIME}});
    let mut of_row = json!({"last": last});
    if !group.distinct.is_empty() {
        let terms: Vec<Value> = group.distinct.iter().map(|path| json!({"field": path, "missing": "-"})).collect();
        of_row["things"] = match terms.as_slice() {
            [_] => json!({"terms": {"field": group.distinct[0], "size": MOST}}),
            _ => json!({"multi_terms": {"terms": terms, "size": MOST}}),
        };
    }
    json!({
        "filter": query::all(group.filters.clone()),
        "aggs": {"last": last, "rows": {"filters": {"filters": rows}, "aggs": of_row}},
    })
}

/// Where a line stands.
fn y(field: &str) -> String {
    format!("datum.{field} * {LINE} + {TOP}")
}

/// Where a column ends. One column leaves room for times.
fn x(field: &str, columns: usize) -> Value {
    if columns == 1 {
        return json!({"signal": "width - 210"});
    }
    json!({"signal": format!("width * (0.46 + 0.54 * (datum.{field} + 1) / {columns}) - 4")})
}

fn text(data: &str, x: &Value, y: &str, align: &str, fill: &Value, field: &str) -> Value {
    json!({"type": "text", "from": {"data": data}, "encode": {"update": {
        "x": x, "y": {"signal": y}, "align": {"value": align}, "baseline": {"value": "middle"}, "fontSize": {"value": 13},
        "fill": fill, "text": {"field": field}, "limit": {"signal": if align == "left" { "max(width * 0.45, width - 280)" } else { "width * 0.4" }},
    }}})
}
