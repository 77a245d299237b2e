//! Resources, prompts and completions as the protocol has them.

use std::{collections::BTreeMap, sync::Arc};

use rmcp::{
    ErrorData,
    model::{
        CompleteRequestParams, CompletionInfo, GetPromptRequestParams, GetPromptResult, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, Prompt as PromptModel, PromptArgument, PromptMessage,
        ReadResourceResult, Reference, Resource as ResourceModel, ResourceContents, ResourceTemplate, Role,
    },
};
use serde_json::{Value, json};
use tokio::task::spawn_blocking;

use super::server::Shared;
use crate::{
    prompts::{self, Prompt},
    resources::{self, Resource, ResourceError},
    terms::nearest,
};

/// How many resources are listed at a time.
const PAGE: usize = 100;

/// The resources that are listed, from `cursor` on.
pub(super) fn list(shared: &Shared, cursor: Option<&str>) -> Result<ListResourcesResult, ErrorData> {
    let wrong = || ErrorData::invalid_params("`cursor` is the `nextCursor` of an earlier list", None);
    let start = cursor.map_or(Ok(0), |cursor| cursor.parse::<usize>().map_err(|_| wrong()))?;
    let all = resources::list(&shared.live.fleet());
    let page: Vec<ResourceModel> = all.iter().skip(start).take(PAGE).map(model).collect();
    let end = start.saturating_add(page.len());
    let mut result = ListResourcesResult::with_all_items(page);
    result.next_cursor = (end < all.len()).then(|| end.to_string());
    Ok(result)
}

/// A resource as the protocol describes it.
pub(super) fn model(one: &Resource) -> ResourceModel {
    let model = ResourceModel::new(one.uri.as_str(), one.name.as_str());
    let model = model.with_title(one.title.as_str()).with_mime_type(one.mime_type);
    if one.description.is_empty() { model } else { model.with_description(one.description.as_str()) }
}

/// The kinds of resources.
pub(super) fn templates() -> ListResourceTemplatesResult {
    let all = resources::TEMPLATES.iter().map(|one| {
        ResourceTemplate::new(one.uri, one.name)
            .with_title(one.title)
            .with_description(one.description)
            .with_mime_type(one.mime_type)
    });
    ListResourceTemplatesResult::with_all_items(all.collect())
}

/// What the resource at `uri` says.
pub(super) async fn read(shared: Arc<Shared>, uri: String) -> Result<ReadResourceResult, ErrorData> {
    let asked = uri.clone();
    let content = computed(shared, move |shared| resources::read(&shared.live.fleet(), &asked)).await?;
    let content = content.map_err(|error| match error {
        ResourceError::NotFound(what) => ErrorData::resource_not_found(what, Some(json!({ "uri": uri }))),
        error => ErrorData::internal_error(error.to_string(), Some(json!({ "uri": uri }))),
    })?;
    let text = ResourceContents::text(content.text, content.uri).with_mime_type(content.mime_type);
    Ok(ReadResourceResult::new(vec![text]))
}

/// The prompts.
pub(super) fn prompts() -> ListPromptsResult {
    let argument = |one: &prompts::Argument| {
        PromptArgument::new(one.name).with_description(one.description).with_required(one.required)
    };
    let model = |one: &Prompt| {
        let arguments = one.arguments.iter().map(argument).collect();
        PromptModel::new(one.name, Some(one.description), Some(arguments)).with_title(one.title)
    };
    ListPromptsResult::with_all_items(prompts::ALL.iter().map(model).collect())
}

/// What the prompt says that `request` names.
pub(super) async fn prompt(shared: Arc<Shared>, request: GetPromptRequestParams) -> Result<GetPromptResult, ErrorData> {
    let Some(prompt) = prompts::ALL.iter().find(|prompt| prompt.name == request.name) else {
        let near = nearest(&request.name, prompts::ALL.iter().map(|prompt| prompt.name));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(ErrorData::invalid_params(format!("no prompt of this name{hint}"), None));
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let given = request.arguments.into_iter().flatten().filter(|(_, value)| !value.is_null());
    let arguments: BTreeMap<String, String> = given.map(|(name, value)| (name, text(&value))).collect();
    let said = computed(shared, move |shared| (prompt.text)(&shared.live.fleet(), &arguments)).await?;
    let said = said.map_err(|error| ErrorData::invalid_params(error.to_string(), None))?;
    let message = PromptMessage::new_text(Role::User, said);
    Ok(GetPromptResult::new(vec![message]).with_description(prompt.description))
}

/// What may stand for the argument that `request` is about.
pub(super) async fn complete(shared: Arc<Shared>, request: CompleteRequestParams) -> Result<CompletionInfo, ErrorData> {
    let mut values = computed(shared, move |shared| {
        let (fleet, argument) = (shared.live.fleet(), &request.argument);
        let others = request.context.and_then(|context| context.arguments).unwrap_or_default().into_iter().collect();
        match &request.r#ref {
            Reference::Prompt(prompt) => prompts::complete(&fleet, &prompt.name, &argument.name, &argument.value),
            Reference::Resource(template) => {
                resources::complete(&fleet, &template.uri, &argument.name, &argument.value, &others)
            }
            _ => Vec::new(),
        }
    })
    .await?;
    let total = values.len();
    values.truncate(CompletionInfo::MAX_VALUES);
    let has_more = total > values.len();
    CompletionInfo::with_pagination(values, u32::try_from(total).ok(), has_more)
        .map_err(|error| ErrorData::internal_error(error, None))
}

/// What `compute` makes, on a thread that may block, one of a few.
async fn computed<T: Send + 'static>(
    shared: Arc<Shared>,
    compute: impl FnOnce(&Shared) -> T + Send + 'static,
) -> Result<T, ErrorData> {
    let busy = || ErrorData::internal_error("the server is busy: ask again in a moment", None);
    let place = Arc::clone(&shared.places).try_acquire_owned().map_err(|_| busy())?;
    let slot = Arc::clone(&shared.slots).acquire_owned().await.map_err(|_| busy())?;
    let in_flight = shared.in_flight.token();
    let thread = spawn_blocking(move || {
        let _held = (place, slot, in_flight);
        compute(&shared)
    });
    thread.await.map_err(|_| ErrorData::internal_error("the answer could not be computed", None))
}
