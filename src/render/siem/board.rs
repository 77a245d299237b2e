//! A dashboard: panels in rows of 48 columns, each beside or beneath the one before.

use serde_json::{Value, json};

use super::{
    object::{Asked, Named, Object, dashboard, visualization},
    panels::{Drawn, description},
};
use crate::terms::ControlId;

/// How wide the grid is.
const WIDTH: usize = 48;

/// A dashboard and its panels.
#[derive(Debug, Clone)]
pub(super) struct Board {
    /// The dashboard.
    dashboard: Object,
    /// Its panels.
    panels: Vec<Object>,
}

impl Board {
    /// A dashboard `id` of `panels`, that opens on the time since `from`.
    pub(super) fn of(id: &str, title: &str, controls: &[ControlId], panels: Vec<Drawn>, from: &str) -> Self {
        let (mut x, mut y, mut tallest) = (0, 0, 0);
        let mut placed = Vec::new();
        for (number, panel) in panels.iter().enumerate() {
            if x + panel.width > WIDTH {
                (x, y, tallest) = (0, y + tallest, 0);
            }
            let grid = json!({"x": x, "y": y, "w": panel.width, "h": panel.height, "i": number.to_string()});
            placed.push((grid, &panel.object));
            x += panel.width;
            tallest = tallest.max(panel.height);
        }
        let named = Named { id, title, description: &description(controls) };
        let dashboard = dashboard(&named, &placed, from);
        Self { dashboard, panels: panels.into_iter().map(|panel| panel.object).collect() }
    }

    /// All of its objects, the dashboard last: what it refers to comes first.
    pub(super) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.panels.iter().chain([&self.dashboard])
    }
}

/// A panel that says something.
pub(super) fn banner(id: &str, title: &str, markdown: &str) -> Drawn {
    let params: Value = json!({"fontSize": 12, "openLinksInNewTab": false, "markdown": markdown});
    let named = Named { id, title, description: &description(&[]) };
    let object = visualization(&named, ("markdown", json!([]), params), &Asked::default(), Vec::new());
    Drawn { object, width: WIDTH, height: 6 }
}
