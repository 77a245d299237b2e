//! What judging a stack notices: settings that undo what a component is there for, components that can't reach what
//! they serve, statements that speak against what is shown.

use std::collections::BTreeSet;

use super::{
    Answer, Case, ControlResult, StatementKind, Truth,
    clauses::{log_path, network},
    condition::of_value,
    reaches,
};
use crate::{
    catalog::controls::{Condition, Reachable},
    policy::declared::{End, Outside},
    terms::{Finding, FindingKind, Severity, TypeName},
};

/// Every kind of finding that this room makes.
pub static KINDS: &[&FindingKind] = &[
    &CONTRADICTED,
    &LAPSED,
    &SAYS_NOTHING,
    &NAMES_NOTHING,
    &CUT_OFF,
    &STORE_OPEN,
    &MTLS_OFF,
    &PUBLIC_BUCKET,
    &SELF_SIGNED,
    &ADMISSION_ONLY_WARNS,
    &ADMISSION_FAILS_OPEN,
    &STORE_WITHOUT_LOGIN,
    &SIEM_OFF,
];

/// A statement speaks against what is shown.
pub static CONTRADICTED: FindingKind = FindingKind {
    id: "contradicted-by-proof",
    severity: Severity::High,
    what: "a control is attested, inherited or said not to apply, and the stack shows that it does not hold",
    why: "a statement that what is deployed disproves misleads whoever relies on it; the control stays open",
    fix: "mend what is shown, or withdraw the statement",
};

/// A statement counts no more.
pub static LAPSED: FindingKind = FindingKind {
    id: "attestation-lapsed",
    severity: Severity::Medium,
    what: "an attestation does not count on the day that it is held against",
    why: "PCI DSS asks for many activities at set intervals; a statement holds as long as its control's interval",
    fix: "do what it is about again, and state it anew with its date",
};

/// A statement without a name or a reason.
pub static SAYS_NOTHING: FindingKind = FindingKind {
    id: "statement-says-nothing",
    severity: Severity::Medium,
    what: "a statement about a control has a placeholder where it is to name who answers for it, or why it does not apply",
    why: "PCI DSS takes no statement without who made it; the statement does not count",
    fix: "put the name and the reason there, or take the statement away",
};

/// The profile names what the stack does not have.
pub static NAMES_NOTHING: FindingKind = FindingKind {
    id: "profile-names-nothing",
    severity: Severity::Medium,
    what: "the profile names a component or a link that the stack does not have",
    why: "what it says is about nothing, so that the scope or a control is judged without it",
    fix: "name it as the stack does: `describe_stack` lists components and links",
};

/// A component can't reach what it serves.
pub static CUT_OFF: FindingKind = FindingKind {
    id: "cut-off",
    severity: Severity::High,
    what: "a component can't reach what it serves, or is not reached by it",
    why: "a log collector, scanner or gate that the policies cut off does nothing, and is evidence of nothing",
    fix: "declare the link, its port, or the exception that lets it through",
};

/// A data store has an opening to networks outside.
pub static STORE_OPEN: FindingKind = FindingKind {
    id: "store-open-to-internet",
    severity: Severity::High,
    what: "a data store's namespace may talk to networks outside",
    why: "PCI DSS v4 1.3.2 and 1.4.4: what keeps data is the last to need a way out or in",
    fix: "take the exception away, or name the addresses that it needs",
};

/// Brokers take clients without certificates.
pub static MTLS_OFF: FindingKind = FindingKind {
    id: "mtls-off",
    severity: Severity::Medium,
    what: "`mtls` of a broker is off",
    why: "clients are not told apart by certificates, and what they send may travel in clear",
    fix: "set `mtls` to true",
};

/// Anybody can read a bucket.
pub static PUBLIC_BUCKET: FindingKind = FindingKind {
    id: "public-bucket",
    severity: Severity::Medium,
    what: "a bucket is public",
    why: "anybody who reaches the store reads it without a login",
    fix: "set `public` to false, unless all that it will ever hold is for everybody",
};

/// Certificates that nobody vouches for.
pub static SELF_SIGNED: FindingKind = FindingKind {
    id: "self-signed-issuer",
    severity: Severity::Medium,
    what: "certificates come from an issuer that nobody vouches for, or that is for tests",
    why: "clients can't tell its certificates from forged ones (PCI DSS v4 4.2.1)",
    fix: "set `issuer` to one that clients trust",
};

/// Admission warns where it should refuse.
pub static ADMISSION_ONLY_WARNS: FindingKind = FindingKind {
    id: "admission-only-warns",
    severity: Severity::Medium,
    what: "an admission rule warns or runs dry, and refuses nothing",
    why: "what it is to keep out is let in",
    fix: "set `opa_action` to deny once its warnings are dealt with",
};

/// Admission lets through what it can't check.
pub static ADMISSION_FAILS_OPEN: FindingKind = FindingKind {
    id: "admission-fails-open",
    severity: Severity::Medium,
    what: "admission lets through what it can't check",
    why: "whoever stops it, or waits until it is down, gets everything admitted",
    fix: "set `opa_failure_policy` to Fail",
};

