//! The 250 controls of PCI DSS v4.0.1, sections 1 to 12, and what would show each: data, so that a reader can check it
//! and a user can add to it. Numbers are the standard's; titles and texts are ours.

mod check;
mod clause;
mod control;
mod statements;

use std::{collections::BTreeMap, panic::resume_unwind, thread};

use clause::ClauseRow;
pub use clause::{ApprovalField, Clause, ClauseSource, Condition, NetworkPredicate, Quantifier, ValueShape};
pub use control::{
    Binds, Changed, Claim, Class, Control, CustomizedApproach, FutureDated, Method, Reachable, Requirement, RuleEntry,
};
use netpol_reach::{
    InputError, Place,
    yaml::{self, Spanned},
};
use pci_stack::{ControlId, Digest, TypeName, catalog::ComponentTypes};
use schemars::JsonSchema;
use serde::Deserialize;

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

impl Controls {
    /// Reads the files of the requirements and that of the appendices, each (name, text), and checks them against the
    /// known `types`.
    pub fn read(
        requirements: &[(&str, &str)],
        appendices: (&str, &str),
        types: &ComponentTypes,
    ) -> Result<Self, InputError> {
        let files = read_in_halves(requirements)?;
        let named = requirements.iter().map(|(name, _)| *name).zip(files);
        let requirements_read = named.map(|(name, file)| requirement(name, file, types));
        let mut requirements_read: Vec<Requirement> = requirements_read.collect::<Result<_, _>>()?;
        requirements_read.sort_by_key(|requirement| requirement.number);
        let appendix: AppendixFile = yaml::read(appendices.0, appendices.1)?;
        let texts: Vec<&str> = requirements.iter().chain([&appendices]).map(|(_, text)| *text).collect();
        Ok(Self {
            requirements: requirements_read,
            appendices: appendix.controls.into_iter().map(|row| (row.id, row.title)).collect(),
            digest: Digest::of(texts.concat().as_bytes()),
        })
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

/// Reads `files`, the second half on a thread of its own: they are most of what the program reads before its first answer.
///
/// Not on rayon's threads: these may wait for a snapshot that waits for the tables.
fn read_in_halves(files: &[(&str, &str)]) -> Result<Vec<File>, InputError> {
    let read = |files: &[(&str, &str)]| -> Result<Vec<File>, InputError> {
        files.iter().map(|(name, text)| yaml::read(name, text)).collect()
    };
    let (first, second) = files.split_at(files.len() / 2);
    thread::scope(|scope| {
        let second = scope.spawn(|| read(second));
        let mut all = read(first)?;
        all.extend(second.join().unwrap_or_else(|panic| resume_unwind(panic))?);
        Ok(all)
    })
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
