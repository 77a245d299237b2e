//! The schemas that have a name: of inputs, of the manifest, of every answer.

use netpol_reach::{clean, nearest};
use pci_assess::controls::Controls;
use pci_render::manifest::Manifest;
use pci_stack::{
    Change,
    catalog::{ComponentTypes, ExceptionsFile, Profile},
};
use schemars::{Schema, generate::SchemaSettings};

use super::{AskError, catalogue::ALL};

/// A schema by the name of what it describes.
type Named = (&'static str, fn() -> Schema);

/// Schemas of inputs and of the manifest, for editors and for whoever reads what is written.
pub static DOCUMENTS: &[Named] = &[
    ("pci-exceptions", || schemars::schema_for!(ExceptionsFile)),
    ("pci-profile", Profile::schema),
    ("component-types", ComponentTypes::schema),
    ("requirement-controls", Controls::schema),
    ("changes", || schemars::schema_for!(Vec<Change>)),
    ("manifest", || SchemaSettings::draft2020_12().for_serialize().into_generator().into_root_schema_for::<Manifest>()),
];

/// The schema of `name`: an input, the manifest, or a tool's answer.
pub fn document(name: &str) -> Result<Schema, AskError> {
    if let Some((_, schema)) = DOCUMENTS.iter().find(|(known, _)| *known == name) {
        return Ok(schema());
    }
    if let Some(tool) = ALL.iter().find(|tool| tool.name == name || tool.command == name) {
        return Ok(Schema::from(tool.output_schema()));
    }
    let names = || DOCUMENTS.iter().map(|(name, _)| *name).chain(ALL.iter().map(|tool| tool.name));
    let hint = nearest(name, names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
    let known: Vec<String> = names().map(|name| format!("`{name}`")).collect();
    Err(AskError::Argument(format!("no schema `{}`{hint}; there are {}", clean(name), known.join(", "))))
}
