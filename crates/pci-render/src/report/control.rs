//! A control that a stack can show something of, in full.

use std::{
    collections::{BTreeSet, HashMap},
    fmt::Write as _,
};

use pci_assess::{
    ControlResult, Evidence, EvidenceKind, Missing, StatementKind,
    controls::{Control, Method},
};

use super::{
    Subject, register,
    text::{code, disposition, message, methods, place, plain, status, technical},
};

/// How many lines of a list are shown, and how many subjects of a line.
const MOST: usize = 10;

/// What the allowed links of evidence begin with; the policy that follows stands in the manifest.
const LINK: &str = "declared and allowed";

/// The names by which a reader finds what evidence is about: what is not among them is a word for the whole.
pub(super) fn names(subject: &Subject) -> BTreeSet<String> {
    let stack = &subject.snapshot.stack;
    let components = stack.components.iter().map(|component| component.name.to_string());
    let links = stack.links.iter().map(|link| link.id.to_string());
    let exceptions = subject.snapshot.catalog().exceptions.entries.iter().map(|entry| entry.id.to_string());
    components.chain(links).chain(exceptions).collect()
}

pub(super) fn control(names: &BTreeSet<String>, control: &Control, result: &ControlResult, out: &mut String) {
    let _ = writeln!(out, "\n#### {} {}\n", control.id, plain(&control.title));
    let _ = writeln!(
        out,
        "- **{}** (shown: {}; stated: {}). Milestone {}.{}",
        status(result.status()),
        technical(result.technical),
        disposition(result.disposition),
        control.milestone,
        remaining(control, result)
    );
    let (deciding, completing): (Vec<&Missing>, Vec<&Missing>) = result.missing.iter().partition(|one| one.decides);
    let (evidence, completing) = (evidence(names, &result.evidence), missing(names, &completing));
    if result.technical.half_points() > 0 {
        section(out, "Shown", &evidence);
        section(out, "Would complete it", &completing);
    } else {
        // What does not suffice is said in passing.
        if !evidence.is_empty() {
            let _ = writeln!(out, "- Known so far: {}", evidence.join("; "));
        }
        section(out, "Missing, and decides", &missing(names, &deciding));
        section(out, "Missing besides", &completing);
    }
    let conditions: Vec<String> = result.conditional_on.iter().map(|one| code(one.as_str())).collect();
    if !conditions.is_empty() {
        let _ = writeln!(out, "- Conditional on: {}", conditions.join(", "));
    }
    statements(result, out);
    if let Some(note) = &control.note {
        let _ = writeln!(out, "- Note: {}", plain(note));
    }
}

fn statements(result: &ControlResult, out: &mut String) {
    for statement in &result.statements {
        let kind = match statement.kind {
            StatementKind::Attested => "attested by",
            StatementKind::Inherited => "inherited from",
            StatementKind::NotApplicable => "said not to apply by",
        };
        let counts = register::counts(statement);
        let _ = writeln!(out, "- Stated: {kind} {}, {}; counts: {counts}", plain(&statement.who), statement.date);
    }
}

/// How an assessor still has to examine it.
fn remaining(control: &Control, result: &ControlResult) -> String {
    if result.remaining_methods.is_empty() {
        return String::new();
    }
    let is_examined = control.methods.contains(&Method::Configuration);
    let input =
        if is_examined { "" } else { " (what stands here is input for the assessor, not the evidence examined)" };
    format!(" Still to examine: {}{input}.", methods(&result.remaining_methods))
}

/// A list under a heading, on one line if there is but one.
fn section(out: &mut String, heading: &str, lines: &[String]) {
    match lines {
        [] => {}
        [line] => {
            let _ = writeln!(out, "- {heading}: {line}");
        }
        lines => {
            let _ = writeln!(out, "- {heading}:");
            for line in lines.iter().take(MOST) {
                let _ = writeln!(out, "    - {line}");
            }
            if lines.len() > MOST {
                let _ = writeln!(out, "    - and {} more", lines.len() - MOST);
            }
        }
    }
}

/// What is said, the first time in full, and of whom it is said.
struct Group {
    key: String,
    first: String,
    subjects: BTreeSet<String>,
    /// The subjects in their order, as many as are shown.
    shown: Vec<String>,
}

/// Lines in their order, those that say the same as one.
#[derive(Default)]
struct Groups {
    list: Vec<Group>,
    index: HashMap<String, usize>,
}

impl Groups {
    fn add(&mut self, key: String, first: String, subject: Option<String>) {
        let at = *self.index.entry(key.clone()).or_insert(self.list.len());
        if at == self.list.len() {
            self.list.push(Group { key, first, subjects: BTreeSet::new(), shown: Vec::new() });
        }
        if let (Some(group), Some(subject)) = (self.list.get_mut(at), subject) {
            if group.shown.len() < MOST && !group.subjects.contains(&subject) {
                group.shown.push(subject.clone());
            }
            group.subjects.insert(subject);
        }
    }

    fn lines(self) -> Vec<String> {
        self.list.into_iter().map(Group::line).collect()
    }
}

impl Group {
    fn line(self) -> String {
        let more = self.subjects.len() - self.shown.len();
        match self.shown.as_slice() {
            [] => self.first,
            [_] if self.first != self.key => self.first,
            shown if more > 0 => format!("{}: {}, {more} more", self.key, shown.join(", ")),
            shown => format!("{}: {}", self.key, shown.join(", ")),
        }
    }
}

fn evidence(names: &BTreeSet<String>, evidence: &[Evidence]) -> Vec<String> {
    let mut groups = Groups::default();
    for one in evidence {
        let at = one.place.as_ref().map(|at| format!(" ({})", place(at))).unwrap_or_default();
        let is_found = names.contains(&*one.subject) || one.place.is_some() || one.subject.contains(['/', '.']);
        let (says, on) = match one.says.split(", let out by ").next() {
            _ if one.kind == EvidenceKind::Component && one.place.is_some() => {
                ("in the stack".to_owned(), String::new())
            }
            Some(says) if says.starts_with(LINK) => (LINK.to_owned(), says.replacen(LINK, "", 1)),
            _ => (message(&one.says), String::new()),
        };
        groups.add(says.clone(), says, is_found.then(|| format!("{}{on}{at}", code(&one.subject))));
    }
    groups.lines()
}

/// What is missing; what differs in its subject alone is one line.
fn missing(names: &BTreeSet<String>, missing: &[&Missing]) -> Vec<String> {
    let mut groups = Groups::default();
    for one in missing {
        let at = one.place.as_ref().map(|at| format!(" ({})", place(at))).unwrap_or_default();
        let quoted = format!("`{}`", one.subject);
        let is_named = one.what.contains(&quoted);
        let key = message(&one.what.replace(&quoted, "…"));
        let first = if is_named { format!("{}{at}", message(&one.what)) } else { message(&one.what) };
        let is_found = is_named || names.contains(&*one.subject);
        groups.add(key, first, is_found.then(|| format!("{}{at}", code(&one.subject))));
    }
    groups.lines()
}
