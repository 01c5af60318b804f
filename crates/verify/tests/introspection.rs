//! Opaque tokens, asked about at a real endpoint on loopback (RFC 7662): what is taken, what is refused, and
//! how often it is asked.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test that can't set up has failed"
)]

mod common;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::post;
use countersign_token::{Keys, Rejection};
use countersign_verify::{
    ClientAuthentication, Introspection, Principal, Refusal, Revocation, SourceError, Standing,
    StandingUnknown, Verifier,
};
use serde_json::{Value, json};

use common::{NOW, TestClock, key, token};

/// An introspection endpoint that knows some tokens, and counts what it is asked.
#[derive(Clone)]
struct Endpoint {
    url: String,
    known: Arc<Mutex<HashMap<String, Value>>>,
    asked: Arc<AtomicUsize>,
    /// Answers with this; never, if there is none.
    status: Arc<Mutex<Option<StatusCode>>>,
}

impl Endpoint {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/introspect", listener.local_addr().unwrap());
        let endpoint = Self {
            url,
            known: Arc::default(),
            asked: Arc::default(),
            status: Arc::new(Mutex::new(Some(StatusCode::OK))),
        };
        let answering = endpoint.clone();
        let app = Router::new().route(
            "/introspect",
            post(move |headers: HeaderMap, body: String| answering.clone().answer(headers, body)),
        );
        tokio::spawn(async move { axum::serve(listener, app).await });
        endpoint
    }

    async fn answer(self, headers: HeaderMap, body: String) -> axum::response::Response {
        self.asked.fetch_add(1, Ordering::SeqCst);
        let status = *self.status.lock().unwrap();
        let Some(status) = status else {
            return std::future::pending().await;
        };
        // "my:api" and "s&cret", form-encoded and then in base64.
        let proof = "Basic bXklM0FhcGk6cyUyNmNyZXQ=";
        if headers
            .get(header::AUTHORIZATION)
            .map(HeaderValue::as_bytes)
            != Some(proof.as_bytes())
        {
            return StatusCode::UNAUTHORIZED.into_response();
        }
        let form = form_urlencoded::parse(body.as_bytes());
        let form: HashMap<_, _> = form.into_owned().collect();
        assert_eq!(form["token_type_hint"], "access_token");
        let known = self.known.lock().unwrap().get(&form["token"]).cloned();
        let answer = known.unwrap_or_else(|| json!({ "active": false }));
        (status, axum::Json(answer)).into_response()
    }

    fn knows(&self, token: &str, answer: Value) {
        self.known.lock().unwrap().insert(token.to_owned(), answer);
    }

    fn forgets(&self, token: &str) {
        self.known.lock().unwrap().remove(token);
    }

    fn status(&self, status: Option<StatusCode>) {
        *self.status.lock().unwrap() = status;
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    fn client(&self, clock: &TestClock) -> Introspection {
        Introspection::new(
            &self.url,
            "https://id.example.com".parse().unwrap(),
            "https://api.example.com".parse().unwrap(),
            ClientAuthentication::basic("my:api", "s&cret"),
        )
        .unwrap()
        .with_clock(clock.clone())
    }
}

fn good() -> Value {
    json!({
        "active": true,
        "iss": "https://id.example.com",
        "aud": ["https://api.example.com", "https://other.example.com"],
        "sub": "user-1",
        "client_id": "cli",
        "jti": "token-1",
        "scope": "users:read comments:write",
        "token_type": "Bearer",
        "roles": ["editor"],
        "iat": NOW,
        "exp": NOW + 600,
    })
}

fn but(name: &str, value: Value) -> Value {
    let mut answer = good();
    let members = answer.as_object_mut().unwrap();
    if value.is_null() {
        members.remove(name);
    } else {
        members.insert(name.to_owned(), value);
    }
    answer
}

