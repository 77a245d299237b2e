//! What-if: changes to a snapshot, and the difference they make.

mod differing;
mod laws;
mod made;
mod refused;
mod sharing;

use pci_engine::{
    Snapshot,
    change::{self, read_document},
};
use pci_fixtures::{component, demo_sources, stack, strict};
use pci_stack::Change;

/// A shop that calls a till, a database with one sub-component, a gateway.
fn shop() -> Snapshot {
    strict(&shop_text())
}

fn shop_text() -> String {
    let db = "  db:\n    type: cnpg\n    name: db\n    attributes: {namespace: db}\n    sub_components:\n      \
              orders: {type: db, name: orders, attributes: {grant: false}}\n";
    stack(
        &[
            component("gate", "apisix", "", &["shop"]),
            component("shop", "fastapi", "port: 8000, rbac: true", &["till", "db/orders"]),
            component("till", "fastapi", "port: 8080", &[]),
            db.to_owned(),
        ]
        .concat(),
    )
}

fn demo() -> Snapshot {
    Snapshot::read(demo_sources()).unwrap()
}

/// Changes as a file has them.
fn changes(text: &str) -> Vec<Change> {
    read_document("changes.yaml", text).unwrap()
}

fn after(snapshot: &Snapshot, text: &str) -> Snapshot {
    change::apply(snapshot, &changes(text)).unwrap_or_else(|error| panic!("{error}"))
}

fn refusal(snapshot: &Snapshot, text: &str) -> String {
    change::apply(snapshot, &changes(text)).map(drop).unwrap_err().to_string()
}

/// What a reader of policies sees: all objects, and the flows by their ends.
fn policies(snapshot: &Snapshot) -> String {
    let files = snapshot.files().iter().map(|file| String::from_utf8_lossy(&file.bytes).into_owned());
    let flows = snapshot
        .flows()
        .iter()
        .map(|flow| format!("{:?} {:?} {:?} {:?}\n", flow.from, flow.to, flow.ports, flow.sources));
    files.chain(flows).collect()
}

#[test]
fn a_document_is_a_list_or_has_one_and_errors_have_places() {
    let listed = changes("- {op: set_level, value: standard}\n");
    assert_eq!(listed, changes("changes:\n  - op: set_level\n    value: standard\n"));
    assert_eq!(listed, changes("[{\"op\": \"set_level\", \"value\": \"standard\", \"name\": null}]"));
    let error = |text| read_document("changes.yaml", text).unwrap_err().to_string();
    let stray = error("- op: set_level\n  valeu: standard\n");
    assert!(stray.starts_with("changes.yaml:2:3: the key `valeu` is not known here (did you mean `value`?"), "{stray}");
    let op = error("- op: remove\n");
    assert!(op.starts_with("changes.yaml:1:7: expected one of `add_component`"), "{op}");
    let shape = error("changes: {op: set_level}\n");
    assert!(shape.starts_with("changes.yaml:1:10: expected"), "{shape}");
    let key = error("change: []\n");
    assert!(key.contains("did you mean `changes`?"), "{key}");
    let value = error("- op: set_attribute\n  value: [s3cret]\n");
    assert!(value.contains("a value is text, a number, true or false") && !value.contains("s3cret"), "{value}");
}
