//! A large file, cut between components and read in pieces at the same time.

use std::collections::HashSet;

use serde_saphyr::Location;

use super::raw::{Context, Entries, Text};
use crate::yaml::{Pieces, is_name, pieces};

const COMPONENTS: &str = "components";

/// Where components stand in a file.
const PATHS: [&[&str]; 2] = [&["default_context", COMPONENTS], &[COMPONENTS]];

/// A file in pieces.
pub(super) struct Cut<'t> {
    path: &'static [&'static str],
    pieces: Pieces<'t>,
}

/// Cuts `text` between components, if it is large and looks as if that could be done.
pub(super) fn cut(text: &str) -> Option<Cut<'_>> {
    PATHS.into_iter().find_map(|path| Some(Cut { path, pieces: pieces(text, path)? }))
}

impl Cut<'_> {
    /// What reading the file at once would give; nothing if that can't be told.
    pub(super) fn read(&self) -> Option<Context<'_>> {
        self.joined(self.path, self.pieces.read()?)
    }

    /// Joins mappings that each hold a part of what stands under `path`, and of its siblings.
    fn joined<'p>(&self, path: &[&str], parts: Vec<Context<'p>>) -> Option<Context<'p>> {
        let (own, below) = path.split_first()?;
        let (mut whole, mut inner, mut components) = (Context::default(), Vec::new(), Vec::new());
        let mut siblings = Names::default();
        for mut part in parts {
            part.keys.iter().filter(|(_, key)| key.as_str() != *own).try_for_each(|(_, key)| siblings.add(key))?;
            if below.is_empty() {
                components.push((part.keys.iter().find(|(_, key)| key.as_str() == *own)?.0, part.components.take()?));
            } else {
                inner.push(*part.inner.take()?);
            }
            whole.project_slug = whole.project_slug.or(part.project_slug);
            whole.components = whole.components.or(part.components);
            whole.configuration.append(&mut part.configuration);
            whole.unknown.append(&mut part.unknown);
            whole.inner = whole.inner.or(part.inner);
        }
        if below.is_empty() {
            whole.components = Some(self.one_mapping(components)?);
        } else {
            whole.inner = Some(Box::new(self.joined(below, inner)?));
        }
        Some(whole)
    }

    /// The one mapping that all of these are parts of, each with the place of its key.
    fn one_mapping<'p, T>(&self, parts: Vec<(Location, Entries<'p, T>)>) -> Option<Entries<'p, T>> {
        // Were it another mapping that was cut, its key would stand on another line.
        if parts.first()?.0.line() != self.pieces.line {
            return None;
        }
        let mut names = Names::default();
        let mut whole = Entries::default();
        for (_, mut part) in parts {
            for (at, key, _) in &part.0 {
                names.add(key)?;
                if at.column() != self.pieces.column {
                    return None;
                }
            }
            whole.0.append(&mut part.0);
        }
        Some(whole)
    }
}

/// Keys of one mapping that are told apart by their texts alone.
#[derive(Default)]
struct Names(HashSet<String>);

impl Names {
    /// Adds one; nothing if it was there already, or if it could be equal to another that is written differently.
    fn add(&mut self, key: &Text) -> Option<()> {
        (is_name(key.as_str()) && self.0.insert(key.as_str().to_ascii_lowercase())).then_some(())
    }
}

#[cfg(test)]
mod tests {
    //! From outside nobody can tell, which is the promise: so that it happens at all is held here.

    /// Thirty components under `above`, each of 10,000 bytes.
    fn text(above: &str, pad: &str) -> String {
        let padding = "x".repeat(10_000);
        let entry = |number| format!("{pad}c{number}:\n{pad}  type: redis\n{pad}  notes: {padding}\n");
        (0..30).map(entry).fold(above.to_owned(), |text, entry| text + &entry)
    }

    #[test]
    fn pieces_of_a_large_file_are_joined_in_its_order() {
        for text in [text("default_context:\n  components:\n", "    "), text("components:\n", "  ")] {
            let cut = super::cut(&text);
            let context = cut.as_ref().and_then(super::Cut::read);
            let components =
                context.and_then(|context| context.inner.map_or(context.components, |inner| inner.components));
            let names: Option<Vec<String>> =
                components.map(|entries| entries.0.iter().map(|(_, name, _)| name.as_str().to_owned()).collect());
            assert_eq!(names, Some((0..30).map(|number| format!("c{number}")).collect()));
        }
    }
}
