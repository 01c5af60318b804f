//! What is around the function: the runtime API of Lambda, an issuer with keys and tokens, and a counter of its visitors.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Json, Router};
use countersign_token::{AccessTokenClaims, Algorithm, JwkSet, PrivateKey, Signer};
use countersign_verify::{Clock as _, SystemClock};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot};

/// What an invocation ended with.
pub type Ending = Result<Value, Value>;

type Invocation = (Value, oneshot::Sender<Ending>);

/// The runtime API (its version 2018-06-01).
pub struct RuntimeApi {
    pub address: String,
    invocations: mpsc::UnboundedSender<Invocation>,
}

struct Shared {
    queue: tokio::sync::Mutex<mpsc::UnboundedReceiver<Invocation>>,
    pending: Mutex<HashMap<String, oneshot::Sender<Ending>>>,
    count: AtomicUsize,
}

pub const TRACE: &str =
    "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1";

impl RuntimeApi {
    pub async fn start() -> Self {
        let (invocations, queue) = mpsc::unbounded_channel();
        let shared = Arc::new(Shared {
            queue: tokio::sync::Mutex::new(queue),
            pending: Mutex::default(),
            count: AtomicUsize::new(0),
        });
        let runtime = Router::new()
            .route("/invocation/next", get(next))
            .route("/invocation/{id}/response", post(response))
            .route("/invocation/{id}/error", post(error))
            .with_state(shared);
        let address = serve(Router::new().nest("/2018-06-01/runtime", runtime)).await;
        Self {
            address,
            invocations,
        }
    }

    /// Gives the function an event and waits for what it makes of it.
    pub async fn invoke(&self, event: Value) -> Ending {
        let (sender, ending) = oneshot::channel();
        self.invocations.send((event, sender)).unwrap();
        let ending = tokio::time::timeout(Duration::from_secs(30), ending);
        ending.await.expect("the function answers").unwrap()
    }
}

/// Serves on a free port of this machine; gives the address.
pub async fn serve(router: Router) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    tokio::spawn(async move { axum::serve(listener, router).await });
    address
}

async fn next(State(shared): State<Arc<Shared>>) -> Response {
    let Some((event, sender)) = shared.queue.lock().await.recv().await else {
        return StatusCode::GONE.into_response();
    };
    let id = format!(
        "8476a536-e9f4-11e8-9739-{:012}",
        shared.count.fetch_add(1, Ordering::SeqCst)
    );
    shared.pending.lock().unwrap().insert(id.clone(), sender);
    let deadline = (SystemClock.unix_seconds() + 10) * 1_000;
    let headers = [
        ("lambda-runtime-aws-request-id", id),
        ("lambda-runtime-deadline-ms", deadline.to_string()),
        (
            "lambda-runtime-invoked-function-arn",
            "arn:aws:lambda:eu-west-1:123456789012:function:guard".into(),
        ),
        ("lambda-runtime-trace-id", TRACE.into()),
    ];
    (headers, Json(event)).into_response()
}

async fn response(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: String,
) -> StatusCode {
    end(&shared, &id, Ok(serde_json::from_str(&body).unwrap()))
}

async fn error(
    State(shared): State<Arc<Shared>>,
    Path(id): Path<String>,
    body: String,
) -> StatusCode {
    end(&shared, &id, Err(serde_json::from_str(&body).unwrap()))
}

fn end(shared: &Shared, id: &str, ending: Ending) -> StatusCode {
    let sender = shared.pending.lock().unwrap().remove(id).unwrap();
    sender.send(ending).unwrap();
    StatusCode::ACCEPTED
}

/// An issuer: its key, and a server with its key set that counts and remembers who asks.
pub struct Issuer {
    pub key: PrivateKey,
    pub url: String,
    pub visits: Arc<Mutex<Vec<HeaderMap>>>,
}

impl Issuer {
    pub async fn start() -> Self {
        let key = PrivateKey::generate(Algorithm::Es256).unwrap();
        let visits: Arc<Mutex<Vec<HeaderMap>>> = Arc::default();
        let (set, seen) = (
            serde_json::to_value(jwks(&key)).unwrap(),
            Arc::clone(&visits),
        );
        let answer = move |headers: HeaderMap| async move {
            seen.lock().unwrap().push(headers);
            Json(set)
        };
        let address = serve(Router::new().route("/jwks.json", get(answer))).await;
        Self {
            key,
            url: format!("http://{address}"),
            visits,
        }
    }

    pub fn visits(&self) -> usize {
        self.visits.lock().unwrap().len()
    }

    pub fn token(&self, scopes: &str) -> String {
        token(&self.key, scopes)
    }
}

pub fn jwks(key: &PrivateKey) -> JwkSet {
    JwkSet::new([key.public_jwk().unwrap()]).unwrap()
}

/// A token of ten minutes.
pub fn token(key: &PrivateKey, scopes: &str) -> String {
    let now = SystemClock.unix_seconds();
    let claims = AccessTokenClaims {
        iss: "https://id.example.com".parse().unwrap(),
        aud: vec!["https://api.example.com".parse().unwrap()],
        sub: "user-1".into(),
        client_id: "web".into(),
        jti: "token-1".into(),
        iat: now,
        exp: now + 600,
        scope: scopes.parse().unwrap(),
        roles: vec![],
        sid: None,
        auth_time: None,
        amr: vec![],
        acr: None,
    };
    Signer::new(key.clone()).unwrap().sign(&claims).unwrap()
}

pub fn event(token: &str) -> Value {
    json!({
        "type": "TOKEN",
        "authorizationToken": format!("Bearer {token}"),
        "methodArn": "arn:aws:execute-api:eu-west-1:123456789012:abcdef1234/prod/GET/users/7",
    })
}
