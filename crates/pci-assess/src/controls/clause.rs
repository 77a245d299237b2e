//! Clauses: what a rule asks of a stack, each with the source that answers it.

use pci_stack::{TypeName, catalog::Scalar};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What a rule asks.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(try_from = "ClauseRow")]
pub struct Clause {
    /// What is asked, and of what.
    pub source: ClauseSource,
    /// The same in words: what holds if it is true.
    pub says: String,
}

/// Where the answer comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClauseSource {
    /// An attribute of the components of a type.
    Attribute {
        /// The attribute.
        name: String,
        /// The sub-components' type that has it; the entry's own type if absent.
        of: Option<TypeName>,
        /// What must hold of it.
        condition: Condition,
        /// Of each of them, or of any.
        quantifier: Quantifier,
    },
    /// An attribute of the links that start at the type.
    LinkAttribute {
        /// The attribute.
        name: String,
        /// The types at their far end; any if empty.
        to: Vec<TypeName>,
        /// What must hold of it.
        condition: Condition,
        /// Of each of them, or of any.
        quantifier: Quantifier,
    },
    /// A sub-component of a type.
    Has(TypeName),
    /// A declared link to one of these types that the policies let through.
    LinkTo(Vec<TypeName>),
    /// A declared link from one of these types that the policies let through.
    LinkFrom(Vec<TypeName>),
    /// Every component in scope has a declared link to one of these types, or to one that passes on to it, that the
    /// policies let through.
    EachInScopeLinksTo(Vec<TypeName>),
    /// No secret of the type's components has this shape.
    No(ValueShape),
    /// A fact that the profile states of the type's components.
    Fact {
        /// The fact.
        name: String,
        /// What must hold of it.
        condition: Condition,
    },
    /// All exceptions that open anything have these fields.
    Exceptions(Vec<ApprovalField>),
    /// Something that the proven flows answer.
    Network(NetworkPredicate),
    /// What the type's template always does. Never decisive.
    Template,
    /// What this program generates. Never decisive.
    Generated(String),
}

/// What must hold of a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Condition {
    /// It is one of these.
    Is(Vec<String>),
    /// It is there, and none of these.
    IsNot(Vec<String>),
    /// It is a number, and at least this.
    AtLeast(i64),
    /// It is a number, and at most this.
    AtMost(i64),
    /// It is there and says something.
    Stated,
}

/// Of how many something must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Quantifier {
    /// Of each, and of one at least.
    Each,
    /// Of one.
    Any,
}

/// A shape of secrets that is none for a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ValueShape {
    /// One that suppliers set, or that everybody tries first.
    DefaultSecret,
    /// One that another component has too.
    SharedSecret,
}

/// What an exception says of its approval.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalField {
    /// The business need.
    Reason,
    /// Who approved it.
    ApprovedBy,
    /// When it is to be reviewed.
    ReviewBy,
    /// Where the approval stands.
    Ticket,
}

/// What the proven flows and the profile's scope answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NetworkPredicate {
    /// Every namespace refuses all that no rule allows, both ways.
    DenyAllEverywhere,
    /// Every namespace of the CDE refuses all that no rule allows to enter.
    CdeDeniesIngress,
    /// Every namespace of the CDE refuses all that no rule allows to leave.
    CdeDeniesEgress,
    /// Every rule names its ports and protocols.
    ExactPorts,
    /// Networks outside are reached by exceptions alone.
    InternetByExceptionOnly,
    /// No namespace of the CDE reaches networks outside on a whole.
    NoBlanketEgressFromCde,
    /// What is allowed is what is declared.
    AllowedIsDeclared,
    /// The zones of the diagram are known: the profile says which components have account data.
    ZonesKnown,
    /// The profile says which links carry account data, and each of these is allowed.
    AccountDataLinksAllowed,
    /// Each link and each exception has its business need.
    ReasonForEach,
    /// Each link and each exception has its approver.
    ApproverForEach,
    /// Of services known to be insecure, each is mitigated by a stated fact, or there is none.
    InsecureServicesMitigated,
    /// What comes from outside enters by gateways alone.
    IngressByGatewayOnly,
    /// From outside, gateways are reached on the ports that they publish alone.
    PublishedPortsOnly,
    /// No store of account data is one step from outside.
    StoresNotPublic,
    /// Components of different zones share no namespace.
    ZonesApart,
    /// Production and what is not production have no flow between them.
    EnvironmentsApart,
    /// Stores of account data are reached by declared programs alone, and by no user interface.
    StoresReachedByProgramsOnly,
    /// Each component in scope has a stated function.
    InventoryComplete,
    /// The profile states that the scope was confirmed.
    ScopeConfirmed,
}

impl NetworkPredicate {
    /// The fact of components that answers it together with the flows, if one does.
    pub fn fact(self) -> Option<&'static str> {
        match self {
            Self::EnvironmentsApart => Some("environment"),
            Self::InventoryComplete => Some("function"),
            Self::InsecureServicesMitigated => Some("insecure_service_safeguard"),
            _ => None,
        }
    }
}

