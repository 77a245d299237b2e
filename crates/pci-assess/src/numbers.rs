//! The three numbers, always together: what people answer for, what the stack shows, and what is not known.

use std::collections::BTreeMap;

use serde::{Serialize, Serializer};

use super::{ControlResult, Disposition, Status, Technical};

/// A percentage of one decimal, kept as tenths, so that nothing is rounded twice.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Percent(u32);

impl Percent {
    /// `half_points` of `total` points, half up; nothing of nothing is no percentage.
    pub fn of(half_points: u32, total: u32) -> Option<Self> {
        (total > 0).then(|| Self((half_points * 1000 + total) / (2 * total)))
    }

    /// In tenths of a percent.
    pub fn tenths(self) -> u32 {
        self.0
    }
}

impl std::fmt::Display for Percent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}.{}", self.0 / 10, self.0 % 10)
    }
}

impl Serialize for Percent {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 10.0)
    }
}

impl schemars::JsonSchema for Percent {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Percent".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "maximum": 100, "description": "Percent, one decimal" })
    }
}

/// Points, kept as halves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct Points(pub u32);

impl std::fmt::Display for Points {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let half = if self.0 % 2 == 1 { ".5" } else { "" };
        write!(f, "{}{half}", self.0 / 2)
    }
}

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(f64::from(self.0) / 2.0)
    }
}

impl schemars::JsonSchema for Points {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Points".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "number", "minimum": 0, "description": "Points, in halves" })
    }
}

/// Where some controls stand. Points and totals of requirements add up to those of the whole, as do those of
/// milestones; percentages do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct Numbers {
    /// How many controls there are.
    pub controls_total: u32,
    /// (attested + inherited) of what applies; absent where nothing does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub completion_percent: Option<Percent>,
    /// Points of what the stack can show; absent where that is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub technical_evidence_percent: Option<Percent>,
    /// Attested and inherited.
    pub completion_done: u32,
    /// What applies.
    pub completion_total: u32,
    /// Evidenced and supported 1, partial ½.
    pub technical_points: Points,
    /// How many of the controls that a stack can show apply.
    pub technical_total: u32,
    /// How many of these are not known.
    pub unknown: u32,
    /// How many only people can judge, and none has.
    pub manual: u32,
    /// How many apply and are open.
    pub open: u32,
    /// How many do not apply, as people say; those that the stack disproves are gaps all the same, in no total.
    pub not_applicable: u32,
    /// How many others answer for.
    pub inherited: u32,
    /// How many another control has taken the place of.
    pub superseded: u32,
    /// How many stand how.
    #[schemars(with = "BTreeMap<String, u32>")]
    pub by_status: BTreeMap<Status, u32>,
}

impl Numbers {
    /// Where `results` stand.
    pub fn of<'r>(results: impl IntoIterator<Item = &'r ControlResult>) -> Self {
        let mut numbers = Self::default();
        for result in results {
            numbers.add(result);
        }
        numbers.rated()
    }

    /// Where the controls of several stacks stand together.
    pub fn sum<'n>(several: impl IntoIterator<Item = &'n Self>) -> Self {
        let mut sum = Self::default();
        for one in several {
            sum.controls_total += one.controls_total;
            sum.completion_done += one.completion_done;
            sum.completion_total += one.completion_total;
            sum.technical_points.0 += one.technical_points.0;
            sum.technical_total += one.technical_total;
            sum.unknown += one.unknown;
            sum.manual += one.manual;
            sum.open += one.open;
            sum.not_applicable += one.not_applicable;
            sum.inherited += one.inherited;
            sum.superseded += one.superseded;
            for (status, count) in &one.by_status {
                *sum.by_status.entry(*status).or_default() += count;
            }
        }
        sum.rated()
    }

    fn rated(mut self) -> Self {
        self.completion_percent = Percent::of(self.completion_done * 2, self.completion_total);
        self.technical_evidence_percent = Percent::of(self.technical_points.0, self.technical_total);
        self
    }

    fn add(&mut self, result: &ControlResult) {
        self.controls_total += 1;
        *self.by_status.entry(result.status()).or_default() += 1;
        if result.is_left_out {
            let is_superseded = result.disposition == Disposition::Superseded;
            self.superseded += u32::from(is_superseded);
            self.not_applicable += u32::from(!is_superseded);
            return;
        }
        self.inherited += u32::from(result.disposition == Disposition::Inherited);
        self.open += u32::from(result.disposition == Disposition::Open);
        self.completion_total += 1;
        self.completion_done += u32::from(matches!(result.disposition, Disposition::Attested | Disposition::Inherited));
        match result.technical {
            Technical::Manual => self.manual += u32::from(result.disposition == Disposition::Open),
            technical => {
                self.technical_total += 1;
                self.technical_points.0 += technical.half_points();
                self.unknown += u32::from(technical == Technical::Unknown);
            }
        }
    }
}
