//! A source of events, as its file says it.

use std::collections::BTreeMap;

use pci_stack::ControlId;
use serde::Deserialize;

use super::condition::Condition;

/// A source of security events.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its name, which is its component type and stands in file names.
    pub source: String,
    /// What people call it.
    pub name: String,
    /// Its dashboard.
    pub dashboard: Dashboard,
    /// The type of the link to OpenSearch without which nothing is made.
    pub link: String,
    /// Links that it needs besides.
    #[serde(default)]
    pub needs: Vec<Need>,
    /// Where its events lie.
    pub index: Index,
    /// In which shapes they come.
    pub shapes: BTreeMap<String, Shape>,
    /// When an event was.
    pub time: Paths,
    /// Which stack it is of.
    pub stack: Paths,
    /// Its other fields.
    pub fields: Vec<Field>,
    /// Fields by which two documents are the same thing seen twice; empty where each document is an event of its own.
    #[serde(default)]
    pub distinct: Vec<String>,
    /// How many hours back anything counts, where older documents say the same again.
    #[serde(default)]
    pub window_hours: Option<u32>,
    /// Fields that are kept nowhere.
    #[serde(default)]
    pub never_stored: Vec<String>,
    /// Which events are the worst.
    pub critical: Condition,
    /// Which events serve which control.
    pub requirements: Vec<EventRule>,
    /// What raises an alert.
    pub monitor: Monitor,
    /// What its dashboard shows.
    pub panels: Vec<Panel>,
}

/// What a source's dashboard is called.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dashboard {
    /// In ids: `{stack}-pci-{key}`.
    pub key: String,
    /// In titles: `{stack} - PCI - {title}`.
    pub title: String,
}

/// A link that a source needs.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Need {
    /// Its type.
    pub link: String,
}

/// Where events lie.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The index pattern.
    pub pattern: String,
    /// The stem of the names of its daily indices.
    #[serde(default)]
    pub daily: Option<String>,
    /// The alias that is written to, where indices roll over behind it.
    #[serde(default)]
    pub rollover: Option<String>,
}

/// A shape in which the events of a source come.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Shape {
    /// What stands before each path that says nothing else.
    pub prefix: String,
    /// The component type that events pass through, if any.
    pub through: Option<String>,
}

/// Where something stands in a document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paths {
    /// Its path, before which a shape's prefix goes.
    pub path: String,
    /// Its whole path in the shapes where it is another.
    #[serde(default)]
    pub at: BTreeMap<String, String>,
}

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    /// A word that is counted and searched as a whole.
    Keyword,
    /// Text that is searched by its words.
    Text,
    /// A whole number.
    Integer,
    /// A large whole number.
    Long,
    /// A number.
    Float,
    /// A time.
    Date,
    /// Keys and values of which nobody knows how many.
    FlatObject,
    /// A word that is kept, and can be neither searched nor counted.
    Unindexed,
    /// Keys and values that are kept, and of which none becomes a field.
    Unmapped,
}

/// A field.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    /// What this file calls it.
    pub name: String,
    /// Its path, before which a shape's prefix goes.
    pub path: String,
    /// What it holds.
    #[serde(rename = "type")]
    pub kind: FieldType,
    /// Its whole path in the shapes where it is another.
    #[serde(default)]
    pub at: BTreeMap<String, String>,
}

/// Events that serve a control.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct EventRule {
    /// The control.
    pub control: ControlId,
    /// What the events are, in our own words.
    pub label: String,
    /// Which they are.
    pub when: Condition,
}

/// What raises an alert.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Monitor {
    /// Its name.
    pub name: String,
    /// The controls that it serves.
    pub controls: Vec<ControlId>,
    /// On which events.
    pub when: Condition,
}

/// What kind a panel is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PanelKind {
    /// Numbers, each beside the time of the last document; "no data" where nothing arrived at all.
    Counts,
    /// The same, for each line of the source's table of controls.
    Requirements,
    /// The same, for each namespace in scope.
    Arrival,
    /// Events over time, by the source's table of controls.
    Timeline,
    /// The most frequent values of a field.
    Bars,
    /// The most frequent combinations of fields.
    Table,
    /// Events themselves, newest first.
    Events,
}

/// A panel.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Panel {
    /// Its kind.
    pub kind: PanelKind,
    /// In ids, after the dashboard's.
    pub id: String,
    /// What stands above it.
    pub title: String,
    /// The controls that it answers.
    pub controls: Vec<ControlId>,
    /// Another source that it draws from.
    #[serde(default)]
    pub from: Option<String>,
    /// Of which events.
    #[serde(default)]
    pub when: Condition,
    /// The fields that it groups by.
    #[serde(default)]
    pub by: Vec<String>,
    /// The field whose values it counts, instead of documents.
    #[serde(default)]
    pub of: Option<String>,
    /// The fields of events that it shows.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The numbers that it shows.
    #[serde(default)]
    pub counts: Vec<Count>,
}

/// A number.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Count {
    /// What is counted, in our own words.
    pub label: String,
    /// Of which events.
    #[serde(default)]
    pub when: Condition,
}

/// A field at its place in one shape.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed {
    /// Its whole path.
    pub path: String,
    /// What it holds.
    pub kind: FieldType,
}

fn place(path: &str, at: &BTreeMap<String, String>, name: &str, shape: &Shape) -> String {
    at.get(name).cloned().unwrap_or_else(|| format!("{}{path}", shape.prefix))
}

impl Source {
    /// The shape `name`; one that there is not is as if nothing was said of it.
    fn shape(&self, name: &str) -> Shape {
        self.shapes.get(name).cloned().unwrap_or_default()
    }

    /// Where the time stands in the shape `name`.
    pub fn time_path(&self, name: &str) -> String {
        place(&self.time.path, &self.time.at, name, &self.shape(name))
    }

    /// Where the stack's name stands in the shape `name`.
    pub fn stack_path(&self, name: &str) -> String {
        place(&self.stack.path, &self.stack.at, name, &self.shape(name))
    }

    /// The field `field` in the shape `name`.
    pub fn field(&self, field: &str, name: &str) -> Option<Placed> {
        let field = self.fields.iter().find(|one| one.name == field)?;
        Some(Placed { path: place(&field.path, &field.at, name, &self.shape(name)), kind: field.kind })
    }

    /// All fields of the shape `name`, time and stack first.
    pub fn placed(&self, name: &str) -> Vec<Placed> {
        let own = [
            Placed { path: self.time_path(name), kind: FieldType::Date },
            Placed { path: self.stack_path(name), kind: FieldType::Keyword },
        ];
        own.into_iter().chain(self.fields.iter().filter_map(|field| self.field(&field.name, name))).collect()
    }

    /// The shape of events that pass through a component of the type `kind`.
    pub fn shape_through(&self, kind: &str) -> Option<&str> {
        self.shapes.iter().find(|(_, shape)| shape.through.as_deref() == Some(kind)).map(|(name, _)| name.as_str())
    }
}
