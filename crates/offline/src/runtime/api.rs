//! The runtime API of Lambda for one instance: gives it its events, takes its answers. One instance
//! has one event at a time, and a server of its own, so nothing can reach another's.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;
use http::header::{HOST, ORIGIN};
use http::{HeaderMap, Method, Request, Response, StatusCode};
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use serde_json::{Value, json};
use tokio::sync::{mpsc, oneshot, watch};

/// The most that a function may answer: 6 MB, as Lambda has it.
pub(crate) const MAX_ANSWER: usize = 6 * 1024 * 1024;

/// One event on its way to the function.
#[derive(Debug)]
pub(crate) struct Event {
    pub(crate) request_id: String,
    pub(crate) deadline_ms: i64,
    pub(crate) arn: String,
    pub(crate) trace_id: String,
    pub(crate) payload: Bytes,
    pub(crate) answer: oneshot::Sender<Answer>,
}

/// What a function says to an event.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Answer {
    /// Its result, as it wrote it.
    Result(Bytes),
    /// It failed: `errorType`, `errorMessage` and the rest.
    Error(Value),
}

/// What the instance has done so far.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Phase {
    Starting,
    /// It has asked for its first event.
    Ready,
    /// It said that it can't start.
    Failed(Value),
}

#[derive(Debug)]
pub(crate) struct Api {
    events: tokio::sync::Mutex<mpsc::Receiver<Event>>,
    current: Mutex<Option<(String, oneshot::Sender<Answer>)>>,
    phase: watch::Sender<Phase>,
    address: SocketAddr,
}

impl Api {
    pub(crate) fn new(
        events: mpsc::Receiver<Event>,
        phase: watch::Sender<Phase>,
        address: SocketAddr,
    ) -> Arc<Self> {
        Arc::new(Self {
            events: events.into(),
            current: Mutex::default(),
            phase,
            address,
        })
    }

    pub(crate) async fn answer(
        self: Arc<Self>,
        request: Request<Incoming>,
    ) -> Result<Response<Full<Bytes>>, Infallible> {
        if !is_of_the_function(request.headers(), self.address) {
            return Ok(status(StatusCode::FORBIDDEN));
        }
        let path = request.uri().path().to_owned();
        let rest = path
            .strip_prefix("/2018-06-01/runtime/")
            .unwrap_or_default();
        let parts: Vec<&str> = rest.split('/').collect();
        Ok(match (request.method(), parts.as_slice()) {
            (&Method::GET, ["invocation", "next"]) => self.next().await,
            (&Method::POST, ["invocation", id, "response"]) => {
                // Buffered whole, so a streamed answer is complete before anybody sees it.
                match body(request).await {
                    Ok(bytes) => self.finish(id, Answer::Result(bytes)),
                    Err(response) => {
                        let _ = self.finish(id, too_large());
                        response
                    }
                }
            }
            (&Method::POST, ["invocation", id, "error"]) => match error(request).await {
                Ok(error) => self.finish(id, Answer::Error(error)),
                Err(response) => response,
            },
            (&Method::POST, ["init", "error"]) => match error(request).await {
                Ok(error) => {
                    self.phase.send_replace(Phase::Failed(error));
                    status(StatusCode::ACCEPTED)
                }
                Err(response) => response,
            },
            _ => status(StatusCode::NOT_FOUND),
        })
    }

    async fn next(&self) -> Response<Full<Bytes>> {
        self.phase.send_if_modified(|phase| {
            let first = *phase == Phase::Starting;
            if first {
                *phase = Phase::Ready;
            }
            first
        });
        let event = self.events.lock().await.recv().await;
        let Some(event) = event else {
            return status(StatusCode::GONE);
        };
        let response = Response::builder()
            .header("Content-Type", "application/json")
            .header("Lambda-Runtime-Aws-Request-Id", &event.request_id)
            .header("Lambda-Runtime-Deadline-Ms", event.deadline_ms)
            .header("Lambda-Runtime-Invoked-Function-Arn", event.arn)
            .header("Lambda-Runtime-Trace-Id", event.trace_id)
            .body(Full::new(event.payload));
        *self.lock() = Some((event.request_id, event.answer));
        response.unwrap_or_else(|_| status(StatusCode::INTERNAL_SERVER_ERROR))
    }

