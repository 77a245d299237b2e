//! Any text as a stack: read, or refused with a place; its policies proven at both levels, and no secret of it kept.
#![no_main]

use held::{errors, secrets, stacks};
use libfuzzer_sys::fuzz_target;
use pci_engine::Snapshot;
use pci_stack::Level;

fuzz_target!(|text: &str| {
    let is_secret = secrets::must_stay(text);
    match Snapshot::read(stacks::sources(text, Some(Level::PciDssStrict))) {
        Err(error) => {
            errors::hold(&error, "stack.yaml", text);
            if is_secret {
                secrets::hold(&error.to_string());
            }
        }
        Ok(snapshot) => {
            stacks::hold(&snapshot);
            stacks::hold(&snapshot.at_level(Level::Standard));
            for finding in snapshot.findings() {
                errors::words(&finding.message);
            }
            if is_secret {
                secrets::hold(&format!("{snapshot:?}"));
            }
        }
    }
});
