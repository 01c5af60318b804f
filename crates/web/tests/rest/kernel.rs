use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::{Body, Bytes, HttpBody};
use axum::routing::get;
use countersign_web::{WebState, kernel};
use insta::assert_json_snapshot;
use serde_json::json;

use crate::support::{Answer, PASSWORD, Request, Server, web_settings};

/// A body that never comes.
struct Never;

impl HttpBody for Never {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<http_body::Frame<Bytes>, Infallible>>> {
        Poll::Pending
    }
}

#[tokio::test]
async fn a_handler_that_panics_answers_and_says_nothing() {
    async fn panics() {
        panic!("the password is hunter2")
    }
    let server = Server::start().await;
    let web = WebState {
        app: server.app.clone(),
        settings: Arc::new(web_settings()),
        monitor: None,
    };
    let router = kernel::wrap(Router::new().route("/panics", get(panics)), web);
    let answer = Request::new(&router, "GET", "/panics")
        .send()
        .await
        .expect(500);
    assert_json_snapshot!(answer.whole());
}

#[tokio::test]
async fn an_address_that_is_not_there_is_a_problem() {
    let server = Server::start().await;
    let answer = server.get("/v1/nothing").send().await.expect(404);
    assert_json_snapshot!(answer.whole());
}

#[tokio::test]
async fn a_method_that_is_not_taken_is_a_problem_that_says_which_are() {
    let server = Server::start().await;
    let answer = server.request("DELETE", "/v1/me").send().await.expect(405);
    assert_eq!(answer.code(), "method_not_allowed");
    assert_eq!(answer.header("allow"), Some("GET,HEAD,PATCH"));
    let options = server.request("OPTIONS", "/v1/me").send().await.expect(204);
    assert_eq!(options.header("allow"), Some("GET,HEAD,PATCH"));
    let head = server
        .request("HEAD", "/.well-known/jwks.json")
        .send()
        .await
        .expect(200);
    assert!(head.body.is_empty());
}

#[tokio::test]
async fn a_body_is_json_of_bounded_size_with_each_member_once() {
    let server = Server::with(|_, web| web.body_limit = 1024).await;
    let send = |kind: &'static str, body: String| {
        server
            .post("/v1/login")
            .header("content-type", kind)
            .body(body)
            .send()
    };
    let good = json!({ "identifier": "ada", "password": PASSWORD }).to_string();
    for (kind, body, status, code) in [
        ("application/json", good.clone(), 401, "invalid_credentials"),
        ("text/plain", good.clone(), 415, "unsupported_media_type"),
        (
            "application/x-www-form-urlencoded",
            good.clone(),
            415,
            "unsupported_media_type",
        ),
        (
            "application/json; charset=utf-16",
            good.clone(),
            415,
            "unsupported_media_type",
        ),
        ("application/json", "x".repeat(1025), 413, "too_large"),
        ("application/json", String::new(), 400, "invalid_json"),
        (
            "application/json",
            "{\"password\": hunter2}".to_owned(),
            400,
            "invalid_json",
        ),
        (
            "application/json",
            "{\"a\":1,\"a\":\"hunter2\"}".to_owned(),
            400,
            "invalid_json",
        ),
        ("application/json", format!("[{good}]"), 400, "invalid_json"),
        (
            "application/json",
            "{\"identifier\":\"ada\"}".to_owned(),
            422,
            "invalid_input",
        ),
    ] {
        let answer: Answer = send(kind, body.clone()).await.expect(status);
        assert_eq!(answer.code(), code, "{body}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("hunter2"));
    }
    server.post("/v1/login").body(good).send().await.expect(415);
}

