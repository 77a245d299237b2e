//! How much one client may ask: so many requests a second, each of a limited size, sent and answered in its time.

use std::{
    net::{IpAddr, Ipv6Addr},
    num::NonZeroU32,
    sync::Arc,
    time::Duration,
};

use axum::{
    extract::{Extension, Request, State},
    http::{HeaderName, HeaderValue, StatusCode, header::RETRY_AFTER},
    middleware::Next,
    response::{IntoResponse, Response},
};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

/// The largest head of a request, in bytes.
pub(super) const LARGEST_HEAD: usize = 32 << 10;

/// The largest request that is read, in bytes: fifty changes with their texts are some tens of thousands.
pub(super) const LARGEST_REQUEST: usize = 1 << 20;

/// How often a stream that has nothing to say shows that it is there.
pub(super) const KEEP_ALIVE: Duration = Duration::from_secs(15);

/// How long a client may pause while it sends a request's body.
pub(super) const BODY: Duration = Duration::from_secs(10);

/// How long an answer may take until it begins.
pub(super) const ANSWER: Duration = Duration::from_mins(5);

/// Of how many clients the past is remembered; beyond that, those are forgotten that have not asked lately.
const REMEMBERED: usize = 10_000;

/// The address that a connection comes from.
#[derive(Debug, Clone, Copy)]
pub(super) struct Peer(pub(super) IpAddr);

/// How many requests a second each address may send, and as many again at once.
pub(super) type Rate = Arc<DefaultKeyedRateLimiter<IpAddr>>;

pub(super) fn rate(a_second: NonZeroU32) -> Rate {
    let burst = a_second.saturating_mul(const { NonZeroU32::MIN.saturating_add(1) });
    Arc::new(RateLimiter::keyed(Quota::per_second(a_second).allow_burst(burst)))
}

/// Hands a request on, unless its client has sent too many.
pub(super) async fn check(
    State(rate): State<Rate>,
    peer: Option<Extension<Peer>>,
    request: Request,
    next: Next,
) -> Response {
    let key = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |Extension(Peer(address))| network(address));
    if rate.len() > REMEMBERED {
        rate.retain_recent();
    }
    if rate.check_key(&key).is_err() {
        let refused = (StatusCode::TOO_MANY_REQUESTS, [(RETRY_AFTER, "1")], "too many requests: see `--rate`\n");
        return refused.into_response();
    }
    next.run(request).await
}

/// Hands a request on, unless its head is too large. The parser's own limit is coarser: it counts the buffer that it has.
pub(in crate::mcp) async fn head(request: Request, next: Next) -> Response {
    let line = request.method().as_str().len() + request.uri().to_string().len() + " HTTP/1.1\r\n".len() + 1;
    let field = |(name, value): (&HeaderName, &HeaderValue)| name.as_str().len() + value.len() + ": \r\n".len();
    if line + request.headers().iter().map(field).sum::<usize>() + "\r\n".len() > LARGEST_HEAD {
        return (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, "a request's head has at most 32 KiB\n").into_response();
    }
    next.run(request).await
}

/// The address, or of IPv6 the network: whoever has one address there has all.
pub(super) fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => address
            .to_ipv4_mapped()
            .map_or_else(|| IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & (u128::MAX << 64))), IpAddr::V4),
    }
}
