//! The 360 overview: all stacks at once. It names no stack: the server groups by the field that does, and its size stays
//! what it is however many there are. The assessment of each stack over time stands beside its events.

use pci_assess::events::Siem;
use serde_json::{Value, json};

use super::{
    board::Board,
    documents,
    fields::EVERYTHING,
    object::{Asked, Named, Object, index_pattern, visualization},
    overview::{Over, controls, every},
    panels::{Drawn, bars, description, last, metric, spans, table, terms},
    query::STACK,
};

/// Its id.
pub(super) const ID: &str = "pci-360-overview";
/// Its title.
const TITLE: &str = "PCI - 360 Overview";
/// How many stacks a table asks the server for; the control above narrows it to others.
const STACKS: u32 = 500;
/// The id of the index pattern of assessments.
const ASSESSMENTS: &str = "pci-assessment";

/// The 360 overview.
pub(super) fn board(siem: &Siem) -> Board {
    let sources = every(siem);
    let of = json!({"exists": {"field": STACK}});
    let over = Over { id: ID.to_owned(), title: TITLE.to_owned(), siem, sources, of };
    let mut panels = vec![chooser(), over.requirements(), over.criticals(), over.last(), over.timeline(), quiet(&over)];
    panels.extend(assessments());
    Board::of(ID, TITLE, &controls(), panels, "now-30d")
}

/// The index pattern of assessments.
pub(super) fn pattern() -> Object {
    index_pattern(ASSESSMENTS, documents::PATTERN, &documents::fields())
}

/// Lets a reader pick stacks: the choice becomes a filter of every panel.
fn chooser() -> Drawn {
    let reference = "control_0_index_pattern";
    let control = json!({
        "id": "1", "indexPatternRefName": reference, "fieldName": STACK, "parent": "", "label": "Stack", "type": "list",
        "options": {"type": "terms", "multiselect": true, "dynamicOptions": true, "size": 5, "order": "desc"},
    });
    let params =
        json!({"controls": [control], "updateFiltersOnChange": true, "useTimeFilter": true, "pinFilters": false});
    let named = Named {
        id: &format!("{ID}-chooser"),
        title: &format!("{TITLE} - Stacks"),
        description: &description(&controls()),
    };
    let references = vec![json!({"name": reference, "type": "index-pattern", "id": EVERYTHING})];
    let object = visualization(&named, ("input_control_vis", json!([]), params), &Asked::default(), references);
    Drawn { object, width: 48, height: 5 }
}

/// Stacks by when they were last heard of, longest silent first.
fn quiet(over: &Over) -> Drawn {
    let mut by_stack = terms("10", "bucket", STACK, "Stack", (STACKS, false));
    by_stack["params"]["orderBy"] = "2".into();
    by_stack["params"]["order"] = "asc".into();
    let aggs = json!([metric(None, "Documents"), last(), by_stack]);
    over.native("quiet", "Stacks, longest silent first", ("table", aggs, table()), 48, 14)
}

/// Where the fleet stands on PCI DSS, from the documents of `overview --bulk`.
fn assessments() -> Vec<Drawn> {
    let average = |id: &str| {
        json!({"id": id, "enabled": true, "type": "avg", "schema": "metric",
            "params": {"field": "points", "customLabel": "Points shown, of 1 a control"}})
    };
    let by =
        |id: &str, schema: &str, field: &str, label: &str, size: u32| terms(id, schema, field, label, (size, false));
    let over_time = json!([metric(None, "Controls"), spans("segment", "d"), by("4", "group", "status", "Status", 12)]);
    let points = json!([average("1"), spans("segment", "d")]);
    let by_requirement = json!([average("1"), last(), by("10", "bucket", "requirement", "Requirement", 12)]);
    let mut by_stack = by("10", "bucket", STACK, "Stack", STACKS);
    by_stack["params"]["order"] = "asc".into();
    let by_stack = json!([average("1"), last(), by_stack]);
    let gaps = json!([
        metric(Some(STACK), "Stacks"),
        last(),
        by("10", "bucket", "control", "Control", 25),
        by("11", "bucket", "title", "Title", 1)
    ]);
    let shown = "is_shown:true";
    vec![
        drawn(
            "state",
            "Controls over time by status",
            "",
            ("histogram", over_time, bars("histogram", "Controls")),
            (48, 12),
        ),
        drawn("points", "Points shown over time", shown, ("histogram", points, bars("histogram", "Points")), (24, 12)),
        drawn("by-requirement", "Points by requirement", shown, ("table", by_requirement, table()), (24, 12)),
        drawn("by-stack", "Points by stack, lowest first", shown, ("table", by_stack, table()), (24, 13)),
        drawn("gaps", "Controls that most stacks lack", "status:(gap OR partial)", ("table", gaps, table()), (24, 13)),
    ]
}

fn drawn(id: &str, title: &str, query: &str, what: (&str, Value, Value), (width, height): (usize, usize)) -> Drawn {
    let (id, title) = (format!("{ID}-assessment-{id}"), format!("{TITLE} - {title}"));
    let named = Named { id: &id, title: &title, description: &description(&[]) };
    let asked = Asked { pattern: Some(ASSESSMENTS.to_owned()), query: query.to_owned(), filters: Vec::new() };
    Drawn { object: visualization(&named, what, &asked, Vec::new()), width, height }
}
