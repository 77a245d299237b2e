//! The table of questions.

use netpol_reach::clean;
use serde_json::{Map, Value};

use super::{
    AskError, Changes, Context, Detail, Outlet, Question, Reply,
    dashboards::Dashboards,
    describe_stack::DescribeStack,
    explain_flow::ExplainFlow,
    fit,
    gaps::Gaps,
    generate_policies::GeneratePolicies,
    impact::Impact,
    overview::Overview,
    page::{Bounded, Marked},
    render_diagram::RenderDiagram,
    report::Report,
    requirement::Requirement,
    schema,
    stale::Stale,
    verify::Verify,
    what_if::WhatIf,
};

/// One question, its types erased.
#[derive(Clone, Copy)]
pub struct Tool {
    /// The tool's name.
    pub name: &'static str,
    /// The shell's command.
    pub command: &'static str,
    /// A title for people.
    pub title: &'static str,
    /// When to use it, what it answers, which tool comes next.
    pub description: &'static str,
    /// What leaves the shell's command.
    pub outlet: Outlet,
    /// Whether the server offers it.
    pub is_for_chat: bool,
    /// Whether the shell's command takes manifests (`--against`).
    pub takes_manifests: bool,
    /// How the shell's command takes changes.
    pub changes: Changes,
    /// Whether it can be asked of all stacks at once.
    pub spans_stacks: bool,
    input: fn() -> Map<String, Value>,
    output: fn() -> Map<String, Value>,
    arguments: fn(clap::Command) -> clap::Command,
    ask: fn(&Context, Map<String, Value>) -> Result<Reply, AskError>,
    ask_from_shell: fn(&Context, &clap::ArgMatches, Wanted) -> Result<Reply, AskError>,
}

/// What a shell wants besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The files, written.
    pub files: bool,
    /// The answer's fields. Of a large stack's policies they are as large as all files.
    pub fields: bool,
}

/// Every question.
pub static ALL: &[Tool] = &[
    tool::<Overview>(),
    tool::<Requirement>(),
    tool::<Gaps>(),
    tool::<Impact>(),
    tool::<WhatIf>(),
    tool::<DescribeStack>(),
    tool::<GeneratePolicies>(),
    tool::<RenderDiagram>(),
    tool::<ExplainFlow>(),
    tool::<Verify>(),
    tool::<Report>(),
    tool::<Dashboards>(),
];

/// The questions that the server offers.
pub fn in_chat() -> impl Iterator<Item = &'static Tool> {
    ALL.iter().filter(|tool| tool.is_for_chat)
}

impl Tool {
    /// The JSON Schema of the arguments.
    pub fn input_schema(&self) -> Map<String, Value> {
        (self.input)()
    }

    /// The JSON Schema of the answer.
    pub fn output_schema(&self) -> Map<String, Value> {
        (self.output)()
    }

    /// The same, with the types of the fields alone.
    pub fn brief_output_schema(&self) -> Map<String, Value> {
        schema::brief(&self.output_schema())
    }

    /// `command` with this question's flags.
    pub fn flags(&self, command: clap::Command) -> clap::Command {
        (self.arguments)(command)
    }

    /// Asks with arguments as JSON.
    pub fn ask(&self, context: &Context, arguments: Map<String, Value>) -> Result<Reply, AskError> {
        let reply = (self.ask)(context, arguments);
        if context.detail == Detail::Full { reply } else { reply.map_err(AskError::for_chat) }
    }

    /// Asks with a shell's flags.
    pub fn ask_from_shell(
        &self,
        context: &Context,
        flags: &clap::ArgMatches,
        wanted: Wanted,
    ) -> Result<Reply, AskError> {
        (self.ask_from_shell)(context, flags, wanted)
    }
}

const fn tool<Q: Question>() -> Tool {
    Tool {
        name: Q::NAME,
        command: Q::COMMAND,
        title: Q::TITLE,
        description: Q::DESCRIPTION,
        outlet: Q::OUTLET,
        is_for_chat: Q::IS_FOR_CHAT,
        takes_manifests: Q::TAKES_MANIFESTS,
        changes: Q::CHANGES,
        spans_stacks: Q::SPANS_STACKS,
        input: schema::of::<Q::Request>,
        output: schema::of_answer::<Q::Response>,
        arguments: <Q::Request as clap::Args>::augment_args,
        ask: ask::<Q>,
        ask_from_shell: ask_from_shell::<Q>,
    }
}

fn ask<Q: Question>(context: &Context, arguments: Map<String, Value>) -> Result<Reply, AskError> {
    let stack = arguments.get("stack").and_then(Value::as_str);
    // Of all stacks at once, which are held against the same day, any one's.
    let asked = context.fleet.snapshot(stack).ok().or_else(|| context.fleet.snapshots().next().cloned());
    let day = asked.and_then(|snapshot| snapshot.day());
    let question = Marked::of(Q::NAME, day, &arguments);
    let request = serde_json::from_value(Value::Object(arguments));
    let request = request.map_err(|error| AskError::Argument(format!("{}: {}", Q::NAME, clean(&error.to_string()))))?;
    if context.detail == Detail::Full {
        let reply = whole::<Q>(context, &request, true)?;
        return Ok(Stale::of(context, &reply.fields["stack"]).told(reply));
    }
    let response = Q::answer(context, &request)?;
    let header = response.header();
    let (mark, stale) = (question.mark(header), Stale::of(context, &header.stack.as_str().into()));
    fit::reply::<Q>(response, Q::asked(&request), mark, stale.length()).map(|reply| stale.told(reply))
}

fn ask_from_shell<Q: Question>(context: &Context, flags: &clap::ArgMatches, wanted: Wanted) -> Result<Reply, AskError> {
    let request = <Q::Request as clap::FromArgMatches>::from_arg_matches(flags);
    let request = request.map_err(|error| AskError::Argument(error.to_string()))?;
    let request = if wanted.files { Q::writing(request) } else { request };
    whole::<Q>(context, &request, wanted.fields)
}

/// The whole answer, as a shell gives it.
fn whole<Q: Question>(context: &Context, request: &Q::Request, has_fields: bool) -> Result<Reply, AskError> {
    let response = Q::answer(context, request)?;
    let fields = if has_fields { fit::json(&response)? } else { Value::Null };
    let (document, attachments, holds) = (Q::document(&response), Q::attachments(&response), Q::holds(&response));
    Ok(Reply { text: Q::text(&response), fields, document, attachments, holds })
}
