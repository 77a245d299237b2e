//! Telling clients what changed: those of the `initialize` era what they subscribed to, on the connection that they have;
//! those of the stateless era what they listen for, on the answer to that.

use std::{
    collections::BTreeSet,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pci_ask::resources;
use pci_engine::fleet::Fleet;
use rmcp::{
    ErrorData, RoleServer,
    model::{Extensions, ResourceUpdatedNotificationParam, SubscriptionFilter},
    service::{Peer, SubscriptionContext},
};
use tokio::{
    sync::broadcast::{Receiver, error::RecvError},
    time::sleep,
};

use super::live::Change;

/// How often a connection is looked at that nobody tells to close.
const LOOK: Duration = Duration::from_secs(30);

/// The most resources that one client subscribes to.
const MOST: usize = 1_000;

/// The most bytes that their URIs take together: a URI may be as long as a request.
const MOST_BYTES: usize = 256 << 10;

/// What one connection has subscribed to.
#[derive(Debug, Default)]
pub(super) struct Subscribed {
    uris: Mutex<BTreeSet<String>>,
    /// Whether somebody tells this connection already.
    is_told: AtomicBool,
}

impl Subscribed {
    /// Whether nobody tells this connection yet; from now on somebody does.
    pub(super) fn is_first(&self) -> bool {
        !self.is_told.swap(true, Ordering::Relaxed)
    }

    /// Subscribes to the resource at `uri`.
    pub(super) fn add(&self, fleet: &Fleet, uri: String) -> Result<(), ErrorData> {
        if !is_of(fleet, &uri) {
            let data = Some(serde_json::json!({ "uri": uri }));
            return Err(ErrorData::resource_not_found("no stack that is loaded has a resource there", data));
        }
        let mut subscribed = self.uris.lock().unwrap_or_else(PoisonError::into_inner);
        let bytes = subscribed.iter().chain([&uri]).map(String::len).sum::<usize>();
        if subscribed.len() >= MOST || bytes > MOST_BYTES {
            let what = "a client subscribes to at most 1,000 resources, of at most 256 KiB of URIs";
            return Err(ErrorData::invalid_params(what, None));
        }
        subscribed.insert(uri);
        Ok(())
    }

    /// Lets go of the resource at `uri`.
    pub(super) fn remove(&self, uri: &str) {
        self.uris.lock().unwrap_or_else(PoisonError::into_inner).remove(uri);
    }

    fn touched(&self, news: &News) -> Vec<String> {
        let subscribed = self.uris.lock().unwrap_or_else(PoisonError::into_inner);
        subscribed.iter().filter(|uri| news.touches(uri)).cloned().collect()
    }
}

/// Whether a resource at `uri` may be one of `fleet`'s.
fn is_of(fleet: &Fleet, uri: &str) -> bool {
    uri == resources::uri::stacks() || resources::uri::stack(uri).is_some_and(|stack| fleet.named(&stack).is_some())
}

/// Marks requests to a server that keeps sessions.
#[derive(Debug, Clone, Copy)]
pub(super) struct KeepsSessions;

/// Whether the server can tell something on the connection that a request with these `extensions` came by: over HTTP
/// without sessions there is none.
pub(super) fn can_tell(extensions: &Extensions) -> bool {
    let parts = extensions.get::<axum::http::request::Parts>();
    parts.is_none_or(|parts| parts.extensions.get::<KeepsSessions>().is_some())
}

/// What there is to tell.
enum News {
    /// What a reading changed.
    Of(Arc<Change>),
    /// More than was kept, so that anything may have.
    Unknown,
}

impl News {
    async fn next(changes: &mut Receiver<Arc<Change>>) -> Option<Self> {
        match changes.recv().await {
            Ok(change) => Some(Self::Of(change)),
            Err(RecvError::Lagged(_)) => Some(Self::Unknown),
            Err(RecvError::Closed) => None,
        }
    }

    fn touches(&self, uri: &str) -> bool {
        let Self::Of(change) = self else { return true };
        uri == resources::uri::stacks()
            || resources::uri::stack(uri).is_some_and(|stack| change.stacks.contains(&stack))
    }

    fn is_other_list(&self) -> bool {
        matches!(self, Self::Unknown) || matches!(self, Self::Of(change) if change.is_other_list)
    }
}

/// Tells `peer` of `changes` until it is gone.
pub(super) async fn tell(peer: Peer<RoleServer>, subscribed: Arc<Subscribed>, mut changes: Receiver<Arc<Change>>) {
    while !peer.is_transport_closed() {
        let news = tokio::select! {
            news = News::next(&mut changes) => news,
            () = sleep(LOOK) => continue,
        };
        let Some(news) = news else { return };
        let mut told = true;
        for uri in subscribed.touched(&news) {
            told &= peer.notify_resource_updated(ResourceUpdatedNotificationParam::new(uri)).await.is_ok();
        }
        if news.is_other_list() {
            told &= peer.notify_resource_list_changed().await.is_ok();
        }
        if !told {
            return;
        }
    }
}

/// What of a filter the server can tell: resources that there are, and that there are others.
pub(super) fn accepted(fleet: &Fleet, requested: &SubscriptionFilter) -> SubscriptionFilter {
    let mut accepted = SubscriptionFilter::new();
    accepted.resources_list_changed = requested.resources_list_changed;
    let known = |uris: &Vec<String>| uris.iter().filter(|uri| is_of(fleet, uri)).take(MOST).cloned().collect();
    accepted.resource_subscriptions = requested.resource_subscriptions.as_ref().map(known);
    accepted
}

/// Tells whoever listens of `changes` until it is gone.
pub(super) async fn listen(context: SubscriptionContext, mut changes: Receiver<Arc<Change>>) {
    loop {
        let news = tokio::select! {
            () = context.cancelled() => return,
            news = News::next(&mut changes) => news,
        };
        let Some(news) = news else { return };
        let (accepted, sink) = (context.accepted(), context.sink());
        let mut told = true;
        for uri in accepted.resource_subscriptions.iter().flatten().filter(|uri| news.touches(uri)) {
            told &= sink.notify_resource_updated(uri.as_str()).await.is_ok();
        }
        if news.is_other_list() && accepted.resources_list_changed == Some(true) {
            told &= sink.notify_resource_list_changed().await.is_ok();
        }
        if !told {
            return;
        }
    }
}
