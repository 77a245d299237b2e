//! `docs/controls.md`: how each control is judged, as the catalogue has it.

use std::fmt::Write as _;

use pci_assess::controls::{
    ApprovalField, Binds, Claim, Class, Clause, ClauseSource, Condition, Control, CustomizedApproach, FutureDated,
    Method, Quantifier, Reachable, Requirement, RuleEntry, ValueShape,
};
use pci_fixtures::tables;
use pci_stack::TypeName;

const INTRODUCTION: &str = "# The 250 controls

How each control of PCI DSS v4.0.1 is judged here: made from [`catalog/pci-dss-v4/`](../catalog/pci-dss-v4/), which is what the
program judges by. Numbers, milestones and who is bound are the standard's; titles and texts are ours, and no sentence of
PCI SSC's is here: read the standard beside it. What the words mean, and how a rule decides, is in
[compliance.md](compliance.md).

A control is judged by the proven flows (*network*), by what is deployed and how it is configured (*component*), or by people
alone (*manual*). Of a rule one entry that holds decides: its type is in the stack, it reaches what it serves, and its clauses
that decide are true. Clauses that complete, and the other entries, make the difference between a part and the whole.

";

/// The page.
fn page() -> String {
    let controls = &tables().controls;
    let mut page = String::from(INTRODUCTION);
    page.push_str("| requirement | controls | network | component | manual |\n|---|---|---|---|---|\n");
    for requirement in &controls.requirements {
        let of = |class| requirement.controls.iter().filter(|control| control.class == class).count();
        let counts = [Class::Network, Class::Component, Class::Manual].map(of);
        let (number, title, total) = (requirement.number, &requirement.title, requirement.controls.len());
        let _ = writeln!(
            page,
            "| [{number} {title}](#{}) | {total} | {} | {} | {} |",
            super::links::anchor(&heading(requirement)),
            counts[0],
            counts[1],
            counts[2]
        );
    }
    for requirement in &controls.requirements {
        let _ = writeln!(page, "\n## {}", heading(requirement));
        requirement.controls.iter().for_each(|control| section(control, &mut page));
    }
    page
}

fn heading(requirement: &Requirement) -> String {
    format!("Requirement {}: {}", requirement.number, requirement.title)
}

fn section(control: &Control, page: &mut String) {
    let _ = writeln!(page, "\n### {} {}\n\n{}\n", control.id, control.title, facts(control));
    let methods: Vec<_> = control.methods.iter().map(|method| examined(*method)).collect();
    let _ = writeln!(page, "- At most: {}.", claimed(control.claim));
    let _ = writeln!(page, "- An assessor {}.", methods.join(", "));
    if let Some(asks) = &control.asks {
        let _ = writeln!(page, "- People show: {asks}");
    }
    for entry in &control.rule {
        let _ = writeln!(page, "- {}", head(entry));
        for (word, clauses) in [("decides", &entry.required), ("completes", &entry.supporting)] {
            for clause in clauses {
                let _ = writeln!(page, "  - {word}: {}", asked(clause));
            }
        }
    }
    if let Some(note) = &control.note {
        let _ = writeln!(page, "- Note: {note}");
    }
}

/// What is known of a control in a line.
fn facts(control: &Control) -> String {
    let class = match control.class {
        Class::Network => "Network",
        Class::Component => "Component",
        Class::Manual => "Manual",
    };
    let mut facts = vec![class.to_owned(), format!("milestone {}", control.milestone)];
    facts.extend(match control.binds {
        Binds::All => None,
        Binds::ServiceProvider => Some("binds service providers".to_owned()),
        Binds::Issuer => Some("binds issuers".to_owned()),
        Binds::MultiTenant => Some("binds providers that serve several customers from one environment".to_owned()),
    });
    facts.extend(control.cadence.as_deref().map(due));
    facts.extend(control.future_dated.map(|dated| match dated {
        FutureDated::Whole => "asked since 2025-03-31".to_owned(),
        FutureDated::InPart => "a part of it asked since 2025-03-31".to_owned(),
    }));
    facts.extend(match control.customized_approach {
        CustomizedApproach::Open => None,
        CustomizedApproach::Closed => Some("no customized approach".to_owned()),
        CustomizedApproach::Only => Some("for those who take the customized approach".to_owned()),
    });
    facts.extend(control.superseded_by.as_ref().map(|by| format!("superseded by {by}")));
    facts.join("; ") + "."
}

/// When a control falls due, in words; what is no term stands as the catalogue has it.
fn due(cadence: &str) -> String {
    let words = |text: &str| -> Option<String> {
        Some(match text {
            "TRA" => "as often as a targeted risk analysis says".to_owned(),
            "7d-or-TRA" => "every 7 days, or as a targeted risk analysis says".to_owned(),
            "on-change" => "on change".to_owned(),
            "1d" => "daily".to_owned(),
            "7d" => "every 7 days".to_owned(),
            "1m-critical" => "critical ones within a month".to_owned(),
            "90d-limit" => "within 90 days".to_owned(),
            "before-hire" => "before hire".to_owned(),
            "hire+12m" => "on hire and every 12 months".to_owned(),
            "guidance" => "no term but in the guidance".to_owned(),
            "retain-3m" => "kept 3 months".to_owned(),
            "retain-12m" => "kept 12 months".to_owned(),
            "retain-12m(3m-hot)" => "kept 12 months, 3 of them at hand".to_owned(),
            _ => format!("every {} months", text.strip_suffix('m').filter(|number| number.parse::<u8>().is_ok())?),
        })
    };
    let (first, on_change) =
        cadence.strip_suffix("+on-change").map_or((cadence, ""), |first| (first, " and on change"));
    format!("due {}{on_change}", words(first).unwrap_or_else(|| panic!("no words for the term `{cadence}`")))
        .replacen("due kept", "kept", 1)
        .replacen("due no term", "no term", 1)
}