    fn finish(&self, id: &str, answer: Answer) -> Response<Full<Bytes>> {
        let mut current = self.lock();
        match current.take_if(|(current, _)| current == id) {
            // Whoever waited may have given up: the function is told nothing of that.
            Some((_, waiting)) => {
                let _ = waiting.send(answer);
                status(StatusCode::ACCEPTED)
            }
            None => document(
                StatusCode::BAD_REQUEST,
                &json!({"errorType": "InvalidRequestID", "errorMessage": "this request is not this instance's"}),
            ),
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Option<(String, oneshot::Sender<Answer>)>> {
        self.current.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether no browser can have sent it: a page that has its own name point here (DNS rebinding) names
/// another host, and any other page says where it comes from.
fn is_of_the_function(headers: &HeaderMap, address: SocketAddr) -> bool {
    let host = headers.get(HOST).and_then(|host| host.to_str().ok());
    host == Some(address.to_string().as_str())
        && !headers.contains_key(ORIGIN)
        && !headers.contains_key("sec-fetch-site")
}

fn too_large() -> Answer {
    Answer::Error(json!({
        "errorType": "Function.ResponseSizeTooLarge",
        "errorMessage": format!("Response payload size exceeded maximum allowed payload size ({MAX_ANSWER} bytes)."),
    }))
}

async fn body(request: Request<Incoming>) -> Result<Bytes, Response<Full<Bytes>>> {
    let body = Limited::new(request.into_body(), MAX_ANSWER)
        .collect()
        .await;
    body.map(http_body_util::Collected::to_bytes)
        .map_err(|_| status(StatusCode::PAYLOAD_TOO_LARGE))
}

async fn error(request: Request<Incoming>) -> Result<Value, Response<Full<Bytes>>> {
    let kind = request
        .headers()
        .get("Lambda-Runtime-Function-Error-Type")
        .cloned();
    let kind = kind
        .as_ref()
        .and_then(|kind| kind.to_str().ok())
        .unwrap_or("Error");
    let bytes = body(request).await?;
    Ok(match serde_json::from_slice::<Value>(&bytes) {
        Ok(error @ Value::Object(_)) => error,
        _ => json!({"errorType": kind, "errorMessage": String::from_utf8_lossy(&bytes)}),
    })
}

fn status(status: StatusCode) -> Response<Full<Bytes>> {
    let word = if status.is_success() { "OK" } else { "error" };
    document(status, &json!({"status": word}))
}

fn document(status: StatusCode, value: &Value) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(value.to_string())));
    *response.status_mut() = status;
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_browser_sends_is_not_of_the_function() {
        let address: SocketAddr = ([127, 0, 0, 1], 4711).into();
        for (headers, is_of_it) in [
            (&[("host", "127.0.0.1:4711")][..], true),
            (&[("host", "rebound.example:4711")][..], false),
            (&[("host", "127.0.0.1:4712")][..], false),
            (
                &[("host", "127.0.0.1:4711"), ("origin", "http://a.example")][..],
                false,
            ),
            (
                &[("host", "127.0.0.1:4711"), ("sec-fetch-site", "cross-site")][..],
                false,
            ),
            (&[][..], false),
        ] {
            let map = headers.iter().map(|(name, value)| {
                (
                    http::HeaderName::from_static(name),
                    http::HeaderValue::from_static(value),
                )
            });
            assert_eq!(
                is_of_the_function(&map.collect(), address),
                is_of_it,
                "{headers:?}"
            );
        }
    }
}
