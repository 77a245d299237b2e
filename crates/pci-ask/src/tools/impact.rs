//! `pci_compliance_component_impact`: what adding or removing components of a type would do.

use std::{fmt::Write as _, sync::Arc};

use netpol_reach::{clean, named, nearest};
use pci_assess::{Numbers, controls::Control};
use pci_engine::{Snapshot, change};
use pci_render::{Header, prose};
use pci_stack::{Change, Date, catalog::ComponentType};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Context, Detail, Outlet, Question,
    page::{Asked, Bounded, Page, cut},
    standing::numbers_line,
    subject::{Subject, or_none},
    whole_difference::{FlowChange, WholeDifference},
};

pub(super) struct Impact;

/// What is done with the component.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum Action {
    /// It comes.
    #[default]
    Add,
    /// It goes.
    Remove,
}

/// Arguments of `pci_compliance_component_impact`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The component type, such as falco, opa, keycloak, `cert_manager`.
    #[arg(value_name = "TYPE")]
    component_type: String,
    /// `add` (default) or `remove`.
    #[arg(skip)]
    action: Option<Action>,
    /// Remove all components of the type, instead of adding one.
    #[arg(long)]
    #[serde(skip)]
    remove: bool,
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// `full` for longer lists and pages.
    #[arg(skip)]
    detail: Option<Detail>,
    /// The `next_cursor` of an earlier answer, to go on there.
    #[arg(skip)]
    cursor: Option<String>,
    /// The day that attestations are held against; without it none counts.
    #[arg(skip)]
    as_of: Option<Date>,
    /// Changes, as `what_if` takes them.
    #[arg(skip)]
    #[serde(default, deserialize_with = "or_none")]
    #[schemars(with = "Vec<serde_json::Map<String, serde_json::Value>>", length(max = 50))]
    what_if: Vec<Change>,
}

/// What adding or removing would do.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// The canonical type.
    component_type: String,
    /// Whether it comes or goes.
    action: Action,
    /// What `after` assumes besides the bare component: the type's recommended block.
    assumed: Vec<Change>,
    /// How much that is, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    assumed_total: Option<usize>,
    /// The components of the type that the stack has already; no second one is added.
    already_present: Vec<String>,
    /// How many these are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    already_present_total: Option<usize>,
    /// The numbers with the bare component, as it comes without any of `assumed`.
    #[serde(skip_serializing_if = "Option::is_none")]
    after_bare: Option<Numbers>,
    /// What should be known.
    notes: Vec<String>,
    #[serde(flatten)]
    difference: WholeDifference,
    #[serde(flatten)]
    page: Page,
}

impl Question for Impact {
    const NAME: &'static str = "pci_compliance_component_impact";
    const COMMAND: &'static str = "impact";
    const TITLE: &'static str = "What a component would bring";
    const DESCRIPTION: &'static str = "What adding a component of a type would do to the controls, or removing all of \
        it: before, after as recommended (`assumed` lists what would have to be set and stated), after bare, controls \
        that rise and fall, policies and flows. Use it for \"what would Falco bring\". Next: `what_if` with the changes \
        in `assumed`, `pci_compliance_gaps` for what is left.";
    const OUTLET: Outlet = Outlet::Text;
    type Request = Request;
    type Response = Response;

    fn asked(request: &Request) -> Asked<'_> {
        Asked { detail: request.detail, cursor: request.cursor.as_deref() }
    }

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let subject = Subject::of(context, request.stack.as_deref(), request.as_of, &request.what_if)?;
        let before = &*subject.snapshot;
        let kind = component_type(before, &request.component_type)?;
        let action = if request.remove { Action::Remove } else { request.action.unwrap_or_default() };
        match action {
            Action::Add => add(before, kind),
            Action::Remove => remove(before, kind),
        }
    }

    fn text(response: &Response) -> String {
        let what = match response.action {
            Action::Add if response.already_present.is_empty() => "Adding",
            Action::Add => "Completing",
            Action::Remove => "Removing",
        };
        let mut text = format!(
            "{what} `{}` in **{}**, level `{}`:\n\n",
            response.component_type,
            prose(&response.header.system_name),
            response.header.level
        );
        if response.page.is_later() {
            return text + &response.difference.flows_text();
        }
        for note in &response.notes {
            let _ = write!(text, "{}\n\n", prose(note));
        }
        text += &response.difference.text();
        if let Some(bare) = &response.after_bare {
            let _ = writeln!(text, "\nBare, with none of what follows: {}", numbers_line(bare));
        }
        let total = response.assumed_total.unwrap_or(response.assumed.len());
        if total > 0 {
            let _ = writeln!(text, "\nIt assumes {total} things that people set or state:");
            for change in response.assumed.iter().take(NAMED) {
                let _ = writeln!(text, "- {}", prose(&change.to_string()));
            }
            let left = total - response.assumed.len().min(NAMED);
            if left > 0 {
                let _ = writeln!(text, "- and {left} more");
            }
        }
        text
    }
}

