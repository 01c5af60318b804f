//! One connection: HTTP/1.1 or HTTP/2, under TLS or not, from its acceptance to its end.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::header::CONNECTION;
use axum::http::{HeaderValue, Version};
use axum::response::Response;
use hyper::Request;
use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use hyper_util::server::conn::auto;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{sleep_until, timeout};
use tokio_rustls::TlsAcceptor;
use tower::Service as _;

use super::drain::{Drain, Phase};
use super::pulse::{KEEP_ALIVE, Pulse, Verdict};

/// The longest request line and headers, in bytes.
const MAX_HEAD: usize = 32 * 1024;
/// The most requests that one HTTP/2 connection has in flight.
const MAX_STREAMS: u32 = 128;

/// What all connections of a listener share.
pub(super) struct Connections {
    router: Router,
    tls: Option<TlsAcceptor>,
    http: auto::Builder<TokioExecutor>,
    header_timeout: Duration,
    drain: Drain,
}

impl Connections {
    pub(super) fn new(
        router: Router,
        tls: Option<TlsAcceptor>,
        http2: bool,
        header_timeout: Duration,
        drain: Drain,
    ) -> Self {
        let mut http = auto::Builder::new(TokioExecutor::new());
        http.http1().max_buf_size(MAX_HEAD);
        http.http2()
            .max_concurrent_streams(MAX_STREAMS)
            .max_header_list_size(u32::try_from(MAX_HEAD).unwrap_or(u32::MAX));
        let http = if http2 { http } else { http.http1_only() };
        Self {
            router,
            tls,
            http,
            header_timeout,
            drain,
        }
    }

    /// Serves one connection to its end.
    pub(super) async fn serve(&self, stream: TcpStream, peer: SocketAddr) {
        let begun = Instant::now();
        // Answers are small and complete: waiting to fill a packet only delays them.
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "a connection broke at once");
            return;
        }
        let Some(tls) = &self.tls else {
            return self.speak(stream, peer, begun).await;
        };
        match timeout(self.header_timeout, tls.accept(stream)).await {
            Ok(Ok(stream)) => self.speak(stream, peer, begun).await,
            Ok(Err(error)) => tracing::debug!(%error, "a TLS handshake failed"),
            Err(_) => tracing::debug!("a TLS handshake took too long"),
        }
    }

    async fn speak<S>(&self, stream: S, peer: SocketAddr, begun: Instant)
    where
        S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
    {
        let pulse = Pulse::new(begun, self.header_timeout);
        let service = service_fn(|request| self.answer(request, peer, &pulse));
        let io = TokioIo::new(Watched {
            stream,
            pulse: pulse.clone(),
        });
        let mut connection = pin!(self.http.serve_connection(io, service));
        let mut look_again = pin!(sleep_until((begun + self.header_timeout).into()));
        let mut closing = pin!(self.drain.reached(Phase::Closing));
        let mut is_leaving = false;
        loop {
            tokio::select! {
                biased;
                ended = connection.as_mut() => {
                    if let Err(error) = ended {
                        tracing::debug!(%error, "a connection broke");
                    }
                    return;
                }
                () = look_again.as_mut() => match pulse.judge(Instant::now()) {
                    Verdict::Fine(then) => look_again.as_mut().reset(then.into()),
                    Verdict::SlowHead => return tracing::debug!("headers took too long"),
                    Verdict::Idle if is_leaving => return,
                    Verdict::Idle => {
                        is_leaving = true;
                        connection.as_mut().graceful_shutdown();
                        look_again.as_mut().reset((Instant::now() + KEEP_ALIVE).into());
                    }
                },
                () = closing.as_mut(), if !is_leaving => {
                    is_leaving = true;
                    connection.as_mut().graceful_shutdown();
                }
            }
        }
    }

    fn answer(
        &self,
        request: Request<Incoming>,
        peer: SocketAddr,
        pulse: &Pulse,
    ) -> impl Future<Output = Result<Response, Infallible>> + use<> {
        let is_h2 = request.version() == Version::HTTP_2;
        let in_flight = pulse.request(is_h2);
        let drain = self.drain.clone();
        let mut request = request.map(Body::new);
        request.extensions_mut().insert(ConnectInfo(peer));
        let answer = self.router.clone().call(request);
        async move {
            let mut response = answer.await?;
            if drain.is_draining() && !is_h2 {
                response
                    .headers_mut()
                    .insert(CONNECTION, HeaderValue::from_static("close"));
            }
            drop(in_flight);
            Ok(response)
        }
    }
}

/// A stream that tells the pulse when bytes come in.
struct Watched<S> {
    stream: S,
    pulse: Pulse,
}

impl<S: AsyncRead + Unpin> AsyncRead for Watched<S> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(cx, buffer);
        if buffer.filled().len() > before {
            self.pulse.received();
        }
        read
    }
}

impl<S: AsyncWrite + Unpin> AsyncWrite for Watched<S> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(cx, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}
