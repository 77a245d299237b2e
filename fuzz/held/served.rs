//! A server in this process: bytes in, bytes out, over a pipe in memory and by a clock that never waits.

use std::{sync::LazyLock, time::Duration};

use pci_ask::tools::WriteTo;
use pci_compliance::mcp::Server;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _, DuplexStream},
    runtime::Runtime,
    time::timeout,
};

use crate::stacks::FLEET;

/// What a pipe holds before whoever writes has to wait.
pub const PIPE: usize = 1 << 16;

/// The server, of the demo and of a stack with secrets.
pub static SERVER: LazyLock<Server> = LazyLock::new(|| Server::new(FLEET.clone(), None, false, WriteTo::Nowhere));

/// A runtime whose clock stands still while there is something to do, and else goes on to whatever is due.
pub fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).max_blocking_threads(2).build().expect("a runtime")
}

/// Sends `bytes` into `pipe`, and gives what comes back until nothing does for a minute, or it is very much.
pub async fn exchange(pipe: DuplexStream, bytes: &[u8]) -> Vec<u8> {
    /// Beyond this a stream is one that never ends.
    const MOST: usize = 4 << 20;
    let (mut from, mut to) = tokio::io::split(pipe);
    let send = async {
        // Whoever refuses may close before all is sent.
        let _ = to.write_all(bytes).await;
        let _ = to.flush().await;
    };
    let receive = async {
        let (mut said, mut chunk) = (Vec::new(), vec![0; PIPE]);
        while said.len() < MOST {
            match timeout(Duration::from_secs(11), from.read(&mut chunk)).await {
                Ok(Ok(count)) if count > 0 => said.extend_from_slice(&chunk[..count]),
                _ => break,
            }
        }
        said
    };
    tokio::join!(send, receive).1
}
