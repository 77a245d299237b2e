//! What judging a stack notices, found.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use netpol_reach::{Place, Suggestions, named};
use pci_policy::declared::{End, Outside};
use pci_stack::{ComponentId, Date, Finding, FindingKind, Severity, TypeName, catalog::Exception};

use super::{
    Answer, Case, ControlResult, Missing, StatementKind, Truth, Verdicts,
    clauses::{log_path, network},
    condition::{of_value, shown},
    findings::{
        ADMISSION_FAILS_OPEN, ADMISSION_ONLY_WARNS, AGENT_WITHOUT_TOOLS, CONTRADICTED, CUT_OFF, LAPSED, MTLS_OFF,
        NAMES_NOTHING, PUBLIC_BUCKET, REVIEW_OVERDUE, SAYS_NOTHING, SELF_SIGNED, SIEM_OFF, STORE_OPEN,
        STORE_WITHOUT_LOGIN,
    },
    reaches, siem,
};
use crate::controls::{Condition, Reachable};

/// A setting that undoes what a component is there for.
struct Weakness {
    kind: &'static FindingKind,
    /// The types that have it; any if empty.
    of: &'static [&'static str],
    attribute: &'static str,
    bad: &'static [&'static str],
}

static WEAKNESSES: &[Weakness] = &[
    Weakness { kind: &MTLS_OFF, of: &["kafka"], attribute: "mtls", bad: &["false"] },
    Weakness { kind: &PUBLIC_BUCKET, of: &["bucket"], attribute: "public", bad: &["true"] },
    Weakness {
        kind: &SELF_SIGNED,
        of: &["cert_manager"],
        attribute: "issuer",
        bad: &["selfsigned", "self-signed", "self_signed", "letsencrypt-staging", "staging"],
    },
    Weakness {
        kind: &ADMISSION_ONLY_WARNS,
        of: &[],
        attribute: "opa_action",
        bad: &["warn", "dryrun", "dry-run", "audit"],
    },
    Weakness { kind: &ADMISSION_FAILS_OPEN, of: &["opa"], attribute: "opa_failure_policy", bad: &["Ignore"] },
    Weakness { kind: &STORE_WITHOUT_LOGIN, of: &[], attribute: "enable_auth", bad: &["false"] },
];

/// Types whose events a SIEM gathers.
const SOURCES: [&str; 5] = ["falco", "trivy", "audit", "opa", "apisix"];

/// All that judging a case notices, whose controls stand as `results`.
pub(super) fn all(verdicts: &Verdicts, results: &[ControlResult]) -> Vec<Finding> {
    let case = &verdicts.case;
    let mut findings = weaknesses(case);
    findings.extend(cut_off(verdicts));
    findings.extend(open_stores(case));
    findings.extend(siem_off(case));
    findings.extend(agents_without_tools(case));
    findings.extend(siem::noticed(case, verdicts.siem()));
    findings.extend(statements(results));
    findings.extend(names_of_nothing(case));
    findings.extend(overdue(case));
    findings.sort();
    findings.dedup();
    findings
}

fn weaknesses(case: &Case) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (id, component) in case.stack().with_ids() {
        for weakness in WEAKNESSES {
            let is_of = weakness.of.is_empty() || weakness.of.contains(&component.kind.as_str());
            let Some(fact) = component.facts.get(weakness.attribute).filter(|_| is_of) else { continue };
            let bad = Condition::Is(weakness.bad.iter().map(|text| (*text).to_owned()).collect());
            if of_value(&bad, &fact.value) == Truth::True {
                let message = format!("`{}` of `{}` is {}", weakness.attribute, case.name(id), shown(&fact.value));
                findings.push(Finding::new(weakness.kind, message, Some(fact.place.clone())));
            }
        }
    }
    findings
}

/// Components whose rules ask them to reach something, and which can't: one finding each.
fn cut_off(verdicts: &Verdicts) -> Vec<Finding> {
    let case = &verdicts.case;
    if case.is_open() {
        return Vec::new();
    }
    let mut asked: BTreeSet<(&TypeName, String)> = BTreeSet::new();
    let mut missing: BTreeMap<Arc<str>, Vec<Missing>> = BTreeMap::new();
    let mut add = |answer: Answer| {
        // What cuts a source of events off has a finding of its own.
        let is_told = |one: &Missing| verdicts.siem().sources.iter().any(|source| source.missing.contains(one));
        for one in answer.missing.into_iter().filter(|one| one.state == Truth::False && !is_told(one)) {
            let known = missing.entry(Arc::clone(&one.subject)).or_default();
            if known.iter().all(|other| other.what != one.what) {
                known.push(one);
            }
        }
    };
    let entries = case.grounds.controls.iter().flat_map(|control| &control.rule);
    for entry in entries.filter(|entry| !entry.is_beyond) {
        let Some(kind) = &entry.kind else { continue };
        for group in entry.reach.iter().filter(|group| is_possible(case, group)) {
            if asked.insert((kind, key(group))) {
                let groups = std::slice::from_ref(group);
                reaches::all(verdicts, kind, case.of_type(kind), groups).into_iter().for_each(&mut add);
            }
        }
    }
    log_path::collectors(verdicts).into_iter().for_each(&mut add);
    missing.into_iter().map(|(subject, missing)| cut_off_finding(&subject, &missing)).collect()
}

