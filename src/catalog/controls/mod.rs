//! The 250 controls of PCI DSS v4.0.1, sections 1 to 12, and what would show each: data, so that a reader can check it
//! and a user can add to it. Numbers are the standard's; titles and texts are ours.

mod check;
mod clause;
mod control;

use std::{
    collections::BTreeMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
};

use schemars::JsonSchema;
use serde::Deserialize;

use clause::ClauseRow;
pub use clause::{ApprovalField, Clause, ClauseSource, Condition, NetworkPredicate, Quantifier, ValueShape};
pub use control::{
    Binds, Changed, Claim, Class, Control, CustomizedApproach, FutureDated, Method, Reachable, Requirement, RuleEntry,
};

use super::ComponentTypes;
use crate::{
    terms::{ControlId, Digest, InputError, Place, TypeName},
    yaml::{self, Spanned},
};

/// All controls.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Controls {
    /// The twelve requirements.
    pub requirements: Vec<Requirement>,
    /// Numbers and titles of the appendices A1 to A3, which are not assessed.
    pub appendices: Vec<(String, String)>,
    /// SHA-256 of the files, one after the other.
    pub digest: Digest,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct File {
    /// 1 to 12.
    requirement: u16,
    /// The title, in our own words.
    title: String,
    /// The controls.
    #[schemars(with = "Vec<ControlRow>")]
    controls: Vec<Spanned<ControlRow>>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct ControlRow {
    id: ControlId,
    title: String,
    milestone: u8,
    #[serde(default)]
    binds: Binds,
    methods: Vec<Method>,
    #[serde(default)]
    future_dated: Option<FutureDated>,
    #[serde(default)]
    changed_in_4_0_1: Option<Changed>,
    #[serde(default)]
    customized_approach: CustomizedApproach,
    #[serde(default)]
    cadence: Option<String>,
    #[serde(default)]
    superseded_by: Option<ControlId>,
    class: Class,
    claim: Claim,
    #[serde(default)]
    asks: Option<String>,
    #[serde(default)]
    #[schemars(with = "Vec<EntryRow>")]
    rule: Vec<Spanned<EntryRow>>,
    #[serde(default)]
    note: Option<String>,
}

#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct EntryRow {
    /// The component type; absent for the network.
    #[serde(default)]
    r#type: Option<String>,
    /// The type may only complete what another shows.
    #[serde(default)]
    beyond: bool,
    /// What it must reach in order to serve: one of each list.
    #[serde(default)]
    reach: Vec<Vec<ReachRow>>,
    #[serde(default)]
    #[schemars(with = "Vec<ClauseRow>")]
    required: Vec<Clause>,
    #[serde(default)]
    #[schemars(with = "Vec<ClauseRow>")]
    supporting: Vec<Clause>,
}

/// One of `{to: TYPE}`, `{from: TYPE}`, `{internet: PORT}`, `{api_server: true}`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum ReachRow {
    To(String),
    From(String),
    Internet(u16),
    ApiServer(bool),
}

#[derive(Debug, Deserialize)]
struct AppendixFile {
    controls: Vec<AppendixRow>,
}

#[derive(Debug, Deserialize)]
struct AppendixRow {
    id: String,
    title: String,
}

/// The files as they are written, not yet held against each other and the component types.
pub(super) struct Unchecked<'f> {
    /// Each with its name.
    requirements: Vec<(&'f str, File)>,
    appendices: AppendixFile,
    digest: Digest,
}

/// Files of requirements, which several threads may read: each takes up the next that nobody has.
pub(super) struct Unread<'f> {
    /// Each with its name.
    files: &'f [(&'f str, &'f str)],
    next: AtomicUsize,
    /// Each with its index.
    read: Mutex<Vec<(usize, Result<File, InputError>)>>,
}

impl<'f> Unread<'f> {
    pub(super) fn of(files: &'f [(&'f str, &'f str)]) -> Self {
        Self { files, next: AtomicUsize::new(0), read: Mutex::default() }
    }

    /// Reads those that nobody has taken up, until none is left.
    pub(super) fn read(&self) {
        let take = || self.next.fetch_add(1, Ordering::Relaxed);
        let mut index = take();
        while let Some((name, text)) = self.files.get(index) {
            let file = yaml::read(name, text);
            self.read.lock().unwrap_or_else(PoisonError::into_inner).push((index, file));
            index = take();
        }
    }

