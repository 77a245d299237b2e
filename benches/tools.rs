//! What each tool costs end to end, from its arguments to an answer that fits a chat: on the demo, and on generated stacks of
//! 100 to 5,000 components with 5 links each. Asked once before, so that what a stack keeps is there; what-ifs are of another
//! component each time.
#![allow(clippy::expect_used, reason = "a bench that can't set up should stop")]

use std::hint::black_box;

use criterion::{Criterion, criterion_group, criterion_main};
// As the program has it.
use pci_allocator as _;
use pci_ask::tools::{self, Context, Detail, Tool, WriteTo};
use pci_engine::{Snapshot, Source, Sources, fleet::Fleet};
use pci_fixtures::{PROGRAM, demo_sources, generator, tables as shipped_tables};
use pci_stack::{Level, Watch};
use serde_json::{Map, Value, json};

/// The tools, each with what it is asked.
fn questions(from: &str, to: &str) -> [(&'static str, Value); 8] {
    [
        ("describe_stack", json!({})),
        ("explain_flow", json!({ "from": from, "to": to, "port": 8443 })),
        ("render_diagram", json!({})),
        ("generate_policies", json!({})),
        ("pci_compliance_overview", json!({})),
        ("pci_compliance_requirement", json!({ "requirement": 1 })),
        ("pci_compliance_gaps", json!({})),
        ("pci_compliance_component_impact", json!({ "component_type": "falco" })),
    ]
}

fn ask(fleet: &Fleet, tool: &Tool, arguments: &Value) -> usize {
    let (write_to, watch) = (WriteTo::Nowhere, &Watch::patient());
    let context = Context { fleet, write_to, detail: Detail::Summary, given: None, what_if: &[], watch };
    let arguments: Map<String, Value> = arguments.as_object().cloned().unwrap_or_default();
    tool.ask(&context, arguments).expect("it is asked what it can answer").text.len()
}

fn tool(name: &str) -> &'static Tool {
    tools::in_chat().find(|tool| tool.name == name).expect("there is a tool of this name")
}

fn tools(criterion: &mut Criterion) {
    measure(criterion, "demo", demo_sources());
    for components in [100, 1_000, 5_000] {
        let text = generator::stack(components, 5, 7);
        let stack = Source { name: "big.yaml", text: &text };
        let level = Some(Level::PciDssStrict);
        let sources = Sources {
            stack,
            exceptions: None,
            profile: None,
            tables: shipped_tables(),
            level,
            as_of: None,
            is_demo: false,
            program: PROGRAM,
        };
        measure(criterion, &components.to_string(), sources);
    }
}

fn measure(criterion: &mut Criterion, name: &str, sources: Sources<'_>) {
    let snapshot = Snapshot::read(sources).expect("it can be read");
    let link = snapshot.stack.links.first().expect("there is a link");
    let [from, to] = [link.source, link.target].map(|end| snapshot.stack.component(end).name.to_string());
    let fleet = Fleet::of_one(Ok(snapshot));
    let mut group = criterion.benchmark_group(format!("tools/{name}"));
    group.sample_size(10);
    for (asked, arguments) in questions(&from, &to) {
        ask(&fleet, tool(asked), &arguments);
        group.bench_function(asked, |bencher| bencher.iter(|| black_box(ask(&fleet, tool(asked), &arguments))));
    }
    let mut number = 0;
    group.bench_function("what_if", |bencher| {
        bencher.iter(|| {
            number += 1;
            let change = json!({ "op": "add_component", "type": "falco", "name": format!("another-{number}") });
            black_box(ask(&fleet, tool("what_if"), &json!({ "changes": [change] })))
        });
    });
    group.finish();
}

criterion_group!(benches, tools);
criterion_main!(benches);
