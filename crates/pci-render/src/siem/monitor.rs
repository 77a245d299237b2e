//! Monitors for OpenSearch's alerting (PCI DSS v4 10.4.1.1): one for each source, over all stacks, that says which.

use pci_assess::events::Source;
use serde_json::{Value, json};

use super::query::{self, STACK, TIME};

/// How many minutes lie between two looks.
const MINUTES: u32 = 5;

/// The monitor of `source`, whose events come in any of its shapes.
pub(super) fn monitor(source: &Source) -> Value {
    let shapes: Vec<&str> = source.shapes.keys().map(String::as_str).collect();
    let condition = query::json(source, &shapes, &source.monitor.when);
    let since = json!({"range": {(TIME): {
        "gte": format!("{{{{period_end}}}}||-{MINUTES}m"), "lte": "{{period_end}}", "format": "epoch_millis",
    }}});
    let controls: Vec<String> = source.monitor.controls.iter().map(ToString::to_string).collect();
    let search = json!({"search": {
        "indices": [source.index.pattern],
        "query": {
            "size": 0,
            "query": query::all(vec![since, condition]),
            "aggregations": {"stacks": {"terms": {"field": STACK, "size": 100}}},
        },
    }});
    let trigger = json!({"query_level_trigger": {
        "id": source.monitor.name,
        "name": format!("{} (PCI DSS {})", source.monitor.name, controls.join(", ")),
        "severity": "1",
        "condition": {"script": {"source": "ctx.results[0].hits.total.value > 0", "lang": "painless"}},
        // To whom an alert goes is for those who run it: a channel is added there.
        "actions": [],
    }});
    json!({
        "type": "monitor",
        "monitor_type": "query_level_monitor",
        "name": source.monitor.name,
        "enabled": true,
        "schedule": {"period": {"interval": MINUTES, "unit": "MINUTES"}},
        "inputs": [search],
        "triggers": [trigger],
    })
}
