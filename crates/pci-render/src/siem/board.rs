//! A dashboard: panels in rows of 48 columns, each beside or beneath the one before.

use pci_stack::ControlId;
use serde_json::{Value, json};

use super::{
    object::{Asked, Named, Object, dashboard, visualization},
    panels::{Drawn, description},
};

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
        let grids = grids(&panels);
        let placed: Vec<(Value, &Object)> = grids.into_iter().zip(panels.iter().map(|panel| &panel.object)).collect();
        let named = Named { id, title, description: &description(controls) };
        let dashboard = dashboard(&named, &placed, from);
        Self { dashboard, panels: panels.into_iter().map(|panel| panel.object).collect() }
    }

    /// All of its objects, the dashboard last: what it refers to comes first.
    pub(super) fn objects(&self) -> impl Iterator<Item = &Object> {
        self.panels.iter().chain([&self.dashboard])
    }
}

/// Where `panels` lie: in rows, as many beside each other as fit, the last one stretched, all of one height.
fn grids(panels: &[Drawn]) -> Vec<Value> {
    let (mut grids, mut y, mut first) = (Vec::new(), 0, 0);
    while first < panels.len() {
        let mut width = 0;
        let fits = |panel: &&Drawn| {
            width += panel.width;
            width <= WIDTH
        };
        let row = panels[first..].iter().take_while(fits).count().max(1);
        let row = &panels[first..first + row];
        let height = row.iter().map(|panel| panel.height).max().unwrap_or_default();
        let mut x = 0;
        for (number, panel) in row.iter().enumerate() {
            let width = if number + 1 == row.len() { WIDTH - x } else { panel.width };
            grids.push(json!({"x": x, "y": y, "w": width, "h": height, "i": grids.len().to_string()}));
            x += width;
        }
        y += height;
        first += row.len();
    }
    grids
}

/// A panel that says something.
pub(super) fn banner(id: &str, title: &str, markdown: &str) -> Drawn {
    let params: Value = json!({"fontSize": 12, "openLinksInNewTab": false, "markdown": markdown});
    let named = Named { id, title, description: &description(&[]) };
    let object = visualization(&named, ("markdown", json!([]), params), &Asked::default(), Vec::new());
    Drawn { object, width: WIDTH, height: 6 }
}
