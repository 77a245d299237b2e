//! A control, and what would show it.

use netpol_reach::Place;
use pci_stack::{ControlId, TypeName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Clause;

/// Whom a control binds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Binds {
    /// Everybody.
    #[default]
    All,
    /// Service providers.
    ServiceProvider,
    /// Issuers of cards.
    Issuer,
    /// Providers that serve several customers from one environment.
    MultiTenant,
}

/// How an assessor examines evidence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// Reads documents.
    Document,
    /// Examines configurations.
    Configuration,
    /// Asks people.
    Interview,
    /// Watches.
    Observation,
}

/// Who can judge a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Class {
    /// The proven flows.
    Network,
    /// What is deployed, how it is configured, whether it can reach what it serves.
    Component,
    /// People.
    Manual,
}

/// The most that may be claimed of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Claim {
    /// That the configuration shows it.
    Evidenced,
    /// That the configuration supports it; people do the rest.
    Supported,
    /// That it supports a part.
    Partial,
    /// Nothing: people state it.
    Attest,
    /// Nothing: the platform below states it.
    Platform,
    /// Nothing: who runs the premises states it.
    InheritCandidate,
    /// Nothing: it may not apply at all.
    NotApplicableCandidate,
}

/// Whether another way than the defined one is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum CustomizedApproach {
    /// It is.
    #[default]
    Open,
    /// It is closed.
    Closed,
    /// The control is for those who take it.
    Only,
}

/// How much of a control waited for 2025-03-31.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum FutureDated {
    /// All of it.
    Whole,
    /// One of its points.
    InPart,
}

/// What v4.0.1 changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Changed {
    /// The requirement's text.
    Text,
    /// Its objective and notes.
    Objective,
    /// Its notes.
    Notes,
    /// Its guidance.
    Guidance,
}

/// A control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// Its number.
    pub id: ControlId,
    /// Its title, in our own words.
    pub title: String,
    /// The milestone of PCI SSC's Prioritized Approach, 1 to 6.
    pub milestone: u8,
    /// Whom it binds.
    pub binds: Binds,
    /// How an assessor examines it.
    pub methods: Vec<Method>,
    /// Whether it waited for 2025-03-31.
    pub future_dated: Option<FutureDated>,
    /// What v4.0.1 changed.
    pub changed_in_4_0_1: Option<Changed>,
    /// Whether another way is open.
    pub customized_approach: CustomizedApproach,
    /// How often it falls due.
    pub cadence: Option<String>,
    /// The control that has taken its place.
    pub superseded_by: Option<ControlId>,
    /// Who can judge it.
    pub class: Class,
    /// The most that may be claimed.
    pub claim: Claim,
    /// What people have to show, where they judge.
    pub asks: Option<String>,
    /// What shows it, where a stack can.
    pub rule: Vec<RuleEntry>,
    /// What to know of it.
    pub note: Option<String>,
}

impl Control {
    /// Whether a targeted risk analysis sets how often it falls due.
    pub fn needs_interval(&self) -> bool {
        self.cadence.as_deref() == Some("TRA")
    }

    /// Whether a targeted risk analysis may set it.
    pub fn takes_interval(&self) -> bool {
        self.cadence.as_deref().is_some_and(|cadence| cadence.contains("TRA"))
    }
}

/// What one component type, or the network, does for a control.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleEntry {
    /// The type; absent for the network.
    pub kind: Option<TypeName>,
    /// Whether the type may only complete what another shows.
    pub is_beyond: bool,
    /// What it must reach in order to serve: one of each group.
    pub reach: Vec<Vec<Reachable>>,
    /// What decides, besides that it is there and reaches what it serves.
    pub required: Vec<Clause>,
    /// What completes it.
    pub supporting: Vec<Clause>,
    /// Where the entry stands.
    pub place: Place,
}

/// What a component must reach, or be reached by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reachable {
    /// A component of this type.
    To(TypeName),
    /// From a component of this type.
    From(TypeName),
    /// Networks outside, on this port.
    Internet(u16),
    /// The Kubernetes API.
    ApiServer,
}

/// A requirement: one of the twelve.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// 1 to 12.
    pub number: u16,
    /// Its title, in our own words.
    pub title: String,
    /// Its controls, ascending.
    pub controls: Vec<Control>,
}
