//! What a rule is for, and the requirements that it serves.

use netpol_reach::Direction;
use serde::Serialize;

/// What a rule is for. The order is that of precedence: where two kinds ask for the same rule, it is of the first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Kind {
    /// Refuses everything that nothing else allows.
    DefaultDeny,
    /// Pods of one namespace among themselves.
    IntraNamespace,
    /// A declared link.
    Link,
    /// An exception for a component type.
    ComponentException,
    /// DNS and the Kubernetes API.
    System,
    /// Networks outside the cluster.
    Internet,
}

impl Kind {
    /// All kinds, in order of precedence.
    pub const ALL: [Self; 6] =
        [Self::DefaultDeny, Self::IntraNamespace, Self::Link, Self::ComponentException, Self::System, Self::Internet];

    /// The kind as file names and fields write it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DefaultDeny => "default-deny",
            Self::IntraNamespace => "intra-namespace",
            Self::Link => "link",
            Self::ComponentException => "component-exception",
            Self::System => "system",
            Self::Internet => "internet",
        }
    }

    /// The PCI DSS requirements that a rule of this kind serves. Default-deny bears 1.2.1 beside 1.3.1 and 1.3.2: it
    /// is where version 3.2.1 had it, and in version 4 the standard for rulesets.
    pub fn requirements(self, direction: Direction) -> &'static [&'static str] {
        match (self, direction) {
            (Self::DefaultDeny, Direction::Ingress) => &["1.2.1", "1.3.1"],
            (Self::DefaultDeny, Direction::Egress) => &["1.2.1", "1.3.2"],
            (Self::Internet, Direction::Ingress) => &["1.2.5", "1.3.1", "1.4.2"],
            (Self::Internet, Direction::Egress) => &["1.2.5", "1.3.2", "1.4.1"],
            (_, Direction::Ingress) => &["1.2.5", "1.3.1"],
            (_, Direction::Egress) => &["1.2.5", "1.3.2"],
        }
    }
}