fn claimed(claim: Claim) -> &'static str {
    match claim {
        Claim::Evidenced => "that the configuration shows it (`evidenced`)",
        Claim::Supported => "that the configuration supports it, and people do the rest (`supported`)",
        Claim::Partial => "that the configuration supports a part of it (`partial`)",
        Claim::Attest => "nothing; people attest it",
        Claim::Platform => "nothing; who runs the platform below states it",
        Claim::InheritCandidate => "nothing; it is mostly inherited from who runs the premises",
        Claim::NotApplicableCandidate => "nothing; it may not apply at all",
    }
}

fn examined(method: Method) -> &'static str {
    match method {
        Method::Document => "reads documents",
        Method::Configuration => "examines configurations",
        Method::Interview => "asks people",
        Method::Observation => "watches",
    }
}

/// What an entry is about, and what it must reach.
fn head(entry: &RuleEntry) -> String {
    let Some(kind) = &entry.kind else { return "The network:".to_owned() };
    let groups: Vec<_> = entry.reach.iter().map(|group| reached(group)).collect();
    let only = if entry.is_beyond { ", which completes and never decides" } else { "" };
    let must = if groups.is_empty() { String::new() } else { format!("; must {}", groups.join(", and ")) };
    format!("`{kind}`{only}{must}:")
}

/// What one of must be reached, or must reach it.
fn reached(group: &[Reachable]) -> String {
    let listed = |kinds: Vec<&TypeName>| kinds.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(" or ");
    let to = group.iter().filter_map(|end| if let Reachable::To(kind) = end { Some(kind) } else { None }).collect();
    let from = group.iter().filter_map(|end| if let Reachable::From(kind) = end { Some(kind) } else { None }).collect();
    let mut ways: Vec<String> = [("reach ", listed(to)), ("be reached by ", listed(from))]
        .into_iter()
        .filter(|(_, kinds)| !kinds.is_empty())
        .map(|(word, kinds)| word.to_owned() + &kinds)
        .collect();
    ways.extend(group.iter().filter_map(|end| match end {
        Reachable::Internet(port) => Some(format!("reach the internet on {port}")),
        Reachable::ApiServer => Some("reach the Kubernetes API".to_owned()),
        Reachable::To(_) | Reachable::From(_) => None,
    }));
    ways.join(" or ")
}

/// A clause, with where its answer comes from.
fn asked(clause: &Clause) -> String {
    format!("{} ({})", clause.says, source(&clause.source))
}

fn source(source: &ClauseSource) -> String {
    let one_of = |types: &[TypeName]| types.iter().map(|kind| format!("`{kind}`")).collect::<Vec<_>>().join(" or ");
    match source {
        ClauseSource::Attribute { name, of, condition, quantifier } => {
            let of = of.as_ref().map(|kind| format!(" of `{kind}`")).unwrap_or_default();
            format!("attribute `{name}`{of}{}{}", held(condition), how_many(*quantifier))
        }
        ClauseSource::LinkAttribute { name, to, condition, quantifier } => {
            let to = if to.is_empty() { String::new() } else { format!(" to {}", one_of(to)) };
            format!("attribute `{name}` of links{to}{}{}", held(condition), how_many(*quantifier))
        }
        ClauseSource::Has(kind) => format!("has a `{kind}`"),
        ClauseSource::LinkTo(types) => format!("an allowed link to {}", one_of(types)),
        ClauseSource::LinkFrom(types) => format!("an allowed link from {}", one_of(types)),
        ClauseSource::EachInScopeLinksTo(types) => {
            format!("each component in scope has an allowed way to {}", one_of(types))
        }
        ClauseSource::No(ValueShape::DefaultSecret) => "no secret is a default".to_owned(),
        ClauseSource::No(ValueShape::SharedSecret) => "no secret is another component's too".to_owned(),
        ClauseSource::Fact { name, condition } => format!("fact `{name}`{}", held(condition)),
        ClauseSource::Exceptions(fields) => {
            let fields: Vec<_> = fields.iter().map(|field| format!("`{}`", field_name(*field))).collect();
            format!("every exception in use has {}", fields.join(" and "))
        }
        ClauseSource::Network(predicate) => {
            format!("proven flows: `{}`", serde_json::to_value(predicate).unwrap().as_str().unwrap())
        }
        ClauseSource::Template => "the type's template does it always".to_owned(),
        ClauseSource::Generated(what) => format!("`generate` writes `{what}`"),
    }
}

fn held(condition: &Condition) -> String {
    let listed = |values: &[String]| values.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(" or ");
    match condition {
        Condition::Is(values) => format!(" is {}", listed(values)),
        Condition::IsNot(values) => format!(" is there and not {}", listed(values)),
        Condition::AtLeast(number) => format!(" is at least {number}"),
        Condition::AtMost(number) => format!(" is at most {number}"),
        Condition::Stated => " is stated".to_owned(),
    }
}

fn how_many(quantifier: Quantifier) -> &'static str {
    match quantifier {
        Quantifier::Each => "",
        Quantifier::Any => ", of one at least",
    }
}

fn field_name(field: ApprovalField) -> &'static str {
    match field {
        ApprovalField::Reason => "reason",
        ApprovalField::ApprovedBy => "approved_by",
        ApprovalField::ReviewBy => "review_by",
        ApprovalField::Ticket => "ticket",
    }
}

#[test]
fn the_page_of_controls_says_of_each_how_it_is_judged() {
    let page = page();
    assert_eq!(page.lines().filter(|line| line.starts_with("### ")).count(), 250);
    super::held("docs/controls.md", &page);
}