/// A clause as it is written: one key that says where the answer comes from, and what goes with it.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct ClauseRow {
    /// An attribute of the type's components.
    attribute: Option<String>,
    /// The sub-components' type that has the attribute.
    of: Option<String>,
    /// An attribute of the links that start at the type's components.
    link_attribute: Option<String>,
    /// The types at the far end of these links.
    to: Vec<String>,
    /// A sub-component type that must be there.
    has: Option<String>,
    /// Types, one of which the component must have a link to.
    link_to: Vec<String>,
    /// Types, one of which must have a link to the component.
    link_from: Vec<String>,
    /// Types, one of which every component in scope must have a link to.
    each_in_scope_links_to: Vec<String>,
    /// A shape that no secret may have.
    no: Option<ValueShape>,
    /// A fact of the profile.
    fact: Option<String>,
    /// What all exceptions must say.
    exceptions: Vec<ApprovalField>,
    /// Something that the proven flows answer.
    network: Option<NetworkPredicate>,
    /// The template always does it; true.
    template: bool,
    /// A file or folder that this program generates.
    generated: Option<String>,
    /// The values that will do.
    is: Vec<Scalar>,
    /// The values that won't.
    is_not: Vec<Scalar>,
    /// The least number that will do.
    at_least: Option<i64>,
    /// The largest number that will do.
    at_most: Option<i64>,
    /// Any value will do.
    stated: bool,
    /// One of them is enough.
    any: bool,
    /// The clause in words: what holds if it is true.
    says: String,
}

impl TryFrom<ClauseRow> for Clause {
    type Error = String;

    fn try_from(row: ClauseRow) -> Result<Self, String> {
        if row.says.trim().is_empty() {
            return Err("a clause lacks `says`".to_owned());
        }
        let says = row.says.clone();
        Ok(Self { source: row.source()?, says })
    }
}

impl ClauseRow {
    fn source(mut self) -> Result<ClauseSource, String> {
        let condition = self.condition()?;
        let types = |names: &[String]| names.iter().map(|name| TypeName::new(name)).collect::<Vec<_>>();
        let needed = |condition: Option<Condition>| {
            condition.ok_or_else(|| "this needs one of `is`, `is_not`, `at_least`, `at_most`, `stated`".to_owned())
        };
        let quantifier = if self.any { Quantifier::Any } else { Quantifier::Each };
        let mut sources = Vec::new();
        let takes_condition = self.attribute.is_some() || self.link_attribute.is_some() || self.fact.is_some();
        if let Some(name) = self.attribute.take() {
            let of = self.of.as_deref().map(TypeName::new);
            sources.push(ClauseSource::Attribute { name, of, condition: needed(condition.clone())?, quantifier });
        }
        if let Some(name) = self.link_attribute.take() {
            let to = types(&self.to);
            sources.push(ClauseSource::LinkAttribute { name, to, condition: needed(condition.clone())?, quantifier });
        }
        if let Some(name) = self.fact.take() {
            sources.push(ClauseSource::Fact { name, condition: needed(condition.clone())? });
        }
        sources.extend(self.has.as_deref().map(|name| ClauseSource::Has(TypeName::new(name))));
        let listed = |names: &[String]| (!names.is_empty()).then(|| types(names));
        sources.extend(listed(&self.link_to).map(ClauseSource::LinkTo));
        sources.extend(listed(&self.link_from).map(ClauseSource::LinkFrom));
        sources.extend(listed(&self.each_in_scope_links_to).map(ClauseSource::EachInScopeLinksTo));
        sources.extend(self.no.map(ClauseSource::No));
        sources.extend((!self.exceptions.is_empty()).then(|| ClauseSource::Exceptions(self.exceptions.clone())));
        sources.extend(self.network.map(ClauseSource::Network));
        sources.extend(self.template.then_some(ClauseSource::Template));
        sources.extend(self.generated.take().map(ClauseSource::Generated));
        if condition.is_some() && !takes_condition {
            return Err("a condition goes with `attribute`, `link_attribute` or `fact` alone".to_owned());
        }
        match (sources.pop(), sources.is_empty()) {
            (Some(source), true) => Ok(source),
            _ => Err("a clause names one source".to_owned()),
        }
    }

    fn condition(&mut self) -> Result<Option<Condition>, String> {
        let texts = |values: &mut Vec<Scalar>| std::mem::take(values).into_iter().map(Scalar::text).collect();
        let mut conditions = Vec::new();
        conditions.extend((!self.is.is_empty()).then(|| Condition::Is(texts(&mut self.is))));
        conditions.extend((!self.is_not.is_empty()).then(|| Condition::IsNot(texts(&mut self.is_not))));
        conditions.extend(self.at_least.map(Condition::AtLeast));
        conditions.extend(self.at_most.map(Condition::AtMost));
        conditions.extend(self.stated.then_some(Condition::Stated));
        match (conditions.pop(), conditions.is_empty()) {
            (condition, true) => Ok(condition),
            _ => Err("a clause has one condition".to_owned()),
        }
    }
}
