//! Stands between the stores and their server, forwards bytes, and breaks things on demand: cuts a
//! connection after a request went through and before its answer came back, cuts it at once, slows
//! answers down, or holds everything. It knows no protocol, so it serves every engine.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use crate::failure::Outcome;

/// How a connection is cut.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// The request goes through, the server answers, and the answer is lost: it was done.
    Answer,
    /// The same, of a request that asks for a commit, if one comes along soon.
    CommitAnswer,
    /// The request goes through, and the connection is closed at once: it may be done or not.
    AfterRequest,
    /// The request itself is lost: it was not done.
    Request,
}

impl Cut {
    /// All, in turn.
    pub const ALL: [Self; 4] = [
        Self::Answer,
        Self::CommitAnswer,
        Self::AfterRequest,
        Self::Request,
    ];
}

/// What the words for a commit look like on the wire.
const COMMITS: [&[u8]; 4] = [b"COMMIT", b"commit", b"Transact", b"xecuteStatement"];
/// How long a cut at a commit waits for one.
const COMMIT_PATIENCE: Duration = Duration::from_millis(400);

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct State {
    /// Nobody gets through, and nobody who was is connected any more.
    is_closed: bool,
    /// Bytes wait.
    is_stalled: bool,
    /// How long each answer is held.
    delay: Duration,
    /// Counts up when all connections are to be cut.
    generation: u64,
}

struct Shared {
    target: SocketAddr,
    state: watch::Sender<State>,
    armed: Mutex<VecDeque<(Cut, tokio::time::Instant)>>,
    cuts: AtomicU64,
}

/// A running proxy. It ends when it is dropped.
pub struct Proxy {
    port: u16,
    shared: Arc<Shared>,
    accepting: JoinHandle<()>,
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.accepting.abort();
        self.cut_all();
    }
}

impl Proxy {
    /// A proxy to a port of this machine, on a port of its own.
    pub async fn start(target: u16) -> Outcome<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        let shared = Arc::new(Shared {
            target: SocketAddr::from(([127, 0, 0, 1], target)),
            state: watch::Sender::new(State::default()),
            armed: Mutex::default(),
            cuts: AtomicU64::new(0),
        });
        let accepting = tokio::spawn(accept(listener, Arc::clone(&shared)));
        Ok(Self {
            port,
            shared,
            accepting,
        })
    }

    /// Where it listens.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// Cuts the connection that next sends something.
    pub fn arm(&self, cut: Cut) {
        let mut armed = lock(&self.shared.armed);
        armed.push_back((cut, tokio::time::Instant::now()));
    }

    /// How many connections were cut.
    pub fn cuts(&self) -> u64 {
        self.shared.cuts.load(Ordering::Relaxed)
    }

    /// Holds each answer so long.
    pub fn delay(&self, delay: Duration) {
        self.shared.state.send_modify(|state| state.delay = delay);
    }

    /// Holds everything, or lets it go again.
    pub fn stall(&self, is_stalled: bool) {
        let change = |state: &mut State| state.is_stalled = is_stalled;
        self.shared.state.send_modify(change);
    }

    /// Lets nobody through, as if the server were gone; or lets them through again.
    pub fn close(&self, is_closed: bool) {
        self.shared.state.send_modify(|state| {
            state.is_closed = is_closed;
            state.generation += 1;
        });
    }

    /// Cuts all connections at once.
    pub fn cut_all(&self) {
        self.shared.state.send_modify(|state| state.generation += 1);
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn accept(listener: TcpListener, shared: Arc<Shared>) {
    while let Ok((client, _)) = listener.accept().await {
        if shared.state.borrow().is_closed {
            continue;
        }
        let shared = Arc::clone(&shared);
        tokio::spawn(async move {
            // A connection that ends is nothing to report.
            let _ = serve(client, &shared).await;
        });
    }
}

async fn serve(mut client: TcpStream, shared: &Shared) -> std::io::Result<()> {
    let mut state = shared.state.subscribe();
    let mut ended = shared.state.subscribe();
    let generation = state.borrow().generation;
    let mut server = TcpStream::connect(shared.target).await?;
    client.set_nodelay(true)?;
    server.set_nodelay(true)?;
    let (mut up, mut down) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let sent = up.get(..read?).unwrap_or_default();
                if sent.is_empty() {
                    return Ok(());
                }
                wait_while_stalled(&mut state, generation).await;
                let cut = shared.due(sent);
                if cut.is_some() {
                    shared.cuts.fetch_add(1, Ordering::Relaxed);
                }
                if cut == Some(Cut::Request) {
                    return Ok(());
                }
                server.write_all(sent).await?;
                match cut {
                    None => {}
                    Some(Cut::Answer | Cut::CommitAnswer) => {
                        let lost = server.read(&mut down);
                        let _ = timeout(Duration::from_secs(1), lost).await;
                        return Ok(());
                    }
                    Some(Cut::AfterRequest | Cut::Request) => return Ok(()),
                }
            }
            read = server.read(&mut down) => {
                let answered = down.get(..read?).unwrap_or_default();
                if answered.is_empty() {
                    return Ok(());
                }
                let delay = state.borrow().delay;
                if !delay.is_zero() {
                    sleep(delay).await;
                }
                wait_while_stalled(&mut state, generation).await;
                client.write_all(answered).await?;
            }
            () = wait_until_cut(&mut ended, generation) => return Ok(()),
        }
    }
}

