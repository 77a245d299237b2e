//! What must hold of a source's file, so that no panel asks for a field or a control that is not there.

use netpol_reach::{InputError, Place, clean, nearest};
use pci_stack::ControlId;

use super::{Condition, FieldType, Panel, PanelKind, Source};
use crate::controls::Controls;

/// The shape that a source has where nobody says otherwise.
const USUAL_SHAPE: &str = "direct";

/// Checks `source`, one of `sources`, which stands in `file`.
pub(super) fn source(sources: &[Source], file: &str, source: &Source, controls: &Controls) -> Result<(), InputError> {
    let wrong = |what: String| InputError::new(Place::whole(file), what);
    if sources.iter().filter(|one| one.source == source.source).count() > 1 {
        return Err(wrong(format!("the source `{}` stands twice", clean(&source.source))));
    }
    if !source.shapes.contains_key(USUAL_SHAPE) {
        return Err(wrong(format!("`shapes` lacks `{USUAL_SHAPE}`")));
    }
    if source.index.daily.is_some() == source.index.rollover.is_some() {
        return Err(wrong("`index` says one of `daily` and `rollover`".to_owned()));
    }
    let known = |id: &ControlId| {
        let found = controls.iter().any(|control| control.id == *id);
        if found { Ok(()) } else { Err(wrong(format!("there is no control {id}"))) }
    };
    let asked = source.requirements.iter().map(|rule| &rule.control).chain(&source.monitor.controls);
    asked.chain(source.panels.iter().flat_map(|panel| &panel.controls)).try_for_each(known)?;
    source.distinct.iter().try_for_each(|name| countable(source, name).map_err(wrong))?;
    let conditions = source.requirements.iter().map(|rule| &rule.when);
    conditions
        .chain([&source.critical, &source.monitor.when])
        .try_for_each(|one| condition(source, one).map_err(wrong))?;
    source.panels.iter().try_for_each(|one| panel(sources, source, one).map_err(wrong))
}

fn condition(source: &Source, condition: &Condition) -> Result<(), String> {
    for test in condition {
        field(source, &test.field)?;
        if !test.is_clear() {
            return Err(format!("a test of `{}` asks one of `is`, `starts`, `from` and `to`, `is_there`", test.field));
        }
    }
    Ok(())
}

fn field(source: &Source, name: &str) -> Result<FieldType, String> {
    let found = source.fields.iter().find(|field| field.name == name);
    let kind = found.map(|field| field.kind).ok_or_else(|| {
        let near = nearest(name, source.fields.iter().map(|field| field.name.as_str()));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        format!("`{}` has no field `{}`{hint}", source.source, clean(name))
    })?;
    match kind {
        FieldType::Unindexed | FieldType::Unmapped => Err(format!("`{name}` can be neither searched nor counted")),
        kind => Ok(kind),
    }
}

/// An error unless the values of `name` can be grouped.
fn countable(source: &Source, name: &str) -> Result<(), String> {
    match field(source, name)? {
        FieldType::Text | FieldType::FlatObject => Err(format!("`{name}` is text, which can't be grouped")),
        _ => Ok(()),
    }
}

fn panel(sources: &[Source], source: &Source, panel: &Panel) -> Result<(), String> {
    let is_plain = |c: char| c.is_ascii_lowercase() || c == '-';
    // The clean-up after an import tells by `-pci-` whose an object is.
    if panel.id.is_empty() || !panel.id.chars().all(is_plain) || panel.id.contains("pci") {
        return Err(format!(
            "the panel id `{}` is not lower case words joined by `-`, without `pci`",
            clean(&panel.id)
        ));
    }
    if source.panels.iter().filter(|one| one.id == panel.id).count() > 1 {
        return Err(format!("the panel id `{}` stands twice", panel.id));
    }
    let from = match &panel.from {
        None => source,
        Some(name) => sources
            .iter()
            .find(|one| one.source == *name)
            .ok_or_else(|| format!("there is no source `{}`", clean(name)))?,
    };
    condition(from, &panel.when)?;
    panel.counts.iter().try_for_each(|count| condition(from, &count.when))?;
    panel.by.iter().chain(&panel.of).try_for_each(|name| countable(from, name))?;
    panel.columns.iter().try_for_each(|name| field(from, name).map(drop))?;
    let lacks = match panel.kind {
        PanelKind::Counts if panel.counts.is_empty() => Some("counts"),
        PanelKind::Bars | PanelKind::Table if panel.by.is_empty() => Some("by"),
        PanelKind::Events if panel.columns.is_empty() => Some("columns"),
        PanelKind::Arrival if from.fields.iter().all(|field| field.name != "namespace") => Some("a field `namespace`"),
        _ => None,
    };
    lacks.map_or(Ok(()), |what| Err(format!("the panel `{}` lacks {what}", panel.id)))
}
