//! Clients that keep their connections and ask one thing after the other, as fast as they are answered:
//! `cargo run --release --example load -- ADDRESS CLIENTS (--seconds N | --calls N) < REQUESTS`.
//!
//! `REQUESTS` has a whole HTTP request a line, each as a JSON string; each client sends them in turn, and begins with
//! another. It prints what came of it as JSON. Who is told that the server is busy asks again after a while.

use std::{
    cell::Cell,
    error::Error,
    io::{self, BufRead as _, Write as _},
    net::SocketAddr,
    rc::Rc,
    time::{Duration, Instant},
};

use futures::future::join_all;
use serde_json::{Value, json};
use tokio::{net::TcpStream, time::sleep};

/// After what time a client asks again that the server was too busy for.
const AGAIN: Duration = Duration::from_millis(10);

/// Answers shorter than this may be that the server is busy.
const SHORT: usize = 500;

type Fallible<T> = Result<T, Box<dyn Error>>;

/// What all clients still may.
struct Left {
    until: Option<Instant>,
    calls: Cell<usize>,
}

impl Left {
    fn take(&self) -> bool {
        let calls = self.calls.get();
        self.calls.set(calls.saturating_sub(1));
        calls > 0 && self.until.is_none_or(|until| Instant::now() < until)
    }
}

/// What came of the calls of one client.
#[derive(Default)]
struct Outcome {
    lasted: Vec<Duration>,
    turned_away: usize,
    bytes: usize,
}

/// One connection, and what it has received that is not read yet.
struct Client {
    stream: TcpStream,
    received: Vec<u8>,
}

impl Client {
    async fn send(&self, mut request: &[u8]) -> io::Result<()> {
        while !request.is_empty() {
            self.stream.writable().await?;
            match self.stream.try_write(request) {
                Ok(sent) => request = &request[sent..],
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn receive(&mut self) -> io::Result<()> {
        self.stream.readable().await?;
        let received = self.received.len();
        self.received.reserve(64 << 10);
        match self.stream.try_read_buf(&mut self.received) {
            Ok(_) if self.received.len() == received => Err(io::ErrorKind::UnexpectedEof.into()),
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            _ => Ok(()),
        }
    }

    /// The body of the next response, which must be an answer.
    async fn answer(&mut self) -> Fallible<&[u8]> {
        self.received.clear();
        let head = loop {
            match find(&self.received, b"\r\n\r\n") {
                Some(end) => break end + 4,
                None => self.receive().await?,
            }
        };
        let text = std::str::from_utf8(&self.received[..head])?.to_ascii_lowercase();
        if !text.starts_with("http/1.1 200 ") {
            return Err(format!("not an answer: {text}").into());
        }
        let length = text.lines().find_map(|line| line.strip_prefix("content-length:"));
        let end = head + length.ok_or("an answer of unknown length")?.trim().parse::<usize>()?;
        while self.received.len() < end {
            self.receive().await?;
        }
        Ok(&self.received[head..end])
    }
}

fn find(text: &[u8], what: &[u8]) -> Option<usize> {
    text.windows(what.len()).position(|part| part == what)
}

async fn client(address: SocketAddr, requests: Rc<[String]>, first: usize, left: Rc<Left>) -> Fallible<Outcome> {
    let stream = TcpStream::connect(address).await?;
    stream.set_nodelay(true)?;
    let mut client = Client { stream, received: Vec::new() };
    let mut outcome = Outcome::default();
    for request in requests.iter().cycle().skip(first % requests.len()) {
        while left.take() {
            let begun = Instant::now();
            client.send(request.as_bytes()).await?;
            let answer = client.answer().await?;
            let is_answer = answer.len() > SHORT || find(answer, b"\"isError\":true").is_none();
            if is_answer {
                if find(&answer[..answer.len().min(SHORT)], b"\"error\":").is_some() {
                    return Err(String::from_utf8_lossy(answer).into());
                }
                outcome.lasted.push(begun.elapsed());
                outcome.bytes += answer.len();
                break;
            }
            if find(answer, b"the server is busy").is_none() {
                return Err(String::from_utf8_lossy(answer).into());
            }
            outcome.turned_away += 1;
            sleep(AGAIN).await;
        }
        if left.calls.get() == 0 || left.until.is_some_and(|until| Instant::now() >= until) {
            break;
        }
    }
    Ok(outcome)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Fallible<()> {
    const USAGE: &str = "usage: load ADDRESS CLIENTS (--seconds N | --calls N) < REQUESTS";
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, clients, unit, most] = arguments.as_slice() else { return Err(USAGE.into()) };
    let (until, calls) = match unit.as_str() {
        "--seconds" => (Some(Instant::now() + Duration::from_secs_f64(most.parse()?)), usize::MAX),
        "--calls" => (None, most.parse()?),
        _ => return Err(USAGE.into()),
    };
    let lines = io::stdin().lock().lines();
    let requests: Vec<String> = lines.map(|line| Ok(serde_json::from_str(&line?)?)).collect::<Fallible<_>>()?;
    if requests.is_empty() {
        return Err("no requests".into());
    }
    let (address, requests): (SocketAddr, Rc<[String]>) = (address.parse()?, requests.into());
    let left = Rc::new(Left { until, calls: Cell::new(calls) });
    let begun = Instant::now();
    let clients = (0..clients.parse()?).map(|first| client(address, Rc::clone(&requests), first, Rc::clone(&left)));
    let outcomes = join_all(clients).await.into_iter().collect::<Fallible<Vec<_>>>()?;
    let seconds = begun.elapsed().as_secs_f64();
    writeln!(io::stdout(), "{}", summed(&outcomes, seconds))?;
    Ok(())
}

fn summed(outcomes: &[Outcome], seconds: f64) -> Value {
    let mut lasted: Vec<Duration> = outcomes.iter().flat_map(|outcome| &outcome.lasted).copied().collect();
    lasted.sort_unstable();
    let at = |percent: usize| lasted.get((lasted.len() * percent / 100).min(lasted.len().saturating_sub(1)));
    let milliseconds = |percent| at(percent).map(|lasted| lasted.as_secs_f64() * 1e3);
    let sum = |of: fn(&Outcome) -> usize| outcomes.iter().map(of).sum::<usize>();
    json!({
        "calls": lasted.len(),
        "turned_away": sum(|outcome| outcome.turned_away),
        "bytes": sum(|outcome| outcome.bytes),
        "seconds": seconds,
        "p50": milliseconds(50),
        "p99": milliseconds(99),
        "worst": milliseconds(100),
    })
}
