//! A client that costs as little as it can beside the server: one HTTP/1.1 connection, one request
//! at a time.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use http_body_util::{BodyExt, Full};
use hyper::body::Bytes;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;

/// Nothing that is measured takes longer, unless it hangs.
const PATIENCE: Duration = Duration::from_secs(30);

/// One connection.
pub struct Client {
    sender: SendRequest<Full<Bytes>>,
    address: SocketAddr,
}

/// What to send.
#[derive(Clone)]
pub struct Call {
    method: &'static str,
    path: &'static str,
    body: Bytes,
    bearer: Option<String>,
}

impl Call {
    /// A POST of JSON.
    pub fn post(path: &'static str, body: &Value) -> Self {
        let body = Bytes::from(body.to_string());
        Self {
            method: "POST",
            path,
            body,
            bearer: None,
        }
    }

    /// A GET.
    pub fn get(path: &'static str) -> Self {
        Self {
            method: "GET",
            path,
            body: Bytes::new(),
            bearer: None,
        }
    }

    /// With this access token.
    pub fn bearer(mut self, token: &str) -> Self {
        self.bearer = Some(format!("Bearer {token}"));
        self
    }
}

impl Client {
    pub async fn connect(address: SocketAddr) -> Self {
        let stream = TcpStream::connect(address)
            .await
            .expect("the server accepts");
        stream.set_nodelay(true).expect("nodelay");
        let (sender, connection) = handshake(TokioIo::new(stream)).await.expect("handshake");
        tokio::spawn(connection);
        Self { sender, address }
    }

    /// Sends a call; gives the status, the body and how long it took.
    pub async fn send(&mut self, call: &Call) -> (u16, Bytes, Duration) {
        let mut request = hyper::Request::builder()
            .method(call.method)
            .uri(call.path)
            .header("host", self.address.to_string());
        if !call.body.is_empty() {
            request = request.header("content-type", "application/json");
        }
        if let Some(bearer) = &call.bearer {
            request = request.header("authorization", bearer);
        }
        let request = request
            .body(Full::new(call.body.clone()))
            .expect("a request");
        let start = Instant::now();
        let answer = async {
            self.sender.ready().await.expect("the connection is open");
            let answer = self.sender.send_request(request).await.expect("an answer");
            let status = answer.status().as_u16();
            let body = answer.into_body().collect().await.expect("a body");
            (status, body.to_bytes())
        };
        let (status, body) = timeout(PATIENCE, answer).await.expect("an answer in time");
        (status, body, start.elapsed())
    }

    /// Sends a call that must answer with `status` and JSON.
    pub async fn expect(&mut self, call: &Call, status: u16) -> Value {
        let (got, body, _) = self.send(call).await;
        assert_eq!(
            got,
            status,
            "{}: {}",
            call.path,
            String::from_utf8_lossy(&body)
        );
        serde_json::from_slice(&body).expect("JSON")
    }
}
