//! How a control stands, on two axes: what the stack shows, and what people have said of it.

use serde::Serialize;

/// What the stack shows of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Technical {
    /// The generated set proves it.
    Evidenced,
    /// The configuration supports it; people do the rest.
    Supported,
    /// A part of it is there.
    Partial,
    /// What it needs is not there, or is known to be otherwise.
    Gap,
    /// What decides it is not known.
    Unknown,
    /// Only people can judge it.
    Manual,
}

impl Technical {
    /// Half-points: 2 where all is shown that can be, 1 for a part.
    pub fn half_points(self) -> u32 {
        match self {
            Self::Evidenced | Self::Supported => 2,
            Self::Partial => 1,
            Self::Gap | Self::Unknown | Self::Manual => 0,
        }
    }
}

/// What people have said of a control.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Disposition {
    /// Nothing that counts.
    Open,
    /// Somebody answers for it, and that has not lapsed.
    Attested,
    /// Another party answers for it.
    Inherited,
    /// It does not apply, or not to this entity.
    NotApplicable,
    /// Another control has taken its place.
    Superseded,
}

/// How a control stands: what people have said, or, while that is open, what the stack shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Status {
    /// The generated set proves it.
    Evidenced,
    /// The configuration supports it.
    Supported,
    /// A part of it is there.
    Partial,
    /// What it needs is not there.
    Gap,
    /// What decides it is not known.
    Unknown,
    /// Only people can judge it, and none has.
    Manual,
    /// Somebody answers for it.
    Attested,
    /// Another party answers for it.
    Inherited,
    /// It does not apply.
    NotApplicable,
    /// Another control has taken its place.
    Superseded,
}

impl Status {
    /// All, in the order of tables.
    pub const ALL: [Self; 10] = [
        Self::Evidenced,
        Self::Supported,
        Self::Partial,
        Self::Gap,
        Self::Unknown,
        Self::Manual,
        Self::Attested,
        Self::Inherited,
        Self::NotApplicable,
        Self::Superseded,
    ];

    /// The status of the two axes.
    pub fn of(technical: Technical, disposition: Disposition) -> Self {
        match disposition {
            Disposition::Attested => Self::Attested,
            Disposition::Inherited => Self::Inherited,
            Disposition::NotApplicable => Self::NotApplicable,
            Disposition::Superseded => Self::Superseded,
            Disposition::Open => match technical {
                Technical::Evidenced => Self::Evidenced,
                Technical::Supported => Self::Supported,
                Technical::Partial => Self::Partial,
                Technical::Gap => Self::Gap,
                Technical::Unknown => Self::Unknown,
                Technical::Manual => Self::Manual,
            },
        }
    }

    /// The status as people read it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Evidenced => "evidenced",
            Self::Supported => "supported",
            Self::Partial => "partial",
            Self::Gap => "gap",
            Self::Unknown => "unknown",
            Self::Manual => "manual",
            Self::Attested => "attested",
            Self::Inherited => "inherited",
            Self::NotApplicable => "not_applicable",
            Self::Superseded => "superseded",
        }
    }
}
