//! Accepts connections, no more at once than are allowed, until the server drains.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::JoinSet;
use tokio::time::sleep;

use super::connection::Connections;
use super::drain::{Drain, Phase};

/// How long to wait when the system has no file descriptor left.
const OUT_OF_FILES: Duration = Duration::from_millis(50);

/// Accepts until the phase `until` comes, then gives the connections that are still open.
pub(super) async fn accept(
    listener: TcpListener,
    connections: Arc<Connections>,
    max_connections: usize,
    drain: Drain,
    until: Phase,
) -> JoinSet<()> {
    let mut open = JoinSet::new();
    let free = Arc::new(Semaphore::new(max_connections.min(Semaphore::MAX_PERMITS)));
    let mut stop = std::pin::pin!(drain.reached(until));
    loop {
        let accepted = tokio::select! {
            biased;
            () = stop.as_mut() => break,
            Some(_) = open.join_next(), if !open.is_empty() => continue,
            accepted = next(&listener, &free) => accepted,
        };
        match accepted {
            Ok((stream, peer, permit)) => spawn(&mut open, &connections, stream, peer, permit),
            // The client gave up while it waited.
            Err(error) if is_of_one_connection(&error) => {}
            Err(error) => {
                tracing::warn!(%error, "no connection can be accepted for now");
                sleep(OUT_OF_FILES).await;
            }
        }
    }
    take_those_that_wait(listener, &mut open, &connections, &free);
    open
}

async fn next(
    listener: &TcpListener,
    free: &Arc<Semaphore>,
) -> io::Result<(TcpStream, SocketAddr, Option<OwnedSemaphorePermit>)> {
    // The semaphore is never closed.
    let permit = Arc::clone(free).acquire_owned().await.ok();
    let (stream, peer) = listener.accept().await?;
    Ok((stream, peer, permit))
}

fn spawn(
    open: &mut JoinSet<()>,
    connections: &Arc<Connections>,
    stream: TcpStream,
    peer: SocketAddr,
    permit: Option<OwnedSemaphorePermit>,
) {
    let connections = Arc::clone(connections);
    open.spawn(async move {
        connections.serve(stream, peer).await;
        drop(permit);
    });
}

/// To its client, a connection that waits to be accepted is open: it may have sent a request. Closing
/// the listener would reset it.
fn take_those_that_wait(
    listener: TcpListener,
    open: &mut JoinSet<()>,
    connections: &Arc<Connections>,
    free: &Arc<Semaphore>,
) {
    let Ok(listener) = listener.into_std() else {
        return;
    };
    while let Ok((stream, peer)) = listener.accept() {
        let permit = Arc::clone(free).try_acquire_owned().ok();
        if stream.set_nonblocking(true).is_ok()
            && let Ok(stream) = TcpStream::from_std(stream)
        {
            spawn(open, connections, stream, peer, permit);
        }
    }
}

fn is_of_one_connection(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::ConnectionAborted
            | io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionRefused
            | io::ErrorKind::Interrupted
    )
}
