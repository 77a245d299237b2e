//! Where controls stand, as answers say it: the three numbers, and each control with what it rests on and lacks.

use std::{collections::BTreeMap, fmt::Write as _};

use pci_assess::{
    Assessment, ControlResult, Disposition, Evidence, Missing, Numbers, Percent, Points, PreconditionId, Statement,
    Status, Technical, alike,
    controls::{Class, Control, Method},
};
use pci_engine::Snapshot;
use pci_render::prose;
use pci_stack::ControlId;
use schemars::JsonSchema;
use serde::Serialize;

use crate::tools::{
    Detail,
    page::{Entry, cut_longer},
};

/// Where the controls of a requirement or of a milestone stand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct StandingRow {
    /// The requirement, 1 to 12.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) requirement: Option<u16>,
    /// The milestone of PCI SSC's Prioritized Approach, 1 to 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) milestone: Option<u8>,
    /// What it is about, in our words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) title: Option<String>,
    /// How many controls.
    pub(super) total: u32,
    /// How many stand how.
    #[schemars(with = "BTreeMap<String, u32>")]
    pub(super) by_status: BTreeMap<Status, u32>,
    /// Evidenced and supported 1, partial ½.
    pub(super) technical_points: Points,
    /// How many of the controls that a stack can show apply.
    pub(super) technical_total: u32,
    /// The points of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) technical_evidence_percent: Option<Percent>,
    /// Attested and inherited.
    pub(super) completion_done: u32,
    /// What applies.
    pub(super) completion_total: u32,
}

impl StandingRow {
    fn of(numbers: Numbers) -> Self {
        Self {
            requirement: None,
            milestone: None,
            title: None,
            total: numbers.controls_total,
            by_status: numbers.by_status,
            technical_points: numbers.technical_points,
            technical_total: numbers.technical_total,
            technical_evidence_percent: numbers.technical_evidence_percent,
            completion_done: numbers.completion_done,
            completion_total: numbers.completion_total,
        }
    }

    /// A row for each requirement.
    pub(super) fn requirements(assessment: &Assessment) -> Vec<Self> {
        let rows = assessment.controls.requirements.iter().map(|requirement| Self {
            requirement: Some(requirement.number),
            title: Some(requirement.title.clone()),
            ..Self::of(assessment.numbers_of(|control| control.id.requirement() == requirement.number))
        });
        rows.collect()
    }

    /// The rows of several stacks together, each with the same rows.
    pub(super) fn sum<'r>(several: impl IntoIterator<Item = &'r Vec<Self>>) -> Vec<Self> {
        let mut sum: Vec<Self> = Vec::new();
        for rows in several {
            if sum.is_empty() {
                sum.clone_from(rows);
                continue;
            }
            for (sum, row) in sum.iter_mut().zip(rows) {
                sum.add(row);
            }
        }
        sum
    }

    fn add(&mut self, row: &Self) {
        self.total += row.total;
        self.technical_points.0 += row.technical_points.0;
        self.technical_total += row.technical_total;
        self.technical_evidence_percent = Percent::of(self.technical_points.0, self.technical_total);
        self.completion_done += row.completion_done;
        self.completion_total += row.completion_total;
        for (status, count) in &row.by_status {
            *self.by_status.entry(*status).or_default() += count;
        }
    }

    /// A row for each milestone.
    pub(super) fn milestones(assessment: &Assessment) -> Vec<Self> {
        let row = |milestone| Self {
            milestone: Some(milestone),
            ..Self::of(assessment.numbers_of(|control| control.milestone == milestone))
        };
        (1..=6).map(row).collect()
    }
}

/// The three numbers in words.
pub(crate) fn numbers_text(numbers: &Numbers) -> String {
    let percent = |percent: Option<Percent>, of: String| {
        percent.map_or_else(|| "nothing applicable".to_owned(), |percent| format!("{percent} % ({of})"))
    };
    let technical =
        format!("{} points of {} controls that a stack can show", numbers.technical_points, numbers.technical_total);
    let completion = format!("{} of {} attested or inherited", numbers.completion_done, numbers.completion_total);
    format!(
        "- Technical evidence: {}\n- Completion, by people's word: {}\n- Not known: {} of the former; {} wait for people\n",
        percent(numbers.technical_evidence_percent, technical),
        percent(numbers.completion_percent, completion),
        numbers.unknown,
        numbers.manual
    )
}

/// The subjects that lack the same, the first few of them with their places.
fn subjects(sort: &[&Missing]) -> String {
    const NAMED: usize = 6;
    let named = sort.iter().take(NAMED).map(|one| match &one.place {
        Some(place) => format!("`{}` ({place})", one.subject),
        None => format!("`{}`", one.subject),
    });
    let mut list: Vec<String> = named.map(|one| prose(&one)).collect();
    if sort.len() > NAMED {
        list.push(format!("and {} more", sort.len() - NAMED));
    }
    list.join(", ")
}

/// The numbers in a line.
pub(super) fn numbers_line(numbers: &Numbers) -> String {
    let shown =
        numbers.technical_evidence_percent.map_or_else(|| "nothing applicable".to_owned(), |one| format!("{one} %"));
    format!(
        "{} of {} points ({shown}), {} not known",
        numbers.technical_points, numbers.technical_total, numbers.unknown
    )
}

