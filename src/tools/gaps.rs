//! `pci_compliance_gaps`: what is missing, most urgent first, each with the change that closes it.

use std::fmt::Write as _;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Detail, Outlet, Question, cut,
    subject::{Subject, or_none},
    whole_difference::{self, WholeDifference},
};
use crate::{
    assess::{Cost, Gap, GapKind, Missing, Status},
    change,
    engine::Snapshot,
    render::{Header, prose},
    terms::{Change, ControlId, Date, Digest},
};

pub(super) struct Gaps;

/// How many gaps a chat gets at a time.
const PAGE: usize = 10;

/// Arguments of `pci_compliance_gaps`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// At most so many.
    #[arg(long, value_name = "N")]
    limit: Option<usize>,
    /// Of this requirement alone, 1 to 12.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u16).range(1..=12))]
    #[schemars(range(min = 1, max = 12))]
    requirement: Option<u16>,
    /// Of this milestone alone, 1 to 6.
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u8).range(1..=6))]
    #[schemars(range(min = 1, max = 6))]
    milestone: Option<u8>,
    /// Where an earlier answer went on: its `next_cursor`.
    #[arg(skip)]
    cursor: Option<String>,
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// `full` for whole changes.
    #[arg(skip)]
    detail: Option<Detail>,
    /// The day that attestations are held against; without it none counts.
    #[arg(skip)]
    as_of: Option<Date>,
    /// Changes, as `what_if` takes them.
    #[arg(skip)]
    #[serde(default, deserialize_with = "or_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>", length(max = 50))]
    what_if: Vec<Change>,
}

/// One gap.
#[derive(Debug, Serialize, JsonSchema)]
#[schemars(inline)]
struct GapEntry {
    /// Its place in the order, from 1.
    rank: usize,
    /// What kind of thing closes it.
    kind: GapKind,
    /// The control.
    control: ControlId,
    /// The control's title, in our own words.
    title: String,
    /// Its requirement.
    requirement: u16,
    /// Its milestone.
    milestone: u8,
    /// How it stands.
    status: Status,
    /// What is missing, what decides first.
    why: String,
    /// The changes that close it, taken together, as `what_if` takes them.
    change: Vec<Change>,
    /// How many these are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    change_total: Option<usize>,
    /// What no change of the stack does, in words.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    advice: Vec<String>,
    /// The controls that these changes close.
    closes: Vec<ControlId>,
    /// What they cost.
    cost: Cost,
}

/// Gaps.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// The day that attestations are held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    as_of: Option<Date>,
    /// How many there are.
    total: usize,
    /// Gaps, most urgent first.
    gaps: Vec<GapEntry>,
    /// Where the next answer goes on, if there are more.
    #[serde(skip_serializing_if = "Option::is_none")]
    next_cursor: Option<String>,
    /// What the changes make of the real stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<WholeDifference>,
}

impl Question for Gaps {
    const NAME: &'static str = "pci_compliance_gaps";
    const COMMAND: &'static str = "gaps";
    const TITLE: &'static str = "What is missing, most urgent first";
    const DESCRIPTION: &'static str = "The controls that are open and not shown whole, most urgent first, each with what \
        is missing, the changes that close it, and which other controls these close. Use it for \"what is worst\" and \
        \"what should we do first\". Next: `what_if` with a gap's `change`.";
    const OUTLET: Outlet = Outlet::Text;
    type Request = Request;
    type Response = Response;

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), request.as_of, &request.what_if)?;
        let snapshot = &*subject.snapshot;
        let detail = request.detail.unwrap_or(context.detail);
        request.check()?;
        let all = change::gaps(snapshot, context.watch)?.iter().enumerate();
        let asked: Vec<(usize, &Gap)> = all.filter(|(_, gap)| is_asked(snapshot, gap, request)).collect();
        let mark = request.mark(snapshot);
        let start = request.cursor.as_deref().map_or(Ok(0), |cursor| start(&mark, cursor))?;
        // A shell takes all; a chat takes a page, whatever it asks for.
        let most = if context.detail == Detail::Full { usize::MAX } else { PAGE };
        let page = request.limit.unwrap_or(most).min(most);
        let end = start.saturating_add(page).min(asked.len());
        let listed = asked.get(start..end).unwrap_or_default();
        Ok(Response {
            header: Header::of(snapshot),
            as_of: snapshot.day(),
            total: asked.len(),
            gaps: listed.iter().filter_map(|(rank, gap)| entry(snapshot, rank + 1, gap, detail)).collect(),
            next_cursor: (end < asked.len() && context.detail == Detail::Summary).then(|| format!("{end}.{mark}")),
            difference: subject.difference(detail),
        })
    }

    fn text(response: &Response) -> String {
        let mut text = format!(
            "**{}**: {} gaps, most urgent first; level `{}`.\n",
            prose(&response.header.system_name),
            response.total,
            response.header.level
        );
        for gap in &response.gaps {
            text += &gap_text(gap);
        }
        if response.gaps.len() < response.total {
            let _ = writeln!(text, "\n{} of {} are shown.", response.gaps.len(), response.total);
        }
        text + &whole_difference::text(response.difference.as_ref())
    }
}

