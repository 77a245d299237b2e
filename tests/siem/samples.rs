//! Documents as sources write them (`fixtures/siem/`), of a stack, some minutes before now.

use std::fmt::Write as _;

use jiff::{Timestamp, ToSpan as _};
use pci_fixtures::fixture_text;
use serde_json::Value;

/// Which documents of a source are taken, and into which index.
pub const DIRECT: [(&str, &str); 5] = [
    ("falco", "falco-2026.01.15"),
    ("apisix", "apisix-2026.01.15"),
    ("opa", "opa"),
    ("audit", "audit-2026.01.15"),
    ("trivy", "trivy-2026.01.15"),
];

/// The same in the other shapes.
pub const OTHER: [(&str, &str); 5] = [
    ("falco-flattened", "falco-2026.01.15"),
    ("apisix-otel", "apisix-2026.01.15"),
    ("opa", "opa"),
    ("audit-otel", "audit-2026.01.15"),
    ("trivy", "trivy-2026.01.15"),
];

/// The documents of the stack called `stack` for the bulk interface.
pub fn bulk(files: &[(&str, &str)], stack: &str) -> String {
    let now = Timestamp::now();
    let mut text = String::new();
    for (file, index) in files {
        for line in fixture_text(&format!("siem/{file}.ndjson")).lines() {
            let mut document: Value = serde_json::from_str(line).unwrap();
            fill(&mut document, stack, now);
            let _ = writeln!(text, "{{\"create\":{{\"_index\":\"{index}\"}}}}\n{document}");
        }
    }
    text
}

/// Puts the stack's name and times where the fixture leaves room for them.
fn fill(value: &mut Value, stack: &str, now: Timestamp) {
    match value {
        Value::Object(fields) => fields.values_mut().for_each(|value| fill(value, stack, now)),
        Value::Array(list) => list.iter_mut().for_each(|value| fill(value, stack, now)),
        Value::String(text) => {
            let ago = |minutes: &str| now - minutes.parse::<i64>().unwrap().minutes();
            if text == "$STACK" {
                *value = stack.into();
            } else if let Some(minutes) = text.strip_prefix("$TIME-") {
                *value = ago(minutes).to_string().into();
            } else if let Some(minutes) = text.strip_prefix("$MILLIS-") {
                *value = ago(minutes).as_millisecond().into();
            }
        }
        _ => {}
    }
}
