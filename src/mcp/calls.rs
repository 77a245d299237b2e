//! Tools as the protocol has them: listed with their schemas, called on threads that may block, with progress for who
//! asks for it, and left alone once nobody waits for the answer.

use std::{
    sync::{
        Arc, LazyLock,
        atomic::{AtomicBool, Ordering},
    },
    time::Instant,
};

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CallToolRequestParams, CallToolResponse, CallToolResult, ContentBlock, ProgressNotificationParam,
        ProgressToken, Tool as ToolModel, ToolAnnotations,
    },
    service::{Peer, RequestContext},
};
use serde_json::{Map, Value};
use tokio::{sync::mpsc, task::JoinHandle};
use tracing::{info, warn};

use super::{
    metrics::Outcome,
    reading,
    server::{Shared, request_id},
};
use crate::{
    resources::{self, Resource},
    terms::{Step, Watch, nearest},
    tools::{self, AskError, Context, Detail, Outlet, Reply, Tool, WriteTo},
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
    ToolModel::new(tool.name, tool.description, Arc::new(tool.input_schema()))
        .with_title(tool.title)
        .with_raw_output_schema(Arc::new(tool.brief_output_schema()))
        .with_annotations(annotations)
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
    let (begun, id, metrics) = (Instant::now(), request_id(&context), Arc::clone(&shared));
    let arguments = request.arguments.unwrap_or_default();
    let answer = answer(shared, tool, arguments, &context).await;
    let (outcome, result) = match answer {
        Answer::Reply(Ok((reply, beside))) => (Outcome::ok, Ok(told(reply, &beside))),
        Answer::Reply(Err(AskError::Gone(gone))) => {
            (Outcome::cancelled, Err(ErrorData::internal_error(gone.to_string(), None)))
        }
        Answer::Reply(Err(error)) => {
            (Outcome::error, Ok(CallToolResult::error(vec![ContentBlock::text(error.to_string())])))
        }
        Answer::Busy => (
            Outcome::busy,
            Ok(CallToolResult::error(vec![ContentBlock::text("the server is busy: ask again in a moment")])),
        ),
        Answer::Left => (Outcome::cancelled, Err(ErrorData::internal_error("the request was cancelled", None))),
        Answer::Lost => {
            warn!(tool = tool.name, request_id = id, "an answer could not be computed");
            (Outcome::error, Err(ErrorData::internal_error("the answer could not be computed", None)))
        }
    };
    let lasted = begun.elapsed();
    metrics.metrics.called(tool.name, outcome, lasted);
    info!(tool = tool.name, request_id = id, outcome = ?outcome, milliseconds = lasted.as_secs_f64() * 1e3, "called");
    result.map(Into::into)
}

fn told(reply: Reply, beside: &[Resource]) -> CallToolResult {
    let mut result = CallToolResult::structured(reply.fields);
    result.content = vec![ContentBlock::text(reply.text)];
    result.content.extend(beside.iter().map(|one| ContentBlock::resource_link(reading::model(one))));
    result
}

/// A reply, and the resources that hold the whole of it.
type Told = Result<(Reply, Vec<Resource>), AskError>;

/// How a question ended.
enum Answer {
    /// With a reply, or why there is none.
    Reply(Told),
    /// Whoever asked left.
    Left,
    /// Too many wait already.
    Busy,
    /// Its thread panicked.
    Lost,
}

/// Asks on a thread that may block, one of a few, and tells of progress meanwhile.
async fn answer(
    shared: Arc<Shared>,
    tool: &'static Tool,
    arguments: Map<String, Value>,
    context: &RequestContext<RoleServer>,
) -> Answer {
    let Ok(place) = Arc::clone(&shared.places).try_acquire_owned() else { return Answer::Busy };
    let slot = tokio::select! {
        slot = Arc::clone(&shared.slots).acquire_owned() => slot,
        () = context.ct.cancelled() => return Answer::Left,
    };
    let has_left = Arc::new(AtomicBool::new(false));
    let (tell, steps) = mpsc::channel(UNTOLD);
    let token = context.meta.get_progress_token();
    let tell = token.is_some().then_some(tell);
    let thread = {
        let (has_left, in_flight) = (Arc::clone(&has_left), shared.in_flight.token());
        tokio::task::spawn_blocking(move || {
            let _held = (place, slot, in_flight);
            let hears = move |step: Step| {
                // Whoever is slow to hear misses a step, and does not hold up the answer.
                let _ = tell.as_ref().map(|tell| tell.try_send(step));
            };
            let has_left = move || has_left.load(Ordering::Relaxed);
            let (fleet, write_to, watch) =
                (&*shared.live.fleet(), shared.write_to.clone(), &Watch::new(&hears, &has_left));
            let context = Context { fleet, write_to, detail: Detail::Summary, given: None, what_if: &[], watch };
            let reply = tool.ask(&context, arguments)?;
            let beside = resources::links(fleet, tool.name, &reply.fields);
            Ok((reply, beside))
        })
    };
    tokio::select! {
        answer = finished(thread, steps, token, &context.peer) => answer,
        () = context.ct.cancelled() => {
            has_left.store(true, Ordering::Relaxed);
            Answer::Left
        }
    }
}

/// What `thread` ends with; its steps are told to `peer` until then.
async fn finished(
    thread: JoinHandle<Told>,
    mut steps: mpsc::Receiver<Step>,
    token: Option<ProgressToken>,
    peer: &Peer<RoleServer>,
) -> Answer {
    if let Some(token) = token {
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
    thread.await.map_or(Answer::Lost, Answer::Reply)
}