fn cut_off_finding(subject: &str, missing: &[Missing]) -> Finding {
    let what: Vec<&str> = missing.iter().map(|one| &*one.what).collect();
    let place = missing.iter().find_map(|one| one.place.clone());
    let finding = Finding::new(&CUT_OFF, format!("`{subject}`: {}", what.join("; ")), place);
    let mut remedies: Vec<String> = missing.iter().flat_map(|one| &one.remedy).map(ToString::to_string).collect();
    remedies.dedup();
    if remedies.is_empty() { finding } else { finding.fix(remedies.join("; ")) }
}

/// Whether the stack has anything of `group`: nobody is cut off from what is not there.
fn is_possible(case: &Case, group: &[Reachable]) -> bool {
    group.iter().any(|end| match end {
        Reachable::To(kind) | Reachable::From(kind) => !case.of_type(kind).is_empty(),
        Reachable::Internet(_) | Reachable::ApiServer => true,
    })
}

fn key(group: &[Reachable]) -> String {
    let mut ends: Vec<String> = group.iter().map(|end| format!("{end:?}")).collect();
    ends.sort_unstable();
    ends.join(" ")
}

/// How many links and exceptions a finding names.
const NAMED: usize = 5;

fn open_stores(case: &Case) -> Vec<Finding> {
    let types = &case.grounds.basis.catalog.types;
    let mut findings = Vec::new();
    for (flow, _) in case.flows() {
        let is_wide = |end: &End| matches!(end, End::Addresses(Outside::Internet | Outside::LoadBalancer, _));
        let (inside, parties) = if is_wide(&flow.to) {
            (&flow.from, &flow.from_components)
        } else if is_wide(&flow.from) {
            (&flow.to, &flow.to_components)
        } else {
            continue;
        };
        let End::Namespace(namespace) = inside else { continue };
        let entries = &case.grounds.basis.catalog.exceptions.entries;
        let entry = entries.iter().find(|entry| flow.is_declared_by(&entry.id));
        let stores = case.grounds.basis.components_of(namespace);
        for (id, component) in stores.filter(|(_, component)| types.is_data_store(&component.kind)) {
            let is_own = parties.is_empty() || parties.binary_search(&id).is_ok();
            let whose = if is_own { "" } else { ", by a neighbour's opening" };
            let sources: Vec<&str> = flow.sources.iter().map(AsRef::as_ref).collect();
            let message = format!(
                "`{}` ({}): {}{whose} ({})",
                component.name,
                component.kind,
                network::described(flow),
                named(&sources, NAMED, "; ")
            );
            let place = entry.map_or_else(|| component.place.clone(), |entry| entry.place.clone());
            findings.push(Finding::new(&STORE_OPEN, message, Some(place)));
        }
    }
    findings
}

fn siem_off(case: &Case) -> Option<Finding> {
    let opensearch = TypeName::new("opensearch");
    let sources: Vec<&str> =
        SOURCES.into_iter().filter(|source| !case.of_type(&TypeName::new(source)).is_empty()).collect();
    let stores = case.of_type(&opensearch);
    if sources.is_empty() || stores.iter().any(|id| siem::is_on(case, *id)) {
        return None;
    }
    let first = stores.first().map(|id| case.component(*id));
    let message = match first {
        Some(store) => format!("`siem` of `{}` is not on, and {} have events for it", store.name, sources.join(", ")),
        None => format!("no `opensearch` is in the stack, and {} have events for it", sources.join(", ")),
    };
    let place = first.map(|store| store.facts.get("siem").map_or(&store.place, |fact| &fact.place).clone());
    Some(Finding::new(&SIEM_OFF, message, place))
}