#[tokio::test]
async fn a_token_is_taken_in_any_letter_case_of_the_scheme_and_once() {
    let server = Server::start().await;
    let ada = server.sign_up("ada").await;
    for scheme in ["Bearer", "bearer", "BEARER", "bEaReR"] {
        let value = format!("{scheme} {}", ada.access_token);
        server
            .get("/v1/me")
            .header("authorization", &value)
            .send()
            .await
            .expect(200);
    }
    let twice = server
        .get("/v1/me")
        .bearer(&ada.access_token)
        .bearer(&ada.access_token);
    assert_json_snapshot!(twice.send().await.expect(400).whole());
    let in_query = format!("/v1/me?access_token={}", ada.access_token);
    let both = server
        .get(&in_query)
        .bearer(&ada.access_token)
        .send()
        .await
        .expect(400);
    assert_eq!(both.json()["reason"], "two_tokens");
    let alone = server.get(&in_query).send().await.expect(400);
    assert_eq!(alone.json()["reason"], "token_in_parameter");
    // Also where the header is not looked at.
    let public = server
        .post("/v1/login")
        .bearer("a")
        .bearer("b")
        .json(&json!({}));
    assert_eq!(public.send().await.expect(400).code(), "invalid_request");
    for (value, status) in [
        ("Bearer", 401),
        ("Bearer a b", 401),
        ("Basic YTpi", 401),
        (ada.access_token.as_str(), 401),
    ] {
        server
            .get("/v1/me")
            .header("authorization", value)
            .send()
            .await
            .expect(status);
    }
}

#[tokio::test]
async fn a_request_id_is_taken_from_trusted_proxies_alone() {
    let trust = |_: &mut _, web: &mut countersign_web::WebSettings| {
        web.trusted_proxies = vec!["10.0.0.0/8".parse().unwrap()];
    };
    let server = Server::with(trust).await;
    let get = |peer: &str, id: &str| server.get("/").from(peer).header("x-request-id", id).send();
    assert_eq!(
        get("10.0.0.1", "abc-1").await.header("x-request-id"),
        Some("abc-1")
    );
    assert_ne!(
        get("192.0.2.1", "abc-1").await.header("x-request-id"),
        Some("abc-1")
    );
    assert_ne!(
        get("10.0.0.1", "a\"b").await.header("x-request-id"),
        Some("a\"b")
    );
}

#[tokio::test]
async fn pages_of_other_origins_read_nothing_unless_they_are_listed() {
    let server = Server::start().await;
    let answer = server
        .get("/v1/me")
        .header("origin", "https://app.example.com")
        .send()
        .await;
    assert_eq!(answer.header("access-control-allow-origin"), None);
    let server = Server::with(|_, web| {
        web.cors_origins = vec!["https://app.example.com".to_owned()];
    })
    .await;
    let answer = server
        .get("/v1/me")
        .header("origin", "https://app.example.com")
        .send()
        .await;
    assert_eq!(
        answer.header("access-control-allow-origin"),
        Some("https://app.example.com")
    );
    assert_eq!(answer.header("access-control-allow-credentials"), None);
    let other = server
        .get("/v1/me")
        .header("origin", "https://evil.example")
        .send()
        .await;
    assert_eq!(other.header("access-control-allow-origin"), None);
    let preflight = server
        .request("OPTIONS", "/v1/me")
        .header("origin", "https://app.example.com")
        .header("access-control-request-method", "PATCH")
        .header(
            "access-control-request-headers",
            "authorization,content-type",
        );
    let preflight = preflight.send().await.expect(200);
    assert!(
        preflight
            .header("access-control-allow-methods")
            .unwrap()
            .contains("PATCH")
    );
}

#[tokio::test]
async fn a_request_that_takes_too_long_is_given_up() {
    let soon = std::time::Duration::from_millis(5);
    let server = Server::with(|_, web| web.request_timeout = soon).await;
    let request = server
        .post("/v1/login")
        .header("content-type", "application/json");
    let answer = request.body(Body::new(Never)).send().await.expect(503);
    assert_eq!(answer.code(), "timeout");
    assert!(answer.header("retry-after").is_some());
}

#[tokio::test]
async fn without_tls_nothing_is_said_of_it() {
    let server = Server::with(|_, web| web.public_url = "http://127.0.0.1:4455".to_owned()).await;
    let answer = server.get("/").send().await.expect(200);
    assert_eq!(answer.header("strict-transport-security"), None);
}
