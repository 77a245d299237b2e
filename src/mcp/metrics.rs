//! What is counted, in the text format of `OpenMetrics` that Prometheus reads.

use std::time::Duration;

use pci_engine::fleet::Fleet;
use prometheus_client::{
    encoding::{EncodeLabelSet, EncodeLabelValue, text::encode},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Registry, Unit},
};

/// What `OpenMetrics` text is called in a header.
pub(super) const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// How a call ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, EncodeLabelValue)]
#[allow(non_camel_case_types, reason = "the encoder takes the names as they stand, and Prometheus writes them small")]
pub(super) enum Outcome {
    /// With an answer.
    ok,
    /// With an error that says what would have been right.
    error,
    /// Turned away, since too many waited.
    busy,
    /// Whoever asked left before.
    cancelled,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Call {
    tool: &'static str,
    outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Of {
    tool: &'static str,
}

/// The statuses by which requests are refused for who asks, from where, how often, or how much is going on: 401, 403, 429
/// and 503. What is wrong with a request itself is not counted.
const REFUSALS: [u16; 4] = [401, 403, 429, 503];

#[derive(Debug, Clone, PartialEq, Eq, Hash, EncodeLabelSet)]
struct Refusal {
    status: u16,
}

/// All that is counted.
#[derive(Debug)]
pub(super) struct Metrics {
    registry: Registry,
    calls: Family<Call, Counter>,
    seconds: Family<Of, Histogram>,
    refusals: Family<Refusal, Counter>,
    loads: Counter,
    failures: Counter,
    loaded: Gauge,
    stale: Gauge,
    unreadable: Gauge,
}

impl Default for Metrics {
    fn default() -> Self {
        let histogram: fn() -> Histogram =
            || Histogram::new([0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0]);
        let mut metrics = Self {
            registry: Registry::with_prefix("pci_compliance_mcp"),
            calls: Family::default(),
            seconds: Family::new_with_constructor(histogram),
            refusals: Family::default(),
            loads: Counter::default(),
            failures: Counter::default(),
            loaded: Gauge::default(),
            stale: Gauge::default(),
            unreadable: Gauge::default(),
        };
        let registry = &mut metrics.registry;
        registry.register("calls", "Calls of tools by how they ended", metrics.calls.clone());
        registry.register_with_unit("call", "How long calls of tools took", Unit::Seconds, metrics.seconds.clone());
        registry.register("refusals", "Requests that were refused, by their status", metrics.refusals.clone());
        for status in REFUSALS {
            // Present from the start, so that a rate is one from the first refusal on.
            drop(metrics.refusals.get_or_create(&Refusal { status }));
        }
        registry.register("loads", "Times that the stacks were read", metrics.loads.clone());
        registry.register(
            "load_failures",
            "Times that a stack's newer files could not be used",
            metrics.failures.clone(),
        );
        registry.register("stacks", "Stacks that answers are given of", metrics.loaded.clone());
        registry.register("stacks_stale", "Of these, stacks whose newest files can't be used", metrics.stale.clone());
        registry.register("stacks_unreadable", "Stacks that can't be read", metrics.unreadable.clone());
        metrics
    }
}

impl Metrics {
    /// A call of `tool` ended after `lasted`.
    pub(super) fn called(&self, tool: &'static str, outcome: Outcome, lasted: Duration) {
        self.calls.get_or_create(&Call { tool, outcome }).inc();
        self.seconds.get_or_create(&Of { tool }).observe(lasted.as_secs_f64());
    }

    /// A request was answered with `status`.
    pub(super) fn answered(&self, status: u16) {
        if REFUSALS.contains(&status) {
            self.refusals.get_or_create(&Refusal { status }).inc();
        }
    }

    /// The stacks were read; so many stacks' files became unusable by it.
    pub(super) fn loaded(&self, fleet: &Fleet, failures: usize) {
        let (all, good) = (fleet.members().len(), fleet.snapshots().count());
        let number = |count: usize| i64::try_from(count).unwrap_or(i64::MAX);
        self.loads.inc();
        self.failures.inc_by(u64::try_from(failures).unwrap_or(u64::MAX));
        self.loaded.set(number(good));
        self.stale.set(number(fleet.members().filter(|(_, member)| member.stale().is_some()).count()));
        self.unreadable.set(number(all - good));
    }

    /// All of it as text.
    pub(super) fn text(&self) -> String {
        let mut text = String::new();
        // Writing to a string does not fail.
        let _ = encode(&mut text, &self.registry);
        text
    }
}
