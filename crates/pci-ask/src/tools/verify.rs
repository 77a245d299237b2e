//! `verify`: the proof alone; and what a folder or a cluster's dump of policies has or lacks.

use std::fmt::Write as _;

use pci_policy::proof::{Against, Difference, Proof};
use pci_render::{
    Header,
    manifest::{self, SharedEntry},
    prose,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Outlet, Question,
    page::{Bounded, NoEntry, cut},
    proof_text,
    subject::Subject,
    with_level,
};

/// How many of each list a text names.
const NAMED: usize = 20;

pub(super) struct Verify;

/// Arguments of `verify`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
}

/// The proof.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    #[serde(flatten)]
    proof: Proof,
    /// What components may do only because of a neighbour in their namespace.
    by_sharing: Vec<SharedEntry>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    by_sharing_total: Option<usize>,
    /// What is there, against what is declared.
    #[serde(skip_serializing_if = "Option::is_none")]
    against: Option<Against>,
}

impl Question for Verify {
    const NAME: &'static str = "verify";
    const COMMAND: &'static str = "verify";
    const TITLE: &'static str = "Prove the policies, and hold what is there against them";
    const DESCRIPTION: &'static str = "Prove that the policies of the stack allow exactly what it declares; with given \
        manifests, say what these block, open, lack or leave over.";
    const OUTLET: Outlet = Outlet::Text;
    const IS_FOR_CHAT: bool = false;
    const TAKES_MANIFESTS: bool = true;
    type Request = Request;
    type Response = Response;

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let snapshot = Subject::of(context, request.stack.as_deref(), None, &[])?.snapshot;
        with_level(&snapshot)?;
        let against = match context.given {
            Some(given) if !given.refused.is_empty() => return Err(AskError::Manifests(given.refused.clone())),
            Some(given) if given.policies.is_empty() && given.lists == 0 => {
                let what = "what is given holds no NetworkPolicy, and no list that would say that there is none";
                return Err(AskError::Argument(what.to_owned()));
            }
            Some(given) => {
                let settled = given.clone().settled().map_err(AskError::Manifests)?;
                Some(snapshot.against(&settled).map_err(|error| AskError::Manifests(vec![error]))?)
            }
            None => None,
        };
        let (by_sharing, by_sharing_total) = manifest::by_sharing(&snapshot);
        let proof = snapshot.evidence().proof.clone();
        Ok(Response { header: Header::of(&snapshot), proof, by_sharing, by_sharing_total, against })
    }

    fn text(response: &Response) -> String {
        let mut text = format!("Level `{}`. ", response.header.level);
        proof_text::proof(&response.proof, response.header.level, response.proof.dead_letters.len(), &mut text);
        if let Some(given) = &response.against {
            against(given, &mut text);
        }
        text
    }

    fn holds(response: &Response) -> bool {
        response.proof.holds && response.against.as_ref().is_none_or(Against::holds)
    }
}

impl Bounded for Response {
    type Entry = NoEntry;

    fn header(&self) -> &Header {
        &self.header
    }

    fn cut(&mut self, most: usize) {
        cut(&mut self.by_sharing, &mut self.by_sharing_total, most);
    }
}

fn against(against: &Against, text: &mut String) {
    if against.holds() && against.not_evaluated.is_empty() {
        text.push_str("\nWhat is given is what is generated, and nothing in it opens more.\n");
    } else if against.holds() {
        text.push_str(
            "\nThe NetworkPolicies given are those that are generated; what else is given was not evaluated.\n",
        );
    } else {
        text.push_str("\n**What is given differs from what is declared.**\n");
    }
    let difference = |one: &Difference| {
        let because = if one.because.is_empty() { String::new() } else { format!(" ({})", one.because.join(", ")) };
        let possible = if one.possible { ", depending on labels or port names that are not given" } else { "" };
        format!("{} -> {} on {}{because}{possible}: {}", one.from, one.to, one.ports, one.change)
    };
    list(text, "declared and blocked", &against.blocked, difference);
    list(text, "allowed and not declared", &against.undeclared, difference);
    list(text, "policies missing", &against.missing, |one| {
        format!("{} {} ({})", one.kind.as_str(), one.policy, one.file)
    });
    list(text, "policies changed", &against.changed, |one| {
        let place = one.r#where.as_ref().map(|place| format!(" at {place}")).unwrap_or_default();
        format!("{} {}{place}: apply {} again", one.kind.as_str(), one.policy, one.file)
    });
    list(text, "policies left over from an earlier run", &against.leftover, |one| {
        format!("{} at {}: {}", one.policy, one.r#where, one.change)
    });
    list(text, "re-opened beside the generated policies", &against.reopened, |one| {
        let possible = if one.possible { ", depending on labels or port names that are not given" } else { "" };
        format!("{} by {} at {}{possible}: {}", one.flow, one.policy, one.r#where, one.change)
    });
    list(text, "not evaluated, though these too restrict or open traffic", &against.not_evaluated, Clone::clone);
    list(text, "things to know", &against.notices, Clone::clone);
}

fn list<T>(text: &mut String, what: &str, entries: &[T], line: impl Fn(&T) -> String) {
    if entries.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{} {what}:", entries.len());
    for entry in entries.iter().take(NAMED) {
        let _ = writeln!(text, "- {}", prose(&line(entry)));
    }
    if entries.len() > NAMED {
        let _ = writeln!(text, "- and {} more", entries.len() - NAMED);
    }
}