#[tokio::test]
async fn an_active_token_gives_the_same_principal_as_a_jwt() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("opaque", good());
    let caller = endpoint.client(&TestClock::new()).verify("opaque").await;
    let caller = caller.unwrap();
    assert_eq!(caller.subject(), "user-1");
    assert_eq!(caller.client_id(), "cli");
    assert_eq!(caller.token_id(), "token-1");
    assert_eq!(caller.scopes().to_string(), "comments:write users:read");
    assert!(caller.has_role("editor"));
    assert_eq!(caller.expires_at(), NOW + 600);
}

#[tokio::test]
async fn an_active_token_that_is_not_for_this_api_is_refused() {
    use Rejection::{
        Expired, MalformedClaim, MissingClaim, NotYetValid, WrongAudience, WrongIssuer, WrongType,
    };
    let endpoint = Endpoint::start().await;
    let client = endpoint.client(&TestClock::new());
    for (number, (answer, refused)) in [
        (but("iss", json!("https://evil.example.com")), WrongIssuer),
        (
            but("aud", json!("https://other.example.com")),
            WrongAudience,
        ),
        (but("aud", json!([])), WrongAudience),
        (but("aud", Value::Null), MissingClaim("aud")),
        (but("exp", Value::Null), MissingClaim("exp")),
        (but("exp", json!(NOW - 30)), Expired),
        (but("exp", json!(-1)), MalformedClaim("exp")),
        (but("nbf", json!(NOW + 31)), NotYetValid),
        (but("token_type", json!("DPoP")), WrongType),
        (but("token_type", Value::Null), WrongType),
        (but("token_use", json!("refresh_token")), WrongType),
        (but("cnf", json!({ "jkt": "x" })), WrongType),
        (but("scope", json!("a  b")), MalformedClaim("scope")),
    ]
    .into_iter()
    .enumerate()
    {
        let token = format!("t{number}");
        endpoint.knows(&token, answer.clone());
        let verdict = client.verify(&token).await.map(drop);
        assert_eq!(verdict, Err(Refusal::Token(refused)), "{answer}");
    }
}

#[tokio::test]
async fn what_is_no_answer_lets_nobody_in() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client(&TestClock::new());
    for (number, answer) in [
        json!({}),
        json!([]),
        json!({ "active": "true" }),
        json!({ "active": 1 }),
        but("exp", json!("tomorrow")),
        but("exp", json!(1.5e300)),
        but("sub", json!(7)),
        but("roles", json!("admin")),
        but("padding", json!("x".repeat(64 * 1024))),
    ]
    .into_iter()
    .enumerate()
    {
        let token = format!("t{number}");
        endpoint.knows(&token, answer);
        let verdict = client.verify(&token).await.map(drop);
        assert_eq!(verdict, Err(Refusal::IntrospectionUnavailable), "{token}");
    }
    endpoint.knows("good", good());
    for status in [201, 302, 400, 401, 403, 429, 500, 503] {
        endpoint.status(Some(StatusCode::from_u16(status).unwrap()));
        let verdict = client.verify("good").await.map(drop);
        assert_eq!(verdict, Err(Refusal::IntrospectionUnavailable), "{status}");
    }
    endpoint.status(Some(StatusCode::OK));
    assert!(
        client.verify("good").await.is_ok(),
        "an outage is not remembered"
    );
}

#[tokio::test]
async fn a_jwt_is_never_shown_to_the_endpoint_whoever_made_it() {
    let endpoint = Endpoint::start().await;
    let client = endpoint.client(&TestClock::new());
    let jwt = token(&key());
    for token in [jwt.as_str(), "a.b.c", "..", "a.b.c.d.e", "x.y."] {
        endpoint.knows(token, good());
        assert!(!client.takes(token), "{token}");
        let verdict = client.verify(token).await.map(drop);
        assert_eq!(verdict, Err(Refusal::Token(Rejection::Malformed)));
    }
    let long = "x".repeat(4 * 1024 + 1);
    assert!(client.verify(&long).await.is_err());
    let client = client.with_prefix("csp_");
    assert!(client.takes("csp_abc") && !client.takes("csr_abc"));
    assert!(client.verify("csr_abc").await.is_err());
    assert_eq!(endpoint.asked(), 0);
}

