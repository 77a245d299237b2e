//! Numbers with the time of the last document beside them.

use pci_assess::events::Panel;
use serde_json::{Value, json};

use super::{Drawn, Scene, description, vega};
use crate::siem::{
    numbers::{Cell, Group, Numbers},
    object::Named,
    query,
};

/// The numbers that the panel lists.
pub(super) fn counts(scene: &Scene, panel: &Panel) -> Drawn {
    let rows =
        panel.counts.iter().map(|count| (count.label.clone(), query::json(scene.source, &scene.shapes, &count.when)));
    lines(scene, panel, rows.collect(), false)
}

/// A number for each line of the source's table of controls.
pub(super) fn requirements(scene: &Scene, panel: &Panel) -> Drawn {
    let rows =
        scene.source.requirements.iter().map(|rule| {
            (format!("{} {}", rule.control, rule.label), query::json(scene.source, &scene.shapes, &rule.when))
        });
    lines(scene, panel, rows.collect(), false)
}

/// A number for each namespace in scope: silence of one is no good sign.
pub(super) fn arrival(scene: &Scene, panel: &Panel) -> Drawn {
    let path = scene.path("namespace");
    let rows = scene
        .namespaces
        .iter()
        .map(|namespace| (namespace.to_string(), json!({"term": {(path.as_str()): namespace.as_str()}})));
    lines(scene, panel, rows.collect(), true)
}

fn lines(scene: &Scene, panel: &Panel, rows: Vec<(String, Value)>, none_is_silence: bool) -> Drawn {
    let (lines, rows): (Vec<String>, Vec<Value>) = rows.into_iter().unzip();
    let cells = (0..lines.len()).map(|line| Cell { of: (0, line), at: (line, 0), none_is_silence }).collect();
    let group = Group::of(scene.source, &scene.shapes, vec![scene.of_stack().1], rows);
    let column = if scene.source.distinct.is_empty() { "documents" } else { "found, each once" };
    let numbers = Numbers {
        index: &scene.source.index.pattern,
        groups: vec![group],
        lines,
        columns: vec![column.to_owned()],
        cells,
    };
    let (id, title) = (scene.id_of(panel), scene.title_of(panel));
    let named = Named { id: &id, title: &title, description: &description(&panel.controls) };
    Drawn { object: vega(&named, &numbers.spec()), width: 24, height: numbers.height() }
}
