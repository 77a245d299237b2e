//! Any text as changes to the demo: read, or refused with a place; made, or refused by number; what they make is proven,
//! and the demo is as before.
#![no_main]

use held::{errors, stacks};
use libfuzzer_sys::fuzz_target;
use pci_engine::change;

fuzz_target!(|text: &str| {
    let demo = &stacks::DEMO;
    let changes = match change::read_document("changes.yaml", text) {
        Err(error) => return errors::hold(&error, "changes.yaml", text),
        Ok(changes) => changes,
    };
    for change in &changes {
        let _ = change.to_string();
        let again = serde_json::to_string(change).expect("a change is JSON");
        let read = change::read_document("again.json", &format!("[{again}]"));
        assert_eq!(read.as_deref(), Ok(std::slice::from_ref(change)), "a change that is passed on is another");
    }
    match change::apply(demo, &changes) {
        Err(error) => errors::words(&error.to_string()),
        Ok(after) => {
            stacks::hold(&after);
            let difference = change::difference(demo, &after);
            let back = change::difference(&after, demo);
            assert_eq!(difference.policies_added, back.policies_removed);
            assert_eq!(difference.flows_added, back.flows_removed);
            let _ = change::controls(demo.assessment(), after.assessment(), &[]);
            for finding in after.findings() {
                errors::words(&finding.message);
            }
        }
    }
});
