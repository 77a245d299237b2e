//! Layers of `pci-exceptions.yaml` → one: a user's over ours, and a single entry over both.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use netpol_reach::{
    InputError, Place, clean, nearest,
    yaml::{self, Location, Spanned},
};
use serde_json::{Map, Value};

use super::{
    entries::{Entry, ExceptionsFile, OverrideEntry},
    ports::PortRow,
};
use crate::{TypeName, Vocabulary};

/// The lists of `pci-exceptions.yaml` whose entries have ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryList {
    /// `component-exceptions`
    Component,
    /// `system-exceptions`
    System,
    /// `internet-exceptions`
    Internet,
    /// `overrides` in `well-known-ports`
    Overrides,
}

impl EntryList {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::Component, Self::System, Self::Internet, Self::Overrides];

    /// The list's key in the file.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Component => "component-exceptions",
            Self::System => "system-exceptions",
            Self::Internet => "internet-exceptions",
            Self::Overrides => "overrides",
        }
    }
}

/// An exception, and where it stands.
type Placed = (Place, Entry);

/// Layers as one, not yet checked against the types.
#[derive(Debug, Clone, Default)]
pub(super) struct Written {
    pub(super) rows: BTreeMap<TypeName, Vec<PortRow>>,
    pub(super) overrides: Vec<(Place, OverrideEntry)>,
    /// Component, system and internet exceptions.
    pub(super) sections: [Vec<Placed>; 3],
    /// What a layer took away of each, as it was, so that another can bring it back.
    away: [Vec<Placed>; 3],
}

impl Written {
    /// The same under the file `name`.
    pub(super) fn under(self, name: &str, text: &str, types: &Vocabulary) -> Result<Self, InputError> {
        let file: Arc<str> = name.into();
        self.layered(yaml::read_table(name, text)?, &|location| yaml::place(&file, location), types)
    }

    /// The same under one entry of `list`, which somebody gives at `place`.
    pub(super) fn under_entry(
        self,
        place: &Place,
        list: EntryList,
        fields: Map<String, Value>,
        types: &Vocabulary,
    ) -> Result<Self, InputError> {
        let mut document = Value::Object(Map::from_iter([(list.as_str().to_owned(), vec![fields].into())]));
        if list == EntryList::Overrides {
            document = Value::Object(Map::from_iter([("well-known-ports".to_owned(), document)]));
        }
        let file = yaml::read(&place.file, &document.to_string());
        let file = file.map_err(|error| InputError { place: place.clone(), ..error })?;
        self.layered(file, &|_| place.clone(), types)
    }

    fn layered(
        mut self,
        layer: ExceptionsFile,
        place: &dyn Fn(Location) -> Place,
        types: &Vocabulary,
    ) -> Result<Self, InputError> {
        let mut named = BTreeSet::new();
        for (name, list) in layer.well_known_ports.types {
            let place = place(list.referenced);
            if let Some(row) = list.value.iter().find(|row| row.roles.is_empty()) {
                return Err(InputError::new(place, format!("port {} has no role", row.port)));
            }
            let name = types.canonical(&name);
            if !named.insert(name.clone()) {
                return Err(InputError::new(place, format!("a second list of ports for `{name}`")));
            }
            self.rows.insert(name, list.value);
        }
        let taken = placed(layer.well_known_ports.overrides, place);
        merge(&mut self.overrides, &mut Vec::new(), taken, |entry| (&entry.id, entry.disabled))?;
        let layer_sections = [layer.component_exceptions, layer.system_exceptions, layer.internet_exceptions];
        for ((entries, away), taken) in self.sections.iter_mut().zip(&mut self.away).zip(layer_sections) {
            merge(entries, away, placed(taken, place), |entry| (&entry.id, entry.disabled))?;
        }
        Ok(self)
    }

    /// The ids of all entries of `list`.
    pub(super) fn ids(&self, list: EntryList) -> Vec<&str> {
        match self.section(list) {
            Some((section, away)) => section.iter().chain(away).map(|(_, entry)| entry.id.as_str()).collect(),
            None => self.overrides.iter().map(|(_, entry)| entry.id.as_str()).collect(),
        }
    }

    /// The fields of the entry `id` of `list`, without those that say nothing.
    pub(super) fn fields(&self, list: EntryList, id: &str) -> Option<Map<String, Value>> {
        let written = match self.section(list) {
            Some((section, away)) => {
                let mut known = section.iter().chain(away);
                known.find(|(_, entry)| entry.id == id).map(|(_, entry)| serde_json::to_value(entry))
            }
            None => {
                self.overrides.iter().find(|(_, entry)| entry.id == id).map(|(_, entry)| serde_json::to_value(entry))
            }
        };
        match written?.ok().map(telling) {
            Some(Value::Object(fields)) => Some(fields),
            _ => None,
        }
    }

    /// The entries of `list`, and those that were taken away; overrides stand apart.
    fn section(&self, list: EntryList) -> Option<(&[Placed], &[Placed])> {
        let index = match list {
            EntryList::Component => 0,
            EntryList::System => 1,
            EntryList::Internet => 2,
            EntryList::Overrides => return None,
        };
        Some((self.sections.get(index)?, self.away.get(index)?))
    }
}

/// `value` without what says nothing in it.
fn telling(value: Value) -> Value {
    let says_nothing = |value: &Value| match value {
        Value::Null | Value::Bool(false) => true,
        Value::Array(list) => list.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(true) | Value::Number(_) | Value::String(_) => false,
    };
    match value {
        Value::Object(map) => {
            let map = map.into_iter().map(|(key, value)| (key, telling(value)));
            Value::Object(map.filter(|(_, value)| !says_nothing(value)).collect())
        }
        other => other,
    }
}

fn placed<T>(entries: Vec<Spanned<T>>, place: &dyn Fn(Location) -> Place) -> impl Iterator<Item = (Place, T)> {
    entries.into_iter().map(|entry| (place(entry.referenced), entry.value))
}

/// Adds `over` to `base`: an entry replaces the one with its id, or takes it to `away` if it is disabled.
fn merge<T: Clone>(
    base: &mut Vec<(Place, T)>,
    away: &mut Vec<(Place, T)>,
    over: impl Iterator<Item = (Place, T)>,
    id_of: impl Fn(&T) -> (&String, bool),
) -> Result<(), InputError> {
    let inherited = base.len();
    let mut added = Vec::new();
    let mut seen = BTreeSet::new();
    for (place, entry) in over {
        let (id, disabled) = id_of(&entry);
        if id.is_empty() {
            return Err(InputError::new(place, "an entry without `id`").help("each entry has an id of its own"));
        }
        if !seen.insert(id.clone()) {
            return Err(InputError::new(place, format!("a second entry with the id `{}`", clean(id))));
        }
        let held = base[..inherited].iter().position(|(_, other)| id_of(other).0 == id);
        if disabled && held.is_none() {
            let names = base.iter().map(|(_, other)| id_of(other).0.as_str());
            let hint = nearest(id, names).map(|name| format!("; did you mean `{name}`?")).unwrap_or_default();
            return Err(InputError::new(place, format!("there is no entry `{}` to disable{hint}", clean(id))));
        }
        away.retain(|(_, other)| id_of(other).0 != id);
        if let Some(index) = held.filter(|_| disabled) {
            away.push(base[index].clone());
        }
        match held {
            Some(index) => base[index] = (place, entry),
            None => added.push((place, entry)),
        }
    }
    base.append(&mut added);
    base.retain(|(_, entry)| !id_of(entry).1);
    Ok(())
}
