//! `describe_stack`: what the other questions can be asked about.

use std::{collections::BTreeMap, fmt::Write as _};

use netpol_reach::{Namespace, Ports};
use pci_assess::{Scope, Zone};
use pci_policy::Basis;
use pci_render::{Header, code_span, markdown};
use pci_stack::{Component, ComponentId, ComponentRef, Finding, Link, TypeName};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{
    AskError, Changes, Context, Detail, Outlet, Question,
    page::{Asked, Bounded, Entry, Page, cut},
};

pub(super) struct DescribeStack;

/// Arguments of `describe_stack`.
#[derive(Debug, Clone, Default, Deserialize, JsonSchema, clap::Args)]
#[serde(deny_unknown_fields)]
pub(super) struct Request {
    /// The stack, if several are loaded.
    #[arg(skip)]
    stack: Option<String>,
    /// `full` for longer lists and pages.
    #[arg(skip)]
    detail: Option<Detail>,
    /// The `next_cursor` of an earlier answer, to go on there.
    #[arg(skip)]
    cursor: Option<String>,
}

/// A component or sub-component.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub(super) struct ComponentEntry {
    /// `NAME`, or `PARENT/NAME`.
    #[schemars(with = "String")]
    name: ComponentRef,
    /// The canonical type.
    r#type: TypeName,
    /// Where its pods run; absent for a component of another stack that says none.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespace: Option<Namespace>,
    /// The ports on which clients use it.
    ports: Ports,
    /// How its namespace stands to account data; absent if the profile does not say where that is.
    #[serde(skip_serializing_if = "Option::is_none")]
    zone: Option<Zone>,
    /// Whether it runs in another stack.
    #[serde(skip_serializing_if = "Option::is_none")]
    external: Option<bool>,
}

impl Entry for ComponentEntry {}

/// A link.
#[derive(Debug, Serialize, JsonSchema)]
struct LinkEntry {
    /// Its id.
    id: String,
    /// Who connects.
    #[schemars(with = "String")]
    from: ComponentRef,
    /// To whom.
    #[schemars(with = "String")]
    to: ComponentRef,
    /// What the file calls it.
    r#type: String,
    /// On which ports, as far as they are known.
    ports: Ports,
}

/// A stack.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Response {
    #[serde(flatten)]
    header: Header,
    /// Components and sub-components.
    components: Vec<ComponentEntry>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    components_total: Option<usize>,
    /// Links.
    links: Vec<LinkEntry>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    links_total: Option<usize>,
    /// Namespaces that hold components, and the build namespace.
    namespaces: Vec<Namespace>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    namespaces_total: Option<usize>,
    /// What should be known of the stack, worst first.
    findings: Vec<Finding>,
    /// How many there are, where the list is cut.
    #[serde(skip_serializing_if = "Option::is_none")]
    findings_total: Option<usize>,
    #[serde(flatten)]
    page: Page,
}

impl Question for DescribeStack {
    const NAME: &'static str = "describe_stack";
    const COMMAND: &'static str = "stack";
    const TITLE: &'static str = "Describe the stack";
    const DESCRIPTION: &'static str = "List the declared stack's components with their types, namespaces and ports, its \
        links, its namespaces and what was noticed while reading it. Use it first, or whenever a name is needed that \
        another tool asks for. Next: `generate_policies` for what may talk to what, `render_diagram` to see it.";
    const OUTLET: Outlet = Outlet::Text;
    const CHANGES: Changes = Changes::None;
    type Request = Request;
    type Response = Response;