impl Request {
    fn check(&self) -> Result<(), AskError> {
        let wrong = |what: &str| Err(AskError::Argument(what.to_owned()));
        match (self.requirement, self.milestone, self.limit) {
            (Some(number), ..) if !(1..=12).contains(&number) => wrong("`requirement` is 1 to 12"),
            (_, Some(number), _) if !(1..=6).contains(&number) => wrong("`milestone` is 1 to 6"),
            (.., Some(0)) => wrong("`limit` is at least 1"),
            _ => Ok(()),
        }
    }

    /// What a cursor holds of the question, so that it is not taken for another.
    fn mark(&self, snapshot: &Snapshot) -> String {
        let asked = format!(
            "{} {:?} {:?} {:?} {:?}",
            snapshot.inputs.stack,
            self.requirement,
            self.milestone,
            snapshot.day(),
            self.what_if
        );
        Digest::of(asked.as_bytes()).short()
    }
}

fn is_asked(snapshot: &Snapshot, gap: &Gap, request: &Request) -> bool {
    let control = snapshot.assessment().controls.iter().nth(gap.index);
    control.is_some_and(|control| {
        request.requirement.is_none_or(|asked| control.id.requirement() == asked)
            && request.milestone.is_none_or(|asked| control.milestone == asked)
    })
}

/// Where to go on; a cursor of another question, or of another state of the stack, is refused.
fn start(mark: &str, cursor: &str) -> Result<usize, AskError> {
    let wrong = |what: &str| AskError::Argument(what.to_owned());
    let (offset, digest) = cursor.split_once('.').ok_or_else(|| wrong("`cursor` is the `next_cursor` of an answer"))?;
    if digest != mark {
        return Err(wrong("the stack or the question changed, start again: leave `cursor` out"));
    }
    offset.parse().map_err(|_| wrong("`cursor` is the `next_cursor` of an answer"))
}

fn entry(snapshot: &Snapshot, rank: usize, gap: &Gap, detail: Detail) -> Option<GapEntry> {
    let assessment = snapshot.assessment();
    let (control, result) = assessment.iter().nth(gap.index)?;
    let mut change = gap.changes.clone();
    let change_total = cut(&mut change, detail).filter(|total| *total > change.len());
    let mut advice = gap.advice.clone();
    cut(&mut advice, detail);
    let why = result.missing.iter().find(|missing| missing.decides).or(result.missing.first());
    let why = why.map(Missing::said);
    Some(GapEntry {
        rank,
        kind: gap.kind,
        control: control.id.clone(),
        title: control.title.clone(),
        requirement: control.id.requirement(),
        milestone: control.milestone,
        status: result.status(),
        why: why.or_else(|| control.asks.clone()).unwrap_or_default(),
        change,
        change_total,
        advice,
        closes: gap.closes.clone(),
        cost: gap.cost,
    })
}

fn gap_text(gap: &GapEntry) -> String {
    let mut text = format!(
        "\n{}. **{}** {} — {}, milestone {}\n   - why: {}\n",
        gap.rank,
        gap.control,
        prose(&gap.title),
        gap.status.as_str(),
        gap.milestone,
        prose(&gap.why)
    );
    let total = gap.change_total.unwrap_or(gap.change.len());
    let named: Vec<String> = gap.change.iter().take(NAMED).map(|change| prose(&change.to_string())).collect();
    if !named.is_empty() {
        let more = if total > named.len() { format!("; and {} more", total - named.len()) } else { String::new() };
        let _ = writeln!(text, "   - change: {}{more}", named.join("; "));
    }
    let left: Vec<String> = gap.advice.iter().take(NAMED).map(|advice| prose(advice)).collect();
    if !left.is_empty() && gap.change.is_empty() {
        let _ = writeln!(text, "   - to do: {}", left.join("; "));
    } else if !left.is_empty() {
        let _ = writeln!(text, "   - left: {}", left.join("; "));
    }
    let closes: Vec<String> = gap.closes.iter().map(ToString::to_string).collect();
    if !closes.is_empty() {
        let _ = writeln!(text, "   - closes: {}", closes.join(", "));
    }
    text
}

/// How many changes of a gap the text names.
const NAMED: usize = 4;
