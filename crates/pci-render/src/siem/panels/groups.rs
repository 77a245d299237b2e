//! The most frequent values of a field, as bars, and the most frequent combinations of several, as a table: who did what
//! where.

use pci_assess::events::{FieldType, Panel};
use serde_json::{Value, json};

use super::{Drawn, Scene, bars as bar_params, description, last, metric, table as table_params, terms};
use crate::siem::object::{Named, visualization};

/// How many values bars show.
const BARS: u32 = 10;
/// How many values of the first field a table shows, and how many of each further one in each of them.
const FIRST: u32 = 20;
const FURTHER: u32 = 5;

pub(super) fn bars(scene: &Scene, panel: &Panel) -> Drawn {
    drawn(scene, panel, "horizontal_bar", ("segment", BARS, 1), 24, 12)
}

pub(super) fn table(scene: &Scene, panel: &Panel) -> Drawn {
    drawn(scene, panel, "table", ("bucket", FIRST, panel.by.len()), 48, 13)
}

fn drawn(
    scene: &Scene,
    panel: &Panel,
    kind: &str,
    (schema, first, most): (&str, u32, usize),
    width: usize,
    height: usize,
) -> Drawn {
    let of = panel.of.as_ref().map(|name| scene.path(name));
    let label =
        panel.of.as_ref().map_or_else(|| "Events".to_owned(), |name| format!("Each {} once", name.replace('_', " ")));
    let mut aggs = vec![metric(of.as_deref(), &label)];
    if kind == "table" {
        aggs.push(last());
    }
    aggs.extend(panel.by.iter().take(most).enumerate().map(|(number, name)| group(scene, name, number, schema, first)));
    let params = if kind == "table" { table_params() } else { bar_params(kind, &label) };
    let (id, title) = (scene.id_of(panel), scene.title_of(panel));
    let named = Named { id: &id, title: &title, description: &description(&panel.controls) };
    let object = visualization(&named, (kind, json!(aggs), params), &scene.asked(panel), Vec::new());
    Drawn { object, width, height }
}

fn group(scene: &Scene, name: &str, number: usize, schema: &str, first: u32) -> Value {
    let is_text = scene.source.field(name, scene.shape()).is_some_and(|field| field.kind == FieldType::Keyword);
    let size = if number == 0 { first } else { FURTHER };
    // Of the first field only what has it makes a line: a document without the field that a panel is about is not about it.
    let is_text = is_text && number > 0;
    terms(&(number + 10).to_string(), schema, &scene.path(name), &name.replace('_', " "), (size, is_text))
}
