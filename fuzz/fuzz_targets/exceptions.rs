//! Any text as a user's exceptions over a small stack: read, or refused with a place; what they open is proven.
#![no_main]

use held::{errors, stacks};
use libfuzzer_sys::fuzz_target;
use pci_engine::{Snapshot, Source, Sources};
use pci_stack::Level;

fuzz_target!(|text: &str| {
    let exceptions = Some(Source { name: "exceptions.yaml", text });
    let sources = Sources { exceptions, ..stacks::sources(stacks::SMALL, Some(Level::PciDssStrict)) };
    match Snapshot::read(sources) {
        Err(error) => errors::hold(&error, "exceptions.yaml", text),
        Ok(snapshot) => {
            stacks::hold(&snapshot);
            stacks::hold(&snapshot.at_level(Level::Standard));
            for finding in snapshot.findings() {
                errors::words(&finding.message);
            }
        }
    }
});