/// A control, and how it stands.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct ControlEntry {
    /// Its number.
    id: ControlId,
    /// Its title, in our own words.
    title: String,
    /// How it stands: what people have said, or else what the stack shows.
    status: Status,
    /// What the stack shows.
    #[serde(skip_serializing_if = "Option::is_none")]
    technical: Option<Technical>,
    /// What people have said.
    #[serde(skip_serializing_if = "Option::is_none")]
    disposition: Option<Disposition>,
    /// Who can judge it.
    #[serde(skip_serializing_if = "Option::is_none")]
    class: Option<Class>,
    /// The milestone, 1 to 6.
    #[serde(skip_serializing_if = "Option::is_none")]
    milestone: Option<u8>,
    /// Whether it applies.
    #[serde(skip_serializing_if = "Option::is_none")]
    applies: Option<bool>,
    /// Why it does not bind this entity.
    #[serde(skip_serializing_if = "Option::is_none")]
    not_bound: Option<&'static str>,
    /// What it rests on.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<Vec<Evidence>>,
    /// How much it is, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence_total: Option<usize>,
    /// What is missing; in a summary the first.
    missing: Vec<Missing>,
    /// How much is missing, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    missing_total: Option<usize>,
    /// What people show, where only they can judge.
    #[serde(skip_serializing_if = "Option::is_none")]
    asks: Option<String>,
    /// What a network result rests on that is not confirmed.
    #[serde(skip_serializing_if = "Option::is_none")]
    conditional_on: Option<Vec<PreconditionId>>,
    /// How an assessor still has to examine it.
    #[serde(skip_serializing_if = "Option::is_none")]
    remaining_methods: Option<Vec<Method>>,
    /// The components that its rule looked at.
    #[serde(skip_serializing_if = "Option::is_none")]
    components: Option<Vec<String>>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    components_total: Option<usize>,
    /// What the profile says of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    statements: Option<Vec<Statement>>,
    /// What to know of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    note: Option<String>,
}

impl ControlEntry {
    /// How `control` stands.
    pub(super) fn of(snapshot: &Snapshot, control: &Control, result: &ControlResult, detail: Detail) -> Self {
        let is_full = detail == Detail::Full;
        let full = |holds: bool| is_full && holds;
        let name = |id: &pci_stack::ComponentId| snapshot.stack.component(*id).name.to_string();
        let (mut missing, mut missing_total) = (result.missing.clone(), None);
        if !is_full {
            cut_longer(&mut missing, &mut missing_total, 1);
        }
        Self {
            id: control.id.clone(),
            title: control.title.clone(),
            status: result.status(),
            technical: is_full.then_some(result.technical),
            disposition: is_full.then_some(result.disposition),
            class: is_full.then_some(control.class),
            milestone: is_full.then_some(control.milestone),
            applies: is_full.then(|| result.applies()),
            not_bound: result.not_bound,
            evidence: is_full.then(|| result.evidence.clone()),
            evidence_total: None,
            missing,
            missing_total,
            asks: control.asks.clone().filter(|_| is_full),
            conditional_on: is_full.then(|| result.conditional_on.clone()),
            remaining_methods: is_full.then(|| result.remaining_methods.clone()),
            components: is_full.then(|| result.components.iter().map(name).collect()),
            components_total: None,
            statements: full(!result.statements.is_empty()).then(|| result.statements.clone()),
            note: control.note.clone().filter(|_| is_full),
        }
    }

    /// A line, and in full what it rests on and lacks.
    pub(super) fn text(&self) -> String {
        let mut text = format!("- **{}** {}: {}", self.id, self.status.as_str().replace('_', " "), prose(&self.title));
        if let Some(why) = self.not_bound {
            let _ = write!(text, " ({why})");
        }
        let Some(evidence) = &self.evidence else {
            if let Some(missing) = self.missing.first() {
                let _ = write!(text, ". Missing: {}", prose(&missing.said()));
                let more = self.missing_total.map_or(0, |total| total - 1);
                if more > 0 {
                    let _ = write!(text, " (and {more} more)");
                }
            }
            return text + "\n";
        };
        text += "\n";
        let at = |place: &Option<netpol_reach::Place>| {
            place.as_ref().map(|place| format!(" ({})", prose(&place.to_string()))).unwrap_or_default()
        };
        for one in evidence {
            let _ = writeln!(text, "  - shows: {}{}", prose(&one.said()), at(&one.place));
        }
        if let Some(total) = self.evidence_total {
            let _ = writeln!(text, "  - shows: {} more", total - evidence.len());
        }
        for sort in alike(&self.missing) {
            let Some(first) = sort.first() else { continue };
            let what = if first.decides { "decides" } else { "would complete" };
            let line = match sort.as_slice() {
                [only] => format!("{}{}", prose(&only.said()), at(&only.place)),
                several => format!("{}: {}", prose(&first.what), subjects(several)),
            };
            let _ = writeln!(text, "  - {what}: {line}");
        }
        if let Some(total) = self.missing_total {
            let _ = writeln!(text, "  - {} more are missing", total - self.missing.len());
        }
        if let Some(asks) = &self.asks {
            let _ = writeln!(text, "  - asks for: {}", prose(asks));
        }
        for one in self.statements.iter().flatten() {
            let refused = one.refused.as_ref().map(|why| format!(", does not count: {why}")).unwrap_or_default();
            let _ = writeln!(
                text,
                "  - stated by {}, {}{}{}",
                prose(&one.who),
                one.date,
                prose(&refused),
                at(&Some(one.place.clone()))
            );
        }
        text
    }
}

impl Entry for ControlEntry {
    fn shorten(&mut self, most: usize) {
        cut_longer(&mut self.missing, &mut self.missing_total, most);
        self.evidence.iter_mut().for_each(|list| cut_longer(list, &mut self.evidence_total, most));
        self.components.iter_mut().for_each(|list| cut_longer(list, &mut self.components_total, most));
    }
}
