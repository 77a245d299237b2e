//! `pci_compliance_overview`: where the stack stands, requirement by requirement.

mod all;
mod fields;

use std::fmt::Write as _;

use pci_assess::{Precondition, Standing};
use pci_render::{Header, prose};
use pci_stack::Finding;
use serde::Serialize;

pub(super) use self::all::header_of_all;
use self::fields::{Request, Response, StackRow, missed};
use super::{
    AskError, Context, Detail, Outlet, Question,
    page::{Asked, Bounded, Entry, Page, cut_longer},
    standing::{StandingRow, numbers_text},
    subject::Subject,
    whole_difference,
};

pub(super) struct Overview;

impl Question for Overview {
    const NAME: &'static str = "pci_compliance_overview";
    const COMMAND: &'static str = "overview";
    const TITLE: &'static str = "Where the stack stands on PCI DSS";
    const DESCRIPTION: &'static str = "Where the stack stands on the 250 controls of PCI DSS v4.0.1: what is shown by \
        the deployed topology, what people answer for, what is not known; a row per requirement, preconditions, \
        findings. Use it for \"where do we stand\". Next: `pci_compliance_gaps` for what to do first, \
        `pci_compliance_requirement` for one requirement.";
    const OUTLET: Outlet = Outlet::Text;
    const SPANS_STACKS: bool = true;
    type Request = Request;
    type Response = Response;

    fn asked(request: &Request) -> Asked<'_> {
        Asked { detail: request.detail, cursor: request.cursor.as_deref() }
    }

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        if request.min.is_some_and(|min| !(0.0..=100.0).contains(&min)) {
            return Err(AskError::Argument("`--min` is a percentage, 0 to 100".to_owned()));
        }
        // A shell that is given several stacks asks about all; a chat says so.
        let is_shell_of_several = context.detail == Detail::Full && request.stack.is_none() && context.fleet.is_several;
        if request.stack.as_deref() == Some(all::ALL) || is_shell_of_several {
            return all::answer(context, request);
        }
        let subject = Subject::of(context, request.stack.as_deref(), request.as_of, &request.what_if)?;
        let snapshot = &subject.snapshot;
        let assessment = snapshot.assessment();
        let findings = snapshot.findings();
        let missed = missed(request, &assessment.numbers, &findings);
        Ok(Response {
            header: Header::of(snapshot),
            as_of: snapshot.day(),
            numbers: assessment.numbers.clone(),
            requirements: StandingRow::requirements(assessment),
            milestones: StandingRow::milestones(assessment),
            preconditions: assessment.preconditions.clone(),
            findings,
            findings_total: None,
            stacks: None,
            stacks_total: None,
            page: Page::default(),
            difference: subject.difference(),
            missed,
        })
    }

    fn text(response: &Response) -> String {
        let header = &response.header;
        if let Some(stacks) = response.stacks.as_ref().filter(|_| response.page.is_later()) {
            let mut text = format!("**{}**:\n", prose(&header.system_name));
            all::table(stacks, &mut text);
            return text;
        }
        if response.page.is_later() {
            return format!("**{}**: findings, worst first.\n", prose(&header.system_name)) + &findings_text(response);
        }
        let as_of = response.as_of.map_or_else(
            || "no day given (`as_of`), so no attestation counts".to_owned(),
            |day| format!("attestations as of {day}"),
        );
        let (stands, level) = match &response.stacks {
            Some(_) => ("where they stand", "the loosest level is"),
            None => ("where it stands", "level"),
        };
        let mut text = format!(
            "**{}**: {stands} on {} controls of PCI DSS v4.0.1; {level} `{}`, {as_of}. This is no assessment.\n\n{}\n",
            prose(&header.system_name),
            response.numbers.controls_total,
            header.level,
            numbers_text(&response.numbers)
        );
        text +=
            "| requirement | points | not known | gaps | wait for people | answered for |\n|---|---|---|---|---|---|\n";
        for row in &response.requirements {
            let count = |status| row.by_status.get(&status).copied().unwrap_or(0);
            let _ = writeln!(
                text,
                "| {} {} | {}/{} | {} | {} | {} | {}/{} |",
                row.requirement.unwrap_or_default(),
                prose(row.title.as_deref().unwrap_or_default()),
                row.technical_points,
                row.technical_total,
                count(pci_assess::Status::Unknown),
                count(pci_assess::Status::Gap),
                count(pci_assess::Status::Manual),
                row.completion_done,
                row.completion_total
            );
        }
        if let Some(stacks) = &response.stacks {
            all::table(stacks, &mut text);
        }
        let open: Vec<&Precondition> =
            response.preconditions.iter().filter(|one| one.state != Standing::Confirmed).collect();
        if !open.is_empty() {
            text += "\nWhat network results rest on and is not confirmed:\n";
            for one in open {
                let _ = writeln!(text, "- {}", prose(&one.why));
            }
        }
        let total = response.findings_total.unwrap_or(response.findings.len());
        if total > 0 {
            let _ = writeln!(text, "\n{total} findings, worst first:");
        }
        text += &findings_text(response);
        text += &whole_difference::text(response.difference.as_ref());
        for missed in &response.missed {
            let _ = writeln!(text, "\n{}", prose(missed));
        }
        text
    }

    fn holds(response: &Response) -> bool {
        response.missed.is_empty()
    }
}