async fn wait_until_cut(state: &mut watch::Receiver<State>, generation: u64) {
    let _ = state.wait_for(|state| state.generation != generation).await;
}

async fn wait_while_stalled(state: &mut watch::Receiver<State>, generation: u64) {
    let free = |state: &State| !state.is_stalled || state.generation != generation;
    let _ = state.wait_for(free).await;
}

impl Shared {
    /// The cut that these bytes are to meet, if any.
    fn due(&self, sent: &[u8]) -> Option<Cut> {
        let mut armed = lock(&self.armed);
        let (cut, since) = *armed.front()?;
        let is_commit = || {
            let has = |word: &&[u8]| sent.windows(word.len()).any(|part| part == *word);
            COMMITS.iter().any(has)
        };
        if cut == Cut::CommitAnswer && since.elapsed() < COMMIT_PATIENCE && !is_commit() {
            return None;
        }
        armed.pop_front();
        Some(cut)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A server that answers each request with the same bytes, and a client behind a proxy.
    async fn echo() -> (Proxy, JoinHandle<()>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let server = tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                tokio::spawn(async move {
                    let mut bytes = [0; 64];
                    while let Ok(read) = stream.read(&mut bytes).await {
                        if read == 0 || stream.write_all(&bytes[..read]).await.is_err() {
                            break;
                        }
                    }
                });
            }
        });
        (Proxy::start(port).await.unwrap(), server)
    }

    async fn ask(proxy: &Proxy) -> Vec<u8> {
        let mut stream = TcpStream::connect(("127.0.0.1", proxy.port()))
            .await
            .unwrap();
        stream.write_all(b"hello").await.unwrap();
        let mut bytes = vec![0; 64];
        let read = timeout(Duration::from_secs(5), stream.read(&mut bytes)).await;
        let read = read.unwrap().unwrap_or(0);
        bytes.truncate(read);
        bytes
    }

    #[tokio::test]
    async fn bytes_go_through_until_a_cut_is_armed_and_then_again() {
        let (proxy, server) = echo().await;
        for cut in Cut::ALL {
            assert_eq!(ask(&proxy).await, b"hello");
            proxy.arm(cut);
            if cut == Cut::CommitAnswer {
                sleep(COMMIT_PATIENCE).await;
            }
            assert_eq!(ask(&proxy).await, b"", "{cut:?}");
        }
        assert_eq!(ask(&proxy).await, b"hello");
        assert_eq!(proxy.cuts(), 4);
        server.abort();
    }

    #[tokio::test]
    async fn a_closed_proxy_lets_nobody_through() {
        let (proxy, server) = echo().await;
        proxy.close(true);
        assert_eq!(ask(&proxy).await, b"");
        proxy.close(false);
        assert_eq!(ask(&proxy).await, b"hello");
        server.abort();
    }
}
