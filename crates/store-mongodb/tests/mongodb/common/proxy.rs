//! A proxy before the server, with TLS if wanted, that can stop passing on what it gets, or cut a
//! connection right after a commit was done and before its answer comes through.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicU32, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

const PASS: u8 = 0;
const STALL: u8 = 1;
const CUT: u8 = 2;
const CUT_AND_STALL: u8 = 3;

/// A running proxy.
pub struct Proxy {
    pub port: u16,
    state: Arc<State>,
}

struct State {
    mode: AtomicU8,
    cuts: AtomicU32,
}

impl State {
    /// If this is the commit to cut: what comes after it.
    fn cut(&self) -> Option<u8> {
        [(CUT, PASS), (CUT_AND_STALL, STALL)]
            .into_iter()
            .find(|(mode, _)| {
                let cut =
                    self.mode
                        .compare_exchange(*mode, PASS, Ordering::SeqCst, Ordering::SeqCst);
                cut.is_ok()
            })
            .map(|(_, then)| then)
    }
}

impl Proxy {
    /// Before the server at `target` (a host and a port).
    pub async fn before(target: &str, tls: Option<TlsAcceptor>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(State {
            mode: AtomicU8::new(PASS),
            cuts: AtomicU32::new(0),
        });
        let (target, shared) = (target.to_owned(), Arc::clone(&state));
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let (target, tls, state) = (target.clone(), tls.clone(), Arc::clone(&shared));
                tokio::spawn(async move {
                    let Ok(server) = TcpStream::connect(&target).await else {
                        return;
                    };
                    match tls {
                        None => pass(client, server, &state).await,
                        Some(tls) => {
                            if let Ok(client) = tls.accept(client).await {
                                pass(client, server, &state).await;
                            }
                        }
                    }
                });
            }
        });
        Self { port, state }
    }

    /// From now on nothing comes through.
    pub fn stall(&self) {
        self.state.mode.store(STALL, Ordering::SeqCst);
    }

    /// All comes through again.
    pub fn pass(&self) {
        self.state.mode.store(PASS, Ordering::SeqCst);
    }

    /// The answer to the next commit is lost.
    pub fn cut_next_commit(&self) {
        self.state.mode.store(CUT, Ordering::SeqCst);
    }

    /// The answer to the next commit is lost, and from then on nothing comes through.
    pub fn cut_next_commit_and_stall(&self) {
        self.state.mode.store(CUT_AND_STALL, Ordering::SeqCst);
    }

    /// How many answers to commits were lost.
    pub fn cuts(&self) -> u32 {
        self.state.cuts.load(Ordering::SeqCst)
    }
}

async fn pass<C>(mut client: C, mut server: TcpStream, state: &State)
where
    C: AsyncRead + AsyncWrite + Unpin,
{
    let (mut up, mut down) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    loop {
        tokio::select! {
            read = client.read(&mut up) => {
                let Ok(count @ 1..) = read else { return };
                hold(state).await;
                if server.write_all(&up[..count]).await.is_err() {
                    return;
                }
                let is_commit = up[..count].windows(17).any(|word| word == b"commitTransaction");
                if is_commit && let Some(then) = state.cut() {
                    // The server has done it when it answers.
                    let _ = server.read(&mut down).await;
                    state.mode.store(then, Ordering::SeqCst);
                    state.cuts.fetch_add(1, Ordering::SeqCst);
                    return;
                }
            }
            read = server.read(&mut down) => {
                let Ok(count @ 1..) = read else { return };
                hold(state).await;
                if client.write_all(&down[..count]).await.is_err() {
                    return;
                }
            }
        }
    }
}

async fn hold(state: &State) {
    while state.mode.load(Ordering::SeqCst) == STALL {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
