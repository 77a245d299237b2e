//! Gaps with the changes that close them: proposed out of what each control lacks, and made, to see what they close.

use std::collections::{BTreeMap, HashSet};

use pci_assess::{
    Cost, Gap, GapKind, Technical,
    controls::{ClauseSource, Control},
    sort_gaps,
};
use pci_stack::{Change, ControlId, Gone, Op, Watch};
use rayon::prelude::*;
use serde_json::{Map, Value};

use super::{ChangeError, MOST, apply_all, block::block, difference};
use crate::Snapshot;

/// What is proposed for a gap.
struct Proposal {
    index: usize,
    kind: GapKind,
    changes: Vec<Change>,
    advice: Vec<String>,
}

/// All gaps of `snapshot`, most urgent first, each with the change that closes it; computed once, unless nobody waits
/// for it any more.
pub fn gaps<'s>(snapshot: &'s Snapshot, watch: &Watch) -> Result<&'s [Gap], Gone> {
    snapshot.gaps_by(watch, |snapshot| find(snapshot, watch))
}

fn find(snapshot: &Snapshot, watch: &Watch) -> Result<Vec<Gap>, Gone> {
    let assessment = snapshot.assessment();
    let open = assessment.iter().enumerate().filter(|(_, (_, result))| result.is_gap());
    let proposals: Vec<Proposal> = open.map(|(index, (control, _))| proposal(snapshot, index, control)).collect();
    let (people, technical): (Vec<_>, Vec<_>) =
        proposals.into_iter().partition(|proposal| proposal.kind == GapKind::Attestation);
    let mut gaps = technical_gaps(snapshot, technical, watch)?;
    gaps.extend(attestation_gaps(snapshot, people));
    sort_gaps(assessment, &mut gaps);
    Ok(gaps)
}

fn proposal(snapshot: &Snapshot, index: usize, control: &Control) -> Proposal {
    let kind = GapKind::of(control);
    let mut proposal = Proposal { index, kind, changes: Vec::new(), advice: Vec::new() };
    if kind == GapKind::Attestation {
        proposal.changes.extend(attestation(snapshot, control));
        proposal.advice.extend(control.asks.clone());
        return proposal;
    }
    let words = snapshot.catalog().vocabulary();
    let mut known_changes = HashSet::new();
    for missing in &snapshot.assessment().results[index].missing {
        if missing.remedy.is_empty() && !proposal.advice.iter().any(|known| **known == *missing.what) {
            proposal.advice.push(missing.what.to_string());
        }
        for change in &missing.remedy {
            let added = change.r#type.as_deref().filter(|_| change.op == Op::AddComponent);
            let whole = added.filter(|_| change.name.as_ref().is_some_and(|name| !name.contains('/')));
            let known = whole.and_then(|kind| snapshot.catalog().types.get(&words.canonical(kind)));
            let changes = known.map_or_else(|| vec![Change::clone(change)], |known| block(snapshot, known).changes());
            for change in changes.into_iter().filter(|change| is_asked_for(control, change)) {
                if known_changes.insert(about(&change)) {
                    proposal.changes.push(change);
                }
            }
        }
    }
    proposal
}

/// Whether `control` needs `change`: of what is recommended to state, the facts that its rule names.
fn is_asked_for(control: &Control, change: &Change) -> bool {
    let clauses = control.rule.iter().flat_map(|entry| entry.required.iter().chain(&entry.supporting));
    let mut facts = clauses.filter_map(|clause| match &clause.source {
        ClauseSource::Fact { name, .. } => Some(name.as_str()),
        ClauseSource::Network(predicate) => predicate.fact(),
        _ => None,
    });
    change.op != Op::SetFact || facts.any(|fact| change.attribute.as_deref() == Some(fact))
}

