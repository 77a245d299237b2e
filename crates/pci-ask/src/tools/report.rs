//! `report`: the whole report, for an assessor and an engineer.

use pci_assess::Numbers;
use pci_render::{Header, report};
use pci_stack::{Date, LevelSource};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Outlet, Question,
    page::{Bounded, NoEntry},
    subject::Subject,
};

pub(super) struct Report;

/// Arguments of `report`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// As one page of HTML, which prints, with a map of the controls and the picture of the allowed traffic.
    #[arg(long)]
    #[serde(default)]
    html: bool,
}

/// The report, and the numbers that it is about.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// The day that statements are held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    as_of: Option<Date>,
    #[serde(flatten)]
    numbers: Numbers,
    /// The report.
    markdown: String,
    /// The same as one page of HTML, if that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    html: Option<String>,
}

impl Question for Report {
    const NAME: &'static str = "report";
    const COMMAND: &'static str = "report";
    const TITLE: &'static str = "Report where the stack stands on PCI DSS, for an assessor and an engineer";
    const DESCRIPTION: &'static str = "Report in full what the stack shows of the 250 controls of PCI DSS, what people \
        state of them, and what is not known. Strict mode only.";
    const OUTLET: Outlet = Outlet::Document;
    const IS_FOR_CHAT: bool = false;
    type Request = Request;
    type Response = Response;

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let snapshot = Subject::of(context, request.stack.as_deref(), None, &[])?.snapshot;
        if !report::is_made_at(snapshot.level()) {
            let level = Some(snapshot.level()).filter(|_| snapshot.level_source() != LevelSource::NotSet);
            return Err(AskError::BelowStrict(level));
        }
        Ok(Response {
            header: Header::of(&snapshot),
            as_of: snapshot.day(),
            numbers: snapshot.assessment().numbers.clone(),
            markdown: report::report(&snapshot),
            html: request.html.then(|| report::page(&snapshot)),
        })
    }

    fn text(response: &Response) -> String {
        response.markdown.clone()
    }

    fn document(response: &Response) -> Option<String> {
        Some(response.html.as_ref().unwrap_or(&response.markdown).clone())
    }
}

impl Bounded for Response {
    type Entry = NoEntry;

    fn header(&self) -> &Header {
        &self.header
    }

    fn cut(&mut self, _: usize) {}
}
