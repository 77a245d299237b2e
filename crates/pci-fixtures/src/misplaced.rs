//! Secrets in the wrong place: every attribute that may be read, with a value that no shape may take.

use std::fmt::Write as _;

use pci_stack::{
    Reading, TypeName,
    catalog::{Catalog, ComponentType},
};

/// A secret as it is written, and the part of it that no answer may hold.
#[derive(Debug, Clone, Copy)]
pub struct Secret {
    /// The value of the attribute.
    pub value: &'static str,
    /// What must not come out.
    pub canary: &'static str,
}

const fn secret(value: &'static str, canary: &'static str) -> Secret {
    Secret { value, canary }
}

/// What people paste where it does not belong: URLs with a user part or a query, connection strings, base64, PEM,
/// passphrases.
pub const SECRETS: [Secret; 18] = [
    secret("https://svc:KnryUser@api.example.com/v1", "KnryUser"),
    secret("https://svc:Knry/Slash@api.example.com/v1", "Slash"),
    secret("https://api.example.com/v1?token=KnryQuery", "KnryQuery"),
    secret("svc:KnryBare@api.example.com", "KnryBare"),
    secret("postgres://sa:KnryDsn@db.example.com:5432/orders", "KnryDsn"),
    secret("Server=db.example.com;User Id=sa;Password=KnryPairs", "KnryPairs"),
    secret("host=db.example.com user=sa password=KnryWords", "KnryWords"),
    secret("a25yeS1zZWNyZXQtdmFsdWUtMDE=", "a25yeS1zZWNyZXQ"),
    secret("c2VjcmV0a25yeXZhbHVlMDAwMDAwMDAwMDAwMDAw", "c2VjcmV0a25yeXZhbHVl"),
    secret(
        "-----BEGIN PRIVATE KEY-----\nMIIKnryLines0BAQEFAASC\n-----END PRIVATE KEY-----\n",
        "MIIKnryLines0BAQEFAASC",
    ),
    secret("-----BEGIN PRIVATE KEY----- MIIKnryFolded0BAQEFAAS -----END PRIVATE KEY-----", "MIIKnryFolded0BAQEFAAS"),
    secret("CorrectHorseBattery", "CorrectHorseBattery"),
    secret("correcthorse", "correcthorse"),
    secret("correct-knry-battery-staple", "correct-knry-battery-staple"),
    secret("correct knry battery staple", "correct knry battery staple"),
    secret("correct_knry_battery", "correct_knry_battery"),
    secret("KnryTr0ub4dor", "KnryTr0ub4dor"),
    secret("eyJhbGciOiJIUzI1NiJ9.eyJrbnJ5IjoxfQ.KnrySignatureOfToken", "KnrySignatureOfToken"),
];

/// A stack that has a component of every type of `catalog`, and a link of each that starts links, with `value`, as YAML,
/// for every attribute that is read as anything but a port; of components, links and copies of components.
pub fn stack_of(catalog: &Catalog, mut value: impl FnMut() -> String) -> String {
    let words = catalog.vocabulary();
    let own = |kind: &TypeName, value: &mut dyn FnMut() -> String| {
        let names: Vec<&str> = words.attributes(kind).filter(|name| *name != "is_external").collect();
        pairs(&names, |name| words.reading(kind, name), value)
    };
    let mut text = String::from("components:\n  hub: {type: fastapi, attributes: {namespace: hub, port: 8000}}\n");
    for known in catalog.types.iter().filter(|known| known.parent.is_none()) {
        let (kind, name) = (&known.name, name(known));
        let attributes = own(kind, &mut value);
        let of_link: Vec<&str> = words.link_attributes(kind).collect();
        let of_link = pairs(&of_link, |name| words.link_reading(kind, name), &mut value);
        let copy = own(&TypeName::new("fastapi"), &mut value);
        let _ = write!(
            text,
            "  {name}:\n    type: {kind}\n    attributes: {{namespace: {name}, port: 8000{attributes}}}\n    links_to:\n      \
             hub: {{attributes: {{port: 8000{of_link}}}, component: {{type: fastapi, name: hub, attributes: {{namespace: hub{copy}}}}}}}\n    \
             sub_components:\n      none-of-us: {{type: unheard_of}}\n"
        );
        for part in catalog.types.iter().filter(|part| part.parent.as_ref() == Some(kind)) {
            let attributes = own(&part.name, &mut value);
            let attributes = attributes.trim_start_matches(", ");
            let _ = writeln!(text, "      {}: {{type: {}, attributes: {{{attributes}}}}}", self::name(part), part.name);
        }
    }
    let _ = writeln!(text, "configuration: {{system_name: misplaced, sops_enabled: {}}}", value());
    text
}

fn name(known: &ComponentType) -> String {
    known.name.as_str().replace('_', "-")
}

/// `, NAME: VALUE` for each of `names` that is read as anything but a port.
fn pairs<'w>(
    names: &[&str],
    reading: impl Fn(&str) -> Option<&'w Reading>,
    value: &mut dyn FnMut() -> String,
) -> String {
    let mut names: Vec<&str> = names.iter().copied().filter(|name| reading(name) != Some(&Reading::Port)).collect();
    names.sort_unstable();
    names.dedup();
    names.into_iter().fold(String::new(), |text, name| text + ", " + name + ": " + &value())
}
