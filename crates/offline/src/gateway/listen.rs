//! Takes connections and gives each request to the gateway. One request a connection: what is read
//! before the end of its head is kept, since hyper makes header names small, and REST APIs don't.

use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderName, HeaderValue, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use jiff::Timestamp;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::{Gateway, Incoming, MAX_REQUEST, Outgoing};

/// The longest head of a request that is kept, in bytes.
const MAX_HEAD: usize = 64 * 1024;

/// How long no connection is taken after one could not be.
const PAUSE: Duration = Duration::from_millis(50);

/// Serves an API until it is dropped.
pub(crate) async fn listen(listener: TcpListener, gateway: Arc<Gateway>, clock: fn() -> Timestamp) {
    let mut open = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => match accepted {
                Ok((stream, peer)) => {
                    let gateway = Arc::clone(&gateway);
                    open.spawn(connection(stream, peer, gateway, clock));
                }
                // A client that gave up while it waited; or no file descriptor is left for now.
                Err(_) => tokio::time::sleep(PAUSE).await,
            },
            Some(_) = open.join_next(), if !open.is_empty() => {}
        }
    }
}

async fn connection(
    stream: TcpStream,
    peer: SocketAddr,
    gateway: Arc<Gateway>,
    clock: fn() -> Timestamp,
) {
    let local = stream.local_addr().unwrap_or(peer);
    let head = Arc::new(Mutex::new(Vec::new()));
    let stream = Kept {
        stream,
        head: Arc::clone(&head),
    };
    let service = service_fn(move |request: Request<hyper::body::Incoming>| {
        let (gateway, head) = (Arc::clone(&gateway), Arc::clone(&head));
        async move {
            let (parts, body) = request.into_parts();
            let written = names(&head.lock().unwrap_or_else(PoisonError::into_inner));
            let limited = Limited::new(body, MAX_REQUEST).collect().await;
            let (body, too_large) = match limited {
                Ok(body) => (body.to_bytes(), false),
                Err(error) => (Bytes::new(), error.is::<http_body_util::LengthLimitError>()),
            };
            let request = Incoming {
                id: crate::chance::uuid(),
                method: parts.method.to_string(),
                path: parts.uri.path().to_owned(),
                query: parts.uri.query().map(str::to_owned),
                headers: headers(&parts.headers, &written),
                body,
                peer,
                local,
                received: clock(),
            };
            // As on Lambda, a client that goes away ends nothing.
            let answering = tokio::spawn(async move { gateway.answer(request, too_large).await });
            let answer = answering
                .await
                .unwrap_or_else(|_| Outgoing::text(500, "text/plain", ""));
            Ok::<_, Infallible>(response(answer))
        }
    });
    // A connection that breaks is the client's affair.
    let _ = http1::Builder::new()
        .keep_alive(false)
        .max_buf_size(MAX_HEAD)
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

fn response(answer: Outgoing) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(answer.body));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::BAD_GATEWAY);
    for (name, value) in &answer.headers {
        let name = HeaderName::from_bytes(name.as_bytes());
        if let (Ok(name), Ok(value)) = (name, HeaderValue::from_bytes(value.as_bytes())) {
            response.headers_mut().append(name, value);
        }
    }
    response
}

/// The headers under the names that the client wrote.
fn headers(headers: &http::HeaderMap, written: &[String]) -> Vec<(String, String)> {
    let text = |value: &HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let name = |name: &HeaderName| {
        let same = written
            .iter()
            .find(|written| written.eq_ignore_ascii_case(name.as_str()));
        same.cloned().unwrap_or_else(|| name.to_string())
    };
    headers
        .iter()
        .map(|(own, value)| (name(own), text(value)))
        .collect()
}

/// The names of the headers in a head.
fn names(head: &[u8]) -> Vec<String> {
    let head = String::from_utf8_lossy(head);
    let lines = head.lines().skip(1).take_while(|line| !line.is_empty());
    lines
        .filter_map(|line| Some(line.split_once(':')?.0.trim().to_owned()))
        .collect()
}

/// A stream that keeps the beginning of what is read from it.
struct Kept {
    stream: TcpStream,
    head: Arc<Mutex<Vec<u8>>>,
}

impl AsyncRead for Kept {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let polled = Pin::new(&mut self.stream).poll_read(context, buffer);
        let mut head = self.head.lock().unwrap_or_else(PoisonError::into_inner);
        let room = MAX_HEAD.saturating_sub(head.len());
        head.extend(buffer.filled().iter().skip(before).take(room));
        drop(head);
        polled
    }
}

impl AsyncWrite for Kept {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
