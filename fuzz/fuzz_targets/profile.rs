//! Any text as the profile of a small stack: read, or refused with a place; all that is stated is weighed and reported.
#![no_main]

use held::{errors, pages, stacks};
use libfuzzer_sys::fuzz_target;
use pci_engine::{Snapshot, Source, Sources};
use pci_render::report;
use pci_stack::Level;

fuzz_target!(|text: &str| {
    let profile = Some(Source { name: "profile.yaml", text });
    let sources = Sources { profile, ..stacks::sources(stacks::SMALL, Some(Level::PciDssStrict)) };
    match Snapshot::read(sources) {
        Err(error) => errors::hold(&error, "profile.yaml", text),
        Ok(snapshot) => {
            stacks::hold(&snapshot);
            for finding in snapshot.findings() {
                errors::words(&finding.message);
            }
            pages::hold(&report::report(&snapshot));
        }
    }
});
