//! Why a question has no answer.

use netpol_reach::{InputError, clipped};
use pci_engine::{fleet::FleetError, output::OutputError};
use pci_render::prose;
use pci_stack::{Gone, Level};

/// Why a question has no answer, in words for whoever asked.
#[derive(Debug, thiserror::Error)]
pub enum AskError {
    /// The stack can't be asked.
    #[error(transparent)]
    Fleet(#[from] FleetError),
    /// Nobody said a level.
    #[error(
        "the level is not set: the stack file has no `microsegmentation_level`. Say `level` (in the shell `--level`), \
         one of none, standard, pci_dss_strict. Nothing was written or removed"
    )]
    LevelNotSet,
    /// The level shows less than a report is about.
    #[error(
        "the report is made of strict mode alone, and the level is {}: say `--level pci_dss_strict`",
        .0.map_or_else(|| "not set".to_owned(), |level| format!("`{level}`"))
    )]
    BelowStrict(Option<Level>),
    /// The server may not write.
    #[error("this server writes nothing: start it with `--output-dir DIR` for `write` to have a place")]
    NowhereToWrite,
    /// The folder can't be written.
    #[error(transparent)]
    Output(#[from] OutputError),
    /// Manifests can't be used.
    #[error("{}", several(.0))]
    Manifests(Vec<InputError>),
    /// Whoever asked has left.
    #[error(transparent)]
    Gone(#[from] Gone),
    /// An argument is wrong.
    #[error("{0}")]
    Argument(String),
}

impl AskError {
    /// The same, as short as an answer: what is wrong may quote what was asked, or a list of names.
    pub(super) fn for_chat(self) -> Self {
        const LONGEST: usize = 4_000;
        match self {
            Self::Argument(what) => Self::Argument(clipped(&what, LONGEST)),
            other => other,
        }
    }

    /// Returns the message as Markdown: clients show errors as they show answers.
    pub fn markdown(&self) -> String {
        prose(&self.to_string())
    }

    /// The exit code of a shell: 1 where the input is fine and the answer is no, 2 where something is unusable.
    pub fn exit_code(&self) -> u8 {
        if matches!(self, Self::LevelNotSet) { 1 } else { 2 }
    }
}

/// The first of `errors`, a line each, and how many there are.
fn several(errors: &[InputError]) -> String {
    const NAMED: usize = 20;
    let mut lines: Vec<String> = errors.iter().take(NAMED).map(ToString::to_string).collect();
    if errors.len() > NAMED {
        lines.push(format!("and {} more", errors.len() - NAMED));
    }
    lines.join("\nerror: ")
}
