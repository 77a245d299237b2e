//! What network results rest on and no stack file can show: that the policies are applied, that the cluster's plugin
//! enforces them, that nothing goes around them.

use std::collections::BTreeSet;

use pci_policy::{Reach, Rule};
use serde::Serialize;

use super::{Case, Truth};

/// Plugins that enforce NetworkPolicies.
const ENFORCING: [&str; 12] = [
    "calico",
    "cilium",
    "antrea",
    "canal",
    "weave",
    "kube-router",
    "ovn-kubernetes",
    "ovn",
    "azure",
    "dataplane-v2",
    "openshift-sdn",
    "kube-ovn",
];

/// Plugins that enforce none.
const NOT_ENFORCING: [&str; 3] = ["flannel", "none", "host-local"];

/// A precondition's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PreconditionId {
    /// The generated policies are in the cluster.
    PoliciesApplied,
    /// No other policies open more.
    NoOtherPolicies,
    /// The cluster's network plugin enforces policies.
    CniEnforces,
    /// No pod runs on its node's network, which policies don't reach.
    NoHostNetwork,
    /// Every rule can match traffic.
    NoDeadLetter,
}

impl PreconditionId {
    /// The name as answers write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PoliciesApplied => "policies-applied",
            Self::NoOtherPolicies => "no-other-policies",
            Self::CniEnforces => "cni-enforces",
            Self::NoHostNetwork => "no-host-network",
            Self::NoDeadLetter => "no-dead-letter",
        }
    }
}

/// Whether a precondition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Standing {
    /// It holds, as far as is stated.
    Confirmed,
    /// Nobody knows here.
    Unknown,
    /// It does not.
    False,
}

/// What network results rest on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Precondition {
    /// Its name.
    pub id: PreconditionId,
    /// Whether it holds.
    pub state: Standing,
    /// Why, and what would show it.
    pub why: String,
}

/// All preconditions of `case`.
pub(super) fn all(case: &Case) -> Vec<Precondition> {
    let unknown = |id, why: &str| Precondition { id, state: Standing::Unknown, why: why.to_owned() };
    vec![
        unknown(
            PreconditionId::PoliciesApplied,
            "a stack file does not show what is in the cluster; `verify --against` a dump of it does",
        ),
        unknown(
            PreconditionId::NoOtherPolicies,
            "policies add up, so another one may open what these refuse; `verify --against` a dump shows it",
        ),
        cni(case),
        unknown(
            PreconditionId::NoHostNetwork,
            "policies don't reach pods on their node's network, and a stack file does not show which these are",
        ),
        dead_letters(case),
    ]
}

fn cni(case: &Case) -> Precondition {
    let id = PreconditionId::CniEnforces;
    let of = |state, why| Precondition { id, state, why };
    let Some(cni) = &case.grounds.basis.cluster.cni else {
        return of(
            Standing::Unknown,
            "the profile does not say which network plugin the cluster has (`cluster.cni`)".to_owned(),
        );
    };
    let name = cni.to_lowercase();
    let among = |known: &[&str]| known.iter().any(|one| name == *one || name.starts_with(&format!("{one}-")));
    if among(&NOT_ENFORCING) {
        of(Standing::False, format!("`{cni}` enforces no NetworkPolicy: everything may talk to everything"))
    } else if among(&ENFORCING) {
        of(
            Standing::Confirmed,
            format!("the profile says that the cluster's plugin is `{cni}`, which enforces policies"),
        )
    } else {
        of(Standing::Unknown, format!("whether `{cni}` enforces policies is not known here"))
    }
}

/// Whether what each rule is for can pass. A rule that matches nothing is none the worse for it where the profile says
/// where that traffic really goes, since another rule lets it through there.
fn dead_letters(case: &Case) -> Precondition {
    let rules = &case.grounds.rules.rules;
    let of_reach = |reach| rules.iter().filter(move |rule| rule.reach() == reach);
    let served: BTreeSet<_> = rules
        .iter()
        .filter(|rule| rule.sources.iter().any(|source| source.starts_with("profile: ")))
        .map(|rule| (&rule.namespace, rule.direction))
        .collect();
    let is_served = |rule: &&Rule| served.contains(&(&rule.namespace, rule.direction));
    let unserved = of_reach(Reach::DeadLetter).find(|rule| !is_served(rule));
    let (depends, replaced) = (of_reach(Reach::Depends).count(), of_reach(Reach::DeadLetter).count());
    let (state, why) = if let Some(rule) = unserved {
        let why = rule.dormant.first().map(|dormant| dormant.why).unwrap_or_default();
        (
            Standing::False,
            format!("{}/{} matches no traffic, and what it is for is refused: {why}", rule.namespace, rule.name.object),
        )
    } else if depends > 0 {
        (Standing::Unknown, format!("{depends} rules may match nothing, depending on the cluster; `verify` lists them"))
    } else if replaced > 0 {
        let why = "match nothing, since the profile says where that traffic goes, and other rules let it through there";
        (Standing::Confirmed, format!("{replaced} rules {why}"))
    } else {
        (Standing::Confirmed, "every rule can match traffic".to_owned())
    };
    Precondition { id: PreconditionId::NoDeadLetter, state, why }
}

impl Precondition {
    /// Whether it is known not to hold.
    pub(super) fn truth(&self) -> Truth {
        match self.state {
            Standing::Confirmed => Truth::True,
            Standing::Unknown => Truth::Unknown,
            Standing::False => Truth::False,
        }
    }
}
