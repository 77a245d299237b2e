//! What an answer says where the newest files of its stack can't be used, so that it is of earlier ones.

use netpol_reach::clipped;
use pci_engine::fleet::Member;
use pci_render::prose;
use serde_json::Value;

use super::{Context, Reply};

/// The longest reason, in characters.
const LONGEST: usize = 600;

/// Why an answer is of earlier files, if it is.
pub(super) struct Stale(Option<String>);

impl Stale {
    /// Why answers of the stack with this id are.
    pub(super) fn of(context: &Context, stack: &Value) -> Self {
        let member = stack.as_str().and_then(|id| context.fleet.named(id));
        Self(member.and_then(Member::stale).map(|why| clipped(&why.to_string(), LONGEST)))
    }

    /// How many characters saying so takes.
    pub(super) fn length(&self) -> usize {
        self.0.as_ref().map_or(0, |why| sentence(why).chars().count().max(why.len() + "\"stale\":\"\",".len()))
    }

    /// `reply`, and that it is.
    pub(super) fn told(self, mut reply: Reply) -> Reply {
        if let Some(why) = self.0 {
            reply.text = sentence(&why) + &reply.text;
            reply.fields["stale"] = why.into();
        }
        reply
    }
}

fn sentence(why: &str) -> String {
    format!("{}\n\n", of_earlier_files(why))
}

/// That what follows is of earlier files, since the newest can't be used because of `why`.
pub(crate) fn of_earlier_files(why: &str) -> String {
    format!("**This is of earlier files**: the newest can't be used. {}", prose(why))
}