/// An entry of the list that is paged: of one stack its findings, of all the stacks.
#[derive(Debug, Clone, Serialize)]
#[serde(untagged)]
pub(super) enum Paged {
    Finding(Finding),
    Stack(StackRow),
}

impl Entry for Paged {}

impl Bounded for Response {
    type Entry = Paged;
    const NOUN: &'static str = "entries";
    const PAGED: &'static [&'static str] = &["findings", "stacks"];
    const WHOLE: &'static [&'static str] = &["requirements", "milestones", "preconditions"];

    fn header(&self) -> &Header {
        &self.header
    }

    fn take(&mut self) -> Vec<Paged> {
        if let Some(stacks) = &mut self.stacks {
            self.stacks_total = Some(stacks.len());
            return std::mem::take(stacks).into_iter().map(Paged::Stack).collect();
        }
        self.findings_total = Some(self.findings.len());
        std::mem::take(&mut self.findings).into_iter().map(Paged::Finding).collect()
    }

    fn put(&mut self, entries: Vec<Paged>, page: Page) {
        let (mut findings, mut stacks) = (Vec::new(), Vec::new());
        for entry in entries {
            match entry {
                Paged::Finding(finding) => findings.push(finding),
                Paged::Stack(row) => stacks.push(row),
            }
        }
        match &mut self.stacks {
            Some(listed) => *listed = stacks,
            None => self.findings = findings,
        }
        self.page = page;
    }

    fn cut(&mut self, most: usize) {
        self.difference.iter_mut().for_each(|difference| difference.cut(most));
        if self.stacks.is_some() {
            cut_longer(&mut self.findings, &mut self.findings_total, most);
            cut_longer(&mut self.missed, &mut None, most);
        }
    }
}

/// The findings of a chat's page; in the shell the first, and how many more there are.
fn findings_text(response: &Response) -> String {
    const NAMED: usize = 5;
    let most = if response.page.is_in_chat { usize::MAX } else { NAMED };
    let mut text = String::new();
    for finding in response.findings.iter().take(most) {
        let place = finding.r#where.as_ref().map(|place| format!(" ({})", prose(&place.to_string())));
        let _ = writeln!(text, "- {}: {}{}", finding.id, prose(&finding.message), place.unwrap_or_default());
    }
    if response.findings.len() > most {
        let _ = writeln!(text, "- and {} more", response.findings.len() - most);
    }
    text
}
