//! Parts 5 and 6: zones and why, the inventory (12.5.1), and where account data flows (1.2.4).

use std::{collections::BTreeMap, fmt::Write as _};

use netpol_reach::Namespace;
use pci_assess::{Openness, Why, Zone, inventory};
use pci_stack::catalog::{AccountDataRole, SecurityRole};

use super::{
    Subject,
    text::{NONE, NOT_SHOWN, bullets, code, listed, place, plain, table},
};

/// How many names a cell holds.
const NAMED: usize = 6;

pub(super) fn scope(subject: &Subject, out: &mut String) {
    let scope = subject.snapshot.scope();
    if scope.is_stated {
        out.push_str("The unit is the namespace: every component in it takes its highest zone.");
    } else {
        out.push_str(
            "**Nobody says where account data is** (`account_data` of the profile), so that every namespace counts as \
             the CDE, and every data store as storing it.",
        );
    }
    out.push_str(
        " Zones follow the declared flows. Pods that share a node are not visible here, nor is anything that runs beside \
         the stack: both belong in a confirmation of the scope.\n\n",
    );
    let mut alike: BTreeMap<(Option<Zone>, String), Vec<String>> = BTreeMap::new();
    for (namespace, why) in &scope.namespaces {
        alike.entry((scope.zone(namespace), because(why))).or_default().push(code(namespace.as_str()));
    }
    let rows = alike
        .into_iter()
        .map(|((zone, why), names)| vec![zone.map_or(NONE, Zone::title).to_owned(), names.join(", "), why]);
    table(out, &["zone", "namespaces", "why"], rows);
    let is_through_the_cluster = |why: &Why| match why {
        Why::LeadsTo(path) => path.iter().any(Namespace::is_protected),
        _ => false,
    };
    if scope.namespaces.values().any(is_through_the_cluster) {
        out.push_str(
            "\nA way through a namespace of the cluster itself, such as `kube-system`, is one through what runs there (DNS, \
             calls to webhooks): whether anything is passed on there, a stack does not show, so it counts.\n",
        );
    }
    components(subject, out);
}

fn components(subject: &Subject, out: &mut String) {
    out.push_str("\n### Inventory of components\n\n");
    let items = inventory(&subject.case);
    let silent = items.iter().filter(|item| item.function.is_none()).count();
    let _ = writeln!(
        out,
        "{} components, for 12.5.1, each with its parts, such as databases and buckets; {silent} of them have no stated \
         function (the profile's fact `function`).\n",
        items.len()
    );
    let rows = items.iter().map(|item| {
        let versions: Vec<String> = item
            .versions
            .iter()
            .map(|(name, version)| format!("{} {}", plain(name), version.map_or_else(|| NOT_SHOWN.to_owned(), code)))
            .collect();
        vec![
            code(&item.component.name.to_string()),
            code(item.component.kind.as_str()),
            item.namespace.map_or_else(String::new, |namespace| code(namespace.as_str())),
            item.function.map_or_else(|| "not declared".to_owned(), plain),
            item.zone.map_or(NONE, Zone::title).to_owned(),
            versions.join(", "),
            place(&item.component.place),
        ]
    });
    table(out, &["component", "type", "namespace", "function", "zone", "version", "declared at"], rows);
}

fn because(why: &Why) -> String {
    match why {
        Why::NotStated => "nobody says where account data is".to_owned(),
        Why::NothingEnforced => "nothing is enforced at this level".to_owned(),
        Why::Holds(components) => {
            let names: Vec<String> = components.iter().map(|name| code(&name.to_string())).collect();
            format!("account data is with {}", listed(&names, NAMED))
        }
        Why::OpenTo(other) => format!("open on all ports to or from {}", code(other.as_str())),
        Why::LeadsTo(path) => {
            let steps: Vec<String> = path.iter().map(|step| code(step.as_str())).collect();
            format!("a way into the CDE: → {}", steps.join(" → "))
        }
        Why::ReachedFrom(from) => format!("the CDE may talk to it, from {}", code(from.as_str())),
        Why::Guards(component, role) => format!("{} {}", code(&component.to_string()), guards(*role)),
        Why::Apart => "no declared flow leads from here to the CDE, or from there to here".to_owned(),
    }
}

fn guards(role: SecurityRole) -> &'static str {
    match role {
        SecurityRole::Identity => "knows who people are",
        SecurityRole::Logging => "keeps or makes logs",
        SecurityRole::Admission => "decides what may run",
        SecurityRole::Dns => "resolves names",
        SecurityRole::Gitops => "decides what is deployed",
        SecurityRole::Secrets => "holds secrets and keys",
        SecurityRole::Agent => "acts on all of the stack",
    }
}

pub(super) fn account_data(subject: &Subject, out: &mut String) {
    let Some(data) = &subject.snapshot.profile().account_data else {
        out.push_str("Not declared: the profile's `account_data` says which components and links carry it (1.2.4).\n");
        return;
    };
    out.push_str("As the profile states it, for the diagram of account-data flows (1.2.4).\n\n");
    let roles = [
        (AccountDataRole::Stores, "store"),
        (AccountDataRole::Processes, "process"),
        (AccountDataRole::Transmits, "transmit"),
    ];
    let rows: Vec<String> = roles
        .iter()
        .map(|(role, name)| {
            let those = data.components.iter().filter(|(_, does, _)| does == role).map(|(name, ..)| code(name));
            let those: Vec<String> = those.collect();
            format!("{name} it: {}", if those.is_empty() { "not declared".to_owned() } else { those.join(", ") })
        })
        .collect();
    bullets(out, &rows, "");
    out.push('\n');
    if data.links.is_empty() {
        out.push_str("Which links carry it is not declared.\n");
        return;
    }
    let rows = data.links.iter().map(|(id, at)| {
        let link = subject.snapshot.stack.links.iter().find(|link| link.id.as_str() == id);
        let (on, state) = link.map_or((String::new(), "**no such link is declared**"), |link| {
            let on = subject.case.link_ports(link).to_string();
            (on, open(subject.case.openness(link)))
        });
        vec![code(id), on, state.to_owned(), place(link.map_or(at, |link| &link.place))]
    });
    table(out, &["link", "ports", "state", "declared at"], rows);
}

/// What became of a link, as people read it.
pub(super) fn open(openness: Openness) -> &'static str {
    match openness {
        Openness::Allowed => "allowed",
        Openness::Refused => "**refused by the policies**",
        Openness::NoPort => "**opens nothing: no port is known**",
        Openness::NothingEnforced => "nothing is enforced",
    }
}
