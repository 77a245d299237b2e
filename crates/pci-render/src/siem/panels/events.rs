//! Events themselves, newest first, to follow one up.

use pci_assess::events::Panel;

use super::{Drawn, Scene, description};
use crate::siem::object::{Named, search};

pub(super) fn events(scene: &Scene, panel: &Panel) -> Drawn {
    let columns: Vec<String> = panel.columns.iter().map(|name| scene.path(name)).collect();
    let (id, title) = (scene.id_of(panel), scene.title_of(panel));
    let named = Named { id: &id, title: &title, description: &description(&panel.controls) };
    Drawn { object: search(&named, &columns, &scene.asked(panel)), width: 48, height: 15 }
}
