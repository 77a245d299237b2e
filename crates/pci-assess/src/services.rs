//! Services, protocols and ports that are allowed, with the need and the approval of each (1.2.5), and those that are
//! known to be insecure (1.2.6, 2.2.5).

use std::collections::HashMap;

use netpol_reach::{Place, Ports};
use pci_policy::declared::Flow;
use pci_stack::{Component, Link, catalog::Origin};

use super::{
    Case, Openness,
    clauses::{exceptions::said, network},
    condition::is_said,
};
use crate::controls::ApprovalField;

/// A link, or an exception that opens something, and what people say of it.
#[derive(Debug, Clone)]
pub struct Service<'a> {
    /// The link's or the exception's id.
    pub id: &'a str,
    /// The link and what became of it; absent for an exception.
    pub link: Option<(&'a Link, Openness)>,
    /// The ports of a link.
    pub ports: Ports,
    /// The flows that it declares.
    pub flows: Vec<&'a Flow>,
    /// The business need.
    pub reason: Option<&'a str>,
    /// Who approved it.
    pub approved_by: Option<&'a str>,
    /// When it is to be reviewed.
    pub review_by: Option<String>,
    /// Whether its reason came with the program, and none of the entity's.
    pub is_shipped: bool,
    /// Where it stands.
    pub place: &'a Place,
}

/// A flow on ports of services known to be insecure.
#[derive(Debug, Clone)]
pub struct InsecureService<'a> {
    /// The flow.
    pub flow: &'a Flow,
    /// Its ports of such services.
    pub ports: Ports,
    /// Who offers them, or, where that is outside, uses them, each with what is stated to make up for it.
    pub parties: Vec<(&'a Component, Option<&'a str>)>,
}

/// All links that stand for connections, then all exceptions that open anything.
pub fn services<'a>(case: &Case<'a>) -> Vec<Service<'a>> {
    let needs = network::needs(case);
    let flows = by_source(case);
    let declared_by = |source: &str| flows.get(source).cloned().unwrap_or_default();
    let of_link = |link: &'a Link| {
        let stated = needs.get(link.id.as_str());
        let is_theirs = |text: &&str| stated.is_some_and(|stated| is_said(text, &stated.place));
        let text = |text: Option<&'a String>| text.map(String::as_str).filter(is_theirs);
        Service {
            id: link.id.as_str(),
            link: Some((link, case.openness(link))),
            ports: case.link_ports(link),
            flows: declared_by(link.id.as_str()),
            reason: text(stated.and_then(|stated| stated.reason.as_ref())),
            approved_by: text(stated.and_then(|stated| stated.approved_by.as_ref())),
            review_by: stated.and_then(|stated| stated.review_by).map(|date| date.to_string()),
            is_shipped: false,
            place: &link.place,
        }
    };
    let of_exceptions = case.exceptions_in_use().iter().map(|entry| Service {
        id: &entry.id,
        link: None,
        ports: Ports::default(),
        flows: declared_by(&entry.id),
        reason: said(case, entry, ApprovalField::Reason),
        approved_by: said(case, entry, ApprovalField::ApprovedBy),
        review_by: said(case, entry, ApprovalField::ReviewBy).map(str::to_owned),
        is_shipped: entry.origin != Origin::User,
        place: &entry.place,
    });
    network::connections(case).map(of_link).chain(of_exceptions).collect()
}

/// The flows by what declares them.
fn by_source<'a>(case: &Case<'a>) -> HashMap<&'a str, Vec<&'a Flow>> {
    let mut flows: HashMap<&str, Vec<&Flow>> = HashMap::new();
    for flow in case.grounds.flows {
        flow.sources.iter().for_each(|source| flows.entry(source).or_default().push(flow));
    }
    flows
}

/// The flows on ports of services known to be insecure.
pub fn insecure_services<'a>(case: &Case<'a>) -> Vec<InsecureService<'a>> {
    let insecure = network::insecure(case).into_iter();
    insecure
        .map(|network::Insecure { flow, ports, parties }| {
            let parties = parties.into_iter().map(|(id, safeguard)| (case.component(id), safeguard));
            InsecureService { flow, ports, parties: parties.collect() }
        })
        .collect()
}
