//! Where a stack stands: the numbers, what counts as shown, and what holds of every assessment.

mod denominators;
mod doubted;
mod facts;
mod faults;
mod impact;
mod less;
mod levels;
mod numbers;
mod rises;
mod statements;
mod types;
mod words;

use std::sync::LazyLock;

use pci_ask::tools::{self, Context, Detail, Reply, WriteTo};
use pci_assess::{Assessment, ControlResult, Technical};
use pci_engine::{
    Snapshot, Source, Sources,
    change::{self, read_document},
    fleet::Fleet,
};
use pci_fixtures::{SERVED, demo_sources};
use pci_stack::{Change, Date, TypeName, Watch};
use serde_json::{Map, Value, json};

/// A day on which all that the demo's profile states still holds.
const DAY: &str = "2026-03-01";

fn day(text: &str) -> Date {
    text.parse().unwrap()
}

static DEMO: LazyLock<Snapshot> = LazyLock::new(|| Snapshot::read(demo_sources()).unwrap());

/// The demo as it is shipped.
fn demo() -> Snapshot {
    same(&DEMO)
}

/// The demo on [`DAY`].
fn demo_on_its_day() -> Snapshot {
    DEMO.as_of(day(DAY))
}

/// The same once more.
fn same(snapshot: &Snapshot) -> Snapshot {
    change::apply(snapshot, &[]).unwrap()
}

/// The demo on [`DAY`] with this profile.
fn demo_with_profile(profile: &str) -> Snapshot {
    let profile = Some(Source { name: "profile.yaml", text: profile });
    Snapshot::read(Sources { profile, as_of: Some(day(DAY)), ..demo_sources() }).unwrap()
}

/// The demo with this stack, and nothing said of when.
fn demo_with_stack(stack: &str) -> Snapshot {
    let stack = Source { name: "stack.yaml", text: stack };
    Snapshot::read(Sources { stack, ..demo_sources() }).unwrap()
}

/// `text`, which holds `old` once, with `new` in its place.
fn edited(text: &str, old: &str, new: &str) -> String {
    assert_eq!(text.matches(old).count(), 1, "{old}");
    text.replace(old, new)
}

/// The line of `text` that is `part`, or else that holds it, from 1; only one does.
fn line_of(text: &str, part: &str) -> u32 {
    let is_whole = text.lines().any(|line| line == part);
    let is_it = |line: &str| if is_whole { line == part } else { line.contains(part) };
    let mut lines = (1..).zip(text.lines()).filter(|(_, line)| is_it(line));
    let (number, _) = lines.next().unwrap_or_else(|| panic!("no line has {part}"));
    assert!(lines.next().is_none(), "several lines have {part}");
    number
}

/// Changes as a file has them.
fn changes(text: &str) -> Vec<Change> {
    read_document("changes.yaml", text).unwrap()
}

fn after(snapshot: &Snapshot, text: &str) -> Snapshot {
    change::apply(snapshot, &changes(text)).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

/// The same, however many changes there are.
fn after_all(snapshot: &Snapshot, changes: &[Change]) -> Snapshot {
    let made = |snapshot: Snapshot, batch: &[Change]| {
        change::apply(&snapshot, batch).unwrap_or_else(|error| panic!("{error}\n{batch:?}"))
    };
    changes.chunks(change::MOST).fold(same(snapshot), made)
}

/// The stack without any component of type `kind`.
fn without_type(snapshot: &Snapshot, kind: &str) -> Snapshot {
    let kind = TypeName::new(kind);
    let names = snapshot.stack.of_type(&kind).map(|(_, component)| component.name.to_string());
    let changes: Vec<Change> = names.map(|name| Change::remove_component(&name)).collect();
    after_all(snapshot, &changes)
}

/// The recommended block of `kind`, for `snapshot`.
fn block_of(snapshot: &Snapshot, kind: &str) -> change::Block {
    change::block(snapshot, snapshot.catalog().types.get(&TypeName::new(kind)).unwrap())
}

/// The demo on [`DAY`] with all that is recommended of every type.
fn furnished() -> Snapshot {
    SERVED.iter().fold(demo_on_its_day(), |snapshot, (kind, _)| {
        same(&change::derived(&snapshot, &block_of(&snapshot, kind).changes()).unwrap())
    })
}

/// An attestation of each control that `is_asked`, as of [`DAY`].
fn attestations(snapshot: &Snapshot, is_asked: impl Fn(&ControlResult) -> bool) -> Vec<Change> {
    let asked = snapshot.assessment().iter().filter(|(_, result)| is_asked(result));
    let given = asked.map(|(control, _)| {
        let mut fields = json!({"who": "internal audit", "date": DAY});
        if control.needs_interval() {
            fields["interval"] = json!(12);
            fields["interval_reference"] = json!("TRA-1");
        }
        Change::set_attestation(&control.id.to_string(), fields.as_object().unwrap().clone())
    });
    given.collect()
}

/// How the control `id` stands.
fn control<'s>(snapshot: &'s Snapshot, id: &str) -> &'s ControlResult {
    result(snapshot.assessment(), id)
}

fn result<'a>(assessment: &'a Assessment, id: &str) -> &'a ControlResult {
    assessment.results.iter().find(|result| result.id.to_string() == id).unwrap()
}

/// What the stack shows of the control `id`.
fn technical(snapshot: &Snapshot, id: &str) -> Technical {
    control(snapshot, id).technical
}

/// What each control is worth, in half-points.
fn half_points(snapshot: &Snapshot) -> Vec<u32> {
    let worth = |result: &ControlResult| if result.applies() { result.technical.half_points() } else { 0 };
    snapshot.assessment().results.iter().map(worth).collect()
}

/// The numbers of the controls that rise from `before` to `after`.
fn risen(before: &Snapshot, after: &Snapshot) -> Vec<String> {
    let pairs = half_points(before).into_iter().zip(half_points(after));
    let results = pairs.zip(&after.assessment().results);
    results.filter(|((was, is), _)| is > was).map(|(_, result)| result.id.to_string()).collect()
}

/// What the question `command` answers of `snapshot`.
#[allow(clippy::needless_pass_by_value)]
fn ask(snapshot: Snapshot, command: &str, arguments: Value) -> Reply {
    let fleet = Fleet::of_one(Ok(snapshot));
    let (write_to, watch) = (WriteTo::Nowhere, &Watch::patient());
    let context = Context { fleet: &fleet, write_to, detail: Detail::Summary, given: None, what_if: &[], watch };
    let tool = tools::ALL.iter().find(|tool| tool.command == command).unwrap();
    let arguments: Map<String, Value> = arguments.as_object().unwrap().clone();
    tool.ask(&context, arguments).unwrap_or_else(|error| panic!("{command}: {error}"))
}

/// So many cases of a law, or as many as `PROPTEST_CASES` says.
fn cases(usual: u32) -> u32 {
    std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok()).unwrap_or(usual)
}