    fn asked(request: &Request) -> Asked<'_> {
        Asked { detail: request.detail, cursor: request.cursor.as_deref() }
    }

    fn answer(context: &Context, request: &Request) -> Result<Response, AskError> {
        let snapshot = context.fleet.snapshot(request.stack.as_deref())?;
        let (stack, basis, scope) = (&snapshot.stack, snapshot.basis(), snapshot.scope());
        let components = stack.with_ids().map(|(id, component)| component_entry(&basis, scope, id, component));
        let mut namespaces: Vec<Namespace> =
            stack.components.iter().filter_map(|component| component.namespace.clone()).collect();
        namespaces.extend(stack.build_namespace.iter().map(|(build, _)| build.clone()));
        namespaces.sort_unstable();
        namespaces.dedup();
        Ok(Response {
            header: Header::of(&snapshot),
            components: components.collect(),
            components_total: None,
            links: stack.links.iter().map(|link| link_entry(&basis, link)).collect(),
            links_total: None,
            namespaces,
            namespaces_total: None,
            findings: snapshot.findings(),
            findings_total: None,
            page: Page::default(),
        })
    }

    fn text(response: &Response) -> String {
        let total = |total: Option<usize>, listed: usize| total.unwrap_or(listed);
        let components = total(response.components_total, response.components.len());
        let links = total(response.links_total, response.links.len());
        let findings = total(response.findings_total, response.findings.len());
        let mut text = format!(
            "**{}** (`{}`), level `{}`: {components} components, {links} links, {findings} findings.\n\n",
            markdown(&response.header.system_name),
            response.header.stack,
            response.header.level
        );
        let mut by_namespace: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for entry in &response.components {
            let home = entry.namespace.as_ref().map_or_else(|| "another stack".to_owned(), |home| format!("`{home}`"));
            let ports = if entry.ports.is_empty() { String::new() } else { format!(", {}", entry.ports) };
            by_namespace.entry(home).or_default().push(format!(
                "`{}` ({}{ports})",
                entry.name,
                type_text(&entry.r#type)
            ));
        }
        for (home, components) in by_namespace {
            let _ = writeln!(text, "- {home}: {}", components.join("; "));
        }
        if response.page.is_later() {
            return text;
        }
        text.push_str("\nLinks:\n");
        for entry in &response.links {
            let ports = if entry.ports.is_empty() { "no port known".to_owned() } else { entry.ports.to_string() };
            let _ = writeln!(text, "- `{}`: {ports}", entry.id);
        }
        if links > response.links.len() {
            let _ = writeln!(text, "- and {} more links", links - response.links.len());
        }
        text
    }
}

impl Bounded for Response {
    type Entry = ComponentEntry;
    const NOUN: &'static str = "components";
    const PAGED: &'static [&'static str] = &["components"];

    fn header(&self) -> &Header {
        &self.header
    }

    fn take(&mut self) -> Vec<ComponentEntry> {
        self.components_total = Some(self.components.len());
        std::mem::take(&mut self.components)
    }

    fn put(&mut self, components: Vec<ComponentEntry>, page: Page) {
        (self.components, self.page) = (components, page);
    }

    fn cut(&mut self, most: usize) {
        cut(&mut self.links, &mut self.links_total, most);
        cut(&mut self.namespaces, &mut self.namespaces_total, most);
        cut(&mut self.findings, &mut self.findings_total, most);
    }
}

/// A type as Markdown: a plain word as it is, any other as code. An underscore within a word is no emphasis.
fn type_text(kind: &TypeName) -> String {
    let is_word = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if kind.as_str().split('_').all(is_word) { kind.to_string() } else { code_span(kind.as_str()) }
}

fn component_entry(basis: &Basis, scope: &Scope, id: ComponentId, component: &Component) -> ComponentEntry {
    let home = basis.home(id).filter(|_| scope.is_stated);
    let zone = home.and_then(|namespace| scope.zone(namespace));
    ComponentEntry {
        name: component.name.clone(),
        r#type: component.kind.clone(),
        namespace: basis.stack.namespace(id).cloned(),
        ports: basis.client_ports(id),
        zone,
        external: component.is_external.then_some(true),
    }
}

fn link_entry(basis: &Basis, link: &Link) -> LinkEntry {
    LinkEntry {
        id: link.id.to_string(),
        from: basis.stack.component(link.source).name.clone(),
        to: basis.stack.component(link.target).name.clone(),
        r#type: link.kind.clone(),
        ports: pci_policy::ports_of(basis, link).ports,
    }
}
