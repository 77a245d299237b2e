//! `what_if`: several changes at once, and the whole difference.

use pci_engine::change;
use pci_render::{Header, prose};
use pci_stack::{Change, Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Changes, Context, Detail, Outlet, Question,
    page::{Asked, Bounded, Page, cut},
    subject::or_none,
    whole_difference::{FlowChange, WholeDifference},
};

pub(super) struct WhatIf;

/// Arguments of `what_if`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The changes, one after the other.
    #[arg(skip)]
    #[serde(deserialize_with = "or_none")]
    #[schemars(length(min = 1, max = 50))]
    changes: Vec<Change>,
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// `full` for longer lists and pages.
    #[arg(skip)]
    detail: Option<Detail>,
    /// The `next_cursor` of an earlier answer, to go on there.
    #[arg(skip)]
    cursor: Option<String>,
    /// The day that attestations are held against; without it none counts.
    #[arg(skip)]
    as_of: Option<Date>,
}

/// What changes would make of the stack.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// The changes, in words.
    changes: Vec<String>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    changes_total: Option<usize>,
    #[serde(flatten)]
    difference: WholeDifference,
    #[serde(flatten)]
    page: Page,
}

impl Question for WhatIf {
    const NAME: &'static str = "what_if";
    const COMMAND: &'static str = "what-if";
    const TITLE: &'static str = "What changes would do";
    const DESCRIPTION: &'static str = "What one or several changes would do to the numbers, the controls, the policies, \
        the flows, the exposure and the scope. Nothing is kept. Each change is one flat object with `op` and the fields \
        of that op; answers of the other tools propose such changes. Use it for \"what if we dropped this link\". Next: \
        the same changes as `what_if` of another tool.";
    const OUTLET: Outlet = Outlet::Text;
    const CHANGES: Changes = Changes::Subject;
    type Request = Request;
    type Response = Response;

    fn asked(request: &Request) -> Asked<'_> {
        Asked { detail: request.detail, cursor: request.cursor.as_deref() }
    }

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let mut before = context.fleet.snapshot(request.stack.as_deref())?;
        if let Some(day) = request.as_of {
            before = before.on(day);
        }
        let changes = if request.changes.is_empty() { context.what_if } else { &request.changes };
        if changes.is_empty() {
            return Err(AskError::Argument("there is no change: say at least one in `changes`".to_owned()));
        }
        before.settle(context.watch)?;
        let after = change::asked(&before, changes).map_err(|error| AskError::Argument(error.to_string()))?;
        after.settle(context.watch)?;
        Ok(Response {
            header: Header::of(&before),
            changes: changes.iter().map(|change| change::described(&after, change)).collect(),
            changes_total: None,
            difference: WholeDifference::of(&before, &after),
            page: Page::default(),
        })
    }

    fn text(response: &Response) -> String {
        let mut changes: Vec<String> = response.changes.iter().map(|change| format!("- {}", prose(change))).collect();
        let left = response.changes_total.map_or(0, |total| total - changes.len());
        changes.extend((left > 0).then(|| format!("- and {left} more")));
        let difference = &response.difference;
        let difference = if response.page.is_later() { difference.flows_text() } else { difference.text() };
        format!(
            "What would follow for **{}** from:\n{}\n\n{}",
            prose(&response.header.system_name),
            changes.join("\n"),
            difference
        )
    }
}

impl Bounded for Response {
    type Entry = FlowChange;
    const NOUN: &'static str = "flows";
    const PAGED: &'static [&'static str] = &["flows_added", "flows_removed"];

    fn header(&self) -> &Header {
        &self.header
    }

    fn take(&mut self) -> Vec<FlowChange> {
        self.difference.take_flows()
    }

    fn put(&mut self, flows: Vec<FlowChange>, page: Page) {
        self.difference.put_flows(flows);
        self.page = page;
    }

    fn cut(&mut self, most: usize) {
        cut(&mut self.changes, &mut self.changes_total, most);
        self.difference.cut(most);
    }
}
