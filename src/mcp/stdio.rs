//! Standard input and output: a message a line. What is no message is answered as JSON-RPC has it, where the SDK's transport
//! says nothing and the client waits.

use futures::{
    Sink, SinkExt as _, Stream, StreamExt as _,
    channel::mpsc::{self, SendError, Sender},
    stream,
};
use rmcp::{
    ErrorData,
    model::{ClientJsonRpcMessage, ServerJsonRpcMessage},
};
use tokio::{
    io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader},
    task::JoinHandle,
};

use super::message;

/// The longest line that is read, in bytes: far more than any client sends.
const LONGEST: usize = 16 << 20;

/// How many messages may wait to be written; whoever has another waits.
const WAITING: usize = 16;

/// The messages that are read from `input`, one a line, and where messages for `output` go. The task ends when all of them
/// are written.
pub(super) fn transport(
    input: impl AsyncRead + Unpin + Send + 'static,
    output: impl AsyncWrite + Unpin + Send + 'static,
) -> (
    (
        impl Sink<ServerJsonRpcMessage, Error = SendError> + Unpin + 'static,
        impl Stream<Item = ClientJsonRpcMessage> + Unpin,
    ),
    JoinHandle<()>,
) {
    let (outbound, outbox) = mpsc::channel(WAITING);
    let written = tokio::spawn(write(output, outbox));
    let lines = Lines { input: BufReader::new(input), answers: outbound.clone() };
    let messages = stream::unfold(lines, |mut lines| async { lines.next().await.map(|message| (message, lines)) });
    ((outbound, Box::pin(messages)), written)
}

/// Writes `messages` to `output`, until there are no more or nobody reads them.
async fn write(mut output: impl AsyncWrite + Unpin, mut messages: mpsc::Receiver<ServerJsonRpcMessage>) {
    while let Some(message) = messages.next().await {
        let Ok(mut line) = serde_json::to_vec(&message) else { continue };
        line.push(b'\n');
        if output.write_all(&line).await.is_err() || output.flush().await.is_err() {
            return;
        }
    }
}

struct Lines<Input> {
    input: BufReader<Input>,
    /// Where errors go.
    answers: Sender<ServerJsonRpcMessage>,
}

/// A line of input.
enum Line {
    Whole(Vec<u8>),
    TooLong,
    /// There is no more, or it can't be read.
    None,
}

impl<Input: AsyncRead + Unpin> Lines<Input> {
    /// The next message. Lines that are none are answered meanwhile.
    async fn next(&mut self) -> Option<ClientJsonRpcMessage> {
        loop {
            let parsed = match self.line().await {
                Line::None => return None,
                Line::TooLong => {
                    let what = format!("a line has at most {} MiB", LONGEST >> 20);
                    Err(Box::new(ServerJsonRpcMessage::error(ErrorData::parse_error(what, None), None)))
                }
                Line::Whole(line) => {
                    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
                    if line.is_empty() {
                        continue;
                    }
                    message::parse(line)
                }
            };
            match parsed {
                Ok(message) => return Some(message),
                Err(error) => self.answers.send(*error).await.ok()?,
            }
        }
    }

    /// The next line. What is beyond [`LONGEST`] is passed over, and never kept. A line that the input ends in is none.
    async fn line(&mut self) -> Line {
        let (mut line, mut is_too_long) = (Vec::new(), false);
        loop {
            let Ok(read) = self.input.fill_buf().await else { return Line::None };
            let end = read.iter().position(|byte| *byte == b'\n');
            if read.is_empty() {
                return Line::None;
            }
            let part = &read[..end.unwrap_or(read.len())];
            is_too_long |= line.len() + part.len() > LONGEST;
            if is_too_long {
                line = Vec::new();
            } else {
                line.extend_from_slice(part);
            }
            let length = part.len() + usize::from(end.is_some());
            self.input.consume(length);
            if end.is_some() {
                return if is_too_long { Line::TooLong } else { Line::Whole(line) };
            }
        }
    }
}
