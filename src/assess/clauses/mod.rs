//! Clauses: what a rule asks, answered. One file for each source of answers; a new one is one more file and one more
//! line in [`answer`].

mod attribute;
pub(super) mod exceptions;
mod fact;
mod generated;
pub(super) mod links;
pub(super) mod log_path;
pub(super) mod network;
mod secrets;

use super::{Answer, Case};
use crate::{
    controls::{Clause, ClauseSource},
    stack::ComponentId,
    terms::TypeName,
};

/// Of what a clause is asked.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The type that the rule's entry is about; absent for the network.
    pub kind: Option<&'a TypeName>,
    /// Its components.
    pub subjects: &'a [ComponentId],
    /// The clause in words: what holds if it is true.
    pub says: &'a str,
}

impl Asked<'_> {
    /// What people call the type.
    fn kind_name(&self) -> &str {
        self.kind.map_or("the stack", TypeName::as_str)
    }
}

/// What `clause` comes to for `subjects`, the components of `kind`.
pub(super) fn answer(case: &Case, kind: Option<&TypeName>, subjects: &[ComponentId], clause: &Clause) -> Answer {
    let asked = Asked { kind, subjects, says: &clause.says };
    match &clause.source {
        ClauseSource::Attribute { name, of, condition, quantifier } => {
            attribute::of_components(case, asked, name, of.as_ref(), condition, *quantifier)
        }
        ClauseSource::LinkAttribute { name, to, condition, quantifier } => {
            attribute::of_links(case, asked, name, to, condition, *quantifier)
        }
        ClauseSource::Has(part) => links::has_part(case, asked, part),
        ClauseSource::LinkTo(types) => links::link_to(case, asked, types),
        ClauseSource::LinkFrom(types) => links::link_from(case, asked, types),
        ClauseSource::EachInScopeLinksTo(types) => log_path::each_in_scope(case, asked, types),
        ClauseSource::No(shape) => secrets::none_of(case, asked, *shape),
        ClauseSource::Fact { name, condition } => fact::stated(case, asked, name, condition),
        ClauseSource::Exceptions(fields) => exceptions::all_say(case, asked, fields),
        ClauseSource::Network(predicate) => network::answer(case, *predicate),
        ClauseSource::Template => generated::template(asked),
        ClauseSource::Generated(file) => generated::generated(case, asked, file),
    }
}
