//! What somebody who misspelt a name probably meant.

/// Texts are compared as far as [`crate::clean`] keeps them: comparing takes the product of both lengths.
const LONGEST: usize = 300;

/// How many pairs of characters are compared at most for one name, some tenths of a second. What is left of the
/// candidates after that is not looked at.
const MOST_WORK: usize = 100_000_000;

/// The name of `names` that `text` was probably meant to be.
pub fn nearest<'a>(text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = |text: &str| text.chars().take(LONGEST).collect::<String>().to_lowercase();
    let text = folded(text);
    let mut work = 0;
    let within_budget = |name: &&str| {
        work += text.len() * name.len().min(LONGEST);
        work <= MOST_WORK
    };
    names
        .into_iter()
        .take_while(within_budget)
        .map(|name| (strsim::jaro_winkler(&text, &folded(name)), name))
        .filter(|(likeness, _)| *likeness > 0.75)
        .max_by(|a, b| a.0.total_cmp(&b.0).then_with(|| b.1.cmp(a.1)))
        .map(|(_, name)| name)
}

/// [`nearest`] for many names of one file: the first hundred get an answer, so that a file of nothing but slips takes no
/// longer than one that has some.
#[derive(Debug, Clone)]
pub struct Suggestions {
    left: usize,
}

impl Default for Suggestions {
    fn default() -> Self {
        Self { left: 100 }
    }
}

impl Suggestions {
    /// The name of `names` that `text` was probably meant to be; nothing once a hundred were asked for.
    pub fn nearest<'a>(&mut self, text: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
        self.left = self.left.checked_sub(1)?;
        nearest(text, names)
    }
}
