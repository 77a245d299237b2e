//! Tools as the protocol has them: listed with their schemas, and called, with progress for whoever asks for it.

use std::{
    sync::{Arc, LazyLock},
    time::Instant,
};

use base64::{Engine as _, prelude::BASE64_STANDARD};
use netpol_reach::nearest;
use pci_ask::{
    resources::{self, Resource},
    tools::{self, AskError, Attachment, Context, Detail, Outlet, Reply, Tool, WriteTo},
};
use pci_stack::Step;
use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, MetaObject, ProgressNotificationParam,
        ProgressToken, ResourceContents, Tool as ToolModel, ToolAnnotations,
    },
    service::{Peer, RequestContext},
};
use serde_json::{Map, Value};
use tokio::sync::mpsc;
use tracing::{info, warn};

use super::{
    metrics::Outcome,
    model,
    shared::{Shared, request_id},
    work::{self, Unfinished},
};

/// How many steps may be waiting to be told; whoever reads slower than that hears of fewer.
const UNTOLD: usize = 16;

/// The tools as the protocol lists them, and as they are listed where the server may write.
static LISTED: LazyLock<[Vec<ToolModel>; 2]> =
    LazyLock::new(|| [false, true].map(|may_write| tools::in_chat().map(|tool| listed(tool, may_write)).collect()));

/// The tools of a server that writes to `write_to`.
pub(super) fn list(write_to: &WriteTo) -> &'static [ToolModel] {
    &LISTED[usize::from(*write_to != WriteTo::Nowhere)]
}

fn listed(tool: &Tool, may_write: bool) -> ToolModel {
    let writes = may_write && tool.outlet == Outlet::Folder;
    let annotations = ToolAnnotations::with_title(tool.title)
        .read_only(!writes)
        .destructive(false)
        .idempotent(true)
        .open_world(false);
    let listed = ToolModel::new(tool.name, tool.description, Arc::new(tool.input_schema()))
        .with_title(tool.title)
        .with_raw_output_schema(Arc::new(tool.brief_output_schema()))
        .with_annotations(annotations);
    match resources::app::of_tool(tool.name) {
        Some(meta) => listed.with_meta(MetaObject(meta)),
        None => listed,
    }
}

/// Calls the tool that `request` names.
pub(super) async fn call(
    shared: Arc<Shared>,
    request: CallToolRequestParams,
    context: RequestContext<RoleServer>,
) -> Result<CallToolResponse, ErrorData> {
    let Some(tool) = tools::in_chat().find(|tool| tool.name == request.name) else {
        let near = nearest(&request.name, tools::in_chat().map(|tool| tool.name));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(ErrorData::invalid_params(format!("no tool of this name{hint}"), None));
    };
    let (begun, id) = (Instant::now(), request_id(&context));
    let answer = answer(&shared, tool, request.arguments.unwrap_or_default(), &context).await;
    let (outcome, result) = match answer {
        Ok(Ok((reply, beside))) => (Outcome::ok, Ok(told(reply, &beside))),
        Ok(Err(AskError::Gone(_))) | Err(Unfinished::Left) => (Outcome::cancelled, Err(Unfinished::Left.into())),
        Ok(Err(error)) => (Outcome::error, Ok(refused(&error.markdown()))),
        Err(Unfinished::Busy) => (Outcome::busy, Ok(refused(&Unfinished::Busy.to_string()))),
        Err(Unfinished::Lost) => {
            warn!(tool = tool.name, request_id = id, "an answer could not be computed");
            (Outcome::error, Err(Unfinished::Lost.into()))
        }
    };
    let lasted = begun.elapsed();
    shared.metrics.called(tool.name, outcome, lasted);
    info!(tool = tool.name, request_id = id, outcome = ?outcome, milliseconds = lasted.as_secs_f64() * 1e3, "called");
    result.map(Into::into)
}

fn told(reply: Reply, beside: &[Resource]) -> CallToolResult {
    let stack = reply.fields["stack"].as_str().unwrap_or_default().to_owned();
    let mut result = CallToolResult::structured(reply.fields);
    result.content = vec![ContentBlock::text(reply.text)];
    result.content.extend(reply.attachments.into_iter().map(|one| attached(&stack, one)));
    result.content.extend(beside.iter().map(|one| ContentBlock::resource_link(model::resource(one))));
    result
}

/// Pixels as an image. What is text goes as a resource of its own: clients hand images to their models, which take no
/// other than pixels.
fn attached(stack: &str, attachment: Attachment) -> ContentBlock {
    let Attachment { name, mime, bytes } = attachment;
    if mime == "image/png" {
        return ContentBlock::image(BASE64_STANDARD.encode(bytes), mime);
    }
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let uri = resources::uri::attachment(stack, &name);
    ContentBlock::resource(ResourceContents::text(text, uri).with_mime_type(mime))
}

fn refused(why: &str) -> CallToolResult {
    CallToolResult::error(vec![ContentBlock::text(why)])
}

/// A reply, and the resources that hold the whole of it.
type Told = Result<(Reply, Vec<Resource>), AskError>;

/// What `tool` answers, with progress told meanwhile to whoever asks for it.
async fn answer(
    shared: &Arc<Shared>,
    tool: &'static Tool,
    arguments: Map<String, Value>,
    context: &RequestContext<RoleServer>,
) -> Result<Told, Unfinished> {
    let (tell, steps) = mpsc::channel(UNTOLD);
    let token = context.meta.get_progress_token();
    let tell = token.is_some().then_some(tell);
    let answer = work::done(shared, &context.ct, tell, move |shared, watch| {
        let (fleet, write_to) = (&*shared.live.fleet(), shared.write_to.clone());
        let context = Context { fleet, write_to, detail: Detail::Summary, given: None, what_if: &[], watch };
        let reply = tool.ask(&context, arguments)?;
        let beside = resources::links(fleet, tool.name, &reply.fields);
        Ok((reply, beside))
    });
    match token {
        None => answer.await,
        // All steps are told before the answer is: the channel closes when the work is done.
        Some(token) => {
            let progress = async {
                tokio::select! {
                    () = progress(steps, token, &context.peer) => {}
                    () = context.ct.cancelled() => {}
                }
            };
            tokio::join!(answer, progress).0
        }
    }
}

/// Tells `peer` of `steps` until there are no more.
async fn progress(mut steps: mpsc::Receiver<Step>, token: ProgressToken, peer: &Peer<RoleServer>) {
    let mut reached = 0;
    while let Some(Step { done, total, what }) = steps.recv().await {
        // Steps of several threads may come out of order, and progress only ever rises.
        if done > reached {
            reached = done;
            #[allow(clippy::cast_precision_loss, reason = "steps are a few thousand at most")]
            let (done, total) = (done as f64, total as f64);
            let progress = ProgressNotificationParam::new(token.clone(), done).with_total(total).with_message(what);
            let _ = peer.notify_progress(progress).await;
        }
    }
}