impl Bounded for Response {
    type Entry = FlowChange;
    const NOUN: &'static str = "flows";
    const PAGED: &'static [&'static str] = &["flows_added", "flows_removed"];

    fn header(&self) -> &Header {
        &self.header
    }

    fn take(&mut self) -> Vec<FlowChange> {
        self.difference.take_flows()
    }

    fn put(&mut self, flows: Vec<FlowChange>, page: Page) {
        self.difference.put_flows(flows);
        self.page = page;
    }

    fn cut(&mut self, most: usize) {
        cut(&mut self.assumed, &mut self.assumed_total, most);
        cut(&mut self.already_present, &mut self.already_present_total, most);
        self.difference.cut(most);
    }
}

/// How much of what is assumed the text names.
const NAMED: usize = 40;

/// The type that `text` names, by any of its names.
fn component_type<'s>(snapshot: &'s Snapshot, text: &str) -> Result<&'s ComponentType, AskError> {
    let words = snapshot.catalog().vocabulary();
    snapshot.catalog().types.get(&words.canonical(text)).ok_or_else(|| {
        let near = nearest(text, words.names()).map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        AskError::Argument(format!("no component type `{}`{near}", clean(text)))
    })
}

fn add(before: &Snapshot, kind: &ComponentType) -> Result<Response, AskError> {
    let block = change::block(before, kind);
    let bare = made(before, &block.bare)?;
    let after = made(before, &block.changes())?;
    let mut notes = Vec::new();
    if !block.present.is_empty() {
        let names = quoted(&block.present);
        let lacks = if kind.recommended.is_some() { "; what is recommended and not there is assumed" } else { "" };
        notes.push(format!("The stack has {names}, so that no other one is added{lacks}."));
    }
    if kind.recommended.is_none() {
        notes.push(format!(
            "What to set and state of a `{}` is recommended nowhere: this is the bare component.",
            kind.name
        ));
    }
    let difference = WholeDifference::of(before, &after);
    if difference.controls.controls_gained.is_empty() {
        notes.push(why_nothing(&after, kind));
    }
    Ok(Response {
        header: Header::of(before),
        component_type: kind.name.to_string(),
        action: Action::Add,
        assumed: block.assumed,
        assumed_total: None,
        after_bare: block.present.is_empty().then(|| bare.assessment().numbers.clone()),
        already_present: block.present,
        already_present_total: None,
        notes,
        difference,
        page: Page::default(),
    })
}

/// `before` after `changes`, which follow from it.
fn made(before: &Snapshot, changes: &[Change]) -> Result<Arc<Snapshot>, AskError> {
    change::derived(before, changes).map_err(|error| AskError::Argument(error.to_string()))
}

/// `names` as a note has them; the whole list is `already_present`.
fn quoted(names: &[String]) -> String {
    const NAMED: usize = 10;
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    named(&names, NAMED, ", ")
}

/// How much of what is still missing a note names.
const NAMED_LACKS: usize = 5;

/// Why adding a type raises no control: what it still lacks, out of the rules that ask for it.
fn why_nothing(after: &Snapshot, kind: &ComponentType) -> String {
    let mut lacks: Vec<String> = Vec::new();
    let asks_for = |control: &Control| control.rule.iter().any(|entry| entry.kind.as_ref() == Some(&kind.name));
    for (_, result) in after.assessment().iter().filter(|(control, _)| asks_for(control)) {
        let of_kind =
            result.missing.iter().filter(|missing| missing.decides && missing.subject_types.contains(&kind.name));
        for missing in of_kind {
            let line = missing.said();
            if !lacks.contains(&line) {
                lacks.push(line);
            }
        }
    }
    if lacks.is_empty() {
        return "No control rises.".to_owned();
    }
    let more = lacks.len().saturating_sub(NAMED_LACKS);
    lacks.truncate(NAMED_LACKS);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("No control rises, since something is still missing: {}{more}", lacks.join("; "))
}

fn remove(before: &Snapshot, kind: &ComponentType) -> Result<Response, AskError> {
    let stack = &before.stack;
    let present = stack.of_type(&kind.name).filter(|(id, _)| !stack.owner(*id).is_external);
    let names: Vec<String> = present.map(|(_, component)| component.name.to_string()).collect();
    let changes: Vec<Change> = names.iter().map(|name| Change::remove_component(name)).collect();
    let after = made(before, &changes)?;
    let notes = match names.as_slice() {
        [] => vec![format!("the stack has no `{}`: nothing changes", kind.name)],
        names => vec![format!("{} would go, with its parts and links.", quoted(names))],
    };
    Ok(Response {
        header: Header::of(before),
        component_type: kind.name.to_string(),
        action: Action::Remove,
        assumed: Vec::new(),
        assumed_total: None,
        already_present: names,
        already_present_total: None,
        after_bare: None,
        notes,
        difference: WholeDifference::of(before, &after),
        page: Page::default(),
    })
}
