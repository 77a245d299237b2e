//! Any text as manifests: read, evaluated, listed in every form. Nothing may panic, and what the readings say must fit.
#![no_main]

use libfuzzer_sys::fuzz_target;
use pci_compliance::{
    reach::{self, Evaluation, Reading, Settings},
    tools::{Plugin, Shape, connectivity},
};

fuzz_target!(|text: &str| {
    let files = || [("fuzz.yaml", text)];
    for (index, shape) in [Shape::Json, Shape::Text, Shape::Diagram].into_iter().enumerate() {
        let plugin = Plugin { ip_blocks_match_pods: index == 0, host_network_is_unselectable: index == 1 };
        let mut out = Vec::new();
        if connectivity(files(), plugin, shape, &mut out).is_ok() && index == 0 {
            assert!(serde_json_reads(&out), "the answer is no JSON");
        }
    }
    let manifests = reach::read(files());
    if let Ok(cluster) = reach::Cluster::of(manifests, true) {
        let evaluate = |reading| Evaluation::of(&cluster.world, &cluster.policies, Settings::default(), reading);
        let (certain, possible) = (evaluate(Reading::Certain), evaluate(Reading::Possible));
        for end in certain.ends.iter() {
            assert_eq!(certain.row(end), possible.row(end), "all labels are known, so both readings agree");
        }
    }
});

fn serde_json_reads(text: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(text).is_ok()
}
