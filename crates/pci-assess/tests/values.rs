//! Values that rules ask for: the reader keeps them.

use pci_assess::controls::{ClauseSource, Condition};
use pci_fixtures::tables;
use pci_stack::Reading;

#[test]
fn every_rule_asks_for_a_value_that_the_shape_of_its_attribute_takes() {
    let catalog = &tables().catalog;
    let words = catalog.vocabulary();
    let mut asked = 0;
    for control in tables().controls.iter() {
        for entry in &control.rule {
            for clause in entry.required.iter().chain(&entry.supporting) {
                let (name, condition, reading) = match &clause.source {
                    ClauseSource::Attribute { name, of, condition, .. } => {
                        let kind = of.as_ref().or(entry.kind.as_ref()).unwrap();
                        (name, condition, words.reading(kind, name))
                    }
                    ClauseSource::LinkAttribute { name, condition, .. } => {
                        (name, condition, words.link_reading(entry.kind.as_ref().unwrap(), name))
                    }
                    _ => continue,
                };
                let reading = reading.unwrap_or_else(|| panic!("{}: `{name}` is not read", control.id));
                assert_ne!(*reading, Reading::Presence, "{}: the value of `{name}` is not kept", control.id);
                let values = match condition {
                    Condition::Is(values) | Condition::IsNot(values) => values.as_slice(),
                    _ => &[],
                };
                for value in values {
                    let is_kept = reading.shown(value, &|_| false).is_some();
                    assert!(is_kept, "{}: `{name}` can't be `{value}`", control.id);
                    asked += 1;
                }
            }
        }
    }
    assert!(asked > 100, "{asked}");
}