    /// What was read, with the file of the appendices, (name, text); all threads have ended.
    pub(super) fn done(self, appendices: (&str, &str)) -> Result<Unchecked<'f>, InputError> {
        let texts: Vec<&str> = self.files.iter().chain([&appendices]).map(|(_, text)| *text).collect();
        let digest = Digest::of(texts.concat().as_bytes());
        let mut read = self.read.into_inner().unwrap_or_else(PoisonError::into_inner);
        read.sort_by_key(|(index, _)| *index);
        let requirements = read.into_iter().map(|(index, file)| Ok((self.files[index].0, file?)));
        let requirements = requirements.collect::<Result<_, _>>()?;
        Ok(Unchecked { requirements, appendices: yaml::read(appendices.0, appendices.1)?, digest })
    }
}

impl Unchecked<'_> {
    /// The controls, if they can be what `types` makes of them.
    pub(super) fn checked(self, types: &ComponentTypes) -> Result<Controls, InputError> {
        let requirements = self.requirements.into_iter().map(|(name, file)| requirement(name, file, types));
        let mut requirements: Vec<Requirement> = requirements.collect::<Result<_, _>>()?;
        requirements.sort_by_key(|requirement| requirement.number);
        let appendices = self.appendices.controls.into_iter().map(|row| (row.id, row.title)).collect();
        Ok(Controls { requirements, appendices, digest: self.digest })
    }
}

impl Controls {
    /// Reads the files of the requirements and that of the appendices, each (name, text), and checks them against the
    /// known `types`.
    pub fn read(
        requirements: &[(&str, &str)],
        appendices: (&str, &str),
        types: &ComponentTypes,
    ) -> Result<Self, InputError> {
        let unread = Unread::of(requirements);
        unread.read();
        unread.done(appendices)?.checked(types)
    }

    /// The JSON Schema of a requirement's file.
    pub fn schema() -> schemars::Schema {
        schemars::schema_for!(File)
    }

    /// All controls, ascending.
    pub fn iter(&self) -> impl Iterator<Item = &Control> {
        self.requirements.iter().flat_map(|requirement| &requirement.controls)
    }
}

fn requirement(name: &str, file: File, types: &ComponentTypes) -> Result<Requirement, InputError> {
    let name = name.into();
    let File { requirement: number, title, controls } = file;
    let mut by_id: BTreeMap<ControlId, Control> = BTreeMap::new();
    for row in controls {
        let place = yaml::place(&name, row.referenced);
        let entry_place = |location| yaml::place(&name, location);
        let control = control(row.value, &entry_place);
        check::control(&control, number, types, &place)?;
        if let Some(twice) = by_id.insert(control.id.clone(), control) {
            return Err(InputError::new(place, format!("the control {} stands twice", twice.id)));
        }
    }
    Ok(Requirement { number, title, controls: by_id.into_values().collect() })
}

fn control(row: ControlRow, place: &dyn Fn(yaml::Location) -> Place) -> Control {
    let entry = |entry: Spanned<EntryRow>| RuleEntry {
        place: place(entry.referenced),
        kind: entry.value.r#type.as_deref().map(TypeName::new),
        is_beyond: entry.value.beyond,
        reach: entry.value.reach.into_iter().map(|group| group.into_iter().filter_map(reachable).collect()).collect(),
        required: entry.value.required,
        supporting: entry.value.supporting,
    };
    Control {
        id: row.id,
        title: row.title,
        milestone: row.milestone,
        binds: row.binds,
        methods: row.methods,
        future_dated: row.future_dated,
        changed_in_4_0_1: row.changed_in_4_0_1,
        customized_approach: row.customized_approach,
        cadence: row.cadence,
        superseded_by: row.superseded_by,
        class: row.class,
        claim: row.claim,
        asks: row.asks,
        rule: row.rule.into_iter().map(entry).collect(),
        note: row.note,
    }
}

fn reachable(row: ReachRow) -> Option<Reachable> {
    match row {
        ReachRow::To(name) => Some(Reachable::To(TypeName::new(&name))),
        ReachRow::From(name) => Some(Reachable::From(TypeName::new(&name))),
        ReachRow::Internet(port) => Some(Reachable::Internet(port)),
        ReachRow::ApiServer(is_asked) => is_asked.then_some(Reachable::ApiServer),
    }
}