#[tokio::test]
async fn an_answer_is_remembered_for_a_while_and_never_beyond_the_tokens_end() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("long", good());
    endpoint.knows("short", but("exp", json!(NOW + 10)));
    let clock = TestClock::new();
    let client = endpoint.client(&clock);
    for _ in 0..5 {
        assert!(client.verify("long").await.is_ok());
        assert!(client.verify("short").await.is_ok());
        assert!(client.verify("unknown").await.is_err());
    }
    assert_eq!(endpoint.asked(), 3);

    clock.advance(10);
    endpoint.forgets("short");
    assert!(client.verify("short").await.is_err());
    assert_eq!(endpoint.asked(), 4);

    // Revoked: known at the latest when the answer is forgotten.
    endpoint.forgets("long");
    clock.advance(19);
    assert!(client.verify("long").await.is_ok());
    clock.advance(1);
    assert_eq!(
        client.verify("long").await.map(drop),
        Err(Refusal::Inactive)
    );
}

#[tokio::test]
async fn without_a_cache_every_request_is_asked_about() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("opaque", good());
    let client = endpoint.client(&TestClock::new()).with_cache(0, 0);
    for asked in 1..4 {
        assert!(client.verify("opaque").await.is_ok());
        assert_eq!(endpoint.asked(), asked);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn one_token_in_many_requests_is_asked_about_once() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("opaque", good());
    let client = endpoint.client(&TestClock::new());
    let requests: Vec<_> = (0..100)
        .map(|number| {
            let client = client.clone();
            let token = if number % 2 == 0 { "opaque" } else { "unknown" };
            tokio::spawn(async move { client.verify(token).await.map(drop) })
        })
        .collect();
    for (number, request) in requests.into_iter().enumerate() {
        let verdict = request.await.unwrap();
        let expected = if number % 2 == 0 {
            Ok(())
        } else {
            Err(Refusal::Inactive)
        };
        assert_eq!(verdict, expected, "two callers mixed up");
    }
    assert_eq!(endpoint.asked(), 2);
}

#[tokio::test]
async fn an_endpoint_that_never_answers_costs_the_timeout_and_no_more() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("opaque", good());
    endpoint.status(None);
    let client = endpoint.client(&TestClock::new());
    let client = client.with_timeout(Duration::from_millis(100));
    let verdict = client.verify("opaque").await.map(drop);
    assert_eq!(verdict, Err(Refusal::IntrospectionUnavailable));

    endpoint.status(Some(StatusCode::OK));
    let client = client.with_timeout(Duration::from_secs(5));
    assert!(client.verify("opaque").await.is_ok());
}

#[tokio::test]
async fn clients_can_be_named_and_demands_can_be_lowered_by_name_only() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("opaque", good());
    endpoint.knows("for nobody", but("aud", Value::Null));
    endpoint.knows("untyped", but("token_type", Value::Null));
    let client = endpoint.client(&TestClock::new());
    let others = client.clone().only_clients(["web", "mobile"]);
    let verdict = others.verify("opaque").await.map(drop);
    assert_eq!(verdict, Err(Refusal::Token(Rejection::WrongAudience)));
    assert!(
        client
            .clone()
            .only_clients(["cli"])
            .verify("opaque")
            .await
            .is_ok()
    );

    let anywhere = client.clone().dangerous_without_audience("it has one API");
    assert!(anywhere.verify("for nobody").await.is_ok());
    let untyped = client
        .clone()
        .dangerous_without_token_type("it has no refresh tokens");
    assert!(untyped.verify("untyped").await.is_ok());
    let other = "https://other.example.com".parse().unwrap();
    assert!(client.or_audience(other).verify("opaque").await.is_ok());
}

