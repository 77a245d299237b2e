//! What `generate_policies` answers: the policies, the flows that they allow, and the proof.

use std::{collections::BTreeMap, sync::Arc};

use pci_engine::Snapshot;
use pci_policy::{
    Kind,
    proof::{DeadLetter, Proof, ProvenFlow},
};
use pci_render::{
    Header,
    manifest::{self, PolicyEntry, SharedEntry, Tool},
};
use pci_stack::Finding;
use schemars::JsonSchema;
use serde::{Serialize, Serializer, ser};
use serde_json::Value;

use super::{
    page::{Bounded, Entry, Page, cut},
    whole_difference::WholeDifference,
};

/// A policy.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[schemars(inline)]
pub(super) struct PolicyAnswer {
    #[serde(flatten)]
    #[schemars(with = "PolicyEntry")]
    pub(super) policy: Policy,
    /// The object, where the stack is asked about as it is not, and `detail` is `full`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<serde_json::Map<String, Value>>")]
    pub(super) object: Option<Object>,
}

/// A policy, by its place among the rules. A chat shows a few of thousands: what is said of one is made where it is shown.
#[derive(Debug, Clone)]
pub(super) struct Policy {
    snapshot: Arc<Snapshot>,
    index: usize,
}

impl Policy {
    pub(super) fn entry(&self) -> Option<PolicyEntry> {
        manifest::policy(&self.snapshot, self.index)
    }
}

impl Serialize for Policy {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.entry().serialize(serializer)
    }
}

/// The first so many of the flows.
#[derive(Debug)]
pub(super) struct Flows {
    snapshot: Arc<Snapshot>,
    most: usize,
}

impl Serialize for Flows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.snapshot.proven().iter().take(self.most))
    }
}

/// A policy's object: the bytes of its file, which are JSON.
#[derive(Debug, Clone)]
pub(super) struct Object(pub(super) Vec<u8>);

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let object: Value = serde_json::from_slice(&self.0).map_err(ser::Error::custom)?;
        object.serialize(serializer)
    }
}

/// The policies of a stack, and their proof.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    /// The program that generated.
    pub(super) tool: Tool,
    #[serde(flatten)]
    pub(super) header: Header,
    /// How many policies there are of each kind.
    pub(super) counts: BTreeMap<Kind, usize>,
    /// The policies.
    pub(super) policies: Vec<PolicyAnswer>,
    /// How many policies there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) policies_total: Option<usize>,
    /// The declared flows, each with the policies that allow it.
    #[schemars(with = "Vec<ProvenFlow>")]
    pub(super) flows: Flows,
    /// How many flows there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) flows_total: Option<usize>,
    /// What components may do only because of a neighbour in their namespace.
    pub(super) by_sharing: Vec<SharedEntry>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) by_sharing_total: Option<usize>,
    /// Whether what the policies allow is what the stack declares.
    pub(super) proof: Proof,
    /// How many ports of rules may match nothing, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dead_letters_total: Option<usize>,
    /// What should be known of the stack and its rules, worst first.
    pub(super) findings: Vec<Finding>,
    /// How many findings there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) findings_total: Option<usize>,
    #[serde(flatten)]
    pub(super) page: Page,
    /// The folder that was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) written: Option<String>,
    /// What the changes make of the real stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) difference: Option<WholeDifference>,
}

impl Response {
    /// The same as the manifest of `snapshot`, which is made only where it is written.
    pub(super) fn of(snapshot: &Arc<Snapshot>, written: Option<String>, difference: Option<WholeDifference>) -> Self {
        let (by_sharing, by_sharing_total) = manifest::by_sharing(snapshot);
        let policy = |index| Policy { snapshot: Arc::clone(snapshot), index };
        let policies = 0..snapshot.rules().rules.len();
        Self {
            tool: Tool::new(snapshot.program),
            header: Header::of(snapshot),
            counts: manifest::counts(snapshot),
            policies: policies.map(|index| PolicyAnswer { policy: policy(index), object: None }).collect(),
            policies_total: None,
            flows: Flows { snapshot: Arc::clone(snapshot), most: usize::MAX },
            flows_total: None,
            by_sharing,
            by_sharing_total,
            proof: snapshot.evidence().proof.clone(),
            dead_letters_total: None,
            findings: snapshot.findings(),
            findings_total: None,
            page: Page::default(),
            written,
            difference,
        }
    }
}

impl Bounded for Response {
    type Entry = PolicyAnswer;
    const NOUN: &'static str = "policies";
    const PAGED: &'static [&'static str] = &["policies"];

    fn header(&self) -> &Header {
        &self.header
    }

    fn take(&mut self) -> Vec<PolicyAnswer> {
        self.policies_total = Some(self.policies.len());
        std::mem::take(&mut self.policies)
    }

    fn put(&mut self, policies: Vec<PolicyAnswer>, page: Page) {
        (self.policies, self.page) = (policies, page);
    }

    fn cut(&mut self, most: usize) {
        let letters = &mut self.proof.dead_letters;
        if self.dead_letters_total.is_none() && letters.len() > most {
            one_of_each_cause_first(letters);
        }
        cut(letters, &mut self.dead_letters_total, most);
        self.flows_total.get_or_insert(self.flows.snapshot.proven().len());
        self.flows.most = self.flows.most.min(most);
        cut(&mut self.by_sharing, &mut self.by_sharing_total, most);
        cut(&mut self.findings, &mut self.findings_total, most);
        self.difference.iter_mut().for_each(|difference| difference.cut(most));
    }
}

impl Entry for PolicyAnswer {
    fn shorten(&mut self, most: usize) {
        // Half an object is another policy.
        if most == 0 {
            self.object = None;
        }
    }
}

/// Orders `letters` so that a list that is cut names every cause that it can.
fn one_of_each_cause_first(letters: &mut [DeadLetter]) {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    let rank = |letter: &DeadLetter| {
        let times = seen.entry(letter.why.clone()).or_default();
        *times += 1;
        *times
    };
    letters.sort_by_cached_key(rank);
}
