//! A key server on loopback, which counts what it is asked.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use countersign_token::PrivateKey;
use countersign_verify::{JwksSource, Refusal, Verifier};

use super::{TestClock, expected, key_set};

/// A key server that counts its requests.
pub struct Issuer {
    pub url: String,
    requests: Arc<AtomicUsize>,
    answer: Arc<Mutex<Answer>>,
}

#[derive(Clone)]
struct Answer {
    status: StatusCode,
    cache_control: &'static str,
    body: String,
    never: bool,
}

impl Issuer {
    pub async fn start(keys: &[&PrivateKey]) -> Self {
        let requests = Arc::new(AtomicUsize::new(0));
        let answer = Arc::new(Mutex::new(Answer {
            status: StatusCode::OK,
            cache_control: "max-age=300",
            body: serde_json::to_string(&key_set(keys)).unwrap(),
            never: false,
        }));
        let (counter, current) = (Arc::clone(&requests), Arc::clone(&answer));
        let app = Router::new().route(
            "/jwks.json",
            get(move || async move {
                counter.fetch_add(1, Ordering::SeqCst);
                // Long enough for all who want the keys to be waiting.
                tokio::task::yield_now().await;
                let answer = current.lock().unwrap().clone();
                if answer.never {
                    std::future::pending::<()>().await;
                }
                let cache_control = [(header::CACHE_CONTROL, answer.cache_control)];
                (answer.status, cache_control, answer.body).into_response()
            }),
        );
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/jwks.json", listener.local_addr().unwrap());
        tokio::spawn(async move { axum::serve(listener, app).await });
        Self {
            url,
            requests,
            answer,
        }
    }

    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::SeqCst)
    }

    pub fn publish(&self, keys: &[&PrivateKey]) {
        self.answer.lock().unwrap().body = serde_json::to_string(&key_set(keys)).unwrap();
    }

    pub fn body(&self, body: impl Into<String>) {
        self.answer.lock().unwrap().body = body.into();
    }

    pub fn status(&self, status: StatusCode) {
        self.answer.lock().unwrap().status = status;
    }

    /// From now on requests are taken and not answered, or are again.
    pub fn is_stuck(&self, stuck: bool) {
        self.answer.lock().unwrap().never = stuck;
    }

    pub fn source(&self) -> JwksSource {
        JwksSource::new(&self.url).unwrap()
    }

    pub fn verifier(&self, clock: &TestClock) -> Verifier {
        Verifier::new(expected(), self.source()).with_clock(clock.clone())
    }
}

/// Verifies all at once; gives the answers.
pub async fn all(verifier: &Verifier, tokens: Vec<String>) -> Vec<Result<(), Refusal>> {
    let tasks: Vec<_> = tokens
        .into_iter()
        .map(|token| {
            let verifier = verifier.clone();
            tokio::spawn(async move { verifier.verify(&token).await.map(drop) })
        })
        .collect();
    let mut answers = Vec::new();
    for task in tasks {
        answers.push(task.await.unwrap());
    }
    answers
}