#[tokio::test]
async fn a_client_that_acts_on_its_own_is_its_own_subject() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("machine", but("sub", Value::Null));
    let mut nobody = but("sub", Value::Null);
    nobody.as_object_mut().unwrap().remove("client_id");
    endpoint.knows("nobody", nobody);
    let client = endpoint.client(&TestClock::new());
    assert_eq!(client.verify("machine").await.unwrap().subject(), "cli");
    let verdict = client.verify("nobody").await.map(drop);
    assert_eq!(verdict, Err(Refusal::Token(Rejection::MissingClaim("sub"))));
}

#[test]
fn nothing_secret_is_asked_for_without_https_or_printed() {
    let client = |endpoint: &str| {
        Introspection::new(
            endpoint,
            "https://id.example.com".parse().unwrap(),
            "https://api.example.com".parse().unwrap(),
            ClientAuthentication::basic("my-api", "hush"),
        )
    };
    let refused = client("http://id.example.com/introspect").unwrap_err();
    assert_eq!(refused, SourceError::NotHttps);
    let shown = format!("{:?}", client("https://id.example.com/introspect").unwrap());
    let shown = shown + &format!("{:?}", ClientAuthentication::basic("my-api", "hush"));
    let shown = shown + &format!("{:?}", ClientAuthentication::bearer("hush"));
    assert!(!shown.contains("hush"), "{shown}");
}

#[tokio::test]
async fn one_verifier_judges_jwts_by_their_keys_and_asks_about_the_rest() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("opaque", good());
    let (ours, clock) = (key(), TestClock::new());
    let keys = Keys::from_private_key(&ours).unwrap();
    // Its own clock is of no account: the verifier's is.
    let asking = endpoint.client(&TestClock::new());
    let verifier = Verifier::new(common::expected(), keys)
        .with_clock(clock.clone())
        .or_introspection(asking);

    assert!(verifier.verify(&token(&ours)).await.is_ok());
    let stranger = token(&key());
    endpoint.knows(&stranger, good());
    let verdict = verifier.verify(&stranger).await.map(drop);
    assert_eq!(verdict, Err(Refusal::Token(Rejection::UnknownKey)));
    assert_eq!(endpoint.asked(), 0);

    assert_eq!(verifier.verify("opaque").await.unwrap().subject(), "user-1");
    assert_eq!(verifier.verify("x").await.map(drop), Err(Refusal::Inactive));
    assert_eq!(endpoint.asked(), 2);
    clock.advance(10 * 60 + 30);
    let verdict = verifier.verify("opaque").await.map(drop);
    assert_eq!(verdict, Err(Refusal::Token(Rejection::Expired)));
}

#[tokio::test]
async fn a_token_without_the_prefix_is_judged_as_a_jwt_and_refused() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("opaque", good());
    endpoint.knows("csp_opaque", good());
    let keys = Keys::from_private_key(&key()).unwrap();
    let verifier = Verifier::new(common::expected(), keys)
        .with_clock(TestClock::new())
        .or_introspection(endpoint.client(&TestClock::new()).with_prefix("csp_"));
    assert!(verifier.verify("csp_opaque").await.is_ok());
    let verdict = verifier.verify("opaque").await.map(drop);
    assert_eq!(verdict, Err(Refusal::Token(Rejection::Malformed)));
    assert_eq!(endpoint.asked(), 1);
}

/// All sessions have ended.
struct Ended;

impl Revocation for Ended {
    async fn standing(&self, _: &Principal) -> Result<Standing, StandingUnknown> {
        Ok(Standing::Revoked)
    }
}

#[tokio::test]
async fn revocation_is_asked_about_opaque_tokens_too() {
    let endpoint = Endpoint::start().await;
    endpoint.knows("opaque", good());
    let keys = Keys::from_private_key(&key()).unwrap();
    let verifier = Verifier::new(common::expected(), keys)
        .with_clock(TestClock::new())
        .or_introspection(endpoint.client(&TestClock::new()))
        .with_revocation(Ended);
    let verdict = verifier.verify("opaque").await.map(drop);
    assert_eq!(verdict, Err(Refusal::Revoked));
}
