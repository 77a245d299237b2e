//! Which kind of panel is drawn by what; a new kind is one more line here.

use pci_assess::events::{Panel, PanelKind};

use super::{Drawn, Scene, counts, events, groups, timeline};

/// `panel`, drawn.
pub(in crate::siem) fn draw(scene: &Scene, panel: &Panel) -> Drawn {
    match panel.kind {
        PanelKind::Counts => counts::counts(scene, panel),
        PanelKind::Requirements => counts::requirements(scene, panel),
        PanelKind::Arrival => counts::arrival(scene, panel),
        PanelKind::Timeline => timeline::timeline(scene, panel),
        PanelKind::Bars => groups::bars(scene, panel),
        PanelKind::Table => groups::table(scene, panel),
        PanelKind::Events => events::events(scene, panel),
    }
}
