//! Events over time, by the source's table of controls: one query for each line of it.

use pci_assess::events::Panel;
use serde_json::json;

use super::{Drawn, Scene, bars, description, filters, metric, spans};
use crate::siem::{
    object::{Named, visualization},
    query,
};

pub(super) fn timeline(scene: &Scene, panel: &Panel) -> Drawn {
    let of = panel.of.as_ref().map(|name| scene.path(name));
    let label = if of.is_some() { "Each once" } else { "Events" };
    let rules = scene.source.requirements.iter().map(|rule| {
        let query = query::lucene(scene.source, &scene.shapes, &rule.when);
        (format!("{} {}", rule.control, rule.label), query.into())
    });
    let aggs = json!([metric(of.as_deref(), label), spans("segment", "auto"), filters("4", "group", rules.collect())]);
    let (id, title) = (scene.id_of(panel), scene.title_of(panel));
    let named = Named { id: &id, title: &title, description: &description(&panel.controls) };
    let object = visualization(&named, ("histogram", aggs, bars("histogram", label)), &scene.asked(panel), Vec::new());
    Drawn { object, width: 48, height: 14 }
}