/// A store asks for no login.
pub static STORE_WITHOUT_LOGIN: FindingKind = FindingKind {
    id: "store-without-login",
    severity: Severity::High,
    what: "a store asks for no login",
    why: "whoever reaches it reads and writes everything (PCI DSS v4 7.2.6, 8.3.1)",
    fix: "set `enable_auth` to true",
};

/// Nothing is made of the logs.
pub static SIEM_OFF: FindingKind = FindingKind {
    id: "siem-off",
    severity: Severity::Medium,
    what: "sources of security events are there, and no OpenSearch with its SIEM switched on",
    why: "events that nobody gathers raise no alert, and no control of requirement 10 counts on them",
    fix: "set `siem` of OpenSearch to true, and link each source to it",
};

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

/// All that judging `case` notices, whose controls stand as `results`.
pub(super) fn all(case: &Case, results: &[ControlResult]) -> Vec<Finding> {
    let mut findings = weaknesses(case);
    findings.extend(cut_off(case));
    findings.extend(open_stores(case));
    findings.extend(siem_off(case));
    findings.extend(statements(results));
    findings.extend(names_of_nothing(case));
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
                let message = format!(
                    "`{}` of `{}` is {}",
                    weakness.attribute,
                    case.name(id),
                    super::condition::shown(&fact.value)
                );
                findings.push(Finding::new(weakness.kind, message, Some(fact.place.clone())));
            }
        }
    }
    findings
}

/// Components whose rules ask them to reach something, and which can't.
fn cut_off(case: &Case) -> Vec<Finding> {
    let mut asked: BTreeSet<(&TypeName, String)> = BTreeSet::new();
    let mut findings = Vec::new();
    if case.is_open() {
        return findings;
    }
    let mut add = |answer: &Answer| {
        for missing in answer.missing.iter().filter(|missing| missing.state == Truth::False) {
            let message = format!("`{}`: {}", missing.subject, missing.what);
            let finding = Finding::new(&CUT_OFF, message, missing.place.clone());
            let remedy = missing.remedy.iter().map(ToString::to_string).collect::<Vec<_>>().join(", or ");
            findings.push(if remedy.is_empty() { finding } else { finding.fix(remedy) });
        }
    };
    let entries = case.grounds.basis.catalog.controls.iter().flat_map(|control| &control.rule);
    for entry in entries.filter(|entry| !entry.is_beyond) {
        let Some(kind) = &entry.kind else { continue };
        for group in &entry.reach {
            if asked.insert((kind, key(group))) {
                let groups = std::slice::from_ref(group);
                reaches::all(case, kind, case.of_type(kind), groups).iter().for_each(&mut add);
            }
        }
    }
    for answer in log_path::collectors(case) {
        add(&answer);
    }
    findings
}

fn key(group: &[Reachable]) -> String {
    let mut ends: Vec<String> = group.iter().map(|end| format!("{end:?}")).collect();
    ends.sort_unstable();
    ends.join(" ")
}

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
        let stores = case.grounds.basis.components_of(namespace);
        for (id, component) in stores.filter(|(_, component)| types.is_data_store(&component.kind)) {
            let whose = if parties.is_empty() || parties.contains(&id) { "" } else { ", by a neighbour's opening" };
            let sources: Vec<&str> = flow.sources.iter().map(AsRef::as_ref).collect();
            let message = format!(
                "`{}` ({}): {}{whose} ({})",
                component.name,
                component.kind,
                network::described(flow),
                sources.join("; ")
            );
            let entries = &case.grounds.basis.catalog.exceptions.entries;
            let entry = entries.iter().find(|entry| flow.sources.contains(&entry.id));
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
    let on = Condition::Is(vec!["true".to_owned()]);
    let is_on = |id: &crate::stack::ComponentId| {
        case.component(*id).facts.get("siem").is_some_and(|fact| of_value(&on, &fact.value) == Truth::True)
    };
    let stores = case.of_type(&opensearch);
    if sources.is_empty() || stores.iter().any(is_on) {
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
                let shown = result.missing.first().map(|missing| missing.what.as_str()).unwrap_or_default();
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
                    finding.severity(Severity::Info).fix("say the day, as `--as-of`")
                } else {
                    finding
                });
            }
        }
    }
    findings
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
    let finding = |what: &str, name: &str, near: Option<&str>, place: &crate::terms::Place| {
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        let message = format!("the profile names the {what} `{name}`, which the stack does not have{hint}");
        Finding::new(&NAMES_NOTHING, message, Some(place.clone()))
    };
    let mut findings = Vec::new();
    for (name, place) in of_components.filter(|(name, _)| !components.contains(*name)) {
        let near = crate::terms::nearest(name, components.iter().map(String::as_str));
        findings.push(finding("component", name, near, place));
    }
    for (id, place) in of_links.filter(|(id, _)| !links.contains(id.as_str())) {
        findings.push(finding("link", id, crate::terms::nearest(id, links.iter().copied()), place));
    }
    findings
}
