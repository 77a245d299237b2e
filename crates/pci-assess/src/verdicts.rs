//! What several controls ask of a case, computed on first use and kept: what dashboards are made of, each predicate of
//! the network, whether links are let through.

use std::sync::OnceLock;

use netpol_reach::Table;
use pci_stack::Link;

use super::{Answer, Case, Missing, Openness, SiemPlan, SiemSource, SourceState, case::owner, clauses::network, siem};
use crate::controls::NetworkPredicate;

/// A case, and the answers that several controls share.
pub(super) struct Verdicts<'a> {
    /// What is judged.
    pub(super) case: Case<'a>,
    // Made on first use: what makes them must not wait for other threads' work, which may wait for them.
    siem: OnceLock<SiemPlan>,
    network: Table<NetworkPredicate, OnceLock<Answer>>,
}

impl<'a> Verdicts<'a> {
    /// The verdicts on `case`, none of them computed yet.
    pub(super) fn new(case: Case<'a>) -> Self {
        let network = network::ALL.iter().map(|(name, _)| (*name, OnceLock::new())).collect();
        Self { case, siem: OnceLock::new(), network }
    }

    /// What dashboards are made of.
    pub(super) fn siem(&self) -> &SiemPlan {
        self.siem.get_or_init(|| siem::plan(&self.case))
    }

    /// What `predicate` comes to; computed once, since several controls ask the same.
    pub(super) fn network(&self, predicate: NetworkPredicate) -> Answer {
        let compute = || network::answer(&self.case, predicate);
        self.network.get(&predicate).map_or_else(compute, |cell| cell.get_or_init(compute).clone())
    }

    /// The source whose events `link` declares, if they take another way than this link and that one is not whole.
    pub(super) fn cut_off(&self, link: &Link) -> Option<&SiemSource> {
        let case = &self.case;
        let is_to_store = case.component(owner(case.stack(), link.target)).kind.as_str() == "opensearch";
        let source = owner(case.stack(), link.source);
        let sources = self.siem().sources.iter().filter(|one| one.state == SourceState::CutOff);
        sources.filter(|_| is_to_store).find(|one| one.component == source)
    }

    /// Whether any of `links` is let through, and if not, what is missing.
    pub(super) fn any_allowed(&self, links: &[&'a Link], nothing: impl FnOnce() -> Missing) -> Answer {
        let answers = links.iter().map(|link| match self.case.openness(link) {
            Openness::Allowed if let Some(cut_off) = self.cut_off(link) => {
                Answer::all(cut_off.missing.iter().cloned().map(Answer::lacking), || {
                    self.case.refused_link(link, Openness::Refused)
                })
            }
            Openness::Allowed => Answer::shown_by(self.case.allowed_link(link)),
            other => Answer::lacking(self.case.refused_link(link, other)),
        });
        Answer::any(answers, nothing)
    }
}
