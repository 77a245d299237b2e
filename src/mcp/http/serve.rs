//! Connections: so many at a time, none that takes its time to send headers or to read, places for those who run the server
//! however many there are, and a stop that lets answers finish.

use std::{future::Future, io, net::IpAddr, pin::Pin, time::Duration};

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
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use tracing::{debug, warn};

use super::{
    limits::{LARGEST_HEAD, Peer},
    places::{Places, Reserve},
};

/// How many connections may be open at a time; others are told to come again.
const MOST_CONNECTIONS: usize = 4_096;

/// How many more connections may be open that are answered only what those who run the server ask.
const RESERVED: usize = 32;

/// How many descriptors are kept for files, where a process may have so few that connections would take them all.
const KEPT: usize = 32;

/// How much of a head is buffered, in bytes: more than is taken, so that a head of any taken size fits.
const HEAD_BUFFER: usize = LARGEST_HEAD * 2;

/// How long a client may take to send a request's headers.
const HEADERS: Duration = Duration::from_secs(10);

/// How long a client that has not read all of an answer may read nothing.
const UNREAD: Duration = Duration::from_secs(10);

/// How long a connection beyond the places may last.
const RESERVED_FOR: Duration = Duration::from_secs(2);

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
/// being computed, ends what streams are left, and returns. Connections beyond the places are answered by `reserved`.
pub async fn serve<Told, Rest>(listener: TcpListener, routes: Router, reserved: Router, stop: Stop<Told, Rest>)
where
    Told: Future<Output = ()>,
    Rest: Future<Output = ()>,
{
    let Stop { told, at_rest, streams } = stop;
    let connections = GracefulShutdown::new();
    let (places, mut reserve) = (Places::new(most_connections()), Reserve::new(RESERVED));
    let accept = async {
        loop {
            match listener.accept().await {
                Ok((stream, peer)) => {
                    if let Some(place) = places.take(peer.ip()) {
                        let connection = connections.watch(connection(stream, peer.ip(), true, routes.clone()));
                        tokio::spawn(async move {
                            let _place = place;
                            if let Err(error) = connection.await {
                                debug!(%error, "a connection ended early");
                            }
                        });
                    } else {
                        let lost = reserve.take();
                        let connection = connection(stream, peer.ip(), false, reserved.clone());
                        let connection = timeout(RESERVED_FOR, connection);
                        tokio::spawn(async move { lost.run_until_cancelled(connection).await });
                    }
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
    descriptors.map_or(MOST_CONNECTIONS, |most| most.saturating_sub(KEPT + RESERVED).clamp(1, MOST_CONNECTIONS))
}

/// A connection, which is kept for further requests if it `lasts`.
fn connection(
    stream: TcpStream,
    peer: IpAddr,
    lasts: bool,
    routes: Router,
) -> impl GracefulConnection<Error = hyper::Error> {
    // Answers are small, and whoever asked waits for them.
    let _ = stream.set_nodelay(true);
    let mut stream: Pin<Box<_>> = Box::pin(TimeoutStream::new(stream));
    stream.as_mut().set_write_timeout_pinned(Some(UNREAD));
    let routes = routes.map_request(move |mut request: Request<Incoming>| {
        request.extensions_mut().insert(Peer(peer));
        request
    });
    hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEADERS)
        .max_buf_size(HEAD_BUFFER)
        .keep_alive(lasts)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(routes))
}

fn is_of_one_connection(error: &io::Error) -> bool {
    use io::ErrorKind::{ConnectionAborted, ConnectionRefused, ConnectionReset};
    matches!(error.kind(), ConnectionAborted | ConnectionRefused | ConnectionReset)
}
