//! Exceptions that are added, replaced in part, or taken away, by the rules of `pci-exceptions.yaml`.

use netpol_reach::{InputError, clean};
use pci_stack::{Change, TypeName, catalog::EntryList};
use serde_json::{Map, Value};

use super::draft::{Draft, said};

impl Draft {
    pub(super) fn set_exception(&mut self, change: &Change) -> Result<(), InputError> {
        let id = &*clean(said(change.name.as_ref()));
        let mut given = change.attributes.clone().unwrap_or_default();
        if given.contains_key("id") {
            return Err(self.wrong("the id of an exception is said as `name`"));
        }
        let asked = given.remove("section").map(|section| self.list(&section)).transpose()?;
        let known = |list: EntryList| self.premises.tables.catalog.entry_fields(list, id).map(|fields| (list, fields));
        let found = match asked {
            Some(list) => known(list),
            None => EntryList::ALL.into_iter().find_map(known),
        };
        let (list, fields) = match (found, asked.or_else(|| meant(&given))) {
            (Some(found), _) => found,
            (None, Some(list)) => (list, Map::new()),
            (None, None) => return Err(self.no_exception(id)),
        };
        let fields = merged(fields, given, id);
        let types: Vec<TypeName> = self.stack().components.iter().map(|component| component.kind.clone()).collect();
        self.premises.tables.catalog = self.premises.tables.catalog.with_entry(&self.place, list, fields, types)?;
        Ok(())
    }

    fn list(&self, section: &Value) -> Result<EntryList, InputError> {
        let text = section.as_str().unwrap_or_default();
        let list = EntryList::ALL.into_iter().find(|list| list.as_str() == text);
        list.ok_or_else(|| {
            let names: Vec<String> = EntryList::ALL.iter().map(|list| format!("`{}`", list.as_str())).collect();
            self.wrong("`section` names no list of exceptions").help(format!("one of {}", names.join(", ")))
        })
    }

    fn no_exception(&self, id: &str) -> InputError {
        let ids = EntryList::ALL.into_iter().flat_map(|list| self.premises.tables.catalog.entry_ids(list));
        let what = format!("there is no exception `{}`, and the fields of a new one are missing", clean(id));
        let error = self.wrong_name(what, id, ids);
        let new = "a new one has `type`, `direction`, `peer`, `ports` and `reason`";
        let help = error.help.as_ref().map_or_else(|| new.to_owned(), |near| format!("{near} {new}"));
        error.help(help)
    }
}

/// The list that a new entry belongs to, by what it says.
fn meant(given: &Map<String, Value>) -> Option<EntryList> {
    let says = |key: &str| given.contains_key(key);
    if says("source") || says("target") {
        return Some(EntryList::Overrides);
    }
    (says("direction") || says("directions")).then(|| match (says("type"), says("peer")) {
        (true, true) => EntryList::Component,
        (true, false) => EntryList::Internet,
        (false, _) => EntryList::System,
    })
}

/// The entry `fields` with what is `given` in place of its own; null takes a field away.
fn merged(mut fields: Map<String, Value>, given: Map<String, Value>, id: &str) -> Map<String, Value> {
    if given.contains_key("direction") || given.contains_key("directions") {
        fields.retain(|key, _| key != "direction" && key != "directions");
    }
    // Who states the need of an entry vouches for it: it is then no longer the shipped tables' own.
    if given.contains_key("reason") {
        fields.remove("origin");
    }
    fields.extend(given);
    fields.insert("id".to_owned(), Value::String(id.to_owned()));
    fields.retain(|_, value| !value.is_null());
    fields
}
