//! `what_if`: several changes at once, and the whole difference.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{AskError, Changes, Context, Detail, Outlet, Question, whole_difference::WholeDifference};
use crate::{
    change,
    render::{Header, prose},
    terms::{Change, Date},
};

pub(super) struct WhatIf;

/// Arguments of `what_if`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The changes, one after the other.
    #[arg(skip)]
    #[schemars(length(min = 1, max = 50))]
    changes: Vec<Change>,
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// `full` for the whole lists.
    #[arg(skip)]
    detail: Option<Detail>,
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
    #[serde(flatten)]
    difference: WholeDifference,
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
        let after = change::apply(&before, changes).map_err(|error| AskError::Argument(error.to_string()))?;
        after.settle(context.watch)?;
        let detail = request.detail.unwrap_or(context.detail);
        Ok(Response {
            header: Header::of(&before),
            changes: changes.iter().map(ToString::to_string).collect(),
            difference: WholeDifference::of(&before, &after, detail),
        })
    }

    fn text(response: &Response) -> String {
        let changes: Vec<String> = response.changes.iter().map(|change| format!("- {}", prose(change))).collect();
        format!(
            "What would follow for **{}** from:\n{}\n\n{}",
            prose(&response.header.system_name),
            changes.join("\n"),
            response.difference.text()
        )
    }
}
