//! Resources, prompts and completions as the protocol has them.

use std::{collections::BTreeMap, sync::Arc};

use netpol_reach::nearest;
use pci_ask::{
    prompts::{self, Prompt},
    resources::{self, ResourceError},
};
use pci_stack::Watch;
use rmcp::{
    ErrorData,
    model::{
        CompleteRequestParams, CompletionInfo, GetPromptRequestParams, GetPromptResult, ListPromptsResult,
        ListResourceTemplatesResult, ListResourcesResult, MetaObject, Prompt as PromptModel, PromptArgument,
        PromptMessage, ReadResourceResult, Reference, Resource as ResourceModel, ResourceContents, ResourceTemplate,
        Role,
    },
};
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use super::{model, shared::Shared, work};
use crate::shipped;

/// How many resources are listed at a time.
const PAGE: usize = 100;

/// The resources that are listed, from `cursor` on.
pub(super) fn list(shared: &Shared, cursor: Option<&str>) -> Result<ListResourcesResult, ErrorData> {
    let wrong = || ErrorData::invalid_params("`cursor` is the `nextCursor` of an earlier list", None);
    let all = resources::list(&shared.live.fleet());
    let is_there = |start: &usize| *start < all.len();
    let start = cursor.map_or(Ok(0), |cursor| cursor.parse().ok().filter(is_there).ok_or_else(wrong))?;
    let page: Vec<ResourceModel> = all.iter().skip(start).take(PAGE).map(model::resource).collect();
    let end = start.saturating_add(page.len());
    let mut result = ListResourcesResult::with_all_items(page);
    result.next_cursor = (end < all.len()).then(|| end.to_string());
    Ok(result)
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
pub(super) async fn read(
    shared: &Arc<Shared>,
    uri: String,
    left: &CancellationToken,
) -> Result<ReadResourceResult, ErrorData> {
    let asked = uri.clone();
    let read =
        move |shared: &Shared, watch: &Watch| resources::read(&shared.live.fleet(), shipped::PAGE, &asked, watch);
    let content = work::done(shared, left, None, read).await?;
    let content = content.map_err(|error| match error {
        ResourceError::NotFound(what) => ErrorData::resource_not_found(what, Some(json!({ "uri": uri }))),
        error => ErrorData::internal_error(error.to_string(), Some(json!({ "uri": uri }))),
    })?;
    let text = ResourceContents::text(content.text, content.uri).with_mime_type(content.mime_type);
    // Also of a file whose bytes are as they are.
    let mut meta = content.meta;
    meta.extend(content.stale.map(|why| ("stale".to_owned(), why.into())));
    Ok(ReadResourceResult::new(vec![if meta.is_empty() { text } else { text.with_meta(MetaObject(meta)) }]))
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
pub(super) async fn prompt(
    shared: &Arc<Shared>,
    request: GetPromptRequestParams,
    left: &CancellationToken,
) -> Result<GetPromptResult, ErrorData> {
    let Some(prompt) = prompts::ALL.iter().find(|prompt| prompt.name == request.name) else {
        let near = nearest(&request.name, prompts::ALL.iter().map(|prompt| prompt.name));
        let hint = near.map(|near| format!("; did you mean `{near}`?")).unwrap_or_default();
        return Err(ErrorData::invalid_params(format!("no prompt of this name{hint}"), None));
    };
    let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let given = request.arguments.into_iter().flatten().filter(|(_, value)| !value.is_null());
    let arguments: BTreeMap<String, String> = given.map(|(name, value)| (name, text(&value))).collect();
    let say = move |shared: &Shared, watch: &Watch| (prompt.text)(&shared.live.fleet(), &arguments, watch);
    let said = work::done(shared, left, None, say).await?;
    let said = said.map_err(|error| ErrorData::invalid_params(error.to_string(), None))?;
    let message = PromptMessage::new_text(Role::User, said);
    Ok(GetPromptResult::new(vec![message]).with_description(prompt.description))
}

/// What may stand for the argument that `request` is about.
pub(super) async fn complete(
    shared: &Arc<Shared>,
    request: CompleteRequestParams,
    left: &CancellationToken,
) -> Result<CompletionInfo, ErrorData> {
    let mut values = work::done(shared, left, None, move |shared, _| {
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
