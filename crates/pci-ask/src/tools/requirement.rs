//! `pci_compliance_requirement`: one requirement, control by control.

use pci_assess::Numbers;
use pci_render::{Header, prose};
use pci_stack::{Change, Date};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Detail, Outlet, Question,
    page::{Asked, Bounded, Page},
    standing::{ControlEntry, numbers_text},
    subject::{Subject, or_none},
    whole_difference::{self, WholeDifference},
};

pub(super) struct Requirement;

/// Arguments of `pci_compliance_requirement`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The requirement, 1 to 12.
    #[arg(value_name = "N", value_parser = clap::value_parser!(u16).range(1..=12))]
    #[schemars(range(min = 1, max = 12))]
    requirement: u16,
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// `full` for evidence, everything that is missing, and what an assessor still examines.
    #[arg(skip)]
    detail: Option<Detail>,
    /// The `next_cursor` of an earlier answer, to go on there.
    #[arg(skip)]
    cursor: Option<String>,
    /// The day that attestations are held against; without it none counts.
    #[arg(skip)]
    as_of: Option<Date>,
    /// Changes, as `what_if` takes them.
    #[arg(skip)]
    #[serde(default, deserialize_with = "or_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>", length(max = 50))]
    what_if: Vec<Change>,
}

/// One requirement.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// 1 to 12.
    requirement: u16,
    /// Its title, in our own words.
    title: String,
    #[serde(flatten)]
    numbers: Numbers,
    /// Its controls, ascending.
    controls: Vec<ControlEntry>,
    #[serde(flatten)]
    page: Page,
    /// What the changes make of the real stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    difference: Option<WholeDifference>,
}

impl Question for Requirement {
    const NAME: &'static str = "pci_compliance_requirement";
    const COMMAND: &'static str = "requirement";
    const TITLE: &'static str = "One requirement of PCI DSS, control by control";
    const DESCRIPTION: &'static str = "How each control of one requirement (1 to 12) stands, and what is missing; with \
        `detail: full` what it rests on, with file and line, and what an assessor still examines. Use it after \
        `pci_compliance_overview`. Next: `pci_compliance_gaps` with this requirement for the changes that help.";
    const OUTLET: Outlet = Outlet::Text;
    type Request = Request;
    type Response = Response;

    fn asked(request: &Request) -> Asked<'_> {
        Asked { detail: request.detail, cursor: request.cursor.as_deref() }
    }

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), request.as_of, &request.what_if)?;
        let snapshot = &subject.snapshot;
        let assessment = snapshot.assessment();
        let number = request.requirement;
        let mut known = assessment.controls.requirements.iter();
        let Some(requirement) = known.find(|requirement| requirement.number == number) else {
            return Err(AskError::Argument(format!("there is no requirement {number}: say 1 to 12")));
        };
        let detail = request.detail.unwrap_or(context.detail);
        let of_requirement = assessment.iter().filter(|(control, _)| control.id.requirement() == number);
        Ok(Response {
            header: Header::of(snapshot),
            requirement: number,
            title: requirement.title.clone(),
            numbers: assessment.numbers_of(|control| control.id.requirement() == number),
            controls: of_requirement
                .map(|(control, result)| ControlEntry::of(snapshot, control, result, detail))
                .collect(),
            page: Page::default(),
            difference: subject.difference(),
        })
    }

    fn text(response: &Response) -> String {
        let head = format!(
            "**Requirement {}, {}**, of {} at level `{}`:\n\n",
            response.requirement,
            prose(&response.title),
            prose(&response.header.system_name),
            response.header.level,
        );
        let controls = response.controls.iter().map(ControlEntry::text).collect::<String>();
        if response.page.is_later() {
            return head + &controls;
        }
        let difference = whole_difference::text(response.difference.as_ref());
        format!("{head}{}\n{controls}{difference}", numbers_text(&response.numbers))
    }
}

impl Bounded for Response {
    type Entry = ControlEntry;
    const NOUN: &'static str = "controls";
    const PAGED: &'static [&'static str] = &["controls"];

    fn header(&self) -> &Header {
        &self.header
    }

    fn take(&mut self) -> Vec<ControlEntry> {
        std::mem::take(&mut self.controls)
    }

    fn put(&mut self, controls: Vec<ControlEntry>, page: Page) {
        (self.controls, self.page) = (controls, page);
    }

    fn cut(&mut self, most: usize) {
        self.difference.iter_mut().for_each(|difference| difference.cut(most));
    }
}
