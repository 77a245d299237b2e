//! The dashboard of one source of one stack.

use pci_assess::{Missing, SiemSource, SourceState, events::Source};
use pci_engine::Snapshot;
use pci_stack::ControlId;

use super::{
    board::{Board, banner},
    fields,
    object::{Object, lines},
    panels::{Scene, draw},
};
use crate::{markdown, prose};

/// How far back a dashboard of events opens.
const SINCE: &str = "now-7d";

/// The file of the dashboard of `planned`, which `source` describes, of the stack of `snapshot`.
pub(super) fn file(snapshot: &Snapshot, source: &Source, planned: &SiemSource) -> Vec<u8> {
    let siem = &snapshot.tables().siem;
    let plan = snapshot.siem();
    let (id, title) = named(snapshot, source);
    let mut panels = Vec::new();
    if planned.state == SourceState::CutOff {
        panels.push(banner(&format!("{id}-cut-off"), &format!("{title} - Cut off"), &cut_off(snapshot, planned)));
    }
    let mut patterns: Vec<&Source> = vec![source];
    for panel in &source.panels {
        let from = panel.from.as_ref().and_then(|name| siem.source(name)).unwrap_or(source);
        // What another source would show is left out where nothing of it arrives.
        let Some(its) = plan.made().find(|one| one.name == from.source) else { continue };
        if patterns.iter().all(|known| known.source != from.source) {
            patterns.push(from);
        }
        let (id, title) = (id.clone(), title.clone());
        let namespaces = &plan.namespaces;
        let scene =
            Scene { id, title, source: from, shapes: vec![&its.shape], stack: &snapshot.stack.name, namespaces };
        panels.push(draw(&scene, panel));
    }
    let mut controls: Vec<ControlId> = source.panels.iter().flat_map(|panel| panel.controls.clone()).collect();
    controls.sort();
    controls.dedup();
    let from = source.window_hours.map_or_else(|| SINCE.to_owned(), |hours| format!("now-{hours}h"));
    let board = Board::of(&id, &title, &controls, panels, &from);
    let patterns: Vec<Object> = patterns.into_iter().map(fields::pattern).collect();
    lines(patterns.iter().chain(board.objects()))
}

/// Id and title of the dashboard of `source` of the stack of `snapshot`.
fn named(snapshot: &Snapshot, source: &Source) -> (String, String) {
    let id = format!("{}-pci-{}", snapshot.stack.id, source.dashboard.key);
    (id, format!("{} - PCI - {}", snapshot.stack.name, source.dashboard.title))
}

fn cut_off(snapshot: &Snapshot, planned: &SiemSource) -> String {
    let name = markdown(&snapshot.stack.component(planned.component).name.to_string());
    let missing: Vec<String> =
        planned.missing.iter().map(Missing::said).map(|said| format!("- {}", prose(&said))).collect();
    format!(
        "**Events of {name} have no whole way to OpenSearch.** What stands below may be empty for that reason alone: the \
         network policies generated from the stack let no traffic through where it says\n\n{}\n",
        missing.join("\n")
    )
}
