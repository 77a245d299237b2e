//! Names of components and types. What a file calls something is data: it is cleaned where it enters, and each
//! renderer escapes it for its own format.

use std::{borrow::Borrow, fmt, sync::Arc};

use serde::Serialize;

/// The longest name that is kept; what is over is cut and marked with `…`.
const LONGEST: usize = 300;

/// `text` as it may be shown: without control characters, line breaks and invisible or direction-changing Unicode, at
/// most 300 characters long, and with `'` for a backtick, so that messages can set it between two of those.
pub fn clean(text: &str) -> String {
    let mut kept: String =
        text.chars().filter(|c| is_visible(*c)).take(LONGEST + 1).map(|c| if c == '`' { '\'' } else { c }).collect();
    if kept.chars().count() > LONGEST {
        kept.pop();
        kept.push('…');
    }
    let trimmed = kept.trim();
    if trimmed.len() == kept.len() { kept } else { trimmed.to_owned() }
}

/// `text`, or its first `most` characters.
pub fn clipped(text: &str, most: usize) -> String {
    let kept: String = text.chars().take(most).collect();
    if kept.len() < text.len() { kept + "…" } else { kept }
}

/// The first `most` of `names`, one after the other, and how many more there are.
pub fn named<S: AsRef<str>>(names: &[S], most: usize, separator: &str) -> String {
    let mut list: Vec<String> = names.iter().take(most).map(|name| name.as_ref().to_owned()).collect();
    if names.len() > most {
        list.push(format!("and {} more", names.len() - most));
    }
    list.join(separator)
}

/// Whether `c` shows: no control, no format character (zero width, bidirectional, tags, variation selectors), no filler.
fn is_visible(c: char) -> bool {
    !c.is_control()
        && !matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}'
            | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// The canonical name of a component type: lower case, words joined by `_`, such as `argo_cd`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, schemars::JsonSchema)]
#[schemars(inline)]
pub struct TypeName(#[schemars(with = "String")] Arc<str>);

impl TypeName {
    /// The spelling of `text` that all variants of case, hyphen and space share. An alias is resolved by the
    /// [`Vocabulary`](super::Vocabulary), not here.
    pub fn new(text: &str) -> Self {
        let folded = clean(text).to_lowercase().replace(['-', ' '], "_");
        Self(folded.into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Borrow<str> for TypeName {
    fn borrow(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for TypeName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Who a component is: `NAME`, or `PARENT/NAME` for a sub-component. Bare names are not unique: a database may bear
/// the name of the component that uses it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ComponentRef {
    /// The parent's name, if this is a sub-component.
    pub parent: Option<Arc<str>>,
    /// Its own name.
    pub name: Arc<str>,
}

impl fmt::Display for ComponentRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(parent) = &self.parent {
            write!(f, "{parent}/")?;
        }
        f.write_str(&self.name)
    }
}

impl Serialize for ComponentRef {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}
