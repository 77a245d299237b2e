//! A question: how it is asked in a chat and in a shell, and what answers it.

use schemars::JsonSchema;
use serde::de::DeserializeOwned;

use super::{
    AskError, Attachment, Context,
    page::{Asked, Bounded},
};

/// What leaves a command of the shell besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outlet {
    /// Nothing.
    Text,
    /// One document, printed or put into a file (`--out FILE`).
    Document,
    /// A folder (`--out DIR`), unless it is a rehearsal (`--dry-run`).
    Folder,
}

/// How a command of the shell takes changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Changes {
    /// Not at all.
    None,
    /// As an option (`--what-if FILE`).
    Optional,
    /// They are what it is about (`CHANGES.yaml`).
    Subject,
}

/// A question: how it is asked, and what answers it.
pub(super) trait Question {
    /// The tool's name.
    const NAME: &'static str;
    /// The shell's command.
    const COMMAND: &'static str;
    /// A title for people.
    const TITLE: &'static str;
    /// When to use it, what it answers, which tool comes next.
    const DESCRIPTION: &'static str;
    /// What leaves the shell's command.
    const OUTLET: Outlet;
    /// Whether the server offers it; if not, another tool's answer holds it.
    const IS_FOR_CHAT: bool = true;
    /// Whether the shell's command takes manifests (`--against`).
    const TAKES_MANIFESTS: bool = false;
    /// How the shell's command takes changes.
    const CHANGES: Changes = Changes::Optional;
    /// Whether it can be asked of all stacks at once (`"*"`, in the shell `--stacks`).
    const SPANS_STACKS: bool = false;
    /// Whether it can be asked to say more.
    const HAS_DETAIL: bool = true;
    /// The arguments.
    type Request: clap::Args + DeserializeOwned + JsonSchema;
    /// The answer.
    type Response: Bounded + JsonSchema;

    /// How a chat wants the answer.
    fn asked(_: &Self::Request) -> Asked<'_> {
        Asked::default()
    }

    /// Answers, with all there is.
    fn answer(context: &Context, request: &Self::Request) -> Result<Self::Response, AskError>;

    /// The answer as short Markdown that stands alone.
    fn text(response: &Self::Response) -> String;

    /// The answer's document, where the shell lets one out.
    fn document(_: &Self::Response) -> Option<String> {
        None
    }

    /// What stands beside the answer, for it is too large for its fields, or no text. The first takes the document's place.
    fn attachments(_: &Self::Response) -> Vec<Attachment> {
        Vec::new()
    }

    /// Whether what was asked for holds; if not, a shell exits with 1.
    fn holds(_: &Self::Response) -> bool {
        true
    }

    /// The same request, to write what it makes.
    fn writing(request: Self::Request) -> Self::Request {
        request
    }
}
