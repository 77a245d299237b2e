//! A control's rule, judged: which of its types are there, whether they reach what they serve, and what its clauses
//! come to.
//!
//! The required part holds if all required clauses of one type do; else it is not known if those of a type that is
//! there are not known; else it does not hold. What other types would add completes it, and so do supporting clauses.
//! Presence and reach alone never make a part.

use std::collections::BTreeSet;

use pci_stack::{Change, ComponentId, TypeName};

use super::{Answer, Case, Evidence, EvidenceKind, Missing, Technical, Truth, Verdicts, clauses, reaches};
use crate::controls::{Claim, Class, Control, RuleEntry};

/// What the stack shows of a control.
pub(super) struct Judgement {
    pub(super) technical: Technical,
    pub(super) evidence: Vec<Evidence>,
    pub(super) missing: Vec<Missing>,
    /// The components that its rule looked at.
    pub(super) components: Vec<ComponentId>,
}

/// What one entry of a rule comes to.
struct Entry<'a> {
    rule: &'a RuleEntry,
    subjects: Vec<ComponentId>,
    is_present: bool,
    required: Answer,
    supporting: Option<Answer>,
}

/// What the stack shows of `control`.
pub(super) fn judge(verdicts: &Verdicts, control: &Control) -> Judgement {
    let case = &verdicts.case;
    if control.class == Class::Manual {
        return Judgement {
            technical: Technical::Manual,
            evidence: Vec::new(),
            missing: Vec::new(),
            components: Vec::new(),
        };
    }
    if control.class == Class::Network && case.is_open() {
        let what = "at this level no policy is generated, so that nothing is enforced";
        let missing = Missing::disproved(what, "the stack").remedied_by(case.set_level()).deciding();
        return Judgement {
            technical: Technical::Gap,
            evidence: Vec::new(),
            missing: vec![missing],
            components: Vec::new(),
        };
    }
    if control.class == Class::Network && case.is_empty() {
        let what = "the stack has no component of its own: nothing to judge";
        let missing = Missing::not_known(what, "the stack").deciding();
        return Judgement {
            technical: Technical::Unknown,
            evidence: Vec::new(),
            missing: vec![missing],
            components: Vec::new(),
        };
    }
    let entries: Vec<Entry> = control.rule.iter().map(|entry| evaluate(verdicts, control, entry)).collect();
    let required = required_part(&entries);
    let is_complete = entries.iter().all(|entry| {
        entry.required.truth == Truth::True
            && entry.supporting.as_ref().is_none_or(|answer| answer.truth == Truth::True)
    });
    let technical = match required {
        Truth::False => Technical::Gap,
        Truth::Unknown => Technical::Unknown,
        Truth::True if is_complete => most(control.claim),
        Truth::True => Technical::Partial,
    };
    let mut components: Vec<ComponentId> = entries.iter().flat_map(|entry| entry.subjects.iter().copied()).collect();
    components.sort_unstable();
    components.dedup();
    let (evidence, missing) = gathered(entries, required == Truth::True);
    Judgement { technical, evidence, missing, components }
}

fn most(claim: Claim) -> Technical {
    match claim {
        Claim::Evidenced => Technical::Evidenced,
        Claim::Supported => Technical::Supported,
        Claim::Partial => Technical::Partial,
        // Refused when the controls are read.
        Claim::Attest | Claim::Platform | Claim::InheritCandidate | Claim::NotApplicableCandidate => Technical::Manual,
    }
}

fn required_part(entries: &[Entry]) -> Truth {
    let deciding = || entries.iter().filter(|entry| !entry.rule.is_beyond && !entry.rule.required.is_empty());
    if deciding().any(|entry| entry.required.truth == Truth::True) {
        Truth::True
    } else if deciding().any(|entry| entry.is_present && entry.required.truth == Truth::Unknown) {
        Truth::Unknown
    } else {
        Truth::False
    }
}