/// What a change is about, whatever it sets that to. Two of a kind are proposed once.
fn about(change: &Change) -> String {
    let fields = [&change.r#type, &change.name, &change.from, &change.to, &change.attribute];
    let said = |field: &Option<String>| field.clone().unwrap_or_default();
    let mut key: Vec<String> = fields.into_iter().map(said).collect();
    if change.op == Op::SetException {
        key.extend(change.attributes.iter().flat_map(Map::keys).cloned());
    }
    format!("{}\n{}", change.op, key.join("\n"))
}

/// The attestation that would close `control`, if the day that it is held against is known.
fn attestation(snapshot: &Snapshot, control: &Control) -> Option<Change> {
    let day = snapshot.day()?;
    let mut fields: Map<String, Value> = Map::new();
    fields.insert("who".to_owned(), "(who answers for it)".into());
    fields.insert("date".to_owned(), day.to_string().into());
    if control.needs_interval() {
        fields.insert("interval".to_owned(), 12.into());
        fields.insert("interval_reference".to_owned(), "(the targeted risk analysis)".into());
    }
    Some(Change::set_attestation(&control.id.to_string(), fields))
}

/// Whether a change reaches the policies, so that they have to be proven anew.
fn is_of_topology(change: &Change) -> bool {
    !matches!(change.op, Op::SetFact | Op::SetAttestation)
        && !matches!(change.attribute.as_deref(), Some("reason" | "approved_by" | "review_by"))
}

fn key(changes: &[Change]) -> String {
    changes.iter().map(|change| format!("{change:?}")).collect::<Vec<_>>().join("\n")
}

/// From how many policies on what-ifs are tried on several threads. Each of these is a whole stack proven anew, so
/// that fewer policies than for a single step are worth a thread; and two at once are two whole stacks in memory.
const WORTH_THREADS: usize = 500;

/// How many changes are tried for one gap. Whoever lacks more makes them in the files, and asks again.
const TRIED: usize = 500;

/// Makes each proposal. Proposals often share what they change of the stack: that is proven once, and let go before the
/// next, since each is a whole stack.
fn technical_gaps(snapshot: &Snapshot, proposals: Vec<Proposal>, watch: &Watch) -> Result<Vec<Gap>, Gone> {
    let (tried, many): (Vec<_>, Vec<_>) = proposals.into_iter().partition(|one| one.changes.len() <= TRIED);
    let mut alike: BTreeMap<String, Vec<(Proposal, Made)>> = BTreeMap::new();
    for proposal in tried {
        let (topology, statements): (Vec<Change>, Vec<Change>) =
            proposal.changes.iter().cloned().partition(is_of_topology);
        alike.entry(key(&topology)).or_default().push((proposal, Made { topology, statements }));
    }
    let alike: Vec<_> = alike.into_values().collect();
    watch.expect(alike.len());
    let tried = |proposals| {
        let gaps = make(snapshot, proposals);
        watch.step("a change that would close gaps").map(|()| gaps)
    };
    let policies = snapshot.rules().rules.len();
    let one_by_one = policies < WORTH_THREADS || snapshot.is_large();
    let found: Result<Vec<Vec<Gap>>, Gone> =
        if one_by_one { alike.into_iter().map(tried).collect() } else { alike.into_par_iter().map(tried).collect() };
    let mut gaps: Vec<Gap> = found?.into_iter().flatten().collect();
    gaps.extend(many.into_iter().map(untried));
    Ok(gaps)
}

/// What a proposal changes of the stack, and what people state besides.
struct Made {
    topology: Vec<Change>,
    statements: Vec<Change>,
}

/// The gaps of proposals that change the same of the stack.
fn make(snapshot: &Snapshot, proposals: Vec<(Proposal, Made)>) -> Vec<Gap> {
    let topology = proposals.first().map_or(&[][..], |(_, made)| &made.topology);
    let base = match apply_all(snapshot, topology) {
        Ok(base) => base,
        Err(error) => return proposals.into_iter().map(|(proposal, _)| refused(&proposal, &error)).collect(),
    };
    let cost = if topology.is_empty() { Cost::default() } else { cost(snapshot, &base) };
    let gap = |(proposal, made): (Proposal, Made)| {
        let closes = apply_all(&base, &made.statements).map(|after| closed(snapshot, &after)).unwrap_or_default();
        settled(snapshot, proposal, closes, cost)
    };
    proposals.into_iter().map(gap).collect()
}

/// The gap of a proposal that the stack does not take.
fn refused(proposal: &Proposal, why: &ChangeError) -> Gap {
    let Proposal { index, kind, .. } = *proposal;
    Gap { index, kind, changes: Vec::new(), advice: vec![why.to_string()], closes: Vec::new(), cost: Cost::default() }
}

/// The gap of a proposal that is too long to be made.
fn untried(proposal: Proposal) -> Gap {
    let Proposal { index, kind, changes, .. } = proposal;
    let advice = vec![format!("it takes {} changes, more than are tried here", changes.len())];
    Gap { index, kind, changes, advice, closes: Vec::new(), cost: Cost::default() }
}

/// The gap of a proposal that was made. What closes nothing by itself is followed by somebody's word, where that may
/// stand; a disproof is never answered by words.
fn settled(snapshot: &Snapshot, proposal: Proposal, mut closes: Vec<ControlId>, cost: Cost) -> Gap {
    let Proposal { index, kind, mut changes, mut advice } = proposal;
    let assessment = snapshot.assessment();
    let result = &assessment.results[index];
    let control = assessment.controls.iter().nth(index);
    if !closes.contains(&result.id) {
        let word = control.and_then(|control| attestation(snapshot, control));
        if result.technical != Technical::Gap
            && let Some(word) = word
        {
            changes.push(word);
            closes.push(result.id.clone());
            closes.sort_unstable();
        } else if advice.is_empty() {
            advice.push("what is left of it, people attest".to_owned());
        }
    }
    if closes.contains(&result.id) {
        advice.clear();
    }
    if changes.len() > MOST {
        advice.push(format!("these are {} changes, and `what_if` takes {MOST} at a time", changes.len()));
    }
    Gap { index, kind, changes, advice, closes, cost }
}

/// What people attest. No attestation touches another control, so that all are made at once.
fn attestation_gaps(snapshot: &Snapshot, proposals: Vec<Proposal>) -> Vec<Gap> {
    let all: Vec<Change> = proposals.iter().flat_map(|proposal| proposal.changes.iter().cloned()).collect();
    let done = apply_all(snapshot, &all).map(|after| closed(snapshot, &after)).unwrap_or_default();
    let gap = |proposal: Proposal| {
        let id = &snapshot.assessment().results[proposal.index].id;
        let closes = done.iter().filter(|one| *one == id).cloned().collect();
        let Proposal { index, kind, changes, advice } = proposal;
        Gap { index, kind, changes, advice, closes, cost: Cost::default() }
    };
    proposals.into_iter().map(gap).collect()
}

/// The gaps of `before` that `after` does not have.
fn closed(before: &Snapshot, after: &Snapshot) -> Vec<ControlId> {
    let pairs = before.assessment().results.iter().zip(&after.assessment().results);
    pairs.filter(|(was, is)| was.is_gap() && !is.is_gap()).map(|(was, _)| was.id.clone()).collect()
}

fn cost(before: &Snapshot, after: &Snapshot) -> Cost {
    let difference = difference(before, after);
    Cost {
        policies: difference.policies_added.len(),
        exposure: difference.exposure_added.len(),
        scope: difference.scope_added.len(),
    }
}
