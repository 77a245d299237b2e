//! Clauses: what a rule asks, answered. One file for each source of answers; a new one is one more file and one more
//! line in [`answer`].

mod asked;
mod attribute;
pub(super) mod exceptions;
mod fact;
mod generated;
pub(super) mod links;
pub(super) mod log_path;
pub(super) mod network;
mod secrets;

use asked::Asked;
use pci_stack::{ComponentId, TypeName};

use super::{Answer, Verdicts};
use crate::controls::{Clause, ClauseSource};

/// What `clause` comes to for `subjects`, the components of `kind`.
pub(super) fn answer(
    verdicts: &Verdicts,
    kind: Option<&TypeName>,
    subjects: &[ComponentId],
    clause: &Clause,
) -> Answer {
    let case = &verdicts.case;
    let asked = Asked { kind, subjects, says: &clause.says };
    match &clause.source {
        ClauseSource::Attribute { name, of, condition, quantifier } => {
            attribute::of_components(case, asked, name, of.as_ref(), condition, *quantifier)
        }
        ClauseSource::LinkAttribute { name, to, condition, quantifier } => {
            attribute::of_links(case, asked, name, to, condition, *quantifier)
        }
        ClauseSource::Has(part) => links::has_part(case, asked, part),
        ClauseSource::LinkTo(types) => links::link_to(verdicts, asked, types),
        ClauseSource::LinkFrom(types) => links::link_from(verdicts, asked, types),
        ClauseSource::EachInScopeLinksTo(types) => log_path::each_in_scope(verdicts, asked, types),
        ClauseSource::No(shape) => secrets::none_of(case, asked, *shape),
        ClauseSource::Fact { name, condition } => fact::stated(case, asked, name, condition),
        ClauseSource::Exceptions(fields) => exceptions::all_say(case, asked, fields),
        ClauseSource::Network(predicate) => verdicts.network(*predicate),
        ClauseSource::Template => generated::template(asked),
        ClauseSource::Generated(file) => generated::generated(verdicts, asked, file),
    }
}
