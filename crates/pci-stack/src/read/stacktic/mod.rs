//! Stacktic's `stack-metadata.yaml`.
//!
//! The file repeats itself: every link stands at both of its ends, and each end is a whole copy of the component
//! there. A component's own entry is what counts; copies are compared with it. Identity is (parent's name or none,
//! name), never a map's key and never a bare name.

mod components;
mod facts;
mod links;
mod raw;
mod reader;
mod secrets;

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use netpol_reach::{InputError, Namespace, Place, clean, yaml};
use serde_saphyr::Location;

use self::{
    components::Components,
    raw::{Attribute, Context, Text},
    reader::{Noted, Reader, find},
    secrets::{Owner, Secrets},
};
use crate::{Fact, Finding, Level, Reading, SETTINGS, Stack, StackId, Vocabulary, findings, secrets::names};

/// Reads the file's `text`. `file` is how places name it; `words` says which attributes may be read.
///
/// # Errors
///
/// The file is no YAML of this shape, a value in it can't be what it should be, a link names nobody, or two places
/// contradict each other. No error quotes a value.
pub fn read(file: &str, text: &str, words: &Vocabulary) -> Result<Stack, InputError> {
    read_part(file, text, words, &|_| false)
}

/// Reads a part of a stack as [`read`] does; `is_namespace` says whether the rest has a namespace of that name.
///
/// # Errors
///
/// As [`read`].
pub fn read_part(
    file: &str,
    text: &str,
    words: &Vocabulary,
    is_namespace: &dyn Fn(&str) -> bool,
) -> Result<Stack, InputError> {
    let mut context: Context = yaml::read(file, text)?;
    if let Some(inner) = context.inner.take() {
        if context.components.is_some() {
            let error =
                InputError::new(Place::whole(file), "`components` stands at the top level and in `default_context`");
            return Err(error.help("keep one of the two"));
        }
        context = *inner;
    }
    let mut reader = Reader {
        file: file.into(),
        words,
        findings: Noted::default(),
        secrets: Secrets::default(),
        namespaces: HashSet::new(),
        is_elsewhere: is_namespace,
    };
    let Some(entries) = &context.components else {
        let error = InputError::new(Place::whole(file), "there are no `components` in it");
        return Err(error.help("expected `default_context.components`, a mapping of components"));
    };
    reader.namespaces = components::namespaces(entries);
    let level = reader.level(&context.configuration)?;
    let build_namespace = reader.build_namespace(&context.configuration)?;
    let name = reader.name(&context);
    reader.unknown_keys(&context.unknown);
    let components = Components::read(&mut reader, entries)?;
    if components.list.is_empty() {
        let place = Some(Place::whole(&reader.file));
        reader.findings.push(Finding::new(&findings::EMPTY_STACK, "the stack has no components", place));
    }
    let links = links::read(&mut reader, &components)?;
    let configuration = reader.configuration(&context.configuration)?;
    let mut stack = Stack {
        id: StackId::of(&name),
        name,
        level,
        build_namespace,
        configuration,
        components: components.list,
        links,
        findings: reader.findings.all(&reader.file),
    };
    let whole = Place::whole(&reader.file);
    let noticed = secrets::noticed(&stack, &whole, find(&context.configuration, "sops_enabled"));
    stack.findings.extend(noticed);
    stack.findings.sort();
    stack.findings.dedup();
    Ok(stack)
}

impl Reader<'_> {
    fn level(&self, configuration: &[Attribute]) -> Result<Option<(Level, Place)>, InputError> {
        let Some(attribute) = find(configuration, "microsegmentation_level") else { return Ok(None) };
        let level = attribute.value.text().unwrap_or_default().parse();
        let level: Level = level.map_err(|error: String| {
            self.error(attribute.at, "`microsegmentation_level` holds no known level").help(error)
        })?;
        Ok(Some((level, self.place(attribute.at))))
    }

    fn build_namespace(&self, configuration: &[Attribute]) -> Result<Option<(Namespace, Place)>, InputError> {
        let attribute = find(configuration, "build_namespace").filter(|found| !facts::is_blank(&found.value));
        let Some(attribute) = attribute else { return Ok(None) };
        let namespace = self.namespace(attribute)?;
        Ok(Some((namespace, self.place(attribute.at))))
    }

    /// What may be known of the settings of the stack as a whole: flags that are listed, and shapes of secrets.
    fn configuration(&mut self, configuration: &[Attribute]) -> Result<BTreeMap<Arc<str>, Fact>, InputError> {
        let is_setting = |name: &str| SETTINGS.contains(&name);
        let kept =
            configuration.iter().filter(|one| is_setting(one.name.as_str()) || names::is_secret(one.name.as_str()));
        let kept: Vec<Attribute> = kept.cloned().collect();
        let owner = Owner::new("configuration", ["configuration"], configuration);
        let reading = |name: &str| is_setting(name).then_some(&Reading::Flag);
        Ok(facts::keep(self, &owner, &kept, reading)?.facts)
    }

    /// The stack's name: `system_name`, else `project_slug`, else `stack`.
    fn name(&mut self, context: &Context) -> String {
        let named = |text: &str| Some(clean(text)).filter(|name| !name.is_empty());
        let system_name = find(&context.configuration, "system_name").and_then(|found| found.value.text());
        if let Some(name) = system_name.and_then(named) {
            return name;
        }
        let slug = context.project_slug.as_ref().map(Text::as_str).and_then(named);
        let name = slug.unwrap_or_else(|| "stack".to_owned());
        let message = format!("the stack has no `system_name`; it goes by `{name}`");
        self.findings.push(Finding::new(&findings::NO_SYSTEM_NAME, message, Some(Place::whole(&self.file))));
        name
    }

    fn unknown_keys(&mut self, keys: &[(Location, Text)]) {
        for (at, key) in keys {
            let message = format!("{} is not known here and is not read", yaml::key_name(Some(key.as_str())));
            self.findings.push(Finding::new(&findings::UNKNOWN_KEY, message, Some(self.place(*at))));
        }
    }
}
