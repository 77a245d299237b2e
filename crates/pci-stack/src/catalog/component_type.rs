//! What is known of one component type.

use netpol_reach::{Namespace, Ports};
use schemars::JsonSchema;
use serde::Deserialize;

use super::recommended::Recommended;
use crate::{TypeName, TypeWords};

/// What a type does for the security of others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum SecurityRole {
    /// It knows who people are.
    Identity,
    /// It keeps or makes logs, or watches.
    Logging,
    /// It decides what may run.
    Admission,
    /// It resolves names.
    Dns,
    /// It decides what is deployed.
    Gitops,
    /// It holds secrets and keys.
    Secrets,
    /// It acts on all of the stack.
    Agent,
}

/// What a type usually fetches from outside the cluster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InternetNeed {
    /// The ports it dials.
    pub ports: Ports,
    /// What it fetches.
    pub why: String,
    /// Only if the component declares this attribute.
    pub when: Option<String>,
    /// A link to one of these types serves it from within.
    pub met_by: Vec<TypeName>,
}

/// What is known of one type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentType {
    /// The canonical name.
    pub name: TypeName,
    /// Other names of the same type.
    pub aliases: Vec<TypeName>,
    /// The type whose sub-component this is.
    pub parent: Option<TypeName>,
    /// Where it is installed by default; serves adding a component, never reading one.
    pub default_namespace: Option<Namespace>,
    /// Whether it takes traffic from outside and passes it on to what it links to.
    pub gateway: bool,
    /// Whether it keeps data.
    pub data_store: bool,
    /// What it does for the security of others.
    pub security_role: Option<SecurityRole>,
    /// Whether links to it stand for connections; an admission policy, say, is no party on the network.
    pub network: bool,
    /// What it usually fetches from outside the cluster.
    pub needs_internet: Option<InternetNeed>,
    /// What to set and state of it so that the controls that it can show are shown.
    pub recommended: Option<Recommended>,
    pub(super) words: TypeWords,
}

impl ComponentType {
    /// The attributes that are read of it and of links that start at it, besides those read of every type.
    pub fn attributes(&self) -> impl Iterator<Item = &str> {
        self.words.attributes.keys().chain(self.words.link_attributes.keys()).map(String::as_str)
    }
}
