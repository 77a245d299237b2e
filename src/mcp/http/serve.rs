//! Connections: so many at a time, none that takes its time with its headers, and a stop that lets answers finish.

use std::{future::Future, io, net::IpAddr, sync::Arc, time::Duration};

use axum::{Router, http::Request};
use hyper::body::Incoming;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::{GracefulConnection, GracefulShutdown},
    service::TowerToHyperService,
};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tracing::{debug, warn};

use super::limits::Peer;

/// How many connections may be open at a time; others wait to be accepted.
const MOST_CONNECTIONS: usize = 4_096;

/// How many descriptors are kept for files, where a process may have so few that connections would take them all.
const KEPT: usize = 64;

/// The largest head of a request, in bytes.
const LARGEST_HEAD: usize = 32 << 10;

/// How long a client may take to send a request's headers.
const HEADERS: Duration = Duration::from_secs(10);

/// How long answers that are being computed may take after the server was told to stop.
const FINISH: Duration = Duration::from_secs(20);

/// How long answers that are there may take to be sent before streams are ended.
const SEND: Duration = Duration::from_millis(300);

/// How long connections may take to end after that.
const FLUSH: Duration = Duration::from_secs(2);

/// How long to wait after a connection could not be accepted, mostly since there are no descriptors left.
const BREATHE: Duration = Duration::from_millis(100);

/// How a server comes to its end.
pub struct Stop<Told, Rest> {
    /// Completes when the server is to stop.
    pub told: Told,
    /// Completes when no answer is being computed any more.
    pub at_rest: Rest,
    /// Ends all streams.
    pub streams: CancellationToken,
}

/// Serves `routes` on `listener` until it is told to stop: then takes no more connections, lets answers finish that are
/// being computed, ends what streams are left, and returns.
pub async fn serve<Told, Rest>(listener: TcpListener, routes: Router, stop: Stop<Told, Rest>)
where
    Told: Future<Output = ()>,
    Rest: Future<Output = ()>,
{
    let Stop { told, at_rest, streams } = stop;
    let connections = GracefulShutdown::new();
    let places = Arc::new(Semaphore::new(most_connections()));
    let accept = async {
        loop {
            // The semaphore is never closed.
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            match listener.accept().await {
                Ok((stream, peer)) => {
                    let connection = connections.watch(connection(stream, peer.ip(), routes.clone()));
                    tokio::spawn(async move {
                        let _place = place;
                        if let Err(error) = connection.await {
                            debug!(%error, "a connection ended early");
                        }
                    });
                }
                Err(error) if is_of_one_connection(&error) => {}
                Err(error) => {
                    warn!(%error, "no connection can be accepted");
                    sleep(BREATHE).await;
                }
            }
        }
    };
    tokio::select! {
        () = told => {}
        () = accept => {}
    }
    drop(listener);
    let rested = timeout(FINISH, at_rest).await;
    let closed = connections.shutdown();
    tokio::pin!(closed);
    // What is still computed is given up; else there may be answers on their way, and streams that would never end.
    if rested.is_err() || timeout(SEND, &mut closed).await.is_err() {
        streams.cancel();
        let _ = timeout(FLUSH, &mut closed).await;
    }
}

/// As many as there are descriptors for, of which this process takes all that it may have.
fn most_connections() -> usize {
    let limit = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
    let descriptors = getrlimit(Resource::Nofile).current.and_then(|most| usize::try_from(most).ok());
    descriptors.map_or(MOST_CONNECTIONS, |most| most.saturating_sub(KEPT).clamp(1, MOST_CONNECTIONS))
}

fn connection(stream: TcpStream, peer: IpAddr, routes: Router) -> impl GracefulConnection<Error = hyper::Error> {
    // Answers are small, and whoever asked waits for them.
    let _ = stream.set_nodelay(true);
    let routes = routes.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(LARGEST_HEAD)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes))
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