/// Agents that no link joins to a tool server, whichever way it goes and whatever part of either it names.
fn agents_without_tools(case: &Case) -> Vec<Finding> {
    let server = TypeName::new("fastmcp");
    let Some(first) = case.of_type(&server).first() else { return Vec::new() };
    let is_server = |id: ComponentId| case.stack().owner(id).kind == server;
    let is_joined = |agent: &ComponentId| {
        case.links_from(*agent).iter().any(|link| is_server(link.target))
            || case.links_to(*agent).iter().any(|link| is_server(link.source))
    };
    let agents = case.of_type(&TypeName::new("stack_agent")).iter().filter(|agent| !is_joined(agent));
    let finding = |agent: &ComponentId| {
        let (agent, server, place) = (case.name(*agent), case.name(*first), &case.component(*agent).place);
        let message = format!("no link joins the agent `{agent}` and the tool server `{server}`");
        let fix = format!("add a link from `{agent}` to `{server}`");
        Finding::new(&AGENT_WITHOUT_TOOLS, message, Some(place.clone())).fix(fix)
    };
    agents.map(finding).collect()
}

fn statements(results: &[ControlResult]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for result in results {
        for statement in &result.statements {
            let said = match statement.kind {
                StatementKind::Attested => "attested by",
                StatementKind::Inherited => "inherited from",
                StatementKind::NotApplicable => "said not to apply by",
            };
            if statement.contradicted {
                let shown = result.missing.first().map(|missing| &*missing.what).unwrap_or_default();
                let message =
                    format!("{} is {said} {}, and the stack shows otherwise: {shown}", result.id, statement.who);
                findings.push(Finding::new(&CONTRADICTED, message, Some(statement.place.clone())));
            }
            if let Some(why) = &statement.refused {
                let message = format!("{} is {said} {}, {}: {why}", result.id, statement.who, statement.date);
                let kind = if why.starts_with("it does not say") { &SAYS_NOTHING } else { &LAPSED };
                let finding = Finding::new(kind, message, Some(statement.place.clone()));
                let is_dateless = why.starts_with("date not given");
                findings.push(if is_dateless {
                    finding.severity(Severity::Info).fix("say the day: `as_of`, in the shell `--as-of`")
                } else {
                    finding
                });
            }
        }
    }
    findings
}

/// Reviews of links and exceptions that were due before the day that statements are held against.
fn overdue(case: &Case) -> Option<Finding> {
    const NAMED: usize = 5;
    let as_of = case.grounds.as_of?;
    let flows = case.grounds.profile.flows.iter();
    let of_flows = flows
        .filter(|flow| flow.review_by.is_some_and(|day| day < as_of))
        .map(|flow| (flow.link.as_str(), &flow.place));
    let entries = case.exceptions_in_use().iter().copied();
    let is_past = |entry: &&Exception| {
        let day = entry.approval.review_by.as_deref().and_then(|day| day.parse::<Date>().ok());
        day.is_some_and(|day| day < as_of)
    };
    let of_exceptions = entries.filter(is_past).map(|entry| (&*entry.id, &entry.place));
    let all: Vec<(&str, &Place)> = of_flows.chain(of_exceptions).collect();
    let (_, place) = all.first()?;
    let mut names: Vec<String> = all.iter().take(NAMED).map(|(name, _)| format!("`{name}`")).collect();
    if all.len() > NAMED {
        names.push(format!("{} more", all.len() - NAMED));
    }
    let message = format!("{} reviews were due before {as_of}: {}", all.len(), names.join(", "));
    Some(Finding::new(&REVIEW_OVERDUE, message, Some((*place).clone())))
}

/// Components and links that the profile names and the stack does not have.
fn names_of_nothing(case: &Case) -> Vec<Finding> {
    let profile = case.grounds.profile;
    let stack = case.stack();
    let components: BTreeSet<String> = stack.components.iter().map(|component| component.name.to_string()).collect();
    let links: BTreeSet<&str> = stack.links.iter().map(|link| link.id.as_str()).collect();
    let data = profile.account_data.iter();
    let of_components = data.clone().flat_map(|data| data.components.iter().map(|(name, _, place)| (name, place)));
    let of_components = of_components.chain(profile.facts.iter().map(|fact| (&fact.component, &fact.place)));
    let of_links = data.flat_map(|data| data.links.iter().map(|(id, place)| (id, place)));
    let of_links = of_links.chain(profile.flows.iter().map(|flow| (&flow.link, &flow.place)));
    let finding = |what: &str, name: &str, near: Option<&str>, place: &Place| {
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let message = format!("the profile names the {what} `{name}`, which the stack does not have{hint}");
        Finding::new(&NAMES_NOTHING, message, Some(place.clone()))
    };
    let (mut findings, mut suggestions) = (Vec::new(), Suggestions::default());
    for (name, place) in of_components.filter(|(name, _)| !components.contains(*name)) {
        let near = suggestions.nearest(name, components.iter().map(String::as_str));
        findings.push(finding("component", name, near, place));
    }
    for (id, place) in of_links.filter(|(id, _)| !links.contains(id.as_str())) {
        findings.push(finding("link", id, suggestions.nearest(id, links.iter().copied()), place));
    }
    findings
}
