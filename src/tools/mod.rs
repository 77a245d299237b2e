//! The questions that can be asked, one file each. The table [`ALL`] feeds both the shell and the server, so that
//! whatever a chat can ask a shell can ask, with the same words and the same fields.

mod bulk;
mod catalogue;
mod connectivity;
mod dashboards;
mod describe_stack;
mod ends;
mod error;
mod explain_flow;
mod fit;
mod gaps;
mod generate_policies;
mod generated;
mod impact;
mod notes;
mod overview;
mod page;
mod port;
mod proof_text;
mod remedy;
mod render_diagram;
mod report;
mod requirement;
mod schema;
mod stale;
mod standing;
mod subject;
mod verify;
mod what_if;
mod whole_difference;

use std::path::PathBuf;

pub use bulk::{BulkError, bulk};
pub use catalogue::{ALL, Attachment, Reply, Tool, Wanted, in_chat};
pub use connectivity::{ConnectivityError, Plugin, Shape, connectivity};
pub use dashboards::{SiemFile, siem_files};
pub use error::AskError;
use page::{Asked, Bounded};
pub use schema::{DOCUMENTS, document};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
pub(crate) use stale::of_earlier_files;
pub(crate) use standing::numbers_text;

use crate::{
    engine::Snapshot,
    fleet::Fleet,
    output,
    reach::Manifests,
    terms::{Change, LevelSource, StackId, Watch},
};

/// What an answer may be computed from, and where it may write.
#[derive(Debug)]
pub struct Context<'a> {
    /// The stacks.
    pub fleet: &'a Fleet,
    /// Where files may be written.
    pub write_to: WriteTo,
    /// How much to say where the request doesn't. Where that is all, no request is for a chat, and nothing is cut.
    pub detail: Detail,
    /// Manifests that a question is to hold something against.
    pub given: Option<&'a Manifests>,
    /// Changes to ask under, where the request brings none.
    pub what_if: &'a [Change],
    /// Whoever waits for the answer.
    pub watch: &'a Watch<'a>,
}

/// Where files may be written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WriteTo {
    /// Nowhere.
    Nowhere,
    /// To this folder.
    Folder(PathBuf),
    /// To a folder named after the stack, in this one.
    Under(PathBuf),
}

impl WriteTo {
    /// Writes `files` of the stack `id`, and says where.
    fn put<'a>(&self, id: &StackId, files: impl Iterator<Item = (&'a str, &'a [u8])>) -> Result<PathBuf, AskError> {
        match self {
            Self::Nowhere => Err(AskError::NowhereToWrite),
            Self::Folder(folder) => {
                output::replace(folder, files)?;
                Ok(folder.clone())
            }
            Self::Under(parent) => {
                output::replace_within(parent, id.as_str(), files)?;
                Ok(parent.join(id.as_str()))
            }
        }
    }
}

/// How much an answer says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Detail {
    /// What matters first, in a short answer.
    #[default]
    Summary,
    /// Everything; in a chat a long page of it.
    Full,
}

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
trait Question {
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

/// An error if nobody said a level: what would be allowed depends on it.
fn with_level(snapshot: &Snapshot) -> Result<(), AskError> {
    if snapshot.level_source() == LevelSource::NotSet { Err(AskError::LevelNotSet) } else { Ok(()) }
}
