//! `pci_compliance_gaps`: what is missing, most urgent first, each with the change that closes it.

use std::fmt::Write as _;

use netpol_reach::named;
use pci_assess::{Cost, Gap, GapKind, Missing, Status};
use pci_engine::{Snapshot, change};
use pci_render::{Header, prose};
use pci_stack::{Change, ControlId, Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Detail, Outlet, Question,
    page::{Asked, Bounded, Entry, Page, cut_longer},
    subject::{Subject, or_none},
    whole_difference::{self, WholeDifference},
};

pub(super) struct Gaps;

/// How many gaps a summary holds.
const PAGE: usize = 10;
/// How many changes of a gap a summary holds.
const CHANGES: usize = 10;

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
    /// The `next_cursor` of an earlier answer, to go on there.
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
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct GapEntry {
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
    /// How much that is, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice_total: Option<usize>,
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
    #[serde(flatten)]
    page: Page,
    /// How many of them are asked for at a time.
    #[serde(skip)]
    most: usize,
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

    fn asked(request: &Request) -> Asked<'_> {
        Asked { detail: request.detail, cursor: request.cursor.as_deref() }
    }

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), request.as_of, &request.what_if)?;
        let snapshot = &*subject.snapshot;
        let detail = request.detail.unwrap_or(context.detail);
        request.check()?;
        let all = change::gaps(snapshot, context.watch)?.iter().enumerate();
        let asked: Vec<(usize, &Gap)> = all.filter(|(_, gap)| is_asked(snapshot, gap, request)).collect();
        let limit = request.limit.unwrap_or(usize::MAX);
        // A shell takes as many as it asks for; a chat takes these page by page.
        let listed = if context.detail == Detail::Full { limit } else { usize::MAX };
        let gaps = asked.iter().take(listed).filter_map(|(rank, gap)| entry(snapshot, rank + 1, gap, detail));
        Ok(Response {
            header: Header::of(snapshot),
            as_of: snapshot.day(),
            total: asked.len(),
            gaps: gaps.collect(),
            page: Page::default(),
            most: if detail == Detail::Full { limit } else { limit.min(PAGE) },
            difference: subject.difference(),
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
            text += &gap_text(gap, response.page.most_named(NAMED_CLOSED));
        }
        if response.page.is_later() {
            return text;
        }
        if !response.page.is_in_chat && response.gaps.len() < response.total {
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
}

impl Bounded for Response {
    type Entry = GapEntry;
    const NOUN: &'static str = "gaps";
    const PAGED: &'static [&'static str] = &["gaps"];

    fn header(&self) -> &Header {
        &self.header
    }

    fn take(&mut self) -> Vec<GapEntry> {
        std::mem::take(&mut self.gaps)
    }

    fn put(&mut self, gaps: Vec<GapEntry>, page: Page) {
        (self.gaps, self.page) = (gaps, page);
    }

    fn cut(&mut self, most: usize) {
        self.difference.iter_mut().for_each(|difference| difference.cut(most));
    }

    fn most(&self) -> usize {
        self.most
    }
}

impl Entry for GapEntry {
    fn shorten(&mut self, most: usize) {
        cut_longer(&mut self.change, &mut self.change_total, most);
        cut_longer(&mut self.advice, &mut self.advice_total, most);
    }
}

/// Whether `request` asks for `gap`.
fn is_asked(snapshot: &Snapshot, gap: &Gap, request: &Request) -> bool {
    let control = snapshot.assessment().controls.iter().nth(gap.index);
    control.is_some_and(|control| {
        request.requirement.is_none_or(|asked| control.id.requirement() == asked)
            && request.milestone.is_none_or(|asked| control.milestone == asked)
    })
}

fn entry(snapshot: &Snapshot, rank: usize, gap: &Gap, detail: Detail) -> Option<GapEntry> {
    let assessment = snapshot.assessment();
    let (control, result) = assessment.iter().nth(gap.index)?;
    let why = result.missing.iter().find(|missing| missing.decides).or(result.missing.first());
    let why = why.map(Missing::said);
    let mut entry = GapEntry {
        rank,
        kind: gap.kind,
        control: control.id.clone(),
        title: control.title.clone(),
        requirement: control.id.requirement(),
        milestone: control.milestone,
        status: result.status(),
        why: why.or_else(|| control.asks.clone()).unwrap_or_default(),
        change: gap.changes.clone(),
        change_total: None,
        advice: gap.advice.clone(),
        advice_total: None,
        closes: gap.closes.clone(),
        cost: gap.cost,
    };
    if detail == Detail::Summary {
        entry.shorten(CHANGES);
    }
    Some(entry)
}

/// `gap` in words, with at most `most` of the controls that its changes close.
fn gap_text(gap: &GapEntry, most: usize) -> String {
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
    let changes: Vec<String> = gap.change.iter().take(NAMED).map(|change| prose(&change.to_string())).collect();
    if !changes.is_empty() {
        let more = if total > changes.len() { format!("; and {} more", total - changes.len()) } else { String::new() };
        let _ = writeln!(text, "   - change: {}{more}", changes.join("; "));
    }
    let left: Vec<String> = gap.advice.iter().take(NAMED).map(|advice| prose(advice)).collect();
    if !left.is_empty() && gap.change.is_empty() {
        let _ = writeln!(text, "   - to do: {}", left.join("; "));
    } else if !left.is_empty() {
        let _ = writeln!(text, "   - left: {}", left.join("; "));
    }
    let closes: Vec<String> = gap.closes.iter().map(ToString::to_string).collect();
    if !closes.is_empty() {
        let _ = writeln!(text, "   - closes: {}", named(&closes, most, ", "));
    }
    text
}

/// How many changes of a gap the text names.
const NAMED: usize = 4;
/// How many controls that they close a chat's text names.
const NAMED_CLOSED: usize = 20;