fn evaluate<'a>(verdicts: &Verdicts, control: &Control, rule: &'a RuleEntry) -> Entry<'a> {
    let case = &verdicts.case;
    let Some(kind) = &rule.kind else {
        let answer = |clauses: &[_]| joined(verdicts, None, &[], clauses);
        let required = answer(&rule.required).unwrap_or_else(holds);
        return Entry { rule, subjects: Vec::new(), is_present: true, required, supporting: answer(&rule.supporting) };
    };
    let present = case.of_type(kind);
    if present.is_empty() {
        return Entry { rule, subjects: Vec::new(), is_present: false, required: absent(kind), supporting: None };
    }
    let subjects = concerned(case, control, kind, present);
    let there = subjects.iter().map(|id| {
        let place = &case.component(*id).place;
        Answer::shown_by(Evidence::new(
            EvidenceKind::Component,
            case.name(*id),
            format!("`{kind}` is in the stack"),
            Some(place),
        ))
    });
    let mut required = Answer::all(there, || {
        let what = format!("no `{kind}` is stated to store account data: nothing to judge");
        Missing::not_known(what, kind.as_str()).of_types([kind])
    });
    let more =
        [reaches::all(verdicts, kind, &subjects, &rule.reach), joined(verdicts, Some(kind), &subjects, &rule.required)];
    for answer in more.into_iter().flatten() {
        required = required.and(answer);
    }
    let supporting = joined(verdicts, Some(kind), &subjects, &rule.supporting);
    Entry { rule, subjects, is_present: true, required, supporting }
}

/// The components of `kind` that a control is about. Requirement 3 is about stored account data: where the profile
/// says which stores have any, the others are not asked.
fn concerned(case: &Case, control: &Control, kind: &TypeName, present: &[ComponentId]) -> Vec<ComponentId> {
    const STORED_ACCOUNT_DATA: u16 = 3;
    let is_store = case.grounds.basis.catalog.types.is_data_store(kind);
    let is_stated = case.grounds.profile.account_data.is_some();
    if !(is_store && is_stated && control.id.requirement() == STORED_ACCOUNT_DATA) {
        return present.to_vec();
    }
    let stores = clauses::network::stores_of_account_data(case);
    present.iter().filter(|id| stores.contains(id)).copied().collect()
}

fn joined(
    verdicts: &Verdicts,
    kind: Option<&TypeName>,
    subjects: &[ComponentId],
    clauses: &[crate::controls::Clause],
) -> Option<Answer> {
    clauses.iter().map(|clause| clauses::answer(verdicts, kind, subjects, clause)).reduce(Answer::and)
}

fn holds() -> Answer {
    Answer { truth: Truth::True, evidence: Vec::new(), missing: Vec::new() }
}

fn absent(kind: &TypeName) -> Answer {
    let missing = Missing::disproved(format!("no `{kind}` is in the stack"), kind.as_str()).of_types([kind]);
    let name = kind.as_str().replace('_', "-");
    Answer::lacking(missing.remedied_by(Change::add_component(kind.as_str(), &name, serde_json::Map::new())))
}

/// The evidence and what is missing: what decides first, and of that, what is there before what is not.
fn gathered(entries: Vec<Entry>, holds: bool) -> (Vec<Evidence>, Vec<Missing>) {
    let (mut evidence, mut deciding, mut absent, mut completing) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for entry in entries {
        let Entry { rule, is_present, required, supporting, .. } = entry;
        let decides = !holds && !rule.is_beyond && !rule.required.is_empty();
        evidence.extend(required.evidence);
        let missing = required.missing.into_iter();
        match (decides, is_present) {
            (true, true) => deciding.extend(missing.map(Missing::deciding)),
            (true, false) => absent.extend(missing.map(Missing::deciding)),
            (false, _) => completing.extend(missing),
        }
        if let Some(supporting) = supporting {
            evidence.extend(supporting.evidence);
            completing.extend(supporting.missing);
        }
    }
    deciding.extend(absent);
    deciding.extend(completing);
    (once(evidence), deciding)
}

/// Each entry once, where it first stood.
fn once(list: Vec<Evidence>) -> Vec<Evidence> {
    let mut seen = BTreeSet::new();
    let is_first: Vec<bool> = list.iter().map(|entry| seen.insert(entry)).collect();
    list.into_iter().zip(is_first).filter_map(|(entry, is_first)| is_first.then_some(entry)).collect()
}
