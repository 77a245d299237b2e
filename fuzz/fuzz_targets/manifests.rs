//! Any text as manifests: read, evaluated, listed in every form, and held against the demo. Nothing may panic, what the
//! readings say must fit, and what is drawn must hold together.
#![no_main]

use held::{charts, errors, pages, stacks};
use libfuzzer_sys::fuzz_target;
use netpol_reach::{Evaluation, Reading, Settings};
use pci_ask::tools::{Plugin, Shape, connectivity};

fuzz_target!(|text: &str| {
    let files = || [("fuzz.yaml", text)];
    for (index, shape) in [Shape::Json, Shape::Text, Shape::Diagram].into_iter().enumerate() {
        let plugin = Plugin { ip_blocks_match_pods: index == 0, host_network_is_unselectable: index == 1 };
        let mut out = Vec::new();
        if connectivity(files(), plugin, shape, &mut out).is_ok() {
            let out = String::from_utf8(out).expect("an answer is text");
            match shape {
                Shape::Json => assert!(serde_json::from_str::<serde_json::Value>(&out).is_ok(), "no JSON: {out}"),
                Shape::Text => {
                    assert!(!out.chars().any(|c| c.is_control() && c != '\n'), "a control character: {out:?}")
                }
                Shape::Diagram if out.starts_with("flowchart") => charts::hold(&out),
                Shape::Diagram => pages::hold(&out),
            }
        }
    }
    let manifests = netpol_reach::read(files());
    for error in &manifests.refused {
        errors::hold(error, "fuzz.yaml", text);
    }
    if manifests.refused.is_empty() {
        let _ = stacks::DEMO.against(&manifests);
    }
    if let Ok(cluster) = netpol_reach::Cluster::of(manifests, true) {
        let evaluate = |reading| Evaluation::of(&cluster.world, &cluster.policies, Settings::default(), reading);
        let (certain, possible) = (evaluate(Reading::Certain), evaluate(Reading::Possible));
        for end in certain.ends.iter() {
            assert_eq!(certain.row(end), possible.row(end), "all labels are known, so both readings agree");
        }
    }
});
